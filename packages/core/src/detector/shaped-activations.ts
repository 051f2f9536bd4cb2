/** @file What ASH-S and SCALE have in common: features scaled by how much of their sum the largest of them hold. */

import type { GraphBuilder } from '@pareidolia/autodiff';
import type { Detector } from './detector.ts';
import { layerNodes, layerOf } from './graph-parts.ts';
import { logSumExp, logSumExpNodes } from './log-sum-exp.ts';

/** No sum is taken for smaller. */
const LEAST_SUM = 1e-12;

/** The largest exponent, with which float32 stays finite. */
const LARGEST_EXPONENT = 60;

/**
 * A detector that scales the features by `exp(s1 / s2)`, s1 the sum of all and s2 that of the largest ones, and takes the energy.
 *
 * @param percent of the features that are not among the largest
 * @param isPruned whether these are set to 0
 */
export function shapedActivations(
  about: Pick<Detector, 'name' | 'title' | 'paper'>,
  percent: number,
  isPruned: boolean,
): Detector {
  return {
    ...about,
    needs: 'features',
    needsLayer: true,
    isShiftInvariant: false,
    isOfSoftmax: true,
    async fit(source) {
      const { width } = source;
      const layer = source.layer!;
      const kept = Math.max(1, width - roundToEven((width * percent) / 100));
      let negative = 0;
      for await (const batch of source.batches())
        negative += batch.features.reduce((n, value) => n + (value < 0 ? 1 : 0), 0);
      return {
        name: about.name,
        remarks:
          negative === 0
            ? []
            : [
                `${about.name} supposes features that are never negative, and ${((100 * negative) / (source.count * width)).toFixed(1)} % of these are`,
              ],
        parameters: { percentile: percent, kept },
        score: ({ features }) => {
          const least = features.slice().sort()[width - kept]!;
          let [all, large] = [0, 0];
          for (const value of features) {
            all += value;
            if (value >= least) large += value;
          }
          const scale = Math.exp(Math.min(LARGEST_EXPONENT, all / Math.max(large, LEAST_SUM)));
          const shaped = Float64Array.from(features, (value) => (isPruned && value < least ? 0 : scale * value));
          return logSumExp(layerOf(layer, shaped));
        },
        graph: (b, { features }) => {
          const [largest] = b.ops('TopK', [features, b.ints([kept])], 2, { axis: 1, largest: 1, sorted: 1 });
          const least = b.op('ReduceMin', [largest!, b.ints([1])], { keepdims: 1 });
          const isLarge = b.op('Cast', [b.op('GreaterOrEqual', [features, least])], { to: FLOAT });
          const large = b.op('Mul', [features, isLarge]);
          const ratio = b.op('Div', [sum(b, features), b.op('Max', [sum(b, large), b.scalar(LEAST_SUM)])]);
          const scale = b.op('Exp', [b.op('Min', [ratio, b.scalar(LARGEST_EXPONENT)])]);
          return logSumExpNodes(b, layerNodes(b, layer, b.op('Mul', [isPruned ? large : features, scale])));
        },
      };
    },
  };
}

/** To the nearest whole number, halves to the even one, as numpy rounds in their programs. */
function roundToEven(value: number): number {
  const nearest = Math.round(value);
  return value % 1 === 0.5 && nearest % 2 === 1 ? nearest - 1 : nearest;
}

/** ONNX's number for float32. */
const FLOAT = 1;

function sum(b: GraphBuilder, rows: string): string {
  return b.op('ReduceSum', [rows, b.ints([1])], { keepdims: 1 });
}
