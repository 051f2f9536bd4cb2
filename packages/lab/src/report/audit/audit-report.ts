/** @file The report of an audit: one HTML file that needs nothing beside it. */

import type { Audited } from '../../audit/audit.ts';
import { bySeverity, countsOf, countsText, isGateFailed } from '../../audit/outputs/counts.ts';
import { plainText, sentence } from '../../audit/outputs/plain-text.ts';
import { questionsOf } from '../../audit/questions.ts';
import type { Figure } from '../../audit/result/figure.ts';
import { countedText, intervalText, valueText } from '../../audit/result/figure-text.ts';
import type { AuditFinding, AuditResult, AuditSection } from '../../audit/result/result.ts';
import { formatCount, formatPercent } from '../../format/format.ts';
import { upperFirst } from '../../format/sentence-case.ts';
import { chartFigures } from '../chart-figures.ts';
import { dataTable, settingsTable } from '../data-table.ts';
import { type Html, html } from '../html.ts';
import { commandBox, renderPage } from '../page.ts';
import { figureTable, measuredTable } from './audit-figures.ts';
import { Pictures } from './audit-pictures.ts';
import { AUDIT_SCRIPT } from './audit-script.ts';
import { AUDIT_STYLE } from './audit-style.ts';

/** Gates at the head of the page; all of them are in the list below it. */
const FIRST_GATES = 6;

/** Findings that are told in full; of more, each is a line of a table. */
const MOST_FINDINGS = 60;

/** Pictures of one finding. */
const MOST_PICTURES = 8;

/**
 * The report as a string: a page that loads nothing. Its first screen answers the question; links lead to the pictures of the
 * audit, relative to the page. All text from the data is escaped, and only the page's own script may run.
 *
 * @param pictureBytes bytes of all pictures together; those that have no room are left to their files
 */
export async function renderAuditReport(audited: Audited, pictureBytes?: number): Promise<string> {
  const { result } = audited;
  const { model, limits } = result;
  const { verdict, first, others } = answerOf(result);
  const pictures = new Pictures(audited, pictureBytes);
  // In the order of the page: what has no room is at its end.
  const strip = pictures.strip();
  const findings = findingSection(result, pictures);
  const accepted = acceptedSection(result, pictures);
  const sections: Html[] = [];
  for (const section of result.sections) sections.push(await sectionOf(section, result, pictures));
  const name = plainText(model.name, 200);
  return renderPage({
    title: `${verdict}: ${name}`,
    over: `audit of ${name}`,
    verdict,
    finding: first === '' ? '' : `: ${first}`,
    lead: [...others].map((clause) => sentence(upperFirst(clause))).join(' '),
    header: [
      strip,
      questions(result),
      keyFigures(result),
      firstGates(result),
      html`<p class="hint more">${conditions(result)}</p>`,
    ],
    body: [
      ...(result.gates.length > FIRST_GATES ? [allGates(result)] : []),
      findings,
      changeSection(result),
      accepted,
      ...sections,
      html`<section><h2>All figures</h2><p class="hint">Shares have Wilson's intervals. The names are those that gates take.</p><details><summary>${formatCount(result.figures.length)} figures</summary>${figureTable(result.figures)}</details></section>`,
      limits.length + model.notices.length === 0
        ? html``
        : html`<section><h2>What this audit does not tell</h2><ul class="how">${[...model.notices, ...limits].map((limit) => html`<li>${sentence(plainText(limit))}</li>`)}</ul></section>`,
      methodSection(result),
    ],
    footer: html`Made by Pareidolia. The whole result is in audit.json beside this page. Names of other lists say where a finding belongs; they are no claim of compliance with anything.`,
    style: AUDIT_STYLE,
    script: AUDIT_SCRIPT,
  });
}

/** The headline in its parts: the verdict, what it rests on first, and the other clauses. */
function answerOf({ headline }: AuditResult): { verdict: string; first: string; others: readonly string[] } {
  const at = headline.indexOf(': ');
  const [verdict, rest] = at < 0 ? [headline, ''] : [headline.slice(0, at), headline.slice(at + 2)];
  const [first = '', ...others] = rest.replace(/\.$/, '').split('; ');
  return { verdict, first, others };
}

/** What was looked at, and how. */
function conditions(result: AuditResult): string {
  const { images, outliers, model, threshold, budget } = result;
  const size = `${model.width} × ${model.height}`;
  const used =
    images === null
      ? 'No real images were given.'
      : `Real images: ${images.used === images.count ? 'the' : `${formatCount(images.used)} of the`} ${formatCount(images.count)} of ${plainText(images.origin, 200)}${images.labelled ? '' : ', without their right classes'}.`;
  const other =
    outliers === null
      ? ''
      : ` Images of other things: ${formatCount(outliers.count)} of ${plainText(outliers.origin, 200)}.`;
  return `The network tells ${formatCount(model.classes)} ${model.classes === 1 ? 'class' : 'classes'} apart in images of ${size}${model.channels === 1 ? ', grey' : ''}. An image is accepted where the largest confidence is at least ${formatPercent(threshold)}. ${used}${other} Budget: ${budget}. ${upperFirst(countsText(countsOf(result)))}.`;
}

/** The three questions with their answers. */
function questions(result: AuditResult): Html {
  const rows = questionsOf(result).map(
    ({ question, answer, state, why }) =>
      html`<div class="${state}"><dt>${question}</dt><dd><b>${answer}.</b> ${sentence(plainText(why, 500))}</dd></div>`,
  );
  return html`<dl class="questions">${rows}</dl>`;
}

/** The few figures that answer the question, where the audit has them. */
function keyFigures(result: AuditResult): Html {
  const { figures, gates } = result;
  const of = (id: string): Figure | undefined => figures.find((figure) => figure.id === id);
  const radius = ({ id }: Figure): number => {
    const [above, below = '1'] = id.slice('robust@linf:'.length).split('/');
    return Number(above) / Number(below);
  };
  // At radius 0 they are only as right as they were.
  const robust = figures
    .filter((figure) => figure.id.startsWith('robust@linf:') && radius(figure) > 0)
    .toSorted((a, b) => radius(a) - radius(b))[0];
  const questions = figures
    .filter(({ id, value }) => /^questions\.[^.]+$/.test(id) && value !== null)
    .toSorted((a, b) => a.value! - b.value!)[0];
  const bad = badFigures(result);
  const tiles = [of('garbage'), of('searched'), questions, robust, of('accuracy')].flatMap((figure) => {
    if (figure === undefined) return [];
    const isBound = figure === robust && figure.value !== null && figure.value > 0;
    const value = figure.value === null ? 'not measured' : `${isBound ? '≤\u00a0' : ''}${valueText(figure)}`;
    const range = intervalText(figure);
    const notes = [
      countedText(figure),
      range === '' ? '' : `95\u00a0%: ${range}`,
      figure.state === 'measured' ? '' : plainText(figure.why ?? 'in doubt', 120),
    ].filter((note) => note !== '');
    return html`<div${bad.has(figure.id) ? html` class="bad"` : ''}><dt>${plainText(figure.title, 90)}<small>${notes.join('; ')}</small></dt><dd>${value}</dd></div>`;
  });
  if (gates.length > 0) {
    const failed = gates.filter(isGateFailed).length;
    tiles.push(
      html`<div class="${failed > 0 ? 'bad' : 'good'}"><dt>gates passed<small>${failed > 0 ? 'what could not be measured does not pass' : ''}</small></dt><dd>${formatCount(gates.length - failed)} of ${formatCount(gates.length)}</dd></div>`,
    );
  }
  return tiles.length === 0 ? html`` : html`<dl class="figures">${tiles}</dl>`;
}

/** Figures that a finding of high severity rests on; a figure over all sources is as bad as that of its worst source. */
function badFigures({ findings }: AuditResult): ReadonlySet<string> {
  const severe = findings.filter(({ state, severity }) => state === 'fail' && severity === 'high');
  const ids = severe.flatMap(({ figures }) => figures);
  return new Set([...ids, ...ids.flatMap((id) => /^(garbage|searched)\./.exec(id)?.[1] ?? [])]);
}

function firstGates({ gates }: AuditResult): Html {
  const failedFirst = gates.toSorted((a, b) => Number(isGateFailed(b)) - Number(isGateFailed(a)));
  const more = gates.length - FIRST_GATES;
  return html`${gateTable(failedFirst.slice(0, FIRST_GATES))}${more > 0 ? html`<p class="hint"><a href="#gates">All ${formatCount(gates.length)} gates</a> are below.</p>` : ''}`;
}

function allGates({ gates }: AuditResult): Html {
  return html`<section id="gates"><h2>Gates</h2>${gateTable(gates)}</section>`;
}

function gateTable(gates: AuditResult['gates']): Html {
  if (gates.length === 0) return html``;
  const rows = gates.map(
    ({ text, state, sentence: told }) =>
      html`<tr><td><span class="badge ${state}">${state}</span></td><td><code>${plainText(text, 120)}</code></td><td>${sentence(plainText(told, 500))}</td></tr>`,
  );
  return html`<div class="gates"><table><thead><tr><th scope="col">gate</th><th scope="col">fails where</th><th scope="col">what was measured</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function findingSection(result: AuditResult, pictures: Pictures): Html {
  const all = bySeverity(result.findings);
  const failing = all.filter(({ state }) => state === 'fail');
  const open = all.filter(({ state }) => state === 'inconclusive');
  const passed = all.filter(({ state }) => state === 'pass');
  const figures = new Map(result.figures.map((figure) => [figure.id, figure]));
  const told = (findings: readonly AuditFinding[]): Html => {
    const rest = findings.slice(MOST_FINDINGS);
    return html`${findings.slice(0, MOST_FINDINGS).map((finding) => article(finding, figures, pictures))}${lines(rest)}`;
  };
  return html`<section><h2>Findings</h2>
<p class="hint">${upperFirst(countsText(countsOf(result)))}. State and severity follow from the figures by a rule, which stands with them under each finding.</p>
${failing.length === 0 ? html`<p class="more">Nothing failed.</p>` : told(failing)}</section>
${open.length === 0 ? '' : html`<section><h2>Inconclusive</h2><p class="hint">Neither passed nor failed: what was measured does not decide it.</p>${told(open)}</section>`}
${passed.length === 0 ? '' : html`<section><h2>Passed</h2>${lines(passed)}</section>`}`;
}

function article(finding: AuditFinding, figures: ReadonlyMap<string, Figure>, pictures: Pictures): Html {
  const { ruleId, title, state, severity, sentence: told, severityRule, settles, command, names } = finding;
  const kind = state === 'inconclusive' ? 'inconclusive' : severity;
  const elsewhere = names.slice(0, 20).map(({ scheme, id, title: name }) => plainText(`${scheme} ${id}, ${name}`, 160));
  return html`<article class="finding ${kind === 'inconclusive' ? 'open' : kind}"><p class="state"><span class="badge ${kind}">${kind}</span> <code>${plainText(ruleId, 120)}</code></p>
<div class="told"><h3>${plainText(title, 300)}</h3><p>${sentence(plainText(told, 2000))}</p>
${settles === null ? '' : html`<p class="settles"><b>What would settle it:</b> ${sentence(plainText(settles, 1000))}</p>`}</div>
${pictures.plates(finding.pictures, MOST_PICTURES)}
<details><summary>Figures, rule${command === null ? '' : ', command'}</summary>
${measuredTable(finding.figures.flatMap((id) => figures.get(id) ?? []))}
<p class="trace">The rule: ${sentence(plainText(severityRule, 1000))}${elsewhere.length === 0 ? '' : ` Known elsewhere as ${elsewhere.join('; ')}.`}</p>
${command === null ? '' : html`<p class="trace">Repeat it: <code>${plainText(command)}</code></p>`}</details></article>`;
}

function lines(findings: readonly AuditFinding[]): Html {
  if (findings.length === 0) return html``;
  return dataTable(
    ['rule', 'what was asked', 'what was found'],
    findings.map(({ ruleId, title, sentence: told }) => [
      plainText(ruleId, 120),
      plainText(title, 300),
      sentence(plainText(told, 500)),
    ]),
  );
}

const CHANGE_BADGES = { worse: 'fail', better: 'pass', same: '', 'not comparable': 'inconclusive' } as const;
const CHANGE_ORDER = ['worse', 'better', 'not comparable', 'same'] as const;

function changeSection({ baseline }: AuditResult): Html {
  if (baseline === null) return html``;
  const changes = CHANGE_ORDER.flatMap((wanted) => baseline.changes.filter(({ verdict }) => verdict === wanted));
  const table = (told: typeof changes): Html =>
    dataTable(
      ['verdict', 'change'],
      told.map(({ verdict, sentence: change }) => [
        html`<span class="badge ${CHANGE_BADGES[verdict]}">${verdict}</span>`,
        sentence(plainText(change, 500)),
      ]),
    );
  const other = changes.filter(({ verdict }) => verdict !== 'same');
  const same = changes.filter(({ verdict }) => verdict === 'same');
  return html`<section><h2>Against the last audit</h2><p class="hint">Compared with ${plainText(baseline.name, 200)}. Better or worse is told only where the intervals do not overlap.</p>
${changes.length === 0 ? html`<p class="more">There is nothing to compare.</p>` : ''}${other.length === 0 ? '' : table(other)}
${same.length === 0 ? '' : html`<details><summary>${formatCount(same.length)} ${same.length === 1 ? 'figure is' : 'figures are'} the same</summary>${table(same)}</details>`}</section>`;
}

function acceptedSection({ threshold }: AuditResult, pictures: Pictures): Html {
  const groups = pictures.accepted();
  if (groups.length === 0) return html``;
  return html`<section><h2>What else it accepts</h2><p class="hint">Images that are accepted at ${formatPercent(threshold)}, under each the class and the confidence of the network.</p>
${groups.map(([source, ids]) => html`<h3>${plainText(source, 120)}</h3>${pictures.plates(ids)}`)}</section>`;
}

async function sectionOf(section: AuditSection, result: AuditResult, pictures: Pictures): Promise<Html> {
  const { title, text, tables, charts } = section;
  const wanted = new Set(section.figures);
  const drawn = await chartFigures(charts);
  return html`<section><h2>${plainText(title, 200)}</h2>${text.map((paragraph) => html`<p class="hint">${sentence(plainText(paragraph))}</p>`)}
${measuredTable(result.figures.filter(({ id }) => wanted.has(id)))}
${charts.length === 1 ? html`<div class="bounded">${drawn}</div>` : drawn}
${tables.map(({ title: name, caption, head, rows }) => html`<h3>${plainText(name, 200)}</h3><p class="hint">${sentence(plainText(caption))}</p>${dataTable(head, rows)}`)}
${pictures.plates(section.pictures)}</section>`;
}

function methodSection({ command, model, tool, seed, budget, threshold, queries }: AuditResult): Html {
  const rows: (readonly [string, string | Html])[] = [
    [
      'asked of the network',
      `${formatCount(queries.forward)} passes forward, ${formatCount(queries.backward)} backward`,
    ],
    ['budget', budget],
    ['threshold', formatPercent(threshold)],
    ['seed', String(seed)],
    ...model.facts.map(({ name, value }) => [plainText(name, 80), plainText(value, 400)] as const),
    ['Pareidolia', tool.version],
    ['runtime', tool.runtime],
    ['SHA-256 of the model', html`<span class="hash">${model.sha256}</span>`],
  ];
  const again =
    command === ''
      ? html``
      : html`<h2>Run it again</h2><p class="hint">The same seed on the same machine gives the same result.</p>${commandBox(plainText(command), html`<button id="copy" type="button" hidden>Copy</button>`)}`;
  return html`<section class="method"><div>${again}</div><div><h2>How it was made</h2>${settingsTable(rows.filter(([, value]) => value !== ''))}</div></section>`;
}
