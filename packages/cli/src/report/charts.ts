import { HIGHEST_ODDS, LOWEST_ODDS, logOdds, ROUND_PERCENTAGES } from '@pareidolia/lab/log-odds';
/** @file Curves of a run over its evaluations, as static SVG. Colors are the page's own, so they follow light and dark. */

import { type Across, drawLines, PERCENT_AXIS, type Point } from './line-chart.ts';
import type { HistoryRow } from './report-data.ts';
import { thin } from './thinning.ts';

/** Points that a curve keeps. */
export const POINTS = 400;

export interface Chart {
  readonly title: string;
  readonly caption: string;
  /** Names of the curves. */
  readonly series: readonly string[];
  readonly svg: string;
}

/** The charts of a history; none where it is too short for a curve. */
export async function charts(history: readonly HistoryRow[]): Promise<readonly Chart[]> {
  if (history.length < 2) return [];
  const rows = thin(history, POINTS);
  return Promise.all([certainty(rows), certaintyLogOdds(rows), shares(rows), replacements(rows)]);
}

const CONFIDENCES = { median: 'median', mean: 'mean', worst: 'worst class' } as const;

async function certainty(rows: readonly HistoryRow[]): Promise<Chart> {
  return {
    title: 'How certain the network is',
    caption: 'Confidence over all classes, one elite for each.',
    series: Object.values(CONFIDENCES),
    svg: await drawLines(curves(rows, CONFIDENCES), EVALUATIONS, PERCENT_AXIS),
  };
}

async function certaintyLogOdds(rows: readonly HistoryRow[]): Promise<Chart> {
  const points = curves(rows, CONFIDENCES).map((point) => ({ ...point, value: logOdds(point.value) }));
  const values = points.map(({ value }) => value);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const below = ROUND_PERCENTAGES.findLast(({ odds }) => odds <= lowest)?.odds ?? LOWEST_ODDS;
  const above = ROUND_PERCENTAGES.find(({ odds }) => odds >= highest)?.odds ?? HIGHEST_ODDS;
  const ticks = ROUND_PERCENTAGES.filter(({ odds }) => odds >= below && odds <= above);
  // One label for each tick: 50 % is no power of ten, so a number format cannot make them.
  const names = JSON.stringify(ticks.map(({ percent }) => `${percent} %`));
  const places = JSON.stringify(ticks.map(({ odds }) => odds));
  const axis = {
    domain: [below, above] as [number, number],
    values: ticks.map(({ odds }) => odds),
    labelExpr: `${names}[indexof(${places}, datum.value)]`,
  };
  return {
    title: 'The same, doubt by doubt',
    caption: 'On a log-odds scale: near the top each step is ten times less doubt.',
    series: Object.values(CONFIDENCES),
    svg: await drawLines(points, EVALUATIONS, axis),
  };
}

async function shares(rows: readonly HistoryRow[]): Promise<Chart> {
  const names = { shareAbove90: '≥ 90 %', shareAbove99: '≥ 99 %', shareAbove9999: '≥ 99.99 %' } as const;
  return {
    title: 'How many classes are fooled',
    caption: 'Share of the classes whose image reaches each confidence.',
    series: Object.values(names),
    svg: await drawLines(curves(rows, names), EVALUATIONS, PERCENT_AXIS),
  };
}

async function replacements(rows: readonly HistoryRow[]): Promise<Chart> {
  const names = { replacements: 'replacements' } as const;
  return {
    title: 'How often an elite was replaced',
    caption: 'Each time a new image took over a class, counted from the start.',
    series: Object.values(names),
    svg: await drawLines(curves(rows, names), EVALUATIONS, { format: '~s' }),
  };
}

const EVALUATIONS: Across = { title: 'evaluations', format: '~s' };

type Figure = Exclude<keyof HistoryRow, 'generation' | 'evaluations' | 'seconds'>;

function curves(rows: readonly HistoryRow[], names: Partial<Record<Figure, string>>): Point[] {
  return (Object.entries(names) as [Figure, string][]).flatMap(([figure, series]) =>
    rows.map((row) => ({ x: row.evaluations, series, value: row[figure] })),
  );
}
