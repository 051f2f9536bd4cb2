/** @file The report of a generator: one HTML file that needs nothing beside it. */

import type { ImageShape } from '@pareidolia/core';
import { formatCount, formatNumber, formatPercent, formatQuartiles, shortName } from '../../format/format.ts';
import type { GeneratorRun } from '../../generator/generator-run.ts';
import type { GeneratorMeasures, NearestPair, Share } from '../../generator/measure-generator.ts';
import { dataTable, settingsTable } from '../data-table.ts';
import { type Html, html } from '../html.ts';
import { commandBox, renderPage } from '../page.ts';
import { dataUri, encodePng, isPixelated } from '../picture.ts';

/** Samples that are shown, and those nearest to a training image. */
const [SHOWN_SAMPLES, SHOWN_NEAREST] = [40, 12];

/** What the report is made of. */
export interface GeneratorReportData {
  readonly run: GeneratorRun;
  readonly shape: ImageShape;
  /** `C x H x W` of a generated image. */
  readonly generated: (place: number) => Uint8Array;
  /** Of a training image. */
  readonly training: (place: number) => Uint8Array;
}

/** The pairs that lie nearest to each other: where a generator has learnt images by heart, it is these. */
function nearestPairs({ nearest }: GeneratorMeasures): readonly NearestPair[] {
  return [...nearest.pairs].sort((a, b) => a.distance - b.distance).slice(0, SHOWN_NEAREST);
}

/** The report as a string: an HTML page that loads nothing and runs no script. All text from the data is escaped. */
export function renderGeneratorReport(data: GeneratorReportData): string {
  const { run } = data;
  const { measures, generator, notices } = run;
  return renderPage({
    title: `${generator.name}: Frechet distance ${formatNumber(measures.frechet.generated)}`,
    over: generator.name,
    verdict: `Frechet distance ${formatNumber(measures.frechet.generated)}`,
    finding: `, where real images have ${formatNumber(measures.frechet.floor)}`,
    lead: leadOf(run),
    header: [...notices.map((what) => html`<p class="notice">${what}.</p>`), figuresOf(measures)],
    body: [sheet(data), nearestSection(data), figureSection(run), classSection(measures), methodSection(run)],
    footer: html`Made by Pareidolia. All figures are in summary.json.`,
  });
}

function leadOf({ generator, features, real, measures }: GeneratorRun): string {
  return `${formatCount(measures.count)} images of ${generator.name} are held against as many training images (${real.training}), and so are as many other real images (${real.heldOut}): no generator need be nearer than these. All distances are in the ${formatCount(measures.width)} features of ${features.name}.`;
}

function figuresOf({ precision, recall, classifierScore, nearest, discriminator }: GeneratorMeasures): Html {
  const figures: readonly (readonly [name: string, value: string])[] = [
    ['precision: images that look real', formatPercent(precision.generated.share)],
    ['recall: real images that it reaches', formatPercent(recall.generated.share)],
    ['classifier score', formatNumber(classifierScore.generated)],
    ['copies of training images', `${formatCount(nearest.copies)} of ${formatCount(nearest.compared)}`],
    ...(discriminator === null
      ? []
      : [['its discriminator: mean chance of real', formatPercent(discriminator.generated)] as const]),
  ];
  return html`<dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function pixels({ shape }: GeneratorReportData): string {
  return isPixelated(shape) ? ' pixels' : '';
}

function sheet(data: GeneratorReportData): Html {
  const { shape, run } = data;
  const shown = run.measures.nearest.pairs.slice(0, SHOWN_SAMPLES);
  const tiles = shown.map(
    ({ place, className, confidence }) =>
      html`<li><img src="${dataUri(encodePng(data.generated(place), shape))}" alt="image ${place}, taken for ${className}"><p><b>${shortName(className)}</b> ${formatPercent(confidence)}</p></li>`,
  );
  return html`<section><h2>What it makes</h2><p class="hint">The first ${formatCount(shown.length)} images of the seed, none left out, with what ${run.features.name} takes them for.</p>
<ol class="plates${pixels(data)}">${tiles}</ol></section>`;
}

function nearestSection(data: GeneratorReportData): Html {
  const { shape, run } = data;
  const { nearest } = run.measures;
  const tiles = nearestPairs(run.measures).map(
    ({ place, nearest: other, distance }) =>
      html`<li><img src="${dataUri(encodePng(data.generated(place), shape))}" alt="generated image ${place}"><img src="${dataUri(encodePng(data.training(other), shape))}" alt="training image ${other}"><p>distance <b>${formatNumber(distance)}</b></p><p>training image ${formatCount(other)}</p></li>`,
  );
  const copies =
    nearest.copies === 0
      ? 'None of them is a copy to the pixel.'
      : `${formatCount(nearest.copies)} are copies to the pixel.`;
  return html`<section><h2>Nearest training images</h2><p class="hint">Of ${formatCount(nearest.compared)} generated images, the ${formatCount(tiles.length)} nearest to one of ${formatCount(nearest.among)} training images, each above that one (Euclidean distance, pixels from 0 to 1). ${copies} ${formatCount(nearest.nearer)} lie nearer to a training image than any of ${formatCount(nearest.compared)} held-out real images does.</p>
<ol class="plates${pixels(data)}">${tiles}</ol></section>`;
}

function figureSection({ measures }: GeneratorRun): Html {
  const { frechet, precision, recall, classifierScore, nearest, discriminator } = measures;
  const share = ({ share, interval: [low, high] }: Share): string =>
    `${formatPercent(share)} (${formatPercent(low)} to ${formatPercent(high)})`;
  const rows = [
    ['Frechet distance to training images', formatNumber(frechet.generated), formatNumber(frechet.floor)],
    ['precision', share(precision.generated), share(precision.floor)],
    ['recall', share(recall.generated), share(recall.floor)],
    ['classifier score', formatNumber(classifierScore.generated), formatNumber(classifierScore.real)],
    [
      'distance to the nearest training image',
      formatQuartiles(nearest.generated, formatNumber),
      formatQuartiles(nearest.floor, formatNumber),
    ],
    ...(discriminator === null
      ? []
      : [
          [
            'discriminator: mean chance of real',
            formatPercent(discriminator.generated),
            formatPercent(discriminator.real),
          ],
        ]),
  ];
  const judge =
    discriminator === null
      ? ''
      : ` The discriminator tells the two apart with AUROC ${discriminator.auroc.toFixed(3)} (${discriminator.interval.map((end) => end.toFixed(3)).join(' to ')}).`;
  return html`<section><h2>Beside real images</h2><p class="hint">The floor is what real images that were held out come to. Frechet distances depend on the number of images and on the network: compare them only with those of this table. Precision is the share of images within the reach of the third neighbour of a training image; recall is the share of training images within that of an image of the column (Kynkaanniemi et al. 2019). 95${'\u00a0'}% intervals are Wilson's and take the other set as given.${judge}</p>
${dataTable(['figure', 'generated', 'held-out real images'], rows)}</section>`;
}

function classSection({ classes, count }: GeneratorMeasures): Html {
  const rows = classes.map(({ className, generated, real }) => [className, formatCount(generated), formatCount(real)]);
  const missing = classes.filter(({ generated, real }) => generated === 0 && real > 0).length;
  const said =
    missing === 0
      ? 'Every class that real images have is among them.'
      : `${formatCount(missing)} classes that real images have are not among them.`;
  return html`<section class="bounded"><h2>Classes</h2><p class="hint">What ${formatCount(count)} images of each kind are taken for. ${said}</p>
${dataTable(['class', 'generated', 'held-out real images'], rows)}</section>`;
}

function methodSection({ generator, features, discriminator, command, seed, version, runtime }: GeneratorRun): Html {
  const { card } = generator;
  const rows = [
    ['latents', `${card.latentDimension}, ${card.latentDistribution}`],
    ['black and white in its output', (card.range ?? []).join(', ')],
    ['features', `${features.name}: ${features.why}`],
    ...(discriminator === null ? [] : [['discriminator', discriminator.name] as const]),
    ['seed', String(seed)],
    ['Pareidolia', version],
    ['runtime', runtime],
    ['SHA-256 of the generator', html`<span class="hash">${generator.sha256}</span>`],
  ] as const;
  return html`<section class="method"><div><h2>Run it again</h2>${commandBox(command)}</div>
<div><h2>Settings</h2>${settingsTable(rows)}</div></section>`;
}
