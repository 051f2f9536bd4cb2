/** @file The report of attacks: one HTML file that needs nothing beside it. */

import { formatCount, formatDuration, formatEpsilon, formatNumber, formatPercent } from '../../format/format.ts';
import { chartFigures } from '../chart-figures.ts';
import { dataTable, settingsTable } from '../data-table.ts';
import { COPY_BUTTON, GALLERY_SCRIPT } from '../fool/gallery-script.ts';
import { type Html, html } from '../html.ts';
import { commandBox, renderPage } from '../page.ts';
import { dataUri, isPixelated, PICTURE_BYTES } from '../picture.ts';
import { attackCharts } from './attack-charts.ts';
import type { AttackReportData, AttackRun, Exhibit } from './attack-report-data.ts';
import { type AttackSummary, undecidedOf } from './attack-summary.ts';
import { NORM_NAMES } from './norm-names.ts';

/**
 * The report of attacks as a string: an HTML page that loads nothing. Only the page's own script may run. Links lead to the files of the run,
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
      methodSection(data),
    ],
    footer: html`Made by Pareidolia. Each result is that of the ${outcome.quantize ? '8-bit PNG' : 'image in floating point'}, evaluated again after the attack had ended.`,
    script: GALLERY_SCRIPT,
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

/** Examples of each attack that are seen at once; the others are behind a fold. */
const AT_ONCE = 6;

function exhibitSection({ exhibits, shape }: AttackReportData): Html {
  if (exhibits.length === 0) return html``;
  const groups = grouped(exhibits);
  const shown = withinBudget([...groups.values()]);
  const look = `triptychs${isPixelated(shape) ? ' pixels' : ''}`;
  const parts = [...groups].map(([name, all]) => {
    const tiles = all.filter((exhibit) => shown.has(exhibit)).map((exhibit, at) => triptych(exhibit, at >= AT_ONCE));
    const rest = tiles.slice(AT_ONCE);
    const more =
      rest.length === 0
        ? ''
        : html`<details><summary>${formatCount(rest.length)} more</summary><ol class="${look}">${rest}</ol></details>`;
    return tiles.length === 0
      ? html``
      : html`<h3>${name}</h3><ol class="${look}">${tiles.slice(0, AT_ONCE)}</ol>${more}`;
  });
  return html`<section class="exhibits"><h2>Before and after</h2>
<p class="hint">Left: the original. Middle: the perturbation, amplified; bright was added, dark removed. Right: the adversarial image. Below: the true class and what the network decides, with its confidence in that, then its confidence in the true class before and after. Click one for the file.</p>
${parts}</section>`;
}

/** Examples by attack and epsilon, in their order. */
function grouped(exhibits: readonly Exhibit[]): Map<string, Exhibit[]> {
  const groups = new Map<string, Exhibit[]>();
  for (const exhibit of exhibits) {
    const { attack, epsilon } = exhibit;
    const name = epsilon === null ? attack : `${attack}, epsilon ${formatEpsilon(epsilon)}`;
    groups.set(name, [...(groups.get(name) ?? []), exhibit]);
  }
  return groups;
}

/** What the page has room for: the first of every group before the second of any. */
function withinBudget(groups: readonly (readonly Exhibit[])[]): ReadonlySet<Exhibit> {
  const shown = new Set<Exhibit>();
  let left = PICTURE_BYTES;
  const most = Math.max(...groups.map(({ length }) => length));
  for (let at = 0; at < most; at++) {
    for (const exhibit of groups.flatMap((group) => group[at] ?? [])) {
      left -= exhibit.original.length + exhibit.perturbation.length + exhibit.adversarial.length;
      if (left < 0) return shown;
      shown.add(exhibit);
    }
  }
  return shown;
}

function triptych(exhibit: Exhibit, isLate: boolean): Html {
  const { file, label, decision, confidence, ofLabel, original, perturbation, adversarial } = exhibit;
  const href = file.split('/').map(encodeURIComponent).join('/');
  const lazy = isLate ? html` loading="lazy"` : '';
  const before =
    ofLabel === undefined
      ? ''
      : html`<p class="before">${label}: ${formatPercent(ofLabel.before)} before, ${formatPercent(ofLabel.after)} after</p>`;
  return html`<li><a href="${href}" title="Open ${file}"><img src="${dataUri(original)}" alt="Original: ${label}"${lazy}><img src="${dataUri(perturbation)}" alt="Perturbation, amplified"${lazy}><img src="${dataUri(adversarial)}" alt="Adversarial image, classified as ${decision}"${lazy}></a>
<p class="verdict"><span>${label}</span> → <b>${decision}</b> ${formatPercent(confidence)}</p>${before}<p class="file">distance ${distance(exhibit.distance)}</p></li>`;
}

function methodSection({ outcome, settings = [], shape }: AttackReportData): Html {
  const { command, seed, model, version, runtime } = outcome;
  const rows = [
    ['model', model.name],
    ...settings,
    ['image', `${shape.width} × ${shape.height}, ${shape.channels === 1 ? 'grey' : 'color'}, 8 bits`],
    ...(model.scores === undefined ? [] : [['scores', model.scores] as const]),
    ['seed', String(seed)],
    ['Pareidolia', version],
    ['runtime', runtime],
    ['SHA-256 of the model', html`<span class="hash">${model.sha256}</span>`],
  ] as const;
  return html`<section class="method"><div><h2>Run it again</h2><p class="hint">The same seed on the same machine gives the same images. Each image's result is a line of results.jsonl.</p>
${commandBox(command, COPY_BUTTON)}</div>
<div><h2>Settings</h2>${settingsTable(rows)}</div></section>`;
}
