/** @file How the share of the classes with an accepted image grows with the questions. */

import type { ChartData } from '../../chart/chart-data.ts';
import { CURVE_COLORS, CURVE_DASHES } from '../../chart/theme.ts';
import { quartiles } from '../../statistics/quartiles.ts';
import type { Sought } from '../../workbench/seek.ts';
import type { SearchPlan } from './searches.ts';

/** Points of a curve. */
const POINTS = 80;

/** A search with what its seeds came to. */
export interface Curve {
  readonly name: string;
  readonly runs: readonly Pick<Sought, 'first' | 'questions' | 'ended'>[];
}

/** For each search the median over its seeds, with a band from quartile to quartile. */
export function acceptanceChart(curves: readonly Curve[], plan: Pick<SearchPlan, 'classes' | 'questions'>): ChartData {
  const series = curves.map(({ name }) => name);
  const values = curves.flatMap(({ name, runs }) => {
    const most = Math.min(
      plan.questions,
      ...runs.filter(({ ended }) => ended === 'refused').map((run) => run.questions),
    );
    return grid(most).map((questions) => {
      const shares = runs.map(({ first }) => first.filter((at) => at > 0 && at <= questions).length / first.length);
      return { questions, search: name, ...quartiles(shares) };
    });
  });
  const rangeOf = <T>(list: readonly T[]): T[] => series.map((_, index) => list[index % list.length]!);
  const scale = { domain: series, range: rangeOf(CURVE_COLORS) };
  const y = { type: 'quantitative', title: null, scale: { domain: [0, 1], nice: false }, axis: { format: '.0%' } };
  return {
    title: 'Classes with an accepted image',
    caption: `Of ${plan.classes.length} classes, over the questions asked. Lines: the median over the seeds; bands: from quartile to quartile.`,
    spec: {
      autosize: { type: 'fit', contains: 'padding' },
      data: { values },
      encoding: {
        x: {
          field: 'questions',
          type: 'quantitative',
          title: 'questions',
          scale: { type: 'log', nice: false },
          axis: { format: '~s', tickCount: 5 },
        },
        color: { field: 'search', type: 'nominal', scale, legend: { title: null, symbolType: 'stroke' } },
      },
      layer: [
        {
          mark: { type: 'area', opacity: 0.15, interpolate: 'step-after' },
          encoding: { y: { field: 'lower', ...y }, y2: { field: 'upper' } },
        },
        {
          mark: { type: 'line', interpolate: 'step-after' },
          encoding: {
            y: { field: 'median', ...y },
            strokeDash: {
              field: 'search',
              type: 'nominal',
              scale: { domain: series, range: rangeOf(CURVE_DASHES) },
              legend: { title: null, symbolType: 'stroke' },
            },
          },
        },
      ],
    },
  };
}

/** Whole numbers from 1 to `most`, evenly spread over a logarithmic scale. */
function grid(most: number): readonly number[] {
  const places = Array.from({ length: POINTS }, (_, i) => Math.round(most ** (i / (POINTS - 1))));
  return [...new Set(places)];
}
