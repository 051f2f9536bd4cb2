/** @file What came of scoring, for a terminal. */

import type { Accuracy } from '@pareidolia/core';
import type { ScoreMeasures, ScoreRun } from '@pareidolia/lab';
import { count, figure, percent, plain } from '../terminal/figures.ts';
import { alignColumns, clip } from '../terminal/table.ts';

/** Rows of a table at a terminal; the report has more. */
const MOST_ROWS = 24;

/** Rows that stand for a table that would be longer. */
const FEW_ROWS = 10;

/** A summary of several lines, without a line break at the end. */
export function describeScores(run: ScoreRun): string {
  const { measures, trial } = run;
  const parts = [
    figures(run),
    measures === null ? decisionTable(run) : classTable(measures),
    measures === null ? '' : confusions(measures),
    measures === null ? '' : mistakes(measures),
    trial === null ? '' : trialTable(run),
    notices(run),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function figures({ measures, confidence, images, model, answers, guard }: ScoreRun): string {
  const rows: [string, string][] = [['images', `${count(images.count)} of ${images.origin}`]];
  const kinds = {
    probabilities: '',
    sigmoids: ' (several labels: the largest logit decides, and its sigmoid is the confidence)',
    labels: ' (labels alone, no confidences)',
  };
  rows.push(['classes', `${count(model.classes)}${kinds[answers]}`]);
  if (images.labelling === null) rows.push(['right classes', 'not known; name folders by classes, or give --labels']);
  if (measures !== null) {
    const { top1, top5, calibration } = measures;
    rows.push(['accuracy', accuracy(top1)]);
    if (top5 !== null) rows.push(['among first five', accuracy(top5)]);
    if (calibration !== null) {
      rows.push(['calibration error', `${percent(calibration.error)} (expected, ${calibration.bins.length} bins)`]);
      if (calibration.brier !== null) rows.push(['Brier score', `${figure(calibration.brier)} (0 to 2)`]);
      if (calibration.negativeLogLikelihood !== null) {
        rows.push(['log-likelihood', `${figure(calibration.negativeLogLikelihood)} nats (negative, mean)`]);
      }
    }
  }
  if (confidence !== null) rows.push(['mean confidence', percent(confidence.mean)]);
  if (guard !== undefined) {
    const part = ({ accepted, of }: { readonly accepted: number; readonly of: number }): string =>
      `${count(accepted)} of ${count(of)}`;
    const known =
      measures === null ? '' : `; of those classified rightly ${part(guard.right)}, wrongly ${part(guard.wrong)}`;
    rows.push(['accepted', `${percent(guard.accepted / guard.of)}  ${part(guard)} by ${guard.detector}${known}`]);
  }
  return alignColumns(rows, []);
}

function accuracy({ right, of, share, interval: [low, high] }: Accuracy): string {
  return `${percent(share)}  ${count(right)} of ${count(of)}, ${percent(low)} to ${percent(high)} (95 %)`;
}

/** All classes, or those of least recall where they are too many. */
function classTable({ classes }: ScoreMeasures): string {
  const concerned = classes.filter(({ support, predicted }) => support + predicted > 0);
  const worst = [...concerned].sort((a, b) => (a.recall ?? 2) - (b.recall ?? 2) || b.predicted - a.predicted);
  const shown = concerned.length <= MOST_ROWS ? concerned : worst.slice(0, FEW_ROWS);
  const share = (value: number | null): string => (value === null ? '-' : percent(value));
  const rows = shown.map(({ className, support, predicted, recall, precision }) => [
    clip(className),
    count(support),
    count(predicted),
    share(recall),
    share(precision),
  ]);
  const table = alignColumns([['class', 'images', 'taken for it', 'recall', 'precision'], ...rows], [1, 2, 3, 4]);
  return shown.length === concerned.length
    ? table
    : `The ${FEW_ROWS} of ${concerned.length} classes with the least recall:\n${table}`;
}

function confusions({ confusion, classes }: ScoreMeasures): string {
  const wrong = confusion.filter(({ label, prediction }) => label !== prediction).sort((a, b) => b.count - a.count);
  if (wrong.length === 0) return '';
  const rows = wrong
    .slice(0, 5)
    .map(({ label, prediction, count: images }) => [
      `  ${clip(classes[label]!.className)}`,
      `taken for ${clip(classes[prediction]!.className)}`,
      images === 1 ? 'once' : `${count(images)} times`,
    ]);
  return `The most frequent confusions:\n${alignColumns(rows, [])}`;
}

function mistakes({ mistakes: all }: ScoreMeasures): string {
  if (all.length === 0) return '';
  const rows = all.map(({ name, labelName, predictionName, confidence, detected }) => [
    `  ${clip(predictionName)}`,
    confidence === null ? '' : percent(confidence),
    `is ${clip(labelName)}`,
    ...(detected === undefined ? [] : [detected.accepted ? 'accepted' : 'refused']),
    name.replaceAll(/\p{Cc}/gu, ' '),
  ]);
  return `The most certain mistakes:\n${alignColumns(rows, [1])}`;
}

function decisionTable({ predictions }: ScoreRun): string {
  const rows = predictions
    .slice(0, MOST_ROWS)
    .map(({ className, count: images, meanConfidence }) => [
      clip(className),
      count(images),
      meanConfidence === null ? '-' : percent(meanConfidence),
    ]);
  const more = predictions.length - rows.length;
  const table = alignColumns([['taken for', 'images', 'mean confidence'], ...rows], [1, 2]);
  return more > 0 ? `${table}\nand ${more} more classes` : table;
}

function trialTable({ trial }: ScoreRun): string {
  const rows = trial!.tried.map(({ title, isInForce, accuracy: share, meanLogProbability, problem }) => [
    `  ${title}${isInForce ? ' (in force)' : ''}`,
    problem === null ? percent(share) : 'fails',
    meanLogProbability === null ? '-' : figure(meanLogProbability).replace('\u2212', '-'),
  ]);
  const head = [`  preprocessings tried on ${trial!.images} images`, 'accuracy', 'mean log-probability'];
  return `${alignColumns([head, ...rows], [1, 2])}${trial!.verdict === 'fits' ? `\n${plain(trial!.sentence)}.` : ''}`;
}

function notices({ warnings, images, model }: ScoreRun): string {
  return [
    ...images.leftOut.map((what) => `${what}.`),
    ...(model.notices ?? []).map((what) => `${what}.`),
    ...warnings.map((what) => `Beware: ${plain(what)}.`),
  ]
    .map((line) => line.replaceAll(/\p{Cc}/gu, ' '))
    .join('\n');
}
