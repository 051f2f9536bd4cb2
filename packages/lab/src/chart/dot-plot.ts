/** @file Shares with their intervals, several for each row. */

import type { ChartData } from './chart-data.ts';
import { legendColumns } from './legend.ts';
import { CURVE_COLORS, MARK_SHAPES } from './theme.ts';

/** One share. */
export interface Dot {
  /** The row that it stands in. */
  readonly row: string;
  readonly series: string;
  /** In [0, 1], as both ends of the interval are. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Pixels of a dot with the room around it, and between rows. */
const DOT = 11;
const BETWEEN = 10;

/**
 * Dots with lines for their intervals: a row for each name, in it a dot for each series, one below the other; rows and series in
 * the order in which they first appear. Colors and shapes tell up to six series apart.
 *
 * @param title of the axis along the bottom, which goes from 0 to 1
 */
export function dotPlot(dots: readonly Dot[], title: string): ChartData['spec'] {
  const rows = [...new Set(dots.map(({ row }) => row))];
  const series = [...new Set(dots.map((dot) => dot.series))];
  const rangeOf = <T>(values: readonly T[]): T[] => series.map((_, index) => values[index % values.length]!);
  const legend = {
    title: null,
    columns: legendColumns(series, 16, 22, 400),
    columnPadding: 22,
    offset: 10,
    symbolSize: 90,
    symbolOpacity: 1,
  };
  const y = {
    field: 'row',
    type: 'nominal',
    title: null,
    scale: { domain: rows, paddingInner: 0.25, paddingOuter: 0.1 },
    axis: { labelLimit: 220, tickBand: 'extent', ticks: true, tickSize: 4, grid: true },
  };
  const yOffset = { field: 'series', type: 'nominal', scale: { domain: series } };
  const x = {
    type: 'quantitative',
    title,
    scale: { domain: [0, 1], nice: false },
    axis: { format: '.0%', tickCount: 5, grid: true },
  };
  const color = { field: 'series', type: 'nominal', scale: { domain: series, range: rangeOf(CURVE_COLORS) }, legend };
  return {
    // Narrow, so that its names can be read on a phone.
    width: 320,
    height: rows.length * (series.length * DOT + BETWEEN),
    data: { values: dots },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 2, opacity: 0.7 },
        encoding: { y, yOffset, x: { ...x, field: 'low' }, x2: { field: 'high' }, color },
      },
      {
        mark: { type: 'point', filled: true, size: 58, opacity: 1 },
        encoding: {
          y,
          yOffset,
          x: { ...x, field: 'value' },
          color,
          shape: { field: 'series', type: 'nominal', scale: { domain: series, range: rangeOf(MARK_SHAPES) }, legend },
        },
      },
    ],
  };
}
