/** @file What a search that has not fooled every class may say: what it tried, and whether its confidences still rose. */

import { logOdds } from '../../chart/log-odds.ts';
import { formatCount, formatPercent } from '../../format/format.ts';
import { type Trend, trendOf } from '../../statistics/rising.ts';
import type { FoolReportData, HistoryRow } from './fool-report-data.ts';
import { FOOLED } from './fooled.ts';

/** What a search tried, and how its curves ended. */
export interface Effort {
  readonly trend: Trend;
  /** Two or three sentences. */
  readonly text: string;
}

type Search = Pick<FoolReportData, 'searched' | 'classes' | 'evaluations' | 'history'> & {
  readonly tried: NonNullable<FoolReportData['tried']>;
};

/** What the reader of a result that falls short has to know; `undefined` where every class is fooled. */
export function effortOf(search: Search): Effort | undefined {
  const { searched, classes, evaluations, history, tried } = search;
  const fooled = classes.filter(({ confidence }) => confidence >= FOOLED).length;
  if (fooled === searched) return undefined;
  const { trend, sentence } = trendOfSearch(history);
  const generations = `${formatCount(tried.generations)} ${tried.generations === 1 ? 'generation' : 'generations'}`;
  const text = `Tried: ${formatCount(evaluations)} images in ${generations}, emitter ${tried.emitter}, encoding ${tried.encoding}. ${sentence} This is what so much work has found, not the most that the network can be brought to.`;
  return { trend, text };
}

const CURVES = { median: 'the median class', mean: 'the mean over the classes' } as const;

/**
 * Whether the confidences of a search still rose at its end, in the median class or in the mean, by the test of
 * {@link trendOf} on their log-odds.
 */
export function trendOfSearch(history: readonly HistoryRow[]): { readonly trend: Trend; readonly sentence: string } {
  // Where the median class is fooled, what is left to rise is in the mean.
  const curves = (history.at(-1)?.median ?? 0) >= FOOLED ? (['mean'] as const) : (['median', 'mean'] as const);
  for (const curve of curves) {
    const values = history.map((row) => row[curve]);
    const trend = trendOf(values.map(logOdds));
    if (trend === 'too short') {
      return { trend, sentence: 'It is too short to say whether the confidence still rises.' };
    }
    if (trend === 'rising') {
      const [from, to] = [values[Math.floor((2 * values.length) / 3) - 1]!, values.at(-1)!];
      return {
        trend,
        sentence: `The confidence was still rising at the end: in the last third ${CURVES[curve]} went from ${formatPercent(from)} to ${formatPercent(to)}.`,
      };
    }
  }
  return { trend: 'level', sentence: 'The confidence no longer rose in the last third: another way may get further.' };
}
