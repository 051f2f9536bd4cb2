/** @file The report of scored images: one HTML file that needs nothing beside it. */

import { type Accuracy, wilsonInterval } from '@pareidolia/core';
import type { Picture } from '../../finding/gallery.ts';
import { formatCount, formatNumber, formatPercent, shortName } from '../../format/format.ts';
import { chartFigures } from '../chart-figures.ts';
import { dataTable, settingsTable } from '../data-table.ts';
import { type Html, html } from '../html.ts';
import { commandBox, renderPage } from '../page.ts';
import { dataUri, encodePng, isPixelated } from '../picture.ts';
import { confidenceCharts, confusionCharts, MOST_MATRIX_CLASSES } from './score-charts.ts';
import type { Detected, GuardedScores, ScoreMeasures, ScoreRun, TrialSummary } from './score-run.ts';

/** Rows of a table at most; the JSON file has all. */
const MOST_ROWS = 30;

/** What the report of scored images is made of. */
export interface ScoreReportData {
  readonly run: ScoreRun;
  readonly classNames: readonly string[];
  /** The mistakes of the run as pictures, in their order. */
  readonly mistakes: readonly Pick<Picture, 'shape' | 'planes'>[];
}

/**
 * The report of scored images as a string: an HTML page that loads nothing and runs no script. All text from the data is
 * escaped.
 */
export async function renderScoreReport({ run, classNames, mistakes }: ScoreReportData): Promise<string> {
  const { measures, model, images, warnings, trial } = run;
  const verdict =
    measures === null ? `${formatCount(images.count)} images` : `${formatPercent(measures.top1.share)} right`;
  return renderPage({
    title: `${verdict}: ${model.name}`,
    over: model.name,
    verdict,
    finding: findingOf(run),
    lead: leadOf(run),
    header: [
      ...[...warnings, ...images.leftOut, ...(model.notices ?? [])].map((what) => html`<p class="notice">${what}.</p>`),
      figuresOf(run),
    ],
    body: [
      run.guard === undefined ? html`` : guardSection(run.guard, measures !== null),
      measures === null ? html`` : mistakeSection(measures, mistakes),
      html`<section class="bounded"><h2>How certain it is</h2>${await chartFigures(confidenceCharts(run))}</section>`,
      ...(measures === null
        ? [predictionSection(run)]
        : [await classSection(measures, classNames), confusedSection(measures, classNames)]),
      trial === null ? html`` : trialSection(trial),
      methodSection(run),
    ],
    footer: html`Made by Pareidolia. The scores of each image are in scores.csv, all figures in summary.json.`,
  });
}

function findingOf({ measures, predictions }: ScoreRun): string {
  if (measures !== null) {
    const { right, of } = measures.top1;
    return `: ${formatCount(right)} of ${formatCount(of)} images; 95${'\u00a0'}% interval ${intervalOf(measures.top1)}`;
  }
  const { className, count } = predictions[0]!;
  return `: most often taken for ${shortName(className)}, ${formatCount(count)} times`;
}

function intervalOf({ interval: [low, high] }: Accuracy): string {
  return `${formatPercent(low)} to ${formatPercent(high)}`;
}

function leadOf({ model, images, answers }: ScoreRun): string {
  const labels = {
    dataset: 'Their right classes come with the data.',
    file: 'Their right classes were given in a file.',
    folders: 'Their right classes are the names of their folders.',
  };
  const known =
    images.labelling === null
      ? 'Their right classes are not known, so nothing is said of right and wrong.'
      : labels[images.labelling];
  const kinds = {
    probabilities: '',
    sigmoids:
      ' It scores several labels, each by a sigmoid of its own: its decision is the label with the largest logit, and its confidence the largest sigmoid.',
    labels: ' It answers with labels alone, so there are no confidences.',
  };
  return `${model.name} (${formatCount(model.classes)} classes) scored ${formatCount(images.count)} images of ${images.origin}. ${known}${kinds[answers]}`;
}

function figuresOf({ measures, confidence, images, guard }: ScoreRun): Html {
  const calibration = measures?.calibration ?? null;
  const figures: readonly (readonly [name: string, value: string | undefined])[] = [
    ['accuracy', measures === null ? undefined : formatPercent(measures.top1.share)],
    ['among the first five', measures?.top5 == null ? undefined : formatPercent(measures.top5.share)],
    ['mean confidence', confidence === null ? undefined : formatPercent(confidence.mean)],
    ['expected calibration error', calibration === null ? undefined : formatPercent(calibration.error)],
    ['Brier score, 0 to 2', calibration?.brier == null ? undefined : formatNumber(calibration.brier)],
    [
      'negative log-likelihood, nats',
      calibration?.negativeLogLikelihood == null ? undefined : formatNumber(calibration.negativeLogLikelihood),
    ],
    ['accepted by its detector', guard === undefined ? undefined : formatPercent(guard.accepted / guard.of)],
    ['scores not finite', images.notFinite.length === 0 ? undefined : formatCount(images.notFinite.length)],
  ];
  return html`<dl class="figures">${figures.flatMap(([name, value]) => (value === undefined ? [] : [html`<div><dt>${name}</dt><dd>${value}</dd></div>`]))}</dl>`;
}

/** How many images the detector lets pass, of those taken rightly and wrongly. */
function guardSection({ detector, threshold, right, wrong, ...all }: GuardedScores, isKnown: boolean): Html {
  const row = (what: string, { accepted, of }: { readonly accepted: number; readonly of: number }): string[] => [
    what,
    formatCount(of),
    formatCount(accepted),
    formatCount(of - accepted),
    of === 0 ? '–' : formatPercent(accepted / of),
    of === 0
      ? '–'
      : wilsonInterval(accepted, of)
          .map((end) => formatPercent(end))
          .join('\u00a0to\u00a0'),
  ];
  const rows = [row('all', all), ...(isKnown ? [row('taken rightly', right), row('taken wrongly', wrong)] : [])];
  return html`<section><h2>What the detector accepts</h2>
<p class="hint">The model has the detector ${detector}: an image is accepted where its score is at least ${formatNumber(threshold, 4)}. All other figures are of the network alone. scores.csv has verdict and score of each image.</p>
${dataTable(['images', 'number', 'accepted', 'refused', 'share accepted', '95 % interval'], rows)}</section>`;
}

/** Verdict and score on a picture. */
function verdictOf({ accepted, score }: Detected): Html {
  return html`<p class="file">${accepted ? 'accepted' : html`<b>refused</b>`}, score ${formatNumber(score, 4)}</p>`;
}

function mistakeSection({ mistakes }: ScoreMeasures, pictures: ScoreReportData['mistakes']): Html {
  if (mistakes.length === 0)
    return html`<section><h2>No mistakes</h2><p class="hint">All images are right.</p></section>`;
  const tiles = mistakes.map(({ name, labelName, predictionName, confidence, detected }, index) => {
    const { planes, shape } = pictures[index]!;
    const sure = confidence === null ? '' : ` ${formatPercent(confidence)}`;
    return html`<li><img src="${dataUri(encodePng(planes, shape))}" alt="${name}"><p><b>${shortName(predictionName)}</b>${sure}</p><p>is ${shortName(labelName)}</p>${detected === undefined ? html`` : verdictOf(detected)}<p class="file">${name}</p></li>`;
  });
  const pixels = pictures[0] !== undefined && isPixelated(pictures[0].shape) ? ' pixels' : '';
  return html`<section><h2>The most certain mistakes</h2>
<p class="hint">Each as the network gets it, what it said, how certain it was, and the right class.</p>
<ol class="plates large${pixels}">${tiles}</ol></section>`;
}

function predictionSection({ predictions }: ScoreRun): Html {
  const rows = predictions
    .slice(0, MOST_ROWS)
    .map(({ className, count, meanConfidence }) => [
      className,
      formatCount(count),
      meanConfidence === null ? '–' : formatPercent(meanConfidence),
    ]);
  return html`<section><h2>What the images were taken for</h2>${shortened(predictions.length, 'classes')}
${dataTable(['class', 'images', 'mean confidence'], rows)}</section>`;
}

async function classSection({ classes, confusion }: ScoreMeasures, classNames: readonly string[]): Promise<Html> {
  const concerned = classes.filter(({ support, predicted }) => support + predicted > 0);
  // The weakest are worth a look where not all can be shown.
  const worst = [...concerned].sort((a, b) => (a.recall ?? 2) - (b.recall ?? 2) || b.predicted - a.predicted);
  const shown = concerned.length <= MOST_ROWS ? concerned : worst.slice(0, MOST_ROWS);
  const share = (value: number | null): string => (value === null ? '–' : formatPercent(value));
  const rows = shown.map(({ className, support, predicted, recall, precision }) => [
    className,
    formatCount(support),
    formatCount(predicted),
    share(recall),
    share(precision),
  ]);
  return html`<section><h2>Each class</h2>
<p class="hint">Recall: the share of the images of a class that were taken for it. Precision: the share of those taken for it that are of it.</p>${shortened(concerned.length, 'classes, those of least recall')}
${dataTable(['class', 'images', 'taken for it', 'recall', 'precision'], rows)}
<div class="bounded">${await chartFigures(confusionCharts(confusion, classNames))}</div></section>`;
}

/** The most frequent confusions, where a matrix would be too large. */
function confusedSection({ confusion }: ScoreMeasures, classNames: readonly string[]): Html {
  const wrong = confusion.filter(({ label, prediction }) => label !== prediction);
  if (classNames.length <= MOST_MATRIX_CLASSES || wrong.length === 0) return html``;
  const rows = [...wrong]
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_ROWS)
    .map(({ label, prediction, count }) => [classNames[label]!, classNames[prediction]!, formatCount(count)]);
  return html`<section><h2>The most frequent confusions</h2>${shortened(wrong.length, 'pairs')}
${dataTable(['right class', 'taken for', 'images'], rows)}</section>`;
}

function shortened(count: number, what: string): Html {
  return count <= MOST_ROWS
    ? html``
    : html`<p class="hint">${MOST_ROWS} of ${formatCount(count)} ${what}; summary.json has all.</p>`;
}

function trialSection({ tried, images, sentence }: TrialSummary): Html {
  const rows = tried.map(({ title, isInForce, accuracy, right, meanLogProbability, problem }) => [
    html`${title}${isInForce ? html` <b>(in force)</b>` : ''}`,
    problem === null ? formatPercent(accuracy) : '–',
    formatCount(right),
    meanLogProbability === null ? '–' : formatNumber(meanLogProbability),
  ]);
  return html`<section><h2>Preprocessings tried</h2>
<p class="hint">On ${formatCount(images)} of the images, of every class nearly as many. ${sentence}.</p>
${dataTable(['preprocessing', 'accuracy', 'right', 'mean log-probability of the right class'], rows)}</section>`;
}

function methodSection({ command, model, version, runtime, images }: ScoreRun): Html {
  const rows = [
    ...(model.scores === undefined ? [] : [['scores', model.scores] as const]),
    ...(model.card === undefined ? [] : [['model card', model.card] as const]),
    ...(images.notFinite.length === 0
      ? []
      : [['scores not finite', images.notFinite.slice(0, MOST_ROWS).join(', ')] as const]),
    ['Pareidolia', version],
    ['runtime', runtime],
    ['SHA-256 of the model', html`<span class="hash">${model.sha256}</span>`],
  ] as const;
  return html`<section class="method"><div><h2>Run it again</h2><p class="hint">Intervals are Wilson's, at 95${'\u00a0'}%. The calibration error is that of Guo et al. 2017, with bins of equal width.</p>
${commandBox(command)}</div>
<div><h2>Settings</h2>${settingsTable(rows)}</div></section>`;
}
