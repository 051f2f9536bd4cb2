/** @file Parts of a comparison as text, the same in every output. */

import { formatCount } from '../../format/format.ts';
import { countsText } from '../outputs/counts.ts';
import { intervalText, valueText } from '../result/figure-text.ts';
import type { AuditComparison, ComparedFigure, ComparedModel, ComparedRule } from './comparison.ts';

/** `4 findings (2 high, ...), 2 inconclusive, 2 passed; 1 of 2 gates passed`. */
export function modelCounts({ counts }: Pick<ComparedModel, 'counts'>): string {
  const { gates, gatesFailed } = counts;
  const passed = gates === 0 ? '' : `; ${formatCount(gates - gatesFailed)} of ${formatCount(gates)} gates passed`;
  return `${countsText(counts)}${passed}`;
}

/** `63 tests, 41 show a difference; 3 differences need no test`. */
export function testCounts({ count, shown, exact }: AuditComparison['tests']): string {
  const tests = `${formatCount(count)} ${count === 1 ? 'test' : 'tests'}, ${formatCount(shown)} ${shown === 1 ? 'shows' : 'show'} a difference`;
  return exact === 0
    ? tests
    : `${tests}; ${formatCount(exact)} ${exact === 1 ? 'difference needs' : 'differences need'} no test`;
}

/**
 * Value and interval of a figure for a model: `97.4 % (95.6 % to 98.5 %)`; `in doubt` behind what is, and of questions that no
 * image was found with `> 2,000`; a dash where there is none.
 */
export function valueCell({ id, unit, values }: Pick<ComparedFigure, 'id' | 'unit' | 'values'>, place: number): string {
  const value = values[place];
  if (value?.value == null) return '–';
  const text = valueText({ ...value, unit });
  const range = intervalText({ ...value, unit });
  const whole = range === '' ? text : `${text} (${range})`;
  if (value.state === 'measured') return whole;
  return id.startsWith('questions.') ? `>\u00a0${whole}` : `${whole}, in doubt`;
}

/** What a rule found for a model: `high`, `medium`, `low`, `inconclusive`, `pass`; a dash where it does not apply. */
export function ruleCell({ findings }: Pick<ComparedRule, 'findings'>, place: number): string {
  const finding = findings[place];
  if (finding == null) return '–';
  return finding.state === 'fail' ? finding.severity : finding.state;
}

/** The models that are not best, or the one that is, in a word for the last column of a table of figures. */
export function bestCell({ best, pairs }: ComparedFigure, models: AuditComparison['models']): string {
  if (best !== null) return models[best]!.label;
  const verdicts = new Set(pairs.map(({ verdict }) => verdict));
  if (verdicts.size === 0) return '';
  if ([...verdicts].every((verdict) => verdict === 'not tested')) return 'not tested';
  if ([...verdicts].every((verdict) => verdict === 'not tested' || verdict === 'not comparable')) {
    return 'not comparable';
  }
  return verdicts.has('first better') || verdicts.has('second better') ? 'no single one' : 'no difference shown';
}
