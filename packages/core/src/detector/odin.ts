import { differentiate } from '@pareidolia/autodiff';
import { InputError } from '../errors.ts';
import { toFloat } from '../image/images.ts';
import type { Detector, GuardValues } from './detector.ts';
import { softmax } from './log-sum-exp.ts';

const TEMPERATURE = 1000;

/** The step, in pixels from 0 to 1. */
const EPSILON = 0.0014;

/**
 * ODIN (Liang, Li and Srikant 2018): the largest probability of the softmax at temperature 1000, after one step of 0.0014 in the
 * direction of the gradient's sign in which its logarithm grows. They tune both numbers on outliers; here they are as given.
 */
export const odin: Detector = {
  name: 'odin',
  title: 'ODIN',
  paper: 'Liang et al. 2018',
  needs: 'gradient',
  isShiftInvariant: true,
  isOfSoftmax: true,
  fit: async ({ numClasses }) => ({
    name: 'odin',
    remarks: [],
    parameters: { temperature: TEMPERATURE, epsilon: EPSILON },
    score: ({ logits }) => Math.max(...softmax(heated(logits))),
    async moved(classifier, images) {
      const pixels = toFloat(images);
      const { data } = await classifier.logits(pixels);
      const weights = new Float32Array(data.length);
      for (let start = 0; start < data.length; start += numClasses) {
        const own = data.subarray(start, start + numClasses);
        const best = own.indexOf(Math.max(...own));
        softmax(heated(own)).forEach((p, k) => {
          weights[start + k] = (k === best ? 1 : 0) - p;
        });
      }
      const { gradient } = await classifier.gradient(pixels, { kind: 'linear', weights });
      return { ...pixels, data: pixels.data.map((value, i) => value + EPSILON * Math.sign(gradient[i]!)) };
    },
    graph(b, values) {
      const { logits } = values;
      const { input, unit, again } = secondPass(values);
      const best = b.op('ArgMax', [logits], { axis: 1, keepdims: 0 });
      const chosen = b.op('OneHot', [
        best,
        b.ints([numClasses]),
        b.constant({ type: 'float32', dims: [2], data: Float32Array.of(0, 1) }),
      ]);
      const cool = b.scalar(1 / TEMPERATURE);
      const cotangent = b.op('Sub', [chosen, b.op('Softmax', [b.op('Mul', [logits, cool])], { axis: 1 })]);
      const [gradient] = differentiate(b, logits, cotangent, [input]);
      const step = b.op('Mul', [b.op('Sign', [gradient!]), b.op('Mul', [unit, b.scalar(EPSILON)])]);
      const moved = again(b.op('Add', [input, step]));
      const probabilities = b.op('Softmax', [b.op('Mul', [moved, cool])], { axis: 1 });
      return b.op('ReduceMax', [probabilities, b.ints([1])], { keepdims: 0 });
    },
  }),
};

function heated(logits: Float32Array): Float64Array {
  return Float64Array.from(logits, (logit) => logit / TEMPERATURE);
}

/** @throws InputError where the network cannot be run twice in a graph */
function secondPass({ second }: GuardValues): NonNullable<GuardValues['second']> {
  if (second !== undefined) return second;
  throw new InputError(
    'odin cannot be folded into this model: its input or its scores have a form that a second pass does not take',
  );
}
