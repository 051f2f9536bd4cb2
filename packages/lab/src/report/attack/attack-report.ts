/** @file The report of attacks: one HTML file that needs nothing beside it. */

import { formatCount, formatDuration, formatEpsilon, formatNumber, formatPercent } from '../../format/format.ts';
import { chartFigures } from '../chart-figures.ts';
import { dataTable, settingsTable } from '../data-table.ts';
import { type Html, html } from '../html.ts';
import { commandBox, renderPage } from '../page.ts';
import { dataUri, isPixelated, PICTURE_BYTES } from '../picture.ts';
import { attackCharts } from './attack-charts.ts';
import type { AttackReportData, AttackRun, Exhibit } from './attack-report-data.ts';
import { type AttackSummary, undecidedOf } from './attack-summary.ts';
import { NORM_NAMES } from './norm-names.ts';

/**
 * The report of attacks as a string: an HTML page that loads nothing and runs no script. Links lead to the files of the run,
 * relative to the page. All text from the data is escaped.
 */
export async function renderAttackReport(data: AttackReportData): Promise<string> {
  const { outcome } = data;
  const verdict = verdictOf(outcome);
  return renderPage({
    title: `${verdict}: ${outcome.model.name}`,
    over: outcome.model.name,
    verdict,
    finding: findingOf(outcome),
    lead: leadOf(outcome),
    header: [
      ...(outcome.images.leftOut ?? []),
      ...(outcome.model.notices ?? []),
      ...(outcome.remarks ?? []),
      ...outcome.flags.map(({ what }) => what),
    ].map((what) => html`<p class="notice">${what}.</p>`),
    body: [
      tableSection(outcome),
      exhibitSection(data),
      html`<section><h2>Accuracy over effort</h2>${await chartFigures(attackCharts(data.lines))}</section>`,
      methodSection(outcome),
    ],
    footer: html`Made by Pareidolia. Each result is that of the ${outcome.quantize ? '8-bit PNG' : 'image in floating point'}, evaluated again after the attack had ended.`,
  });
}

/** The strongest result: the least accuracy. */
function strongest(summaries: readonly AttackSummary[]): AttackSummary {
  // Every image falls to changes without a bound: a result within one says more, where there is one.
  const bounded = summaries.filter(({ epsilon }) => epsilon !== null);
  return (bounded.length > 0 ? bounded : summaries).reduce((best, summary) =>
    summary.accuracy < best.accuracy ? summary : best,
  );
}

function verdictOf({ summaries }: AttackRun): string {
  const { accuracy, adversarial } = strongest(summaries);
  if (adversarial === 0) return 'No adversarial image found';
  if (accuracy === 0) return 'No image withstands';
  if (accuracy < 0.1) return 'Hardly any image withstands';
  return accuracy < 0.5 ? 'Most images fall' : 'Some of the images fall';
}

/** Accuracy under attack is an upper bound: another attack, or more of this one, can only lower it. */
function findingOf({ summaries }: AttackRun): string {
  const best = strongest(summaries);
  const before = 1 - (best.initiallyWrong + best.unpredicted) / best.images;
  const undecided = undecidedOf(best);
  const unknown =
    undecided === 0 ? '' : `; ${formatCount(undecided)} of ${formatCount(best.images)} images have no answer`;
  const within = best.epsilon === null ? '' : ` within ${NORM_NAMES[best.norm]} ${formatEpsilon(best.epsilon)}`;
  // Those without an answer may withstand.
  const after = `${best.accuracy === 0 || undecided > 0 ? '' : 'at most '}${formatPercent(best.accuracy)}`;
  if (best.adversarial === 0) return `: accuracy is ${after}, as far as ${best.attack}${within} can tell${unknown}`;
  return `: accuracy falls from ${formatPercent(before)} to ${after} under ${best.attack}${within}${unknown}`;
}

function leadOf({ images, model, summaries, quantize }: AttackRun): string {
  const attacks = new Set(summaries.map(({ attack }) => attack)).size;
  const labels = {
    dataset: 'Their true classes come with the data.',
    file: 'Their true classes were given in a file.',
    folders: 'Their true classes are the names of their folders.',
    decision: "The network's own decision counts as the true class of each.",
  }[images.labelling];
  const counted = quantize
    ? 'An image counts as adversarial only if its 8-bit file is.'
    : 'Images count in floating point; the table says how many are still adversarial as 8-bit files.';
  return `${model.name} (${formatCount(model.classes)} classes) was tested on ${images.origin}, perturbed by ${attacks === 1 ? 'one attack' : `${attacks} attacks`}. ${labels} ${counted}`;
}

function tableSection({ summaries }: AttackRun): Html {
  const isPartial = summaries.some((summary) => undecidedOf(summary) > 0);
  const isGuarded = summaries.some(({ initiallyRefused }) => initiallyRefused !== undefined);
  const head = [
    'attack',
    'norm',
    'epsilon',
    isPartial ? 'accuracy' : 'accuracy, at most',
    ...(isPartial ? ['robust', 'no answer'] : []),
    ...(isGuarded ? ['refused as they are'] : []),
    'adversarial',
    'as 8-bit files',
    'median distance',
    'mean distance',
    'queries an image',
    'time',
  ];
  const rows = summaries.map((summary) => [
    summary.attack,
    NORM_NAMES[summary.norm],
    summary.epsilon === null ? 'smallest' : formatEpsilon(summary.epsilon),
    formatPercent(summary.accuracy),
    ...(isPartial
      ? [
          `${formatCount(summary.robust)}\u00a0of\u00a0${formatCount(summary.images)}`,
          formatCount(undecidedOf(summary)),
        ]
      : []),
    ...(isGuarded ? [summary.initiallyRefused === undefined ? '–' : formatCount(summary.initiallyRefused)] : []),
    formatCount(summary.adversarial),
    formatCount(summary.surviving),
    distance(summary.medianDistance),
    distance(summary.meanDistance),
    formatCount(summary.meanForward),
    formatDuration(summary.seconds),
  ]);
  return html`<section><h2>Results of each attack</h2>
<p class="hint">Accuracy counts images that the network had wrong${isGuarded ? ', or refused,' : ''} from the start; distances and queries leave them out.${isGuarded ? ' An image is adversarial where it is accepted as a wrong class.' : ''} Pixels are in 0 … 1. ${isPartial ? UNDECIDED : ''}${isPartial ? 'Distances' : 'Accuracies and distances'} are upper bounds: a stronger attack, or more queries, can only lower them.</p>
${dataTable(head, rows)}</section>`;
}

/** What becomes of images without an answer. */
const UNDECIDED =
  'Images for which outputs or gradients were not finite before anything was found have no answer: they are among all images, and count neither as robust nor as adversarial. ';

function distance(value: number | null): string {
  return value === null ? '–' : formatNumber(value, 4);
}

function exhibitSection({ exhibits, shape }: AttackReportData): Html {
  if (exhibits.length === 0) return html``;
  let left = PICTURE_BYTES;
  const groups = new Map<string, Html[]>();
  for (const exhibit of exhibits) {
    left -= exhibit.original.length + exhibit.perturbation.length + exhibit.adversarial.length;
    if (left < 0) break;
    const name =
      exhibit.epsilon === null ? exhibit.attack : `${exhibit.attack}, epsilon ${formatEpsilon(exhibit.epsilon)}`;
    groups.set(name, [...(groups.get(name) ?? []), triptych(exhibit)]);
  }
  return html`<section><h2>Before and after</h2>
<p class="hint">Left: the original. Middle: the perturbation, amplified; bright was added, dark removed. Right: the adversarial image, and the class that the network sees in it. Click one for the file.</p>
${[...groups].map(([name, tiles]) => html`<h3>${name}</h3><ol class="triptychs${isPixelated(shape) ? ' pixels' : ''}">${tiles}</ol>`)}</section>`;
}

function triptych(exhibit: Exhibit): Html {
  const { file, label, decision, confidence, original, perturbation, adversarial } = exhibit;
  const href = file.split('/').map(encodeURIComponent).join('/');
  return html`<li><a href="${href}" title="Open ${file}"><img src="${dataUri(original)}" alt="Original: ${label}"><img src="${dataUri(perturbation)}" alt="Perturbation, amplified"><img src="${dataUri(adversarial)}" alt="Adversarial image, classified as ${decision}"></a>
<p class="verdict"><span>${label}</span> → <b>${decision}</b> ${formatPercent(confidence)}</p><p class="file">distance ${distance(exhibit.distance)}</p></li>`;
}

function methodSection({ command, seed, model, version, runtime }: AttackRun): Html {
  const rows = [
    ...(model.scores === undefined ? [] : [['scores', model.scores] as const]),
    ['seed', String(seed)],
    ['Pareidolia', version],
    ['runtime', runtime],
    ['SHA-256 of the model', html`<span class="hash">${model.sha256}</span>`],
  ] as const;
  return html`<section class="method"><div><h2>Run it again</h2><p class="hint">The same seed on the same machine gives the same images. Each image's result is a line of results.jsonl.</p>
${commandBox(command)}</div>
<div><h2>Settings</h2>${settingsTable(rows)}</div></section>`;
}
