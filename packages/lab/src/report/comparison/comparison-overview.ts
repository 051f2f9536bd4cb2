/** @file The first table of a comparison: models against checks. */

import type { AuditComparison, ComparedRule } from '../../audit/comparison/comparison.ts';
import { modelCounts } from '../../audit/comparison/comparison-texts.ts';
import { plainText } from '../../audit/outputs/plain-text.ts';
import { formatCount } from '../../format/format.ts';
import { upperFirst } from '../../format/sentence-case.ts';
import { type Html, html } from '../html.ts';
import { badge, modelName } from './comparison-tables.ts';

/** Checks by the letter of their rules: what a column is called. */
const CHECKS: readonly (readonly [letter: string, title: string])[] = [
  ['M', 'answers'],
  ['A', 'accuracy'],
  ['G', 'garbage'],
  ['S', 'made images'],
  ['B', 'planted'],
  ['P', 'small changes'],
  ['D', 'threshold'],
];

const STATES = ['high', 'medium', 'low', 'inconclusive', 'pass'] as const;
type State = (typeof STATES)[number];

/** A row for each model: its counts, and of each check the findings of the worst state. */
export function overview(comparison: AuditComparison): Html {
  const { models, rules } = comparison;
  const named = CHECKS.map(([letter, title]) => ({
    title,
    rules: rules.filter(({ ruleId }) => ruleId.startsWith(`PAR-${letter}`)),
  }));
  // Each rule is in one column.
  const known = new Set(named.flatMap((check) => check.rules));
  const others = { title: 'others', rules: rules.filter((rule) => !known.has(rule)) };
  const checks = [...named, others].filter((check) => check.rules.length > 0);
  const rows = models.map((model, place) => {
    const cells = checks.map((check) => checkCell(check.rules, place, check.title));
    return html`<tr><th scope="row">${modelName(model)}<small>${upperFirst(modelCounts(model))}.</small></th>${cells}</tr>`;
  });
  const heads = checks.map(({ title }) => html`<th scope="col">${title}</th>`);
  return html`<div class="wide"><table class="data overview"><thead><tr><th scope="col">model</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

function checkCell(rules: readonly ComparedRule[], place: number, title: string): Html {
  const states = rules.flatMap(({ findings }): State[] => {
    const finding = findings[place];
    if (finding == null) return [];
    return [finding.state === 'fail' ? (finding.severity as State) : finding.state];
  });
  const worst = STATES.find((state) => states.includes(state));
  const name = plainText(title, 40);
  if (worst === undefined) return html`<td data-check="${name}">–</td>`;
  const counts = STATES.flatMap((state) => {
    const count = states.filter((each) => each === state).length;
    return count === 0 ? [] : `${formatCount(count)} ${state === 'pass' ? 'passed' : state}`;
  });
  return html`<td data-check="${name}">${badge(worst)}<small>${counts.join(', ')}</small></td>`;
}
