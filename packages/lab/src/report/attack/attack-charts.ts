/** @file Accuracy as a function of the distance allowed and of the queries spent. */

import { isRobust, isUndecided } from '@pareidolia/core';
import type { ChartData } from '../../chart/chart-data.ts';
import { lineChart, PERCENT_AXIS, type Point } from '../../chart/line-chart.ts';
import { type MarksAndStairs, marksAndStairs } from '../../chart/marks-and-stairs.ts';
import { thin } from '../../chart/thinning.ts';
import type { SampleLine } from './attack-summary.ts';
import { NORM_NAMES } from './norm-names.ts';

/** Points that a curve keeps. */
const POINTS = 300;

/** The charts of an attack run: accuracy over epsilon, one for each norm, and accuracy over queries. */
export function attackCharts(lines: readonly SampleLine[]): ChartData[] {
  const charts: ChartData[] = [];
  const attacks = [...new Set(lines.map(({ attack }) => attack))];
  for (const norm of new Set(lines.map((line) => line.norm))) {
    const { marks, stairs } = byDistance(lines.filter((line) => line.norm === norm));
    if (marks.length + stairs.length === 0) continue;
    const how = [
      ...(marks.length === 0
        ? []
        : ['A mark is an epsilon that an attack was given; nothing was measured between marks.']),
      ...(stairs.length === 0
        ? []
        : ['Stairs are of attacks that look for the smallest distance: each step is an image.']),
    ];
    charts.push({
      title: `Accuracy over epsilon, ${NORM_NAMES[norm]}`,
      caption: ['Share of all images that stay correct while changes up to this distance are allowed.', ...how].join(
        ' ',
      ),
      spec: marksAndStairs({ marks, stairs }, attacks, `${NORM_NAMES[norm]} distance allowed`),
    });
  }
  const queries = byQueries(lines);
  if (queries.length > 0) {
    charts.push({
      title: 'Accuracy over queries',
      caption:
        'Share of all images that stay correct after so many forward passes for each; attacks within an epsilon at their largest.',
      spec: lineChart(queries, { title: 'queries', format: '~s', log: true, steps: true }, PERCENT_AXIS, attacks),
    });
  }
  return charts;
}

/**
 * For each attack the accuracy as a function of epsilon: stairs from the distances that a minimal attack found, marks at the epsilons
 * that another one was given. Before any change all attacks begin at the same accuracy.
 */
function byDistance(lines: readonly SampleLine[]): MarksAndStairs {
  const [marks, stairs]: [Point[], Point[]] = [[], []];
  for (const attack of new Set(lines.map((line) => line.attack))) {
    const all = lines.filter((line) => line.attack === attack);
    const smallest = all.filter(({ epsilon }) => epsilon === null);
    if (smallest.length === 0) {
      for (const epsilon of new Set(all.map((line) => line.epsilon))) {
        const some = all.filter((line) => line.epsilon === epsilon);
        marks.push({ x: epsilon ?? 0, series: attack, value: share(some, isRobust) });
      }
      continue;
    }
    const start = share(smallest, wasRight);
    const distances = smallest
      .filter(({ success, initiallyWrong }) => success && !initiallyWrong)
      .map((line) => line.distances![line.norm])
      .sort((a, b) => a - b);
    const steps = distances.map(
      (x, index): Point => ({ x, series: attack, value: start - (index + 1) / smallest.length }),
    );
    stairs.push(...thin<Point>([{ x: 0, series: attack, value: start }, ...steps], POINTS));
  }
  return { marks, stairs };
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
