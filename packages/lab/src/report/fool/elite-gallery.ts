import { barLength } from '../../chart/log-odds.ts';
import { formatCount, formatPercent, shortName } from '../../format/format.ts';
import { type Html, html } from '../html.ts';
import { dataUri } from '../picture.ts';
import type { AmplifiedPicture } from './amplified-pictures.ts';
import type { ClassResult, LineageSummary } from './fool-report-data.ts';
import { FOOLED } from './fooled.ts';
import { likenessNote } from './showcase.ts';

/** One class with its picture; `source` is absent where the picture is left out of the page. */
export interface Exhibit {
  readonly result: ClassResult;
  readonly source: string | undefined;
  /** The same with its differences multiplied, where they are hardly seen. */
  readonly amplified: AmplifiedPicture | undefined;
}

export interface GalleryOptions {
  /** Images up to this size are shown with their pixels as squares. */
  readonly pixelated: boolean;
  /** Whether the reader may search, sort and filter. */
  readonly tools: boolean;
}

/**
 * The exhibits in a grid, in their order.
 *
 * @param everyone all classes of the run, to tell which of them share an image
 */
export function gallery(
  exhibits: readonly Exhibit[],
  everyone: readonly ClassResult[],
  { pixelated, tools }: GalleryOptions,
): Html {
  const holders = holdersByImage(everyone);
  const tiles = exhibits.map((exhibit) => tile(exhibit, holders.get(exhibit.result.id)!));
  const look = [exhibits.length > 24 ? 'many' : 'few', ...(pixelated ? ['pixels'] : [])].join(' ');
  return html`${tools ? toolbar(exhibits.length) : ''}<ol class="gallery ${look}"${tools ? html` id="gallery"` : ''}>${tiles}</ol>`;
}

/** How the bars are to be read. */
export function barLegend(): Html {
  const marks = [
    { label: '50\u00a0%', p: 0.5 },
    { label: '99\u00a0%', p: 0.99 },
    { label: '99.99\u00a0%', p: 0.9999 },
    { label: '99.9999\u00a0%', p: 0.999999 },
  ].map(({ label, p }) => html`<span style="left:${barLength(p)}%">${label}</span>`);
  return html`<div class="legend" role="img" aria-label="Scale of the bars: log-odds, with marks at 50, 99, 99.99 and 99.9999 percent"><i class="bar"></i>${marks}</div>`;
}

function tile({ result, source, amplified }: Exhibit, holders: readonly ClassResult[]): Html {
  const { className, confidence, argmax, argmaxName, file, likeness, lineage } = result;
  const other = argmax !== result.classIndex;
  const shown = formatPercent(confidence);
  const href = file.split('/').map(encodeURIComponent).join('/');
  const picture =
    source === undefined
      ? html`<span class="missing">not in this page, see the file</span>`
      : html`<img src="${source}" alt="Image made for ${className}" loading="lazy" decoding="async">`;
  const bar = `${barLength(confidence)}%`;
  const notes: Html[] = [];
  if (other) {
    const answer = `The network's own answer for this image is ${argmaxName}`;
    notes.push(html`<p class="other" title="${answer}">answers ${argmaxName}</p>`);
  }
  if (likeness !== undefined) notes.push(likenessNote(likeness));
  if (holders.length > 1) notes.push(html`<p class="shared">${sharing(result, holders)}</p>`);
  if (lineage !== undefined) notes.push(html`<p class="lineage">${lineageText(lineage)}</p>`);
  return html`<li class="tile${confidence >= FOOLED ? '' : ' unsure'}" data-class="${result.classIndex}" data-label="${className}" data-confidence="${confidence}" data-id="${result.id}"${other ? html` data-other` : ''}>
<a href="${href}" title="Open ${file}">${picture}</a>
${amplified === undefined ? '' : amplifiedPicture(amplified, className)}<h3 title="${className}">${className}</h3>
<p class="confidence">${shown}</p>
<div class="bar" aria-hidden="true"><b style="width:${bar}"></b></div>
${notes}<p class="file"><a href="${href}">${file.split('/').at(-1) ?? file}</a></p>
</li>
`;
}

function amplifiedPicture({ bytes, factor }: AmplifiedPicture, className: string): Html {
  return html`<img class="amplified" src="${dataUri(bytes, 'image/webp')}" alt="The image made for ${className}, its contrast multiplied by ${factor}" loading="lazy" decoding="async"><p class="file">above with its contrast × ${formatCount(factor)}</p>`;
}

/** Who made an image, and how many of its ancestors. */
function lineageText({ emitter, ancestors }: LineageSummary): string {
  const by = (name: string | undefined): string => name ?? 'an emitter that was not noted';
  const all = ancestors.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return `by ${by(emitter)}, without ancestors`;
  if (ancestors.length === 1 && ancestors[0]!.emitter === emitter) {
    return `by ${by(emitter)}, as ${all === 1 ? 'is its ancestor' : `are its ${formatCount(all)} ancestors`}`;
  }
  const parts = ancestors.map(({ emitter: name, count }) => `${formatCount(count)} by ${by(name)}`);
  return `by ${by(emitter)}; of its ancestors ${parts.join(', ')}`;
}

/** The classes that hold each image, by its id. */
function holdersByImage(classes: readonly ClassResult[]): ReadonlyMap<number, readonly ClassResult[]> {
  const holders = new Map<number, ClassResult[]>();
  for (const result of classes) {
    const others = holders.get(result.id);
    if (others === undefined) holders.set(result.id, [result]);
    else others.push(result);
  }
  return holders;
}

/** Names the other classes where they are few. */
function sharing(result: ClassResult, holders: readonly ClassResult[]): string {
  const others = holders.filter((holder) => holder.classIndex !== result.classIndex);
  if (others.length > 3) return `same image as ${formatCount(others.length)} other classes`;
  return `same image as ${others.map(({ className }) => shortName(className)).join(', ')}`;
}

/** Hidden until the script that serves it runs. */
function toolbar(count: number): Html {
  return html`<form class="tools" id="tools" hidden>
<label class="find"><span>Find a class</span><input type="search" id="find" autocomplete="off" placeholder="label or number"></label>
<label><span>Order</span><select id="order"><option value="class">by class</option><option value="high">most certain first</option><option value="low">least certain first</option><option value="label">by name</option></select></label>
<label><span>Show</span><select id="filter"><option value="all">all classes</option><option value="fooled">fooled (99\u00a0% and more)</option><option value="unsure">not fooled</option><option value="other">where another class is more likely</option><option value="distinct">each image once</option></select></label>
<output id="shown" aria-live="polite">${formatCount(count)} classes</output>
</form>
`;
}
