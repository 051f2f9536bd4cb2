import { formatCount, formatDuration, formatPercent } from '@pareidolia/lab/format';
/** @file The report of a run: one HTML file that needs nothing beside it. */

import { createHash } from 'node:crypto';
import { type Chart, charts } from './charts.ts';
import { barLegend, gallery } from './gallery.ts';
import { headline } from './headline.ts';
import { type Html, html, trusted } from './html.ts';
import { howToRead, lead } from './prose.ts';
import type { ClassResult, ReportData } from './report-data.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { type Thumbnails, thumbnails } from './thumbnails.ts';

export type { ClassResult, HistoryRow, ReportData, ReportStatistics } from './report-data.ts';

/** From more classes than this on, a choice of images opens the report and the whole gallery closes it. */
const MANY = 24;

/** How many images the choice holds. */
const CHOICE = 10;

/** Images up to this many pixels a side are shown with their pixels as squares. */
const SMALL = 100;

/**
 * The page as a string. It loads nothing; links lead to the PNG files of the run, relative to the page. Scripts other
 * than its own are forbidden by its content security policy, and all text from data is escaped.
 */
export async function renderReport(data: ReportData): Promise<string> {
  const { verdict, finding } = headline(data);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Pareidolia">
<title>${verdict}: ${data.model.name}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
<header>
<p class="over"><b>Pareidolia</b> · ${data.model.name}</p>
<h1>${verdict}: <span>${finding}</span></h1>
<p class="lead">${lead(data)}</p>
${keyFigures(data)}
</header>
${await imagesAndCurves(data)}
<footer>Made by Pareidolia, after Nguyen, Yosinski and Clune, <cite>Deep Neural Networks are Easily Fooled</cite> (CVPR 2015).</footer>
</main>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`;
  return page.toString();
}

function policy(): string {
  const hash = createHash('sha256').update(SCRIPT).digest('base64');
  return `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

function keyFigures({ statistics, searched, evaluations, seconds, evaluationsPerSecond }: ReportData): Html {
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

async function imagesAndCurves(data: ReportData): Promise<Html> {
  const { classes, shape, history } = data;
  const rest = [chartSection(await charts(history)), methodSection(data)];
  const all = await thumbnails(classes, shape);
  if (classes.length <= MANY) {
    return html`<section id="images"><h2>The images</h2>${hint()}${pictures(data, classes, all, false)}</section>
${rest}`;
  }
  const choice = mostConvincing(classes);
  const chosen = pictures(data, choice, await thumbnails(choice, shape), false);
  return html`<section><h2>The most convincing</h2>${hint()}${chosen}
<p class="hint more"><a href="#images">All ${formatCount(classes.length)} classes</a> are at the end of this page.</p></section>
${rest}
<section id="images"><h2>All the images</h2>${pictures(data, classes, all, true)}</section>`;
}

/** Some of the classes as a gallery, with a word on pictures that are not what the files hold. */
function pictures(data: ReportData, results: readonly ClassResult[], shown: Thumbnails, tools: boolean): Html {
  const exhibits = results.map((result, index) => ({ result, source: shown.sources[index] }));
  const pixelated = !shown.reduced && Math.max(data.shape.height, data.shape.width) <= SMALL;
  return html`${pictureNotes(shown)}${gallery(exhibits, data.classes, { pixelated, tools })}`;
}

function hint(): Html {
  return html`<p class="hint">Under each image: the class that it holds, and how certain the network is of it. The bars grow with the logarithm of certainty over doubt:</p>${barLegend()}`;
}

function pictureNotes({ reduced, leftOut }: Thumbnails): Html[] {
  const notes: Html[] = [];
  if (reduced) {
    notes.push(
      html`<p class="notice">The images are too heavy for one page, so these are reduced previews. Click one for the exact file, which lies beside this page.</p>`,
    );
  }
  if (leftOut > 0) {
    notes.push(
      html`<p class="notice">${count(leftOut, 'picture is', 'pictures are')} left out to keep this page light. The files lie beside it; click a tile to open one.</p>`,
    );
  }
  return notes;
}

/** Different images, the most certain first. */
function mostConvincing(classes: readonly ClassResult[]): ClassResult[] {
  const seen = new Set<number>();
  return classes
    .toSorted((a, b) => b.confidence - a.confidence)
    .filter(({ id }) => !seen.has(id) && seen.add(id))
    .slice(0, CHOICE);
}

function chartSection(curves: readonly Chart[]): Html {
  if (curves.length === 0) return html``;
  const figures = curves.map(
    ({ title, caption, svg }) =>
      html`<figure><figcaption><b>${title}</b>${caption}</figcaption>${trusted(svg)}</figure>`,
  );
  return html`<section><h2>How it came about</h2><div class="charts">${figures}</div></section>`;
}

function methodSection(data: ReportData): Html {
  const { settings, model, command, shape } = data;
  const rows = [
    ...settings.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`),
    html`<tr><th scope="row">image</th><td>${shape.width} × ${shape.height}, ${shape.channels === 1 ? 'grey' : 'color'}, 8 bits</td></tr>`,
    html`<tr><th scope="row">SHA-256 of the model</th><td class="hash">${model.sha256}</td></tr>`,
  ];
  return html`<section class="method">
<div><h2>How to read it</h2><ul class="how">${howToRead(data).map((point) => html`<li>${point}</li>`)}</ul>
<h2 class="again">Do it again</h2><p class="hint">The same seed on the same machine gives the same images.</p>
<div class="command"><pre id="command">${wrapped(command)}</pre><button id="copy" type="button" hidden>Copy</button></div></div>
<div><h2>The settings</h2><table>${rows}</table></div>
</section>`;
}

/** A command whose lines break at spaces, not at the hyphens of its options. */
function wrapped(command: string): Html[] {
  return command.split(' ').map((word, index) => html`${index > 0 ? ' ' : ''}<span>${word}</span>`);
}
