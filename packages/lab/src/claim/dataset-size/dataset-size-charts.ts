/** @file Charts of the evaluations that fooling takes. */

import type { ChartData } from '../../chart/chart-data.ts';
import type { FooledNetwork } from './fooled-network.ts';

/**
 * @param sizes networks of all classes, with growing numbers of examples
 * @param counts networks of growing numbers of classes
 * @param limit evaluations after which searches end
 */
export function datasetSizeCharts(
  sizes: readonly FooledNetwork[],
  counts: readonly FooledNetwork[],
  limit: number,
): ChartData[] {
  return [
    {
      title: 'With more examples of each class',
      caption: `Each point is a network; hollow ones were not fooled within ${limit} evaluations. Lines join the medians.`,
      spec: spec(
        sizes,
        'each',
        { title: 'training examples of each class', scale: { type: 'log', nice: false, padding: 12 } },
        limit,
      ),
    },
    {
      title: 'With more classes',
      caption: `The same number of examples of each class; a search makes images for all classes at once.`,
      spec: spec(counts, 'classes', { title: 'classes', scale: { zero: false } }, limit),
    },
  ];
}

function spec(
  networks: readonly FooledNetwork[],
  property: 'each' | 'classes',
  axis: Readonly<Record<string, unknown>>,
  limit: number,
): Record<string, unknown> {
  const x = { field: 'x', type: 'quantitative', axis: { grid: false, tickCount: 6 }, ...axis };
  const y = { type: 'quantitative', title: 'evaluations', scale: { domain: [0, limit] } };
  return {
    data: {
      values: networks.flatMap((one) =>
        (['direct', 'cppn'] as const).map((encoding) => ({
          x: one[property],
          evaluations: Math.min(limit, one.needed[encoding]),
          fooled: one.needed[encoding] <= limit,
          encoding: encoding === 'cppn' ? 'CPPN images' : 'direct images',
        })),
      ),
    },
    encoding: { x, color: { field: 'encoding', type: 'nominal', title: null } },
    layer: [
      { mark: { type: 'line', opacity: 0.6 }, encoding: { y: { ...y, field: 'evaluations', aggregate: 'median' } } },
      {
        mark: { type: 'point', size: 60 },
        encoding: {
          y: { ...y, field: 'evaluations' },
          fillOpacity: { condition: { test: 'datum.fooled', value: 0.8 }, value: 0 },
          fill: { field: 'encoding', type: 'nominal', title: null },
        },
      },
    ],
  };
}
