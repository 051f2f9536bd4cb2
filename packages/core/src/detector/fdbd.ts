import type { Detector } from './detector.ts';
import { centeredNodes, lengthNodes, numbers } from './graph-parts.ts';
import { featuresOf } from './statistics/class-gaussians.ts';
import { Moments } from './statistics/moments.ts';

/** No distance is taken for smaller. */
const LEAST_DISTANCE = 1e-12;

/**
 * Fast decision boundary based detection (Liu and Qin 2024): the mean distance of the features to the boundaries between the
 * predicted class c and the others, `|f_c - f_k| / |w_c - w_k|`, over their distance to the mean of all features.
 */
export const fdbd: Detector = {
  name: 'fdbd',
  title: 'fDBD',
  paper: 'Liu and Qin 2024',
  needs: 'features',
  needsLayer: true,
  isShiftInvariant: true,
  isOfSoftmax: true,
  async fit(source) {
    const { width, numClasses } = source;
    const { weight } = source.layer!;
    const about = new Moments(width, false);
    for await (const batch of source.batches()) {
      for (let row = 0; row < batch.count; row++) about.add(featuresOf(batch, width, row));
    }
    const { mean } = about;
    /** `1 / |w_c - w_k|`; 0 of equal ones, which no boundary divides. */
    const steepness = new Float64Array(numClasses * numClasses);
    for (let c = 0; c < numClasses; c++) {
      for (let k = 0; k < numClasses; k++) {
        let sum = 0;
        for (let i = 0; i < width; i++) sum += (weight[c * width + i]! - weight[k * width + i]!) ** 2;
        steepness[c * numClasses + k] = sum === 0 ? 0 : 1 / Math.sqrt(sum);
      }
    }
    const others = Math.max(1, numClasses - 1);
    return {
      name: 'fdbd',
      remarks: [],
      parameters: {},
      score: ({ logits, features }) => {
        const best = logits.indexOf(Math.max(...logits));
        let boundaries = 0;
        for (let k = 0; k < numClasses; k++) {
          boundaries += Math.abs(logits[best]! - logits[k]!) * steepness[best * numClasses + k]!;
        }
        let squares = 0;
        for (let i = 0; i < width; i++) squares += (features[i]! - mean[i]!) ** 2;
        return boundaries / others / Math.max(Math.sqrt(squares), LEAST_DISTANCE);
      },
      graph: (b, { logits, features }) => {
        const best = b.op('ArgMax', [logits], { axis: 1, keepdims: 0 });
        const rows = b.op('Gather', [numbers(b, steepness, [numClasses, numClasses]), best], { axis: 0 });
        const largest = b.op('ReduceMax', [logits, b.ints([1])], { keepdims: 1 });
        const boundaries = b.op('Mul', [b.op('Abs', [b.op('Sub', [largest, logits])]), rows]);
        const mine = b.op('Div', [b.op('ReduceSum', [boundaries, b.ints([1])], { keepdims: 0 }), b.scalar(others)]);
        const away = lengthNodes(b, centeredNodes(b, features, mean));
        return b.op('Div', [mine, b.op('Max', [away, b.scalar(LEAST_DISTANCE)])]);
      },
    };
  },
};
