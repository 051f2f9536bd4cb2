/** @file Charts of networks that are retrained with fooling images. */

import type { ChartData } from '../../chart/chart-data.ts';
import { thin } from '../../chart/thinning.ts';
import { median, type Quartiles } from '../../statistics/quartiles.ts';
import type { Round } from './round.ts';

/**
 * @param confidences of the new fooling images, for each round
 */
export function retrainingCharts(rounds: readonly Round[], confidences: readonly Quartiles[]): ChartData[] {
  return [progressChart(rounds), roundChart(rounds, confidences)];
}

/** Networks that a chart can tell apart. */
const LINES = 5;

function progressChart(rounds: readonly Round[]): ChartData {
  const shown = thin([...rounds.keys()], LINES);
  return {
    title: 'Fooling each network of the series',
    caption: 'Confidence of the median class against generations; median over the searches.',
    spec: {
      data: {
        values: shown.flatMap((index) =>
          rounds[index]!.searches[0]!.median.map((_, generation) => ({
            generation,
            value: median(rounds[index]!.searches.map((one) => one.median[generation]!)),
            network: `DNN ${index + 1}`,
          })),
        ),
      },
      mark: { type: 'line' },
      encoding: {
        x: { field: 'generation', type: 'quantitative', title: 'generation' },
        y: {
          field: 'value',
          type: 'quantitative',
          title: 'confidence',
          axis: { format: '%' },
          scale: { domain: [0, 1] },
        },
        color: { field: 'network', type: 'nominal', title: null },
      },
    },
  };
}

function roundChart(rounds: readonly Round[], confidences: readonly Quartiles[]): ChartData {
  const x = { field: 'network', type: 'ordinal', title: 'DNN', axis: { labelAngle: 0 } };
  const scale = { domain: [0, 1] };
  const quantities = ['confidence of new fooling images', 'clean accuracy', 'earlier fooling images detected'];
  return {
    title: 'Effect of retraining',
    caption: 'Bars span the quartiles of the confidences.',
    spec: {
      data: {
        values: rounds.flatMap(({ accuracy, recognized }, index) => {
          const { lower, median: middle, upper } = confidences[index]!;
          const network = index + 1;
          return [
            { network, value: middle, lower, upper, quantity: quantities[0] },
            { network, value: accuracy, quantity: quantities[1] },
            ...(recognized === undefined ? [] : [{ network, value: recognized, quantity: quantities[2] }]),
          ];
        }),
      },
      encoding: {
        x,
        color: {
          field: 'quantity',
          type: 'nominal',
          title: null,
          scale: { domain: quantities },
          legend: { symbolOpacity: 1 },
        },
      },
      layer: [
        {
          transform: [{ filter: 'isValid(datum.lower)' }],
          mark: { type: 'rule', strokeWidth: 8, opacity: 0.3 },
          encoding: { y: { field: 'lower', type: 'quantitative', scale }, y2: { field: 'upper' } },
        },
        {
          mark: { type: 'line', point: true },
          encoding: { y: { field: 'value', type: 'quantitative', title: null, axis: { format: '%' }, scale } },
        },
      ],
    },
  };
}
