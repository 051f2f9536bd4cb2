/** @file The pictures of an audit's report: each once, the most telling first, as many as a page can hold. */

import type { Audited } from '../../audit/audit.ts';
import { bySeverity } from '../../audit/outputs/counts.ts';
import { plainText } from '../../audit/outputs/plain-text.ts';
import type { AuditPicture, AuditResult } from '../../audit/result/result.ts';
import { formatPercent, shortName } from '../../format/format.ts';
import { type Html, html } from '../html.ts';
import { dataUri, encodePng, isPixelated, PICTURE_BYTES } from '../picture.ts';

/** Pictures at the head of the page. */
const STRIP = 6;

/** Characters of a name. */
const LONGEST = 120;

/** Shows pictures, and knows which were shown. */
export class Pictures {
  readonly #audited: Pick<Audited, 'result' | 'pictures'>;
  readonly #folder: string | undefined;
  readonly #byId: ReadonlyMap<string, AuditPicture>;
  readonly #shown = new Set<string>();
  #left: number;

  /**
   * @param budget bytes of all pictures together
   * @param folder of the audit, relative to the page; where the page is when absent
   */
  constructor(audited: Pick<Audited, 'result' | 'pictures'>, budget = PICTURE_BYTES, folder?: string) {
    this.#audited = audited;
    this.#folder = folder;
    this.#byId = new Map(audited.result.pictures.map((picture) => [picture.id, picture]));
    this.#left = budget;
  }

  /** Those of the worst findings that are accepted: of each finding in turn the most confident. */
  strip(): Html {
    const { findings, threshold } = this.#audited.result;
    const piles = bySeverity(findings)
      .filter(({ state }) => state === 'fail')
      .map(({ pictures }) => this.#known(pictures).filter((picture) => isAccepted(picture, threshold)))
      .map((pile) => pile.toSorted((a, b) => b.confidence! - a.confidence!));
    const chosen = new Map<string, AuditPicture>();
    for (let depth = 0; piles.some((pile) => depth < pile.length); depth++) {
      for (const pile of piles) {
        const picture = pile[depth];
        if (picture !== undefined && chosen.size < STRIP) chosen.set(picture.id, picture);
      }
    }
    if (chosen.size === 0) return html``;
    const pixels = this.#isPixelated() ? ' pixels' : '';
    return html`<ul class="strip${pixels}">${[...chosen.values()].map((picture) => this.#tile(picture, picture.source))}</ul>`;
  }

  /** Those of the given ids that were not shown yet. */
  plates(ids: readonly string[], most = Number.POSITIVE_INFINITY): Html {
    const fresh = this.#known(ids).filter(({ id }) => !this.#shown.has(id));
    const now = fresh.slice(0, most);
    if (now.length === 0) return html``;
    for (const { id } of now) this.#shown.add(id);
    const tiles = now.map((picture) => this.#tile(picture, picture.caption));
    return html`<ul class="plates${this.#isPixelated() ? ' pixels' : ''}">${tiles}</ul>`;
  }

  /** Accepted ones that were not shown yet, by their source. */
  accepted(): readonly (readonly [source: string, ids: readonly string[]])[] {
    const { pictures, threshold } = this.#audited.result;
    const groups = new Map<string, string[]>();
    for (const picture of pictures) {
      if (this.#shown.has(picture.id) || !isAccepted(picture, threshold)) continue;
      groups.set(picture.source, [...(groups.get(picture.source) ?? []), picture.id]);
    }
    return [...groups];
  }

  #known(ids: readonly string[]): AuditPicture[] {
    return ids.flatMap((id) => this.#byId.get(id) ?? []);
  }

  #isPixelated(): boolean {
    return isPixelated(this.#audited.result.model);
  }

  #tile({ id, file, className, confidence }: AuditPicture, caption: string): Html {
    const own = this.#audited.pictures.get(id);
    const png = own === undefined ? undefined : encodePng(own.planes, own.shape);
    const fits = png !== undefined && png.length <= this.#left;
    if (fits) this.#left -= png.length;
    const name = className === null ? '' : plainText(shortName(className), LONGEST);
    const seen = `${plainText(caption, LONGEST)}${name === '' ? '' : `, taken for ${name}`}`;
    const image = fits
      ? html`<img src="${dataUri(png)}" alt="${seen}">`
      : html`<span class="missing">${seen}: in the file beside this page</span>`;
    const path = this.#folder === undefined ? file : `${this.#folder}/${file}`;
    const href = path.split('/').map(encodePart).join('/');
    const sure = confidence === null ? '' : html` <i>${formatPercent(confidence)}</i>`;
    const said = html`<b title="${className ?? ''}">${name}${sure}</b>`;
    return html`<li><a href="${href}">${image}</a><p>${said}${plainText(caption, LONGEST)}</p></li>`;
  }
}

function isAccepted({ confidence }: AuditPicture, threshold: AuditResult['threshold']): boolean {
  return confidence !== null && confidence >= threshold;
}

function encodePart(part: string): string {
  return encodeURIComponent(part.replace(/\p{Cs}/gu, '\ufffd'));
}
