/** @file Accuracy as a function of the distance allowed and of the queries spent. */

import { isRobust, isUndecided } from '@pareidolia/core';
import type { ChartData } from '../../chart/chart-data.ts';
import { lineChart, PERCENT_AXIS, type Point } from '../../chart/line-chart.ts';
import { thin } from '../../chart/thinning.ts';
import type { SampleLine } from './attack-summary.ts';
import { NORM_NAMES } from './norm-names.ts';

/** Points that a curve keeps. */
const POINTS = 300;

/** The charts of an attack run: accuracy over epsilon, one for each norm, and accuracy over queries. */
export function attackCharts(lines: readonly SampleLine[]): ChartData[] {
  const charts: ChartData[] = [];
  for (const norm of new Set(lines.map((line) => line.norm))) {
    const points = byDistance(lines.filter((line) => line.norm === norm));
    if (points.length === 0) continue;
    charts.push({
      title: `Accuracy over epsilon, ${NORM_NAMES[norm]}`,
      caption: 'Share of all images that stay correct while changes up to this distance are allowed.',
      spec: lineChart(
        points,
        { title: `${NORM_NAMES[norm]} distance allowed`, format: '~g', steps: true },
        PERCENT_AXIS,
      ),
    });
  }
  const queries = byQueries(lines);
  if (queries.length > 0) {
    charts.push({
      title: 'Accuracy over queries',
      caption: 'Share of all images that stay correct after so many forward passes for each.',
      spec: lineChart(queries, { title: 'queries', format: '~s', log: true, steps: true }, PERCENT_AXIS),
    });
  }
  return charts;
}

/** For each attack the accuracy as a function of epsilon: from the distances found, or at the epsilons that were tried. */
function byDistance(lines: readonly SampleLine[]): Point[] {
  return [...new Set(lines.map(({ attack }) => attack))].flatMap((attack) => {
    const all = lines.filter((line) => line.attack === attack);
    const smallest = all.filter(({ epsilon }) => epsilon === null);
    const own = smallest.length > 0 ? smallest : all;
    const epsilons = [...new Set(own.map(({ epsilon }) => epsilon))];
    const last = own.filter(({ epsilon }) => epsilon === epsilons.at(-1));
    const start = share(last, wasRight);
    if (epsilons.length > 1) {
      const tried = epsilons.map((epsilon): Point => {
        const some = own.filter((line) => line.epsilon === epsilon);
        return {
          x: epsilon ?? 0,
          series: attack,
          value: share(some, isRobust),
        };
      });
      return [{ x: 0, series: attack, value: start }, ...tried];
    }
    const found = last.filter(({ success, initiallyWrong }) => success && !initiallyWrong);
    const distances = found.map((line) => line.distances![line.norm]).sort((a, b) => a - b);
    return thin<Point>(
      [
        { x: 0, series: attack, value: start },
        ...distances.map((x, index): Point => ({ x, series: attack, value: start - (index + 1) / last.length })),
      ],
      POINTS,
    );
  });
}

/** For each attack, at its largest epsilon, the accuracy as a function of the forward passes spent. */
function byQueries(lines: readonly SampleLine[]): Point[] {
  return [...new Set(lines.map(({ attack }) => attack))].flatMap((attack) => {
    const all = lines.filter((line) => line.attack === attack);
    const smallest = all.filter(({ epsilon }) => epsilon === null);
    const last = smallest.length > 0 ? smallest : all.filter(({ epsilon }) => epsilon === all.at(-1)!.epsilon);
    const start = share(last, wasRight);
    const spent = last
      .filter(({ success, initiallyWrong }) => success && !initiallyWrong)
      .map(({ queries }) => queries.forward)
      .sort((a, b) => a - b);
    const most = Math.max(...last.map(({ queries }) => queries.forward));
    return thin<Point>(
      [
        { x: 1, series: attack, value: start },
        ...spent.map((x, index): Point => ({ x, series: attack, value: start - (index + 1) / last.length })),
        { x: Math.max(1, most), series: attack, value: start - spent.length / last.length },
      ],
      POINTS,
    );
  });
}

/** Whether an image was right, and it is known whether it withstands. */
function wasRight(line: SampleLine): boolean {
  return !line.initiallyWrong && !isUndecided(line);
}

function share<T>(items: readonly T[], test: (item: T) => boolean): number {
  return items.filter(test).length / items.length;
}
