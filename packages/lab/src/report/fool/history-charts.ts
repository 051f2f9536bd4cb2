/** @file Curves of a run over its evaluations. */

import type { ChartData } from '../../chart/chart-data.ts';
import { type AcrossAxis, lineChart, PERCENT_AXIS, type Point } from '../../chart/line-chart.ts';
import { HIGHEST_ODDS, LOWEST_ODDS, logOdds, ROUND_PERCENTAGES } from '../../chart/log-odds.ts';
import { thin } from '../../chart/thinning.ts';
import type { HistoryRow } from './fool-report-data.ts';

/** Points that a curve keeps. */
export const POINTS = 400;

/** The charts of a history; none where it is too short for a curve. */
export function historyCharts(history: readonly HistoryRow[]): readonly ChartData[] {
  if (history.length < 2) return [];
  const rows = thin(history, POINTS);
  return [confidences(rows), confidencesInLogOdds(rows), shares(rows), ...cells(rows), replacements(rows)];
}

const CONFIDENCES = { median: 'median', mean: 'mean', worst: 'worst class' } as const;

const EVALUATIONS: AcrossAxis = { title: 'evaluations', format: '~s' };

function confidences(rows: readonly HistoryRow[]): ChartData {
  return {
    title: 'Confidence',
    caption: 'Over all classes, one elite for each.',
    spec: lineChart(curves(rows, CONFIDENCES), EVALUATIONS, PERCENT_AXIS),
  };
}

function confidencesInLogOdds(rows: readonly HistoryRow[]): ChartData {
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
    domain: [below, above],
    values: ticks.map(({ odds }) => odds),
    labelExpr: `${names}[indexof(${places}, datum.value)]`,
  } as const;
  return {
    title: 'Confidence in log-odds',
    caption: 'The same curves; near the top, each tick is a tenth of the doubt of the one below.',
    spec: lineChart(points, EVALUATIONS, axis),
  };
}

function shares(rows: readonly HistoryRow[]): ChartData {
  const names = { shareAbove90: '≥ 90 %', shareAbove99: '≥ 99 %', shareAbove9999: '≥ 99.99 %' } as const;
  return {
    title: 'Classes fooled',
    caption: 'Share of the classes whose image reaches each confidence.',
    spec: lineChart(curves(rows, names), EVALUATIONS, PERCENT_AXIS),
  };
}

/** How an archive filled that keeps several images of each class. */
function cells(rows: readonly HistoryRow[]): ChartData[] {
  if (rows.every(({ filledCells }) => filledCells === undefined)) return [];
  const names = { filledCells: 'with an image', fooledCells: '≥ 99 %' } as const;
  return [
    {
      title: 'Cells of the map',
      caption: 'How many cells, of all classes together, hold an image, and one that the network is certain of.',
      spec: lineChart(curves(rows, names), EVALUATIONS, { format: '~s' }),
    },
  ];
}

function replacements(rows: readonly HistoryRow[]): ChartData {
  return {
    title: 'Replacements',
    caption: 'How often a new image took over a class, counted from the start.',
    spec: lineChart(curves(rows, { replacements: 'replacements' }), EVALUATIONS, { format: '~s' }),
  };
}

type Figure = Exclude<keyof HistoryRow, 'generation' | 'evaluations' | 'seconds'>;

function curves(rows: readonly HistoryRow[], names: Partial<Record<Figure, string>>): Point[] {
  return (Object.entries(names) as [Figure, string][]).flatMap(([figure, series]) =>
    rows.map((row) => ({ x: row.evaluations, series, value: row[figure] ?? 0 })),
  );
}
