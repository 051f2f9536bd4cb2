/** @file Curves of a run over its evaluations, as static SVG. Colours are the page's own, so they follow light and dark. */

import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { HIGHEST_ODDS, LOWEST_ODDS, logOdds, ROUND_PERCENTAGES } from './log-odds.ts';
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

/** One point of one curve. */
interface Point {
  readonly evaluations: number;
  readonly series: string;
  readonly value: number;
}

/** The upright axis; as the data has it where nothing is said. */
interface Axis {
  readonly domain?: [number, number];
  /** Places of the ticks. */
  readonly values?: number[];
  /** Vega expression for the name of a tick. */
  readonly labelExpr?: string;
  /** Number format of the ticks. */
  readonly format?: string;
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
    svg: await draw(curves(rows, CONFIDENCES), PERCENT_AXIS),
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
    svg: await draw(points, axis),
  };
}

async function shares(rows: readonly HistoryRow[]): Promise<Chart> {
  const names = { shareAbove90: '≥ 90 %', shareAbove99: '≥ 99 %', shareAbove9999: '≥ 99.99 %' } as const;
  return {
    title: 'How many classes are fooled',
    caption: 'Share of the classes whose image reaches each confidence.',
    series: Object.values(names),
    svg: await draw(curves(rows, names), PERCENT_AXIS),
  };
}

async function replacements(rows: readonly HistoryRow[]): Promise<Chart> {
  const names = { jumps: 'replacements' } as const;
  return {
    title: 'How often an elite was replaced',
    caption: 'Each time a new image took over a class, counted from the start.',
    series: Object.values(names),
    svg: await draw(curves(rows, names), { format: '~s' }),
  };
}

const PERCENT_AXIS: Axis = { domain: [0, 1], labelExpr: "round(100 * datum.value) + ' %'" };

type Figure = Exclude<keyof HistoryRow, 'generation' | 'evaluations' | 'seconds'>;

function curves(rows: readonly HistoryRow[], names: Partial<Record<Figure, string>>): Point[] {
  return (Object.entries(names) as [Figure, string][]).flatMap(([figure, series]) =>
    rows.map((row) => ({ evaluations: row.evaluations, series, value: row[figure] })),
  );
}

const FONT = 'system-ui, sans-serif';

async function draw(points: readonly Point[], { domain, ...axis }: Axis): Promise<string> {
  const series = [...new Set(points.map((point) => point.series))];
  const style = {
    domain: series,
    range: ['var(--curve-1)', 'var(--curve-2)', 'var(--curve-3)'].slice(0, series.length),
  };
  const dashes = {
    domain: series,
    range: [
      [1, 0],
      [7, 4],
      [2, 3],
    ].slice(0, series.length),
  };
  const legend =
    series.length === 1
      ? null
      : { orient: 'top' as const, title: null, symbolType: 'stroke', symbolSize: 500, columnPadding: 22, offset: 10 };
  const spec: TopLevelSpec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 480,
    height: 300,
    autosize: { type: 'fit', contains: 'padding' },
    padding: { left: 2, right: 12, top: 2, bottom: 2 },
    background: 'transparent',
    data: { values: [...points] },
    mark: { type: 'line', strokeWidth: 2.2, strokeJoin: 'round', point: false },
    encoding: {
      x: {
        field: 'evaluations',
        type: 'quantitative',
        title: 'evaluations',
        scale: { nice: false },
        axis: { format: '~s', tickCount: 5, grid: false },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        title: null,
        scale: domain === undefined ? {} : { domain, nice: false },
        axis: { labelOverlap: false, ...(axis.values === undefined ? { tickCount: 5 } : {}), ...axis },
      },
      color: { field: 'series', type: 'nominal', scale: style, legend },
      strokeDash: { field: 'series', type: 'nominal', scale: dashes, legend },
    },
    config: {
      font: FONT,
      view: { stroke: null },
      axis: {
        labelColor: 'var(--muted)',
        titleColor: 'var(--muted)',
        titleFontWeight: 'normal',
        labelFontSize: 12.5,
        titleFontSize: 12.5,
        gridColor: 'var(--line)',
        domainColor: 'var(--line)',
        tickColor: 'var(--line)',
        labelPadding: 6,
      },
      axisY: { domain: false, ticks: false },
      legend: { labelColor: 'var(--ink)', labelFontSize: 13, symbolStrokeWidth: 2.2 },
    },
  };
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  // The page sets the size; the box keeps the proportions.
  return svg.replace(/^<svg ([^>]*?)width="[^"]*" height="[^"]*"/, '<svg $1');
}
