/** @file The report of an audit: one HTML file that needs nothing beside it. */

import type { Audited } from '../../audit/audit.ts';
import { bySeverity, countsOf, countsText } from '../../audit/outputs/counts.ts';
import { sentence } from '../../audit/outputs/plain-text.ts';
import { figureText } from '../../audit/result/figure-text.ts';
import type { AuditFinding, AuditPicture, AuditResult, AuditSection } from '../../audit/result/result.ts';
import { formatCount, formatPercent, shortName } from '../../format/format.ts';
import { chartFigures } from '../chart-figures.ts';
import { dataTable, settingsTable } from '../data-table.ts';
import { type Html, html } from '../html.ts';
import { commandBox, renderPage } from '../page.ts';
import { dataUri, encodePng, isPixelated, PICTURE_BYTES } from '../picture.ts';

/** Figures of the first screen, where they were measured. */
const KEY_FIGURES = ['accuracy', 'garbage', 'searched', 'refused', 'threshold.95'];

const BADGES = { pass: 'reproduced', fail: 'not', inconclusive: 'inconclusive' } as const;

/** The report as a string: a page that loads nothing and runs no script. All text from the data is escaped. */
export async function renderAuditReport({ result, pictures }: Audited): Promise<string> {
  const { headline, model, limits } = result;
  const [verdict, ...rest] = headline.split(': ');
  const show = picturesOf(pictures);
  const sections: Html[] = [];
  for (const section of result.sections) sections.push(await sectionOf(section, result, show));
  return renderPage({
    title: `${verdict}: ${model.name}`,
    over: `audit of ${model.name}`,
    verdict: verdict!,
    finding: rest.length === 0 ? '' : `: ${rest.join(': ')}`,
    lead: leadOf(result),
    header: [...model.notices.map((notice) => html`<p class="notice">${notice}.</p>`), keyFigures(result)],
    body: [
      gateSection(result),
      findingSection(result, show),
      ...sections,
      limits.length === 0
        ? html``
        : html`<section><h2>What the audit could not do</h2><ul class="how">${limits.map((limit) => html`<li>${sentence(limit)}</li>`)}</ul></section>`,
      html`<section><h2>All figures</h2>${dataTable(
        ['figure', 'value', 'name'],
        result.figures.map((figure) => [figure.title, figureText(figure), figure.id]),
      )}</section>`,
      methodSection(result),
    ],
    footer: html`Made by Pareidolia. All of it is in audit.json, the figures in figures.csv. Names of other lists say where a finding belongs; they are no claim of compliance.`,
  });
}

function leadOf({ images, model, threshold, budget, findings, gates }: AuditResult): string {
  const real =
    images === null
      ? 'No real images were given.'
      : `Real images: ${formatCount(images.used)} of ${images.origin}${images.labelled ? '' : ', their right classes not known'}.`;
  const counts = countsText(countsOf({ findings, gates }));
  return `${model.name} has ${formatCount(model.classes)} classes. An image counts as accepted where its largest confidence is at least ${formatPercent(threshold)}. ${real} With the budget ${budget}: ${counts}.`;
}

function keyFigures({ figures, gates }: AuditResult): Html {
  const known = figures.filter(({ id, value }) => KEY_FIGURES.includes(id) && value !== null);
  const tiles = known.map((figure) => {
    const value =
      figure.unit === 'share' || figure.unit === 'probability' ? formatPercent(figure.value!) : figureText(figure);
    return html`<div><dt>${figure.title}</dt><dd>${value}</dd></div>`;
  });
  if (gates.length > 0) {
    const passed = gates.filter(({ state }) => state === 'pass').length;
    tiles.push(html`<div><dt>gates passed</dt><dd>${`${passed} of ${gates.length}`}</dd></div>`);
  }
  return tiles.length === 0 ? html`` : html`<dl class="figures">${tiles}</dl>`;
}

function gateSection({ gates }: AuditResult): Html {
  if (gates.length === 0) return html``;
  const rows = gates.map(({ text, state, sentence: told }) => [
    text,
    html`<span class="badge ${BADGES[state]}">${state}</span>`,
    sentence(told),
  ]);
  return html`<section><h2>Gates</h2>${dataTable(['fails where', 'state', 'what was measured'], rows)}</section>`;
}

type Show = (picture: AuditPicture) => Html;

function findingSection(result: AuditResult, show: Show): Html {
  const all = bySeverity(result.findings);
  const byId = new Map(result.pictures.map((picture) => [picture.id, picture]));
  const one = (finding: AuditFinding): Html => {
    const { ruleId, title, state, severity, sentence: told, severityRule, settles, command, names } = finding;
    const shown = finding.pictures.flatMap((id) => byId.get(id) ?? []);
    return html`<article class="chapter"><p><span class="badge ${BADGES[state]}">${state === 'fail' ? `${severity} severity` : state}</span> <code>${ruleId}</code></p>
<h3>${title}</h3><p>${sentence(told)}</p>
${settles === null ? '' : html`<p class="hint">What would settle it: ${sentence(settles)}</p>`}
${gallery(shown, show, result)}
<p class="trace">${sentence(severityRule)}${names.length === 0 ? '' : ` Elsewhere: ${names.map(({ scheme, id, title: name }) => `${scheme} ${id} ${name}`).join('; ')}.`}</p>
${command === null ? '' : commandBox(command)}</article>`;
  };
  const open = all.filter(({ state }) => state !== 'pass');
  const passed = all.filter(({ state }) => state === 'pass');
  const rows = passed.map(({ ruleId, title, sentence: told }) => [ruleId, title, sentence(told)]);
  return html`<section><h2>Findings</h2>${open.length === 0 ? html`<p class="hint">Nothing failed, and nothing is open.</p>` : open.map(one)}
${rows.length === 0 ? '' : html`<h3>Passed</h3>${dataTable(['rule', '', ''], rows)}`}</section>`;
}

async function sectionOf(
  { title, text, tables, charts, pictures }: AuditSection,
  result: AuditResult,
  show: Show,
): Promise<Html> {
  const wanted = new Set(pictures);
  const shown = result.pictures.filter(({ id }) => wanted.has(id));
  return html`<section><h2>${title}</h2>${text.map((paragraph) => html`<p class="hint">${sentence(paragraph)}</p>`)}
${gallery(shown, show, result)}
${charts.length === 0 ? '' : await chartFigures(charts)}
${tables.map((each) => html`<h3>${each.title}</h3><p class="hint">${each.caption}</p>${dataTable(each.head, each.rows)}`)}</section>`;
}

function gallery(pictures: readonly AuditPicture[], show: Show, { model }: AuditResult): Html {
  if (pictures.length === 0) return html``;
  const pixels = isPixelated(model) ? ' pixels' : '';
  return html`<ol class="plates${pixels}">${pictures.map(show)}</ol>`;
}

/** Pictures with what the network says of them, until together they are too large for a page. */
function picturesOf(pictures: Audited['pictures']): Show {
  let left = PICTURE_BYTES;
  return ({ id, file, caption, className, confidence }) => {
    const own = pictures.get(id);
    const png = own === undefined ? undefined : encodePng(own.planes, own.shape);
    left -= png?.length ?? 0;
    const said =
      className === null
        ? ''
        : html`<p><b>${shortName(className)}</b>${confidence === null ? '' : ` ${formatPercent(confidence)}`}</p>`;
    const image =
      png === undefined || left < 0
        ? html`<p class="file">${file}</p>`
        : html`<img src="${dataUri(png)}" alt="${caption}">`;
    return html`<li>${image}${said}<p>${caption}</p></li>`;
  };
}

function methodSection({ command, model, tool, seed, budget, queries }: AuditResult): Html {
  const rows: (readonly [string, string | Html])[] = [
    ...model.facts.map(({ name, value }) => [name, value] as const),
    ['queries', `${formatCount(queries.forward)} forward, ${formatCount(queries.backward)} back`],
    ['budget', budget],
    ['seed', String(seed)],
    ['Pareidolia', tool.version],
    ['runtime', tool.runtime],
    ['SHA-256 of the model', html`<span class="hash">${model.sha256}</span>`],
  ];
  return html`<section class="method"><div><h2>Run it again</h2><p class="hint">The same command gives the same result. Intervals of shares are Wilson's, at 95${'\u00a0'}%.</p>${commandBox(command)}</div><div><h2>Settings</h2>${settingsTable(rows)}</div></section>`;
}
