/** @file The report of a run: one HTML file that needs nothing beside it. */

import { formatCount, formatDuration, formatPercent } from '../../format/format.ts';
import { chartFigures } from '../chart-figures.ts';
import { settingsTable } from '../data-table.ts';
import { type Html, html } from '../html.ts';
import { commandBox, renderPage } from '../page.ts';
import { isPixelated } from '../picture.ts';
import { type AmplifiedPicture, type Amplify, amplifiedPictures } from './amplified-pictures.ts';
import { effortOf } from './effort.ts';
import { barLegend, gallery } from './elite-gallery.ts';
import type { ClassResult, FoolReportData, HistoryRow } from './fool-report-data.ts';
import { COPY_BUTTON, GALLERY_SCRIPT } from './gallery-script.ts';
import { headline } from './headline.ts';
import { historyCharts } from './history-charts.ts';
import { mapSection } from './map-section.ts';
import { networkSection } from './network-section.ts';
import { howToRead, lead } from './prose.ts';
import { showcaseSection } from './showcase.ts';
import { type MakePreview, type Thumbnails, thumbnails } from './thumbnails.ts';

/** From more classes than this on, a choice of images opens the report and the whole gallery closes it. */
const MANY = 24;

/** How many images the choice holds. */
const CHOICE = 10;

/**
 * The report of a run as a string: an HTML page that loads nothing. Links lead to the PNG files of the run, relative to the
 * page. All text from the data is escaped, and only the page's own script may run.
 *
 * @param makePreview makes smaller copies where the files are too large for one page; without it, images that have no room are
 *   left out
 * @param amplify multiplies the contrast of images in which one hardly sees anything; without it, they are shown by themselves
 */
export async function renderFoolReport(
  data: FoolReportData,
  makePreview?: MakePreview,
  amplify?: Amplify,
): Promise<string> {
  const { verdict, finding } = headline(data);
  return renderPage({
    title: `${verdict}: ${data.model.name}`,
    over: data.model.name,
    verdict: `${verdict}: `,
    finding,
    lead: lead(data),
    header: [...effortSection(data), keyFigures(data)],
    body: await sections(data, { makePreview, amplify }),
    footer: html`Made by Pareidolia, after Nguyen, Yosinski and Clune, <cite>Deep Neural Networks are Easily Fooled</cite> (CVPR 2015).`,
    script: GALLERY_SCRIPT,
  });
}

/** What was tried and what could be, where not every class is fooled. */
function effortSection(data: FoolReportData): Html[] {
  const { tried, next = [] } = data;
  const effort = tried && effortOf({ ...data, tried });
  if (effort === undefined) return [];
  const steps = next.map(({ what, command }) => html`<li>${what}: <code>${command}</code></li>`);
  return [
    html`<p class="notice">${effort.text}${steps.length === 0 ? '' : ' What to try next:'}</p>`,
    ...(steps.length === 0 ? [] : [html`<ul class="next">${steps}</ul>`]),
  ];
}

function keyFigures({ statistics, searched, evaluations, seconds, evaluationsPerSecond }: FoolReportData): Html {
  const { median, worst, shareAbove9999, distinctImages, replacements } = statistics;
  const figures: [name: string, value: string][] = [
    ['median confidence', formatPercent(median)],
    ['worst class', formatPercent(worst)],
    ['of the classes at 99.99\u00a0%\u00a0or\u00a0more', formatPercent(shareAbove9999)],
    [`different images for ${count(searched, 'class', 'classes')}`, formatCount(distinctImages)],
    [`evaluations, ${count(replacements, 'replacement', 'replacements')}`, formatCount(evaluations)],
    [`${formatCount(evaluationsPerSecond)} evaluations a second`, formatDuration(seconds)],
  ];
  return html`<dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function count(n: number, one: string, several: string): string {
  return `${formatCount(n)} ${n === 1 ? one : several}`;
}

/** What makes pictures out of files. */
interface Darkroom {
  readonly makePreview: MakePreview | undefined;
  readonly amplify: Amplify | undefined;
}

async function sections(data: FoolReportData, { makePreview, amplify }: Darkroom): Promise<Html[]> {
  const { classes, shape, history } = data;
  const rest = [
    networkSection(data.networks),
    await mapSection(data.map),
    await chartSection(history),
    methodSection(data),
  ];
  const shown = async (some: readonly ClassResult[], tools = false): Promise<Html> =>
    pictures(
      data,
      some,
      { ...(await thumbnails(some, shape, makePreview)), amplified: await amplifiedPictures(some, amplify) },
      tools,
    );
  if (classes.length <= MANY) {
    const { showcase } = data;
    if (showcase !== undefined && showcase.length > 0) {
      return [
        html`<section><h2>Three ways to fool it</h2>${showcaseSection(showcase)}</section>`,
        html`<section id="images"><h2>The most certain pattern of each class</h2>${hint()}${await shown(classes)}</section>`,
        ...rest,
      ];
    }
    const images = html`<section id="images"><h2>The images</h2>${hint()}${await shown(classes)}</section>`;
    return [images, ...rest];
  }
  const choice = mostCertain(classes);
  const chosen = await shown(choice);
  const hard = hardest(classes);
  const left = hard.length === 0 ? '' : html`<section><h2>The hardest classes</h2>${await shown(hard)}</section>`;
  return [
    html`<section><h2>The highest confidences</h2>${hint()}${chosen}
<p class="hint more"><a href="#images">All ${formatCount(classes.length)} classes</a> are at the end of this page.</p></section>`,
    html`${left}`,
    ...rest,
    html`<section id="images"><h2>All images</h2>${await shown(classes, true)}</section>`,
  ];
}

/** Some of the classes as a gallery, with a word on pictures that are not what the files hold. */
function pictures(
  data: FoolReportData,
  results: readonly ClassResult[],
  shown: Thumbnails & { readonly amplified: readonly (AmplifiedPicture | undefined)[] },
  tools: boolean,
): Html {
  const exhibits = results.map((result, index) => ({
    result,
    source: shown.sources[index],
    amplified: shown.amplified[index],
  }));
  const pixelated = !shown.reduced && isPixelated(data.shape);
  return html`${pictureNotes(shown)}${gallery(exhibits, data.classes, { pixelated, tools })}`;
}

function hint(): Html {
  return html`<p class="hint">Under each image: its class, and the confidence that the network has in it. The bars are on a log-odds scale:</p>${barLegend()}`;
}

function pictureNotes({ reduced, leftOut }: Thumbnails): Html[] {
  const notes: Html[] = [];
  if (reduced) {
    notes.push(
      html`<p class="notice">The images are too large for one page, so these are previews. Click one for the exact file beside this page.</p>`,
    );
  }
  if (leftOut > 0) {
    notes.push(
      html`<p class="notice">${count(leftOut, 'image is', 'images are')} left out to keep this page small. The files are beside it; click a tile to open one.</p>`,
    );
  }
  return notes;
}

/** Different images, the most certain first. */
function mostCertain(classes: readonly ClassResult[]): ClassResult[] {
  const seen = new Set<number>();
  return classes
    .toSorted((a, b) => b.confidence - a.confidence)
    .filter(({ id }) => !seen.has(id) && seen.add(id))
    .slice(0, CHOICE);
}

/** The least certain classes, the hardest first, where not all are fooled beyond doubt. */
function hardest(classes: readonly ClassResult[]): ClassResult[] {
  return classes.toSorted((a, b) => a.confidence - b.confidence).slice(0, CHOICE);
}

async function chartSection(history: readonly HistoryRow[]): Promise<Html> {
  const charts = historyCharts(history);
  if (charts.length === 0) return html``;
  return html`<section><h2>The search</h2>${await chartFigures(charts)}</section>`;
}

function methodSection(data: FoolReportData): Html {
  const { settings, model, command, shape } = data;
  const rows: (readonly [string, string | Html])[] = [
    ...settings,
    ['image', `${shape.width} × ${shape.height}, ${shape.channels === 1 ? 'grey' : 'color'}, 8 bits`],
    ['SHA-256 of the model', html`<span class="hash">${model.sha256}</span>`],
  ];
  return html`<section class="method">
<div><h2>How to read it</h2><ul class="how">${howToRead(data).map((point) => html`<li>${point}</li>`)}</ul>
<h2 class="again">Run it again</h2><p class="hint">The same seed on the same machine gives the same images.</p>
${commandBox(command, COPY_BUTTON)}</div>
<div><h2>Settings</h2>${settingsTable(rows)}</div>
</section>`;
}
