/** @file The page of a comparison: one HTML file that needs nothing beside it. */

import type { Audited } from '../../audit/audit.ts';
import type { AuditComparison, ComparedArea, ComparedFigure } from '../../audit/comparison/comparison.ts';
import { testCounts } from '../../audit/comparison/comparison-texts.ts';
import { plainText, sentence } from '../../audit/outputs/plain-text.ts';
import type { ChartData } from '../../chart/chart-data.ts';
import { formatCount, formatPercent } from '../../format/format.ts';
import { upperFirst } from '../../format/sentence-case.ts';
import { Pictures } from '../audit/audit-pictures.ts';
import { AUDIT_SCRIPT } from '../audit/audit-script.ts';
import { AUDIT_STYLE } from '../audit/audit-style.ts';
import { chartFigures } from '../chart-figures.ts';
import { type Html, html } from '../html.ts';
import { commandBox, renderPage } from '../page.ts';
import { PICTURE_BYTES } from '../picture.ts';
import { garbageChart, robustCharts } from './comparison-charts.ts';
import { overview } from './comparison-overview.ts';
import { COMPARISON_STYLE } from './comparison-style.ts';
import { differenceTable, figuresOfModels, gatesOfModels, modelName, rulesOfModels } from './comparison-tables.ts';

/** Figures that stand beside those that decide an area. */
const BESIDE: Readonly<Record<ComparedArea['id'], RegExp>> = {
  garbage: /^garbage$/,
  search: /^questions\.[^.]+$/,
  linf: /^robust@linf:0$/,
  l2: /^robust@l2:0$/,
  accuracy: /^(calibration-error(\.scaled)?|confidence|temperature)$/,
  threshold: /^(threshold\.95|stopped\.[^.]+)$/,
};

/** What is said under the title of an area, besides its answer. */
const HINTS: Readonly<Record<ComparedArea['id'], string>> = {
  garbage:
    'None of these images shows one of the classes, and none was searched for. Bold is what is best, by its tests and by an interval that overlaps with no other.',
  search:
    'Questions are images that a model is asked about until the first is accepted, in the median over seeds: more is better. They stand side by side; so few seeds are not tested.',
  linf: 'Real images that are right and that no attack broke within the radius, as 8-bit images: at most so many. In Linf every pixel may change by the radius.',
  l2: 'The same in L2: the radius is the length of the change of all pixels together.',
  accuracy:
    'Of labelled images. The calibration error is the distance between how sure a model is and how often it is right.',
  threshold:
    'What the threshold in use refuses of the real images; and what a threshold that keeps 95\u00a0% of them would stop of each source, for each model its own threshold.',
};

/**
 * The page as a string: it loads nothing. Its first screen says which model is better in what, where that was shown; links lead to the
 * reports of the audits, relative to the page. All text from the data is escaped, and only the page's own script may run.
 *
 * @param audited the audits with their pictures, in the order of the comparison; without them the page has no pictures
 */
export async function renderComparisonReport(
  comparison: AuditComparison,
  audited: readonly Pick<Audited, 'result' | 'pictures'>[] = [],
): Promise<string> {
  const { models, headline, areas, figures, rules, gates, obstacles, notes, tests, command } = comparison;
  const [first = '', ...others] = headline.replace(/\.$/, '').split('; ');
  const sections: Html[] = [];
  for (const area of areas) sections.push(await areaSection(area, comparison));
  const names = models.map(({ label }) => plainText(label, 60));
  return renderPage({
    title: `Comparison: ${names.join(', ').slice(0, 200)}`,
    over: `comparison of ${formatCount(models.length)} audits`,
    verdict: first,
    finding: '',
    lead: others.map((clause) => sentence(upperFirst(clause))).join(' '),
    header: [overview(comparison), html`<p class="hint more">${conditions(comparison)}</p>`],
    body: [
      ...(obstacles.length === 0 ? [] : [listSection('Not comparable', obstacles)]),
      ...(gates.length === 0
        ? []
        : [
            html`<section><h2>Gates</h2><p class="hint">What could not be measured does not pass.</p>${gatesOfModels(comparison)}</section>`,
          ]),
      acceptedSection(comparison, audited),
      ...sections,
      html`<section><h2>Differences beyond chance</h2><p class="hint">${upperFirst(testCounts(tests))}, all adjusted together by Holm’s method.</p><details><summary>${formatCount(tests.shown + tests.exact)} differences of two models</summary>${differenceTable(comparison)}</details></section>`,
      html`<section><h2>Findings</h2><p class="hint">What each rule found for each model; the numbers are in the report of each.</p><details><summary>${formatCount(rules.length)} rules</summary>${rulesOfModels(comparison)}</details></section>`,
      html`<section><h2>All figures</h2><p class="hint">With 95${'\u00a0'}% intervals; shares have Wilson’s. What is in doubt says why when it is pointed at, and in the report of its model.</p><details><summary>${formatCount(figures.length)} figures</summary>${figuresOfModels(figures, comparison)}</details></section>`,
      listSection('How to read it', notes),
      command === ''
        ? html``
        : html`<section><h2>Run it again</h2><p class="hint">The same seed on the same machine gives the same result.</p>${commandBox(plainText(command), html`<button id="copy" type="button" hidden>Copy</button>`)}</section>`,
    ],
    footer: html`Made by Pareidolia. The whole result is in comparison.json beside this page, each audit in the folder of its model.`,
    style: `${AUDIT_STYLE}${COMPARISON_STYLE}`,
    script: AUDIT_SCRIPT,
  });
}

async function areaSection(area: ComparedArea, comparison: AuditComparison): Promise<Html> {
  const charts = chartsOf(area, comparison);
  const drawn = await chartFigures(charts);
  return html`<section id="${area.id}"><h2>${area.title}</h2><p class="answer">${area.sentence}</p><p class="hint">${HINTS[area.id]}</p>
${charts.length === 1 ? html`<div class="bounded${area.id === 'garbage' ? ' tall' : ''}">${drawn}</div>` : drawn}
${areaTables(area, comparison)}</section>`;
}

/** Rows of a table that is shown at once. */
const MOST_OPEN = 14;

/** The figures that decide an area, and those beside them; what is too long is folded, those that decide it last. */
function areaTables({ id, figures: ids }: ComparedArea, comparison: AuditComparison): Html {
  const beside = comparison.figures.filter((figure) => BESIDE[id].test(figure.id));
  const own = comparison.figures.filter((figure) => ids.includes(figure.id));
  const first = [...beside.filter(isHead), ...own];
  const rest = beside.filter((figure) => !isHead(figure));
  if (first.length + rest.length <= MOST_OPEN) return figuresOfModels([...first, ...rest], comparison);
  return html`${folded(first, comparison)}${folded(rest, comparison, first.length <= MOST_OPEN)}`;
}

function folded(figures: readonly ComparedFigure[], comparison: AuditComparison, always = false): Html {
  if (figures.length === 0) return html``;
  const table = figuresOfModels(figures, comparison);
  if (!always && figures.length <= MOST_OPEN) return table;
  return html`<details><summary>${formatCount(figures.length)} ${always ? 'more ' : ''}figures</summary>${table}</details>`;
}

/** The figure over all sources, and that of images as they are, stand before the others. */
function isHead({ id }: ComparedFigure): boolean {
  return id === 'garbage' || id.endsWith(':0');
}

function chartsOf({ id }: ComparedArea, comparison: AuditComparison): readonly ChartData[] {
  if (id === 'garbage') return garbageChart(comparison);
  return id === 'linf' || id === 'l2' ? robustCharts(comparison, id) : [];
}

/** What was looked at, and how, where it was the same for all. */
function conditions({ models }: AuditComparison): string {
  const common = <T>(of: (model: AuditComparison['models'][number]) => T): T | undefined => {
    const values = new Set(models.map((model) => JSON.stringify(of(model))));
    return values.size === 1 ? of(models[0]!) : undefined;
  };
  const [threshold, budget, images, outliers] = [
    common((model) => model.threshold),
    common((model) => model.budget),
    common((model) => model.images),
    common((model) => model.outliers),
  ];
  const parts = [
    threshold === undefined
      ? ''
      : `An image is accepted where the largest confidence is at least ${formatPercent(threshold)}.`,
    images == null
      ? ''
      : `Real images: ${images.used === images.count ? 'the' : `${formatCount(images.used)} of the`} ${formatCount(images.count)} of ${plainText(images.origin, 200)}.`,
    outliers == null
      ? ''
      : `Images of other things: ${formatCount(outliers.count)} of ${plainText(outliers.origin, 200)}.`,
    budget === undefined ? '' : `Budget: ${budget}.`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function acceptedSection({ models }: AuditComparison, audited: AuditedPages): Html {
  const strips = audited.flatMap((audit, place) => {
    const model = models[place]!;
    const strip = new Pictures(audit, PICTURE_BYTES / models.length, model.folder ?? undefined).strip();
    return strip.toString() === '' ? [] : html`<div class="accepts"><h3>${modelName(model)}</h3>${strip}</div>`;
  });
  if (strips.length === 0) return html``;
  return html`<section><h2>What they accept</h2><p class="hint">Of the worst findings of each model the images that it is surest of, with class and confidence.</p>${strips}</section>`;
}

type AuditedPages = readonly Pick<Audited, 'result' | 'pictures'>[];

function listSection(title: string, sentences: readonly string[]): Html {
  return html`<section><h2>${title}</h2><ul class="how">${sentences.map((each) => html`<li>${sentence(plainText(each))}</li>`)}</ul></section>`;
}
