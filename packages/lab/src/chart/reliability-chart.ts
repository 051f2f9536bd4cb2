/** @file The reliability diagram. */

import type { CalibrationBin } from '@pareidolia/core';
import { formatPercent } from '../format/format.ts';
import type { ChartData } from './chart-data.ts';

/** How axes of shares are labelled. */
export const SHARE_AXIS = { format: '.0%', tickCount: 5 };
/** All of a share. */
export const SHARE_SCALE = { domain: [0, 1], nice: false };

/**
 * The reliability diagram of Guo et al. 2017.
 *
 * @param error the expected calibration error of the bins
 */
export function reliabilityChart(bins: readonly CalibrationBin[], error: number): ChartData {
  const values = bins.filter(({ count }) => count > 0);
  return {
    title: 'Reliability diagram',
    caption: `Bars: share of right decisions in each of ${bins.length} bins of confidence; ticks: their mean confidence. Below the dashed line the network is surer than it is right. Expected calibration error ${formatPercent(error)}.`,
    spec: {
      layer: [
        {
          data: { values },
          mark: { type: 'bar', binSpacing: 1 },
          encoding: {
            x: binnedShares('low', 'confidence'),
            x2: { field: 'high' },
            y: { field: 'accuracy', type: 'quantitative', title: null, scale: SHARE_SCALE, axis: SHARE_AXIS },
          },
        },
        {
          data: { values },
          mark: { type: 'rule', color: 'var(--warn)', strokeWidth: 2.2 },
          encoding: {
            x: { field: 'low', type: 'quantitative' },
            x2: { field: 'high' },
            y: { field: 'confidence', type: 'quantitative' },
          },
        },
        {
          data: { values: [0, 1].map((share) => ({ share })) },
          mark: { type: 'line', strokeDash: [6, 4], strokeWidth: 1.5, color: 'var(--muted)' },
          encoding: {
            x: { field: 'share', type: 'quantitative' },
            y: { field: 'share', type: 'quantitative' },
          },
        },
      ],
    },
  };
}

/** An axis of shares in bins of equal width. */
export function binnedShares(field: string, title: string): object {
  return {
    field,
    type: 'quantitative',
    bin: 'binned',
    title,
    scale: SHARE_SCALE,
    axis: { ...SHARE_AXIS, grid: false },
  };
}
