/** @file The report of a campaign: one HTML file with a table for each kind of work, and links to the reports of its parts. */

import { formatCount, formatDuration, formatEpsilon, formatNumber, formatPercent } from '../../format/format.ts';
import { dataTable, settingsTable } from '../data-table.ts';
import { type Html, html } from '../html.ts';
import { commandBox, renderPage } from '../page.ts';
import type { CampaignAttack, CampaignAudit, CampaignResult, CampaignSearch } from './campaign-result.ts';

/**
 * The report as a string: an HTML page that loads nothing and runs no script. All text from the data is escaped.
 *
 * @param command that does the campaign again
 */
export function renderCampaignReport(result: CampaignResult, command: string): string {
  const { name, searches, attacks, audits, units, failures, complete } = result;
  const of = units.total === null ? '' : ` of ${formatCount(units.total)}`;
  const kinds = [
    [searches.length, 'search', 'searches'],
    [attacks.length, 'attack', 'attacks'],
    [audits.length, 'audit', 'audits'],
  ] as const;
  const parts = kinds.flatMap(([count, one, many]) => (count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]));
  const notices = [
    ...(complete
      ? []
      : [`Units are missing (${formatCount(units.done)}${of} are done), and what they belong to is not shown`]),
    ...(result.mixedHardware
      ? [
          'Mixed hardware: results were computed on processors whose last bits may differ, so another run need not give the same hash',
        ]
      : []),
  ];
  const failed = Object.entries(failures);
  return renderPage({
    title: `${name}: a campaign`,
    over: 'a campaign',
    verdict: name,
    finding: parts.length === 0 ? '' : `: ${parts.join(', ')}`,
    lead: `${formatCount(units.done)}${of} units, ${formatDuration(result.seconds)} of computing on all machines together, ${formatCount(result.evaluations)} images shown to networks.`,
    header: notices.map((notice) => html`<p class="notice">${notice}.</p>`),
    body: [
      ...(searches.length > 0 ? [searchSection(searches)] : []),
      ...(attacks.length > 0 ? [attackSection(attacks)] : []),
      ...(audits.length > 0 ? [auditSection(audits)] : []),
      ...(failed.length > 0
        ? [html`<section><h2>Units that failed</h2>${dataTable(['unit', 'why'], failed)}</section>`]
        : []),
      html`<section><h2>The same again</h2>${commandBox(command)}${settingsTable(facts(result))}</section>`,
    ],
    footer: html`Made by Pareidolia ${result.pareidolia} with ${result.runtime}.`,
  });
}

function searchSection(searches: readonly CampaignSearch[]): Html {
  const rows = searches.map((search) => [
    html`<a href="${search.folder}/result.json">${search.name}</a>`,
    search.model,
    search.generator === undefined ? search.encoding : `${search.encoding} of ${search.generator}`,
    search.emitter,
    formatCount(search.classes),
    formatCount(search.seeds.length),
    formatPercent(search.median),
    formatPercent(search.worst),
    formatPercent(search.shareAbove99),
    formatCount(search.distinctImages),
    formatCount(search.evaluations),
  ]);
  const head = [
    'search',
    'model',
    'encoding',
    'emitter',
    'classes',
    'seeds',
    'median',
    'worst',
    'classes above 99 %',
    'distinct images',
    'evaluations',
  ];
  const several = searches.filter(({ seeds }) => seeds.length > 1);
  return html`<section><h2>Searches</h2>
<p>Confidences are the network’s for the 8-bit images on disk, the best of all seeds for each class.</p>
${dataTable(head, rows)}
${several.map(
  ({ name, seeds, exchange }) => html`<h3>${name}, seed by seed</h3>
<p>${exchange ? 'The seeds exchanged elites at the end of each epoch, so they are no independent runs.' : 'The seeds are independent runs.'}</p>
${dataTable(
  ['seed', 'median', 'worst', 'evaluations'],
  seeds.map((seed) => [
    String(seed.seed),
    formatPercent(seed.median),
    formatPercent(seed.worst),
    formatCount(seed.evaluations),
  ]),
)}`,
)}</section>`;
}

function attackSection(attacks: readonly CampaignAttack[]): Html {
  const rows = attacks.flatMap(({ name, model, seed, report, summaries }) =>
    summaries.map((summary) => [
      html`<a href="${report}">${name}</a>`,
      model,
      String(seed),
      summary.norm,
      summary.epsilon === null ? 'smallest' : formatEpsilon(summary.epsilon),
      formatCount(summary.images),
      formatPercent(summary.accuracy),
      summary.medianDistance === null ? '–' : formatNumber(summary.medianDistance),
    ]),
  );
  const head = ['attack', 'model', 'seed', 'norm', 'epsilon', 'images', 'accuracy under attack', 'median distance'];
  return html`<section><h2>Attacks</h2>${dataTable(head, rows)}</section>`;
}

function auditSection(audits: readonly CampaignAudit[]): Html {
  const rows = audits.map(({ name, model, seed, budget, findings, report }) => [
    html`<a href="${report}">${name}</a>`,
    model,
    budget,
    String(seed),
    formatCount(findings.length),
    findings.map(({ ruleId, severity }) => `${ruleId} (${severity})`).join(', ') || 'none',
  ]);
  return html`<section><h2>Audits</h2>${dataTable(['audit', 'model', 'budget', 'seed', 'findings', 'which'], rows)}</section>`;
}

function facts({ plan, archive, hardware }: CampaignResult): [string, string][] {
  return [
    ['plan (SHA-256)', plan],
    ['archive (SHA-256)', archive ?? 'none, since units are missing'],
    ['processors', hardware.join('; ') || 'none'],
  ];
}
