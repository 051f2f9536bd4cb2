/** @file What a threshold stops and costs, in paragraphs, tables and a chart. */

import { falsePositives } from '@pareidolia/core';
import type { ChartData } from '../../chart/chart-data.ts';
import { lineChart, PERCENT_AXIS, type Point } from '../../chart/line-chart.ts';
import { formatCount, formatPercent } from '../../format/format.ts';
import type { ScoredImages } from '../garbage/score-images.ts';
import { acceptedAt } from '../garbage/scored-sources.ts';
import type { Figure } from '../result/figure.ts';
import type { AuditSection } from '../result/result.ts';
import { formatArea, KEPT, type MeasuredSource } from './scored.ts';

type Table = AuditSection['tables'][number];

/** Shares of real images kept, for the chart. */
const KEPT_SHARES = Array.from({ length: 41 }, (_, i) => 0.8 + i / 200);

/** Curves of the chart. */
const MOST_CURVES = 6;

/** @param inUse the threshold of the audit */
export function thresholdText(
  origin: string,
  count: number,
  threshold: Figure,
  refused: Figure,
  inUse: number,
): readonly string[] {
  const [low, high] = threshold.interval!;
  return [
    `A threshold of ${formatPercent(threshold.value!)} on the largest confidence keeps at least ${formatPercent(KEPT)} of the ${formatCount(count)} real images of ${origin} (95 % interval of the threshold ${formatPercent(low)} to ${formatPercent(high)}, by order statistics). The threshold in use, ${formatPercent(inUse)}, refuses ${formatPercent(refused.value!)} of them.`,
    'AUROC is the chance that a real image has a larger score than one of the source, ties counted half: 1 where a threshold tells them apart, 0.5 where the score says nothing. Shares stopped are of the threshold as it was found on these real images; its own uncertainty is not in their intervals. None of the sources was moved to look like real images: against images made for it a detector stops less.',
  ];
}

/** A row for each threshold. */
export function thresholdTable(
  measured: readonly MeasuredSource[],
  { confidences }: ScoredImages,
  thresholds: readonly number[],
  refusing: ReadonlySet<number>,
): Table {
  return {
    title: 'Thresholds',
    caption:
      'What each threshold on the largest confidence refuses of the real images, and what it accepts of the worst source.',
    head: ['threshold', 'real images refused', 'worst source', 'accepted of it', 'accepted of all sources, mean'],
    rows: [...new Set(thresholds)]
      .sort((a, b) => a - b)
      .map((threshold) => {
        const refused = confidences.filter((confidence) => confidence < threshold).length / confidences.length;
        const shares = measured.map(({ source, scored }) => ({
          title: source.title,
          share: acceptedAt(scored, threshold, refusing) / scored.classes.length,
        }));
        const [first, ...others] = shares;
        if (first === undefined) return [formatPercent(threshold), formatPercent(refused), '', '', ''];
        const worst = others.reduce((so, each) => (each.share > so.share ? each : so), first);
        const mean = shares.reduce((sum, { share }) => sum + share, 0) / shares.length;
        return [
          formatPercent(threshold),
          formatPercent(refused),
          worst.share === 0 ? 'none' : worst.title,
          formatPercent(worst.share),
          formatPercent(mean),
        ];
      }),
  };
}

/** A row for each source. */
export function sourceTable(measured: readonly MeasuredSource[], figures: ReadonlyMap<string, Figure>): Table {
  const show = (id: string, format: (value: number) => string): string => {
    const { value, interval } = figures.get(id)!;
    if (value === null) return 'not measured';
    return interval === null ? format(value) : `${format(value)} (${interval.map((end) => format(end)).join(' to ')})`;
  };
  return {
    title: 'The confidence as a detector',
    caption: `Of each source: AUROC against the real images, and the share stopped by the threshold that keeps ${formatPercent(KEPT)} of them; 95 % intervals in brackets.`,
    head: ['source', 'AUROC', 'stopped'],
    rows: measured.map(({ source }) => [
      source.title,
      show(`auroc.${source.name}`, formatArea),
      show(`stopped.${source.name}`, formatPercent),
    ]),
  };
}

/** What is let through of each source over what is kept of the real images. */
export function thresholdChart(measured: readonly MeasuredSource[], known: Float32Array): ChartData {
  const curves = measured
    .map(({ source, scored }) => ({
      title: source.title,
      shares: KEPT_SHARES.map((kept) => falsePositives(known, scored.confidences, kept).share),
    }))
    .map((curve) => ({ ...curve, sum: curve.shares.reduce((sum, share) => sum + share, 0) }))
    .sort((a, b) => b.sum - a.sum)
    .slice(0, MOST_CURVES);
  const points: readonly Point[] = curves.flatMap(({ title, shares }) =>
    shares.map((value, i) => ({ x: KEPT_SHARES[i]!, series: title, value })),
  );
  return {
    title: 'What is let through for what is kept',
    caption: `Share of a source that passes a threshold on the largest confidence, over the share of real images that it keeps${measured.length > curves.length ? `; the ${curves.length} sources that pass most` : ''}.`,
    spec: lineChart(points, { title: 'real images kept', format: '.0%' }, PERCENT_AXIS),
  };
}
