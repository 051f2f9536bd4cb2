/** @file The charts of a comparison: all models in one. */

import { differencesOf } from '../../audit/comparability.ts';
import type { AuditComparison, ComparedFigure, ComparedModel } from '../../audit/comparison/comparison.ts';
import { plainText } from '../../audit/outputs/plain-text.ts';
import type { ChartData } from '../../chart/chart-data.ts';
import { type Dot, dotPlot } from '../../chart/dot-plot.ts';
import { lineChart, PERCENT_AXIS, type Point } from '../../chart/line-chart.ts';
import { formatCount, formatPercent } from '../../format/format.ts';
import { upperFirst } from '../../format/sentence-case.ts';

/** Models whose curves can be told apart. */
const MOST_MODELS = 12;

/** Characters of a name in a chart. */
const LONGEST = 60;

const BALL = /^robust@(linf|l2):(.+)$/;
const NAMES = { linf: 'Linf', l2: 'L2' } as const;

/** Share of the garbage of each source that each model accepts; nothing where the thresholds differ. */
export function garbageChart({ models, figures }: AuditComparison): readonly ChartData[] {
  const shown = models.slice(0, MOST_MODELS);
  if (differ(shown, 'threshold')) return [];
  const dots = figures.flatMap((figure): Dot[] => {
    const source = /^Share of (.+) accepted$/.exec(figure.title)?.[1];
    if (!/^garbage\.[^.]+$/.test(figure.id) || source === undefined) return [];
    return shown.flatMap(({ label }, place) => {
      const value = figure.values[place];
      if (value?.value == null) return [];
      const [low, high] = value.interval ?? [value.value, value.value];
      return { row: named(upperFirst(source)), series: named(label), value: value.value, low, high };
    });
  });
  if (dots.length === 0) return [];
  return [
    {
      title: `Share of each source that is accepted at ${formatPercent(shown[0]!.threshold)}`,
      caption: `Points: share of the images accepted; lines: 95\u00a0% interval, none where all images of a source were tried.${tooMany(models)}`,
      spec: dotPlot(dots, `share accepted at ${formatPercent(shown[0]!.threshold)}`),
    },
  ];
}

/** Accuracy that is left over the radius in a norm; nothing where it was not measured in the same way. */
export function robustCharts({ models, figures }: AuditComparison, norm: keyof typeof NAMES): readonly ChartData[] {
  const shown = models.slice(0, MOST_MODELS);
  if ((['budget', 'images', 'classes', 'shape'] as const).some((condition) => differ(shown, condition))) return [];
  const balls = figures.flatMap((figure) => {
    const [, own, radius] = BALL.exec(figure.id) ?? [];
    return own === norm && radius !== undefined ? [{ figure, radius: radiusOf(radius) }] : [];
  });
  balls.sort((a, b) => a.radius - b.radius);
  const points = shown.flatMap(({ label }, place) =>
    balls.flatMap(({ figure, radius }): Point[] => {
      const value = figure.values[place]?.value;
      return value == null ? [] : [{ x: radius, series: named(label), value }];
    }),
  );
  if (points.length === 0) return [];
  return [
    {
      title: `Accuracy over the radius, ${NAMES[norm]}`,
      caption: `Share of the attacked images${countedOf(balls[0]!.figure)} that are right and that no attack broke: at most so many withstand. Intervals stand in the table.${tooMany(models)}`,
      spec: lineChart(points, { title: `${NAMES[norm]} radius`, format: '.3~g' }, PERCENT_AXIS),
    },
  ];
}

/** ` (24 of each model)`, where it is the same number. */
function countedOf({ values }: ComparedFigure): string {
  const counts = new Set(values.flatMap((value) => value?.counted?.of ?? []));
  return counts.size === 1 ? ` (${formatCount([...counts][0]!)} of each model)` : '';
}

function tooMany(models: AuditComparison['models']): string {
  return models.length <= MOST_MODELS
    ? ''
    : ` The first ${MOST_MODELS} of ${formatCount(models.length)} models are drawn.`;
}

function differ(models: readonly ComparedModel[], condition: Parameters<typeof hasDifference>[2]): boolean {
  return models.some((model) => hasDifference(models[0]!, model, condition));
}

function hasDifference(
  first: ComparedModel,
  second: ComparedModel,
  wanted: ReturnType<typeof differencesOf>[number]['condition'],
): boolean {
  return differencesOf({ ...first, model: first }, { ...second, model: second }).some(
    ({ condition }) => condition === wanted,
  );
}

function radiusOf(text: string): number {
  const [above, below = '1'] = text.split('/');
  return Number(above) / Number(below);
}

function named(text: string): string {
  return plainText(text, LONGEST);
}
