/** @file Whether longer searches promise more. */

import { logOdds } from '../../chart/log-odds.ts';
import { formatCount } from '../../format/format.ts';
import { type Trend, trendOf } from '../../statistics/rising.ts';
import type { Sought } from '../../workbench/seek.ts';
import { countAt, foundClasses } from './search-runs.ts';
import { type AuditSearch, areAscentsCut, type SearchPlan } from './searches.ts';

/** Points of the curve that the trend is told by. */
const TREND_POINTS = 60;

/** Why a share of classes is only a lower bound; `undefined` where longer searches promise no more. */
export function doubtOf(search: AuditSearch, runs: readonly Sought[], plan: SearchPlan): string | undefined {
  const none = foundClasses(runs).length === 0;
  const [least, most] = [Math.min(...runs.map((run) => run.questions)), Math.max(...runs.map((run) => run.questions))];
  const asked = least === most ? formatCount(most) : `${formatCount(least)} to ${formatCount(most)}`;
  const tried = `with ${runs.length} ${runs.length === 1 ? 'seed' : 'seeds'} of ${asked} questions`;
  const { sentence, mayRise } = outlook(search, runs, plan);
  if (none) return `No image was accepted ${tried}, and ${sentence}`;
  return mayRise ? `It was counted ${tried}, and ${sentence}` : undefined;
}

/** What is to be expected of a longer search: in words, after a comma, and whether it may find more. */
export function outlook(
  search: AuditSearch,
  runs: readonly Sought[],
  plan: SearchPlan,
): { readonly sentence: string; readonly mayRise: boolean } {
  if (runs.some(({ ended }) => ended === 'refused')) {
    return { sentence: 'the classifier answered no more queries', mayRise: true };
  }
  if (search.needsGradient) {
    return areAscentsCut(plan.questions, plan.classes.length)
      ? { sentence: 'the ascents were cut short', mayRise: true }
      : { sentence: 'the ascents had come to their end', mayRise: false };
  }
  const trend = trendOfRuns(runs, plan);
  if (trend === 'rising') return { sentence: 'the search was still getting better at its end', mayRise: true };
  return trend === 'level'
    ? { sentence: 'the search no longer got better at its end', mayRise: false }
    : { sentence: 'it is too short to say whether it was getting better', mayRise: true };
}

/**
 * Whether longer searches promise more: by the classes with an image, or by the confidences while there are none. The mean
 * over the seeds, at equal distances.
 */
function trendOfRuns(runs: readonly Sought[], { classes, questions }: SearchPlan): Trend {
  const points = Array.from({ length: TREND_POINTS }, (_, i) => ((i + 1) * questions) / TREND_POINTS);
  const counts = points.map((asked) => mean(runs.map(({ first }) => countAt(first, asked))));
  const byCount = counts.at(-1)! >= classes.length ? 'level' : trendOf(counts);
  if (byCount === 'rising') return 'rising';
  const open = runs.filter(({ ended }) => ended !== 'accepted');
  const length = Math.min(...open.map((run) => run.mean.length));
  const confidences = Array.from({ length }, (_, i) => mean(open.map((run) => logOdds(run.mean[i]!))));
  return trendOf(confidences);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
