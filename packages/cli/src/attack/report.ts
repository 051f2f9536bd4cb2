import { formatCount, formatDuration, formatPercent } from '@pareidolia/lab/format';
/** @file The report of attacks: one HTML file that needs nothing beside it. */

import type { ImageShape } from '@pareidolia/core';
import { type Html, html, trusted } from '../report/html.ts';
import { drawLines, PERCENT_AXIS, type Point } from '../report/line-chart.ts';
import { STYLE } from '../report/style.ts';
import type { AttackOutcome } from './attack.ts';
import { formatEpsilon } from './epsilon.ts';
import { ATTACK_STYLE } from './report-style.ts';
import type { AttackSummary, SampleLine } from './summary.ts';

/** One adversarial image with what it came from. */
export interface Exhibit {
  readonly attack: string;
  readonly epsilon: number | null;
  readonly name: string;
  readonly file: string;
  readonly label: string;
  readonly decision: string;
  /** Of the decision, for the 8-bit image. */
  readonly confidence: number;
  /** In the attack's norm. */
  readonly distance: number;
  /** PNG files. */
  readonly original: Uint8Array;
  readonly perturbation: Uint8Array;
  readonly adversarial: Uint8Array;
}

export interface AttackReport {
  readonly outcome: AttackOutcome;
  readonly lines: readonly SampleLine[];
  readonly exhibits: readonly Exhibit[];
  readonly shape: ImageShape;
}

/** Images up to this many pixels a side are shown with their pixels as squares. */
const SMALL = 100;

/** What pictures may weigh together, in bytes of files. */
const PICTURE_BUDGET = 12_000_000;

/** Norms as people write them. */
const NORMS: Readonly<Record<string, string>> = { l0: 'L0', l1: 'L1', l2: 'L2', linf: 'L∞' };

/** The page as a string. It loads nothing and runs nothing; links lead to the files beside it. */
export async function renderAttackReport(report: AttackReport): Promise<string> {
  const { outcome } = report;
  const title = `${headlineOf(outcome)}: ${outcome.model.name}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Pareidolia">
<title>${title}</title>
<style>${trusted(STYLE + ATTACK_STYLE)}</style>
</head>
<body>
<main>
<header>
<p class="over"><b>Pareidolia</b> · ${outcome.model.name}</p>
<h1>${headlineOf(outcome)}<span>${findingOf(outcome)}</span></h1>
<p class="lead">${leadOf(outcome)}</p>
${outcome.flags.map(({ what }) => html`<p class="notice">${what}.</p>`)}
</header>
${tableSection(outcome)}
${exhibitSection(report)}
${await chartSection(report)}
${methodSection(outcome)}
<footer>Made by Pareidolia. Each verdict is of the ${outcome.quantize ? '8-bit PNG' : 'image in floating point'}, asked of the network again after the attack had ended.</footer>
</main>
</body>
</html>
`;
  return page.toString();
}

/** The strongest result: the least accuracy. */
function strongest(summaries: readonly AttackSummary[]): AttackSummary {
  // Every image falls to changes without a bound: a verdict within one says more, where there is one.
  const bounded = summaries.filter(({ epsilon }) => epsilon !== null);
  return (bounded.length > 0 ? bounded : summaries).reduce((best, summary) =>
    summary.accuracy < best.accuracy ? summary : best,
  );
}

function headlineOf({ summaries }: AttackOutcome): string {
  const { accuracy } = strongest(summaries);
  if (accuracy === 0) return 'Nothing is left';
  if (accuracy < 0.1) return 'Hardly anything is left';
  return accuracy < 0.5 ? 'Most of it falls' : 'Some of it stands';
}

function findingOf({ summaries }: AttackOutcome): string {
  const best = strongest(summaries);
  const before = 1 - best.initiallyWrong / best.images;
  return `: accuracy ${formatPercent(before)} before, ${formatPercent(best.accuracy)} after ${best.attack}${within(best)}`;
}

function within({ epsilon, norm }: AttackSummary): string {
  return epsilon === null ? '' : ` within ${NORMS[norm]} ${formatEpsilon(epsilon)}`;
}

function leadOf({ images, model, summaries, quantize }: AttackOutcome): string {
  const attacks = new Set(summaries.map(({ attack }) => attack)).size;
  const labels = {
    dataset: 'Their right classes come with the data.',
    file: 'Their right classes were given in a file.',
    folders: 'Their right classes are the names of their folders.',
    decision: "The network's own decision counts as right for each.",
  }[images.labelling];
  return `${model.name} (${formatCount(model.classes)} classes) was shown ${images.origin}, changed a little by ${attacks === 1 ? 'one attack' : `${attacks} attacks`}. ${labels} ${quantize ? 'An image counts as adversarial only as it stands in an 8-bit file.' : 'Images count in floating point; the table says how many survive rounding to 8 bits.'}`;
}

function tableSection({ summaries }: AttackOutcome): Html {
  const rows = summaries.map(
    (summary) => html`<tr>
<th scope="row">${summary.attack}</th><td>${NORMS[summary.norm]!}</td><td>${summary.epsilon === null ? 'smallest' : formatEpsilon(summary.epsilon)}</td>
<td class="n"><b>${formatPercent(summary.accuracy, 'up')}</b></td><td class="n">${formatCount(summary.adversarial)}</td><td class="n">${formatCount(summary.surviving)}</td>
<td class="n">${figure(summary.medianDistance)}</td><td class="n">${figure(summary.meanDistance)}</td>
<td class="n">${formatCount(summary.meanForward)}</td><td class="n">${formatDuration(summary.seconds)}</td></tr>`,
  );
  return html`<section><h2>What each attack did</h2>
<p class="hint">Accuracy counts what the network had wrong from the start; distances and queries leave that out. Pixels are in 0 … 1.</p>
<div class="wide"><table class="attacks"><thead><tr><th scope="col">attack</th><th scope="col">norm</th><th scope="col">epsilon</th><th scope="col" class="n">accuracy left</th><th scope="col" class="n">adversarial</th><th scope="col" class="n">survive 8 bits</th><th scope="col" class="n">median distance</th><th scope="col" class="n">mean distance</th><th scope="col" class="n">queries an image</th><th scope="col" class="n">time</th></tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

/** A distance with four figures that count. */
function figure(value: number | null): string {
  return value === null ? '–' : String(Number(value.toPrecision(4)));
}

function exhibitSection({ exhibits, shape }: AttackReport): Html {
  if (exhibits.length === 0) return html``;
  const pixels = Math.max(shape.height, shape.width) <= SMALL ? ' pixels' : '';
  let left = PICTURE_BUDGET;
  const groups = new Map<string, Html[]>();
  for (const exhibit of exhibits) {
    left -= exhibit.original.length + exhibit.perturbation.length + exhibit.adversarial.length;
    if (left < 0) break;
    const name =
      exhibit.epsilon === null ? exhibit.attack : `${exhibit.attack}, epsilon ${formatEpsilon(exhibit.epsilon)}`;
    groups.set(name, [...(groups.get(name) ?? []), triptych(exhibit)]);
  }
  return html`<section><h2>Before and after</h2>
<p class="hint">Left the original; in the middle what was added (bright) and taken away (dark), stretched to be visible; right the adversarial image, and what the network takes it for. Click one for the file.</p>
${[...groups].map(([name, tiles]) => html`<h3 class="group">${name}</h3><ol class="triptychs${pixels}">${tiles}</ol>`)}</section>`;
}

function triptych({ file, label, decision, confidence, distance, original, perturbation, adversarial }: Exhibit): Html {
  const href = file.split('/').map(encodeURIComponent).join('/');
  const source = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return html`<li><a href="${href}" title="Open ${file}"><img src="${source(original)}" alt="Original: ${label}"><img src="${source(perturbation)}" alt="Perturbation, stretched"><img src="${source(adversarial)}" alt="Adversarial image, taken for ${decision}"></a>
<p class="verdict"><span>${label}</span> → <b>${decision}</b> ${formatPercent(confidence)}</p><p class="file">distance ${figure(distance)}</p></li>`;
}

async function chartSection({ lines }: AttackReport): Promise<Html> {
  const figures: Html[] = [];
  for (const norm of new Set(lines.map((line) => line.norm))) {
    const points = byDistance(lines.filter((line) => line.norm === norm));
    if (points.length === 0) continue;
    const svg = await drawLines(
      points,
      { title: `${NORMS[norm]} distance allowed`, format: '~g', steps: true },
      PERCENT_AXIS,
    );
    figures.push(
      html`<figure><figcaption><b>Accuracy over epsilon, ${NORMS[norm]!}</b>Share of all images that stay right while changes up to this distance are allowed.</figcaption>${trusted(svg)}</figure>`,
    );
  }
  const queries = byQueries(lines);
  if (queries.length > 0) {
    const svg = await drawLines(queries, { title: 'queries', format: '~s', log: true, steps: true }, PERCENT_AXIS);
    figures.push(
      html`<figure><figcaption><b>Accuracy over queries</b>Share of all images that stay right after so many forward passes for each.</figcaption>${trusted(svg)}</figure>`,
    );
  }
  return html`<section><h2>How much it takes</h2><div class="charts">${figures}</div></section>`;
}

/** For each attack the accuracy as a function of epsilon: from the distances found, or at the epsilons that were tried. */
function byDistance(lines: readonly SampleLine[]): Point[] {
  return [...new Set(lines.map(({ attack }) => attack))].flatMap((attack) => {
    const all = lines.filter((line) => line.attack === attack);
    const smallest = all.filter(({ epsilon }) => epsilon === null);
    const own = smallest.length > 0 ? smallest : all;
    const epsilons = [...new Set(own.map(({ epsilon }) => epsilon))];
    const last = own.filter(({ epsilon }) => epsilon === epsilons.at(-1));
    const start = last.filter(({ initiallyWrong }) => !initiallyWrong).length / last.length;
    if (epsilons.length > 1) {
      const tried = epsilons.map((epsilon): Point => {
        const some = own.filter((line) => line.epsilon === epsilon);
        return {
          x: epsilon ?? 0,
          series: attack,
          value: share(some, ({ success, initiallyWrong }) => !success && !initiallyWrong),
        };
      });
      return [{ x: 0, series: attack, value: start }, ...tried];
    }
    const found = last.filter(({ success, initiallyWrong }) => success && !initiallyWrong);
    const distances = found.map((line) => line.distances![line.norm]).sort((a, b) => a - b);
    return thinned([
      { x: 0, series: attack, value: start },
      ...distances.map((x, index): Point => ({ x, series: attack, value: start - (index + 1) / last.length })),
    ]);
  });
}

/** For each attack, at its largest epsilon, the accuracy as a function of the forward passes spent. */
function byQueries(lines: readonly SampleLine[]): Point[] {
  return [...new Set(lines.map(({ attack }) => attack))].flatMap((attack) => {
    const all = lines.filter((line) => line.attack === attack);
    const smallest = all.filter(({ epsilon }) => epsilon === null);
    const last = smallest.length > 0 ? smallest : all.filter(({ epsilon }) => epsilon === all.at(-1)!.epsilon);
    const start = share(last, ({ initiallyWrong }) => !initiallyWrong);
    const spent = last
      .filter(({ success, initiallyWrong }) => success && !initiallyWrong)
      .map(({ queries }) => queries.forward)
      .sort((a, b) => a - b);
    const most = Math.max(...last.map(({ queries }) => queries.forward));
    return thinned([
      { x: 1, series: attack, value: start },
      ...spent.map((x, index): Point => ({ x, series: attack, value: start - (index + 1) / last.length })),
      { x: Math.max(1, most), series: attack, value: start - spent.length / last.length },
    ]);
  });
}

/** Points that a curve keeps. */
const POINTS = 300;

function thinned(points: readonly Point[]): Point[] {
  const every = Math.max(1, Math.ceil(points.length / POINTS));
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}

function share<T>(items: readonly T[], test: (item: T) => boolean): number {
  return items.filter(test).length / items.length;
}

function methodSection({ command, seed, model, version, runtime }: AttackOutcome): Html {
  const rows: [string, string][] = [
    ['seed', String(seed)],
    ['Pareidolia', version],
    ['runtime', runtime],
    ['SHA-256 of the model', model.sha256],
  ];
  return html`<section class="method"><div><h2>Do it again</h2><p class="hint">The same seed on the same machine gives the same images. Each image's result is a line of results.jsonl.</p>
<div class="command"><pre>${command}</pre></div></div>
<div><h2>The settings</h2><table>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</table></div></section>`;
}
