/** @file What changed since another audit: told where the intervals do not overlap. */

import { dependsOn, placeOf } from '../comparability.ts';
import type { Figure } from '../result/figure.ts';
import { figureText, valueText } from '../result/figure-text.ts';
import type { AuditChange, AuditResult } from '../result/result.ts';

/** What figures depend on besides the classifier. */
export type Measured = Pick<AuditResult, 'figures' | 'threshold' | 'budget' | 'images'>;

/**
 * Every figure of either audit that has a better side. Better or worse is told only where both were measured in the same way,
 * without a doubt, and their intervals do not overlap.
 */
export function compareWithBaseline(before: Measured, now: Measured): readonly AuditChange[] {
  const known = new Map(before.figures.map((figure) => [figure.id, figure]));
  const measured = new Set(now.figures.map(({ id }) => id));
  return [
    ...now.figures.map((figure) => changeOf(known.get(figure.id), figure, obstacle(figure.id, before, now))),
    ...before.figures.filter(({ id }) => !measured.has(id)).map((figure) => changeOf(figure, undefined, undefined)),
  ].filter((change) => change !== undefined);
}

/** The changes for the worse: the only ones that fail a command. */
export function becameWorse({ baseline }: Pick<AuditResult, 'baseline'>): readonly AuditChange[] {
  return baseline?.changes.filter(({ verdict }) => verdict === 'worse') ?? [];
}

/** What makes the figure another one than before, in words. Classes and size are the model's, which is what may change. */
function obstacle(id: string, before: Measured, now: Measured): string | undefined {
  if (before.threshold !== now.threshold && dependsOn(id, 'threshold')) {
    return `the threshold was ${before.threshold}, and is ${now.threshold} now`;
  }
  if (before.budget !== now.budget && dependsOn(id, 'budget')) {
    return `the budget was ${before.budget}, and is ${now.budget} now`;
  }
  const [then, since] = [placeOf(before.images?.origin), placeOf(now.images?.origin)];
  if (then !== undefined && since !== undefined && then !== since && dependsOn(id, 'images')) {
    return `the images were those of ${then}, and are those of ${since} now`;
  }
  return undefined;
}

function changeOf(
  before: Figure | undefined,
  now: Figure | undefined,
  obstacle: string | undefined,
): AuditChange | undefined {
  const { id, title, better } = (now ?? before)!;
  if (better === null) return undefined;
  const common = { figure: id, before: before?.value ?? null, now: now?.value ?? null };
  const unlike = (why: string): AuditChange => ({ ...common, verdict: 'not comparable', sentence: `${title}: ${why}` });
  if (before?.value == null) return unlike('not measured before');
  if (now?.value == null) return unlike('not measured now');
  const values = `${valueText(before)} before, ${valueText(now)} now`;
  if (obstacle !== undefined) return unlike(`${values}, but ${obstacle}`);
  if (before.unit !== now.unit) return unlike('measured in another unit before');
  if (before.value === now.value) return { ...common, verdict: 'same', sentence: `${title}: ${values}` };
  for (const { state, why } of [before, now]) {
    if (state === 'inconclusive') return unlike(`${values}, in doubt: ${why ?? 'inconclusive'}`);
  }
  const side = sideOfBefore(before, now);
  if (side === undefined) return unlike(`${values}; without intervals nothing can be told`);
  if (side === 'overlaps') return { ...common, verdict: 'same', sentence: `${title}: ${values}, within the intervals` };
  const verdict = (side === 'lower') === (better === 'lower') ? 'better' : 'worse';
  return { ...common, verdict, sentence: `${title}: ${figureText(before)} before, ${figureText(now)} now` };
}

/** Where the figure is now; only counts are exact without an interval. */
function sideOfBefore(before: Figure, now: Figure): 'lower' | 'higher' | 'overlaps' | undefined {
  const isExact = before.unit === 'count';
  const [was, is] = [before, now].map(
    ({ interval, value }) => interval ?? (isExact ? ([value!, value!] as const) : null),
  );
  if (was == null || is == null) return undefined;
  if (is[1] < was[0]) return 'lower';
  return is[0] > was[1] ? 'higher' : 'overlaps';
}
