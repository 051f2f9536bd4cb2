/** @file What changed since another audit: told where the intervals do not overlap. */

import { formatNumber, formatPercent } from '../../format/format.ts';
import type { Figure } from '../result/figure.ts';
import type { AuditChange, AuditResult } from '../result/result.ts';

/** Every figure of either audit that has a better side. */
export function compareWithBaseline(before: AuditResult, now: readonly Figure[]): readonly AuditChange[] {
  const known = new Map(before.figures.map((figure) => [figure.id, figure]));
  return now.filter(({ better }) => better !== null).map((figure) => change(known.get(figure.id), figure));
}

function change(before: Figure | undefined, now: Figure): AuditChange {
  const common = { figure: now.id, before: before?.value ?? null, now: now.value };
  if (before?.value == null || now.value === null) {
    const which = before?.value == null ? 'before' : 'now';
    return { ...common, verdict: 'not comparable', sentence: `${now.title} was not measured ${which}` };
  }
  const show = (value: number): string =>
    now.unit === 'share' || now.unit === 'probability' ? formatPercent(value) : formatNumber(value);
  const sentence = `${now.title}: ${show(before.value)} before, ${show(now.value)} now`;
  if (!differ(before, now)) return { ...common, verdict: 'same', sentence };
  const isLower = now.value < before.value;
  return { ...common, verdict: isLower === (now.better === 'lower') ? 'better' : 'worse', sentence };
}

/** Whether two figures differ beyond their intervals; those without intervals are exact. */
function differ(before: Figure, now: Figure): boolean {
  if (before.value === now.value) return false;
  if (before.interval === null || now.interval === null) return true;
  return before.interval[0] > now.interval[1] || now.interval[0] > before.interval[1];
}
