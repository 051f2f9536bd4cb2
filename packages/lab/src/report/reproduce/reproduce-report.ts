/** @file The report of the claims: one HTML file that needs nothing beside it. */

import { bibtex } from '../../claim/bibliography.ts';
import type { Claim } from '../../claim/claim.ts';
import type { Finding, Skipped } from '../../finding/finding.ts';
import type { Gallery } from '../../finding/gallery.ts';
import type { Table } from '../../finding/table.ts';
import { formatDuration } from '../../format/format.ts';
import type { Budget } from '../../workbench/workbench.ts';
import { chartFigures } from '../chart-figures.ts';
import { dataTable } from '../data-table.ts';
import { type Html, html } from '../html.ts';
import { renderPage } from '../page.ts';
import { dataUri, encodePng, isPixelated, PICTURE_BYTES } from '../picture.ts';
import { quizSection } from './quiz.ts';

/** One claim that was measured, or skipped. */
export interface ClaimResult {
  readonly claim: Claim;
  readonly outcome: Finding | Skipped;
  /** What it takes on its own; claims that share units of work both count them. */
  readonly seconds: number;
}

/** The claims with what came out, as {@link renderReproduceReport} takes them. */
export interface ReproduceReportData {
  readonly version: string;
  /** Name and version of the runtime. */
  readonly runtime: string;
  readonly budget: Budget;
  readonly crops: 1 | 10;
  /** Only where another number was asked for than the budget's. */
  readonly seeds?: number;
  /** The command that does the run again. */
  readonly command: string;
  /** Whether all claims were done that the run was asked for. */
  readonly complete: boolean;
  /** What the reader should know of the networks, each a sentence without a full stop. */
  readonly notices?: readonly string[];
  /** In the order of the page. */
  readonly results: readonly ClaimResult[];
}

/**
 * The report of the claims as a string: an HTML page that loads nothing and runs no script. All text from the data is
 * escaped.
 */
export async function renderReproduceReport(data: ReproduceReportData): Promise<string> {
  const { version, runtime, budget, command, results } = data;
  const room = { bytes: PICTURE_BYTES };
  const chapters: Html[] = [];
  for (const [index, result] of results.entries()) chapters.push(await chapter(result, index + 1, data, room));
  const verdicts = results.map(verdictOf);
  const count = (verdict: string): number => verdicts.filter((one) => one === verdict).length;
  const measured = results.length - count('skipped');
  const open = count('inconclusive');
  const title =
    measured > 0 && open === measured
      ? 'Not enough work to tell'
      : `${count('reproduced')} of ${measured} claims reproduced`;
  return renderPage({
    title,
    over: 'Deep Neural Networks are Easily Fooled, claim by claim',
    verdict: title,
    finding: rest(count, data.complete),
    lead: 'For each claim: the published figure with its source, our figure with its spread, and a verdict that follows from the numbers by the rule beside it. Every figure is computed from the JSON-lines file of its claim, beside this page.',
    header: (data.notices ?? []).map((notice) => html`<p class="notice">${notice}.</p>`),
    body: [glance(results), ...chapters, citations(data)],
    footer: html`Made by Pareidolia ${version} with ${runtime}, budget ${budget}, after Nguyen, Yosinski and Clune, <cite>Deep Neural Networks are Easily Fooled</cite> (CVPR 2015). <code>${command}</code>`,
  });
}

/** What to cite, to be copied. */
function citations({ results, version }: ReproduceReportData): Html {
  const claims = results.map(({ claim }) => claim);
  return html`<section><h2>To cite</h2><p class="hint">What the claims above are from, and this software.</p><details><summary>BibTeX</summary><pre>${bibtex(claims, version)}</pre></details></section>`;
}

function verdictOf({ outcome }: ClaimResult): string {
  return 'skipped' in outcome ? 'skipped' : outcome.verdict;
}

function rest(count: (verdict: string) => number, complete: boolean): string {
  const parts = [
    ...(count('partly reproduced') > 0 ? [`${count('partly reproduced')} partly`] : []),
    ...(count('not reproduced') > 0 ? [`${count('not reproduced')} not`] : []),
    ...(count('inconclusive') > 0 ? [`${count('inconclusive')} inconclusive`] : []),
    ...(count('skipped') > 0 ? [`${count('skipped')} skipped`] : []),
    ...(complete ? [] : ['stopped before the end']),
  ];
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

function glance(results: readonly ClaimResult[]): Html {
  const rows = results.map((result) => {
    const { claim, outcome } = result;
    return [
      html`<a href="#${claim.name}">${claim.name}</a>`,
      claim.published.replaceAll(' %', '\u00a0%'),
      'skipped' in outcome ? outcome.skipped : outcome.ours,
      badge(verdictOf(result)),
    ];
  });
  return html`<section class="glance"><h2>At a glance</h2>${dataTable(['claim', 'published', 'ours', 'verdict'], rows)}</section>`;
}

/** What is lacking for a verdict, and which budget may give one. */
export function notEnough(lacking: string, budget: Budget): string {
  const next = LARGER[budget];
  return `Not enough work to tell: ${lacking}.${next === undefined ? '' : ` Try --budget ${next}.`}`;
}

const LARGER: Readonly<Partial<Record<Budget, Budget>>> = { tiny: 'small', small: 'paper' };

function badge(verdict: string): Html {
  return html`<span class="badge ${verdict.split(' ')[0]!}">${verdict}</span>`;
}

/** Bytes that are left for images of the page. */
interface Room {
  bytes: number;
}

async function chapter(
  { claim, outcome, seconds }: ClaimResult,
  number: number,
  { budget, crops, seeds }: ReproduceReportData,
  room: Room,
): Promise<Html> {
  const { name, published, source } = claim;
  const head = html`<p class="over">Claim ${number} · ${name}</p><h2>${claim.title}</h2><p class="claim">${claim.claim}</p>`;
  if ('skipped' in outcome) {
    return html`<section id="${name}" class="chapter">${head}<p class="notice">Skipped: ${outcome.skipped}</p></section>`;
  }
  const { verdict, lacking, ours, rule, caveats, tables, charts, galleries, quiz } = outcome;
  const command = `npx pareidolia reproduce ${name} --budget ${budget}${crops === 1 ? '' : ' --crops 10'}${seeds === undefined ? '' : ` --seeds ${seeds}`}`;
  return html`<section id="${name}" class="chapter">${head}
<dl class="compare"><div><dt>Published</dt><dd>${published}</dd><dd class="source">${source}</dd></div><div><dt>Ours</dt><dd>${ours}</dd></div><div><dt>Verdict</dt><dd>${badge(verdict)}</dd>${lacking === undefined ? '' : html`<dd>${notEnough(lacking, budget)}</dd>`}<dd class="source">${rule}</dd></div></dl>
${galleries.map((gallery) => gallerySection(gallery, room))}
${await chartFigures(charts)}
${tables.map(tableSection)}
${quiz === undefined ? '' : quizSection(quiz, name)}
${caveats.length === 0 ? '' : html`<h3>What differs from the paper</h3><ul class="how">${caveats.map((caveat) => html`<li>${caveat}</li>`)}</ul>`}
<p class="trace"><code>${command}</code> · ${formatDuration(seconds)} · figures in ${claim.ledger ?? name}.jsonl</p></section>`;
}

function tableSection({ title, caption, head, rows }: Table): Html {
  return html`<h3>${title}</h3><p class="hint">${caption}</p>${dataTable(head, rows)}`;
}

/** Images from the first on, as long as there is room. */
function gallerySection({ title, caption, pictures }: Gallery, room: Room): Html {
  const tiles: Html[] = [];
  for (const { planes, shape, label, note } of pictures) {
    const png = encodePng(planes, shape);
    room.bytes -= png.length;
    if (room.bytes < 0) break;
    tiles.push(
      html`<li><img src="${dataUri(png)}" alt="${label}" loading="lazy"><p><b>${label}</b><br>${note}</p></li>`,
    );
  }
  const pixels = pictures.every(({ shape }) => isPixelated(shape)) ? ' pixels' : '';
  return html`<h3>${title}</h3><p class="hint">${caption}</p><ol class="plates${pixels}">${tiles}</ol>`;
}
