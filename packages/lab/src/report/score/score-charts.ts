/** @file Charts of scored images: reliability, confidences, confusion. */

import type { ConfusionEntry } from '@pareidolia/core';
import type { ChartData } from '../../chart/chart-data.ts';
import { binnedShares, reliabilityChart, SHARE_AXIS } from '../../chart/reliability-chart.ts';
import { shortName } from '../../format/format.ts';
import { CONFIDENCE_BINS, type ScoreRun } from './score-run.ts';

/** More classes than this make a matrix that cannot be read. */
export const MOST_MATRIX_CLASSES = 30;

/** Counts are written into the matrix up to so many classes. */
const MOST_COUNTED_CLASSES = 12;

/** The reliability diagram of Guo et al. 2017, and how often each confidence occurs. */
export function confidenceCharts({ measures, confidence, images }: ScoreRun): ChartData[] {
  if (confidence === null) return [];
  const { calibration } = measures ?? { calibration: null };
  const shares = confidence.histogram.map((count, bin) => ({
    low: bin / CONFIDENCE_BINS,
    high: (bin + 1) / CONFIDENCE_BINS,
    share: count / images.count,
  }));
  return [
    ...(calibration === null ? [] : [reliabilityChart(calibration.bins, calibration.error)]),
    {
      title: 'Confidences',
      caption: 'Share of the images whose decision has a confidence in each bin.',
      spec: {
        data: { values: shares },
        mark: { type: 'bar', binSpacing: 1 },
        encoding: {
          x: binnedShares('low', 'confidence'),
          x2: { field: 'high' },
          y: { field: 'share', type: 'quantitative', title: null, axis: SHARE_AXIS },
        },
      },
    },
  ];
}

/** The confusion matrix; nothing where there are too many classes. */
export function confusionCharts(confusion: readonly ConfusionEntry[], classNames: readonly string[]): ChartData[] {
  const count = classNames.length;
  if (count > MOST_MATRIX_CLASSES) return [];
  const totals = new Map<number, number>();
  for (const { label, count: images } of confusion) totals.set(label, (totals.get(label) ?? 0) + images);
  const values = confusion.map(({ label, prediction, count: images }) => ({
    label,
    prediction,
    images,
    share: images / totals.get(label)!,
  }));
  const names = classNames.map((name) => shortName(name));
  const axis = (field: string, title: string, angle: number): object => ({
    field,
    type: 'ordinal',
    title,
    scale: { domain: names.map((_, index) => index), paddingInner: 0.06 },
    axis: {
      labelExpr: `${JSON.stringify(names)}[datum.value]`,
      labelLimit: 110,
      labelAngle: angle,
      labelOverlap: false,
      domain: false,
      ticks: false,
      grid: false,
    },
  });
  const place = {
    x: axis('prediction', 'taken for', count > 12 || names.some((name) => name.length > 5) ? -50 : 0),
    y: axis('label', 'right class', 0),
  };
  const heat = {
    mark: { type: 'rect', color: 'var(--accent)' },
    encoding: {
      ...place,
      opacity: {
        field: 'share',
        type: 'quantitative',
        scale: { domain: [0, 1], range: [0.1, 1] },
        legend: null,
      },
    },
  };
  const text = {
    mark: { type: 'text', fontSize: 11.5 },
    encoding: {
      ...place,
      text: { field: 'images', type: 'quantitative', format: ',' },
      color: { condition: { test: 'datum.share > 0.5', value: 'var(--paper)' }, value: 'var(--ink)' },
    },
  };
  return [
    {
      title: 'Confusion matrix',
      caption:
        'Rows: the right class. Columns: what its images were taken for. The darker, the larger the share of the row.',
      spec: {
        width: 420,
        height: 420,
        data: { values },
        layer: [heat, ...(count <= MOST_COUNTED_CLASSES ? [text] : [])],
      },
    },
  ];
}
