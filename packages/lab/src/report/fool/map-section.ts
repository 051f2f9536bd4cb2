/** @file The section of a run that keeps many images of each class: a map for each class, colored by confidence, whose cells open their image. */

import { CONFIDENCE_STEPS, confidenceStep } from '../../chart/confidence-steps.ts';
import { drawChart } from '../../chart/draw-chart.ts';
import { type HeatAxis, type HeatCell, type HeatMap, heatMap } from '../../chart/heat-map.ts';
import { formatCount, formatNumber, formatPercent, shortName } from '../../format/format.ts';
import { chartLinks } from '../chart-files.ts';
import { type Html, html, trusted } from '../html.ts';
import { dataUri } from '../picture.ts';
import { drawnCells, type FoolMap, type MapImage } from './fool-map.ts';
import { FOOLED } from './fooled.ts';

/** So many classes get a map of their own. */
const MOST_MAPS = 10;

/** Bytes of images that the page may show beside the maps. */
const SHOWN_BYTES = 6_000_000;

/** The section; nothing where the run keeps one image of each class. */
export async function mapSection(map: FoolMap | undefined): Promise<Html> {
  if (map === undefined || map.entries.length === 0) return html``;
  const byClass = new Map<number, MapImage[]>();
  for (const entry of map.entries) {
    const own = byClass.get(entry.classIndex);
    if (own === undefined) byClass.set(entry.classIndex, [entry]);
    else own.push(entry);
  }
  const classes = [...byClass.values()];
  const chosen =
    classes.length <= MOST_MAPS
      ? classes
      : classes
          .toSorted((a, b) => fooledOf(b) - fooledOf(a) || a[0]!.classIndex - b[0]!.classIndex)
          .slice(0, MOST_MAPS);
  const figures: Html[] = [];
  if (classes.length > 1) {
    const caption = `Share of the ${formatCount(classes.length)} classes for which the network is at least ${formatPercent(FOOLED)} certain of the image in each cell.`;
    figures.push(await figure('All classes', sharedMap(map, classes.length), caption));
  }
  for (const entries of chosen) figures.push(await classFigure(map, entries));
  const left =
    chosen.length === classes.length
      ? ''
      : html`<p class="hint">The ${formatCount(chosen.length)} classes with the most fooled cells, of ${formatCount(classes.length)}. The images of all of them are in the folder <code>map</code>, listed in <code>map/map.json</code>.</p>`;
  return html`<section id="map"><h2>The map</h2><p class="hint">${hint(map)}</p>${left}<div class="charts maps">${figures}</div>${pictures(chosen.flat())}</section>`;
}

function hint({ measures, niches }: FoolMap): string {
  const more = measures
    .slice(2)
    .map(({ name }) => name)
    .join(' and ');
  const projected =
    more === ''
      ? ''
      : ` Cells that differ in ${more} alone lie behind each other; the most certain image of them is shown.`;
  return `For each class the search kept the most certain image in each of ${formatCount(niches.length)} cells over what was measured of images: these are many different images that the network takes for one class. A cell without color has no image yet. Click a cell to open its image, or go to it with the tabulator and the arrow keys and press Enter.${projected}`;
}

function fooledOf(entries: readonly MapImage[]): number {
  return entries.filter(({ confidence }) => confidence >= FOOLED).length;
}

/** The map of one class. */
async function classFigure(map: FoolMap, entries: readonly MapImage[]): Promise<Html> {
  const { className } = entries[0]!;
  const fooled = fooledOf(entries);
  const distinct = new Set(entries.filter(({ confidence }) => confidence >= FOOLED).map(({ id }) => id)).size;
  const caption = `${formatCount(entries.length)} of ${formatCount(map.niches.length)} cells hold an image; in ${formatCount(fooled)} the network is at least ${formatPercent(FOOLED)} certain (${formatCount(distinct)} different images).`;
  const byNiche = new Map(entries.map((entry) => [entry.niche, entry]));
  const cells = drawnCells(map).cells.flatMap(({ corners, niches }): HeatCell[] => {
    const held = niches.flatMap((niche) => byNiche.get(niche) ?? []);
    if (held.length === 0) return [];
    const best = held.reduce((most, entry) => (entry.confidence > most.confidence ? entry : most));
    const measured = map.measures.map(({ name }, at) => `${name} ${formatNumber(best.measures[at]!)}`);
    return [
      {
        corners,
        step: confidenceStep(best.confidence),
        description: `${formatPercent(best.confidence)} certain of ${shortName(className)}: ${measured.join(', ')}`,
        href: best.file.split('/').map(encodeURIComponent).join('/'),
        row: {
          cell: best.niche,
          class: className,
          ...Object.fromEntries(map.measures.map(({ name }, at) => [name, best.measures[at]!])),
          confidence: best.confidence,
          answer: best.argmaxName,
          file: best.file,
        },
      },
    ];
  });
  return figure(className, mapOf(map, cells, { steps: CONFIDENCE_STEPS, title: 'confidence' }), caption);
}

/** Of all classes: in how many of them each cell holds an image that fools. */
function sharedMap(map: FoolMap, classes: number): HeatMap {
  const counts = new Map<number, Set<number>>();
  for (const { niche, classIndex, confidence } of map.entries) {
    if (confidence < FOOLED) continue;
    const own = counts.get(niche) ?? new Set<number>();
    counts.set(niche, own.add(classIndex));
  }
  const names = ['none', 'up to a tenth', 'up to a quarter', 'up to a half', 'up to three quarters', 'most', 'all'];
  const bounds = [0, 0.1, 0.25, 0.5, 0.75];
  const stepOf = (share: number): string => {
    if (share >= 1) return names[6]!;
    const at = bounds.findIndex((bound) => share <= bound);
    return names[at < 0 ? 5 : at]!;
  };
  const occupied = new Set(map.entries.map(({ niche }) => niche));
  const cells = drawnCells(map).cells.flatMap(({ corners, niches }): HeatCell[] => {
    if (!niches.some((niche) => occupied.has(niche))) return [];
    const fooled = new Set(niches.flatMap((niche) => [...(counts.get(niche) ?? [])])).size;
    return [
      {
        corners,
        step: stepOf(fooled / classes),
        description: `${formatCount(fooled)} of ${formatCount(classes)} classes fooled`,
        row: { cell: niches[0]!, 'classes fooled': fooled },
      },
    ];
  });
  const steps = names.map((name, index) => ({ name, color: `var(--heat-${index + 1})` }));
  return mapOf(map, cells, { steps, title: 'classes fooled' });
}

function mapOf(
  { measures, niches }: FoolMap,
  cells: readonly HeatCell[],
  told: Pick<HeatMap, 'steps' | 'title'>,
): HeatMap {
  const axis = ({ title, lower, upper }: FoolMap['measures'][number]): HeatAxis => ({ title, lower, upper });
  const { areBoxes } = drawnCells({ measures, niches });
  const upright = measures[1];
  return {
    cells,
    areBoxes,
    across: axis(measures[0]!),
    ...(upright === undefined ? {} : { upright: axis(upright) }),
    ...told,
  };
}

async function figure(title: string, map: HeatMap, caption: string): Promise<Html> {
  const chart = { title: `Map ${title}`, caption, spec: heatMap(map) };
  const svg = await drawChart(chart);
  return html`<figure class="map" aria-label="${`Map: ${title}`}"><figcaption><b>${title}</b>${caption}</figcaption>${trusted(svg)}<div class="chosen" aria-live="polite" hidden><img alt=""><p></p></div>${chartLinks(chart, svg)}</figure>`;
}

/** The images of the maps' cells for the page's script, as far as there is room. */
function pictures(entries: readonly MapImage[]): Html {
  const sources: Record<string, string> = {};
  let left = SHOWN_BYTES;
  for (const { file, png } of entries) {
    left -= png.length;
    if (left < 0) break;
    sources[file] = dataUri(png);
  }
  // Paths and base64 hold nothing that could end the element.
  const text = JSON.stringify(sources).replaceAll('<', '\\u003c');
  return html`<script type="application/json" id="map-images">${trusted(text)}</script>`;
}
