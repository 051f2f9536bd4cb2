import type { ChartData } from './chart-data.ts';
import { legendColumns } from './legend.ts';
import { CURVE_COLORS, CURVE_DASHES } from './theme.ts';

/** One point of one curve. */
export interface Point {
  readonly x: number;
  /** Name of the curve. */
  readonly series: string;
  readonly value: number;
}

/** The upright axis; follows from the data where nothing is given. */
export interface UprightAxis {
  readonly domain?: readonly [number, number];
  /** Places of the ticks. */
  readonly values?: readonly number[];
  /** Vega expression for the label of a tick. */
  readonly labelExpr?: string;
  /** Number format of the ticks (d3-format). */
  readonly format?: string;
}

/** The axis along the bottom. */
export interface AcrossAxis {
  readonly title: string;
  /** Number format of the ticks (d3-format). */
  readonly format: string;
  readonly log?: boolean;
  /** Whether a value holds until the next point. */
  readonly steps?: boolean;
}

/** Shares from 0 to 1 as percentages. */
export const PERCENT_AXIS: UprightAxis = { domain: [0, 1], format: '.0%' };

/**
 * Curves over a common axis. Each of the first six has a color and dashes of its own; those after them repeat the colors with other
 * dashes.
 *
 * @param order names of all series of the page, where a series is to look the same in every chart
 */
export function lineChart(
  points: readonly Point[],
  across: AcrossAxis,
  { domain, ...axis }: UprightAxis,
  order?: readonly string[],
): ChartData['spec'] {
  const series = [...new Set(points.map((point) => point.series))];
  const places = series.map((name, index) => (order === undefined ? index : order.indexOf(name)));
  const colors = places.map((index) => CURVE_COLORS[index % CURVE_COLORS.length]!);
  const dashes = places.map(
    (index) => CURVE_DASHES[(index + Math.floor(index / CURVE_COLORS.length)) % CURVE_DASHES.length]!,
  );
  const legend =
    series.length === 1
      ? null
      : {
          title: null,
          symbolType: 'stroke',
          symbolSize: 500,
          columns: legendColumns(series, 30, 22),
          columnPadding: 22,
          offset: 10,
        };
  return {
    autosize: { type: 'fit', contains: 'padding' },
    data: { values: points },
    mark: { type: 'line', interpolate: across.steps === true ? 'step-after' : 'linear' },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        title: across.title,
        scale: across.log === true ? { type: 'log', nice: false } : { nice: false },
        axis: { format: across.format, tickCount: 5 },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        title: null,
        scale: domain === undefined ? {} : { domain, nice: false },
        axis: { labelOverlap: false, ...(axis.values === undefined ? { tickCount: 5 } : {}), ...axis },
      },
      color: { field: 'series', type: 'nominal', scale: { domain: series, range: colors }, legend },
      strokeDash: {
        field: 'series',
        type: 'nominal',
        scale: { domain: series, range: dashes },
        legend,
      },
    },
  };
}
