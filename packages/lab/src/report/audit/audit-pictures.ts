/** @file The pictures of an audit's report: each once, the most telling first, as many as a page can hold. */

import { GARBAGE } from '@pareidolia/core';
import type { Audited } from '../../audit/audit.ts';
import { bySeverity } from '../../audit/outputs/counts.ts';
import { plainText } from '../../audit/outputs/plain-text.ts';
import type { AuditPicture, AuditResult } from '../../audit/result/result.ts';
import { SEARCHES } from '../../audit/searches/searches.ts';
import { formatPercent, shortName } from '../../format/format.ts';
import { upperFirst } from '../../format/sentence-case.ts';
import { type Html, html } from '../html.ts';
import { dataUri, encodePng, isPixelated, PICTURE_BYTES } from '../picture.ts';

/** Pictures at the head of the page. */
const STRIP = 6;

/** Rules whose pictures show none of the classes. */
const SHOWS_NOTHING = /^PAR-[GS]/;

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

  /**
   * Accepted images that show none of the classes: of each way to make them in turn, its worst finding first, of each finding the
   * most confident. Images that are all of one color come last.
   */
  strip(): Html {
    const { findings, threshold } = this.#audited.result;
    const ways = new Map<string, { readonly picture: AuditPicture; readonly rank: number }[]>();
    for (const { ruleId, state, pictures } of bySeverity(findings)) {
      if (state !== 'fail' || !SHOWS_NOTHING.test(ruleId)) continue;
      // Searches are ways of their own, kinds of garbage are one.
      const way = ruleId.startsWith('PAR-G001/') ? 'PAR-G001' : ruleId;
      const ranked = this.#known(pictures)
        .filter((picture) => isAccepted(picture, threshold))
        .toSorted((a, b) => b.confidence! - a.confidence!)
        .map((picture, rank) => ({ picture, rank }));
      ways.set(way, [...(ways.get(way) ?? []), ...ranked]);
    }
    const piles = [...ways.values()].map((pile) =>
      pile
        .map((each) => ({ ...each, plain: this.#isPlain(each.picture) ? 1 : 0 }))
        .sort((a, b) => a.plain - b.plain || a.rank - b.rank)
        .map(({ picture }) => picture),
    );
    const chosen = new Map<string, AuditPicture>();
    for (let depth = 0; piles.some((pile) => depth < pile.length); depth++) {
      for (const pile of piles) {
        const picture = pile[depth];
        if (picture !== undefined && chosen.size < STRIP) chosen.set(picture.id, picture);
      }
    }
    if (chosen.size === 0) return html``;
    const pixels = this.#isPixelated() ? ' pixels' : '';
    return html`<ul class="strip${pixels}">${[...chosen.values()].map((picture) => this.#tile(picture, sourceTitle(picture.source)))}</ul>`;
  }

  /** Whether all values of a channel are the same. */
  #isPlain({ id }: AuditPicture): boolean {
    const own = this.#audited.pictures.get(id);
    if (own === undefined) return false;
    const { planes, shape } = own;
    const size = shape.height * shape.width;
    return planes.every((level, at) => level === planes[at - (at % size)]);
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
    const said = html`<b title="${className ?? ''}">${name}</b>${confidence === null ? '' : html`<span class="sure">${formatPercent(confidence)}</span>`}`;
    return html`<li><a href="${href}">${image}</a><p>${said}<span>${plainText(caption, LONGEST)}</span></p></li>`;
  }
}

/** The name of a source or search for people. */
function sourceTitle(name: string): string {
  const known = [...GARBAGE, ...SEARCHES].find((each) => each.name === name);
  return upperFirst(known?.title ?? name.replaceAll('-', ' '));
}

function isAccepted({ confidence }: AuditPicture, threshold: AuditResult['threshold']): boolean {
  return confidence !== null && confidence >= threshold;
}

function encodePart(part: string): string {
  return encodeURIComponent(part.replace(/\p{Cs}/gu, '\ufffd'));
}
