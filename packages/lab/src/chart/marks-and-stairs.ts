/** @file What was measured at some places as marks, and what is known at every place as stairs, over a common axis. */

import type { ChartData } from './chart-data.ts';
import { legendColumns } from './legend.ts';
import type { Point } from './line-chart.ts';
import { CURVE_COLORS, CURVE_DASHES, MARK_SHAPES } from './theme.ts';

/** What is drawn. */
export interface MarksAndStairs {
  /** Measured there and nowhere else: nothing is drawn between them. */
  readonly marks: readonly Point[];
  /** A value holds until the next point of its series. */
  readonly stairs: readonly Point[];
}

/**
 * @param order names of all series of the page, so that each has the same color in every chart
 * @param title of the axis along the bottom; the upright one goes from 0 to 1
 */
export function marksAndStairs(
  { marks, stairs }: MarksAndStairs,
  order: readonly string[],
  title: string,
): ChartData['spec'] {
  const series = order.filter((name) => [...marks, ...stairs].some((point) => point.series === name));
  const rangeOf = <T>(values: readonly T[]): T[] => series.map((name) => values[order.indexOf(name) % values.length]!);
  const legend =
    series.length === 1
      ? null
      : { title: null, columns: legendColumns(series, 16, 22), columnPadding: 22, offset: 10, symbolSize: 90 };
  const x = {
    field: 'x',
    type: 'quantitative',
    title,
    scale: { nice: false },
    axis: { format: '~g', tickCount: 5 },
  };
  const y = {
    field: 'value',
    type: 'quantitative',
    title: null,
    scale: { domain: [0, 1], nice: false },
    axis: { format: '.0%', tickCount: 5, labelOverlap: false },
  };
  const color = { field: 'series', type: 'nominal', scale: { domain: series, range: rangeOf(CURVE_COLORS) }, legend };
  const shape = { field: 'series', type: 'nominal', scale: { domain: series, range: rangeOf(MARK_SHAPES) }, legend };
  const strokeDash = {
    field: 'series',
    type: 'nominal',
    scale: { domain: series, range: rangeOf(CURVE_DASHES) },
    legend: null,
  };
  const layer = [
    ...(stairs.length === 0
      ? []
      : [
          {
            data: { values: stairs },
            mark: { type: 'line', interpolate: 'step-after' },
            encoding: { x, y, color, strokeDash },
          },
        ]),
    ...(marks.length === 0
      ? []
      : [
          {
            data: { values: marks },
            mark: { type: 'point', filled: true, size: 80, opacity: 1 },
            encoding: { x, y, color, shape },
          },
        ]),
  ];
  return { autosize: { type: 'fit', contains: 'padding' }, layer };
}
