/** @file The Jacobian-based saliency map attack: few pixels, changed all the way. */

import {
  defineMinimalAttack,
  gradientsAt,
  isAdversarial,
  logitsOf,
  ranking,
  type Sample,
  type Steps,
  z,
} from '../kit.ts';

/**
 * Papernot et al. 2016, algorithm 2 and equation 8, on the logits: the pair of values that raises the target most while
 * the sum of the others falls is moved by theta, until the image is adversarial or the share gamma of all values has changed.
 * Without a target it aims at the likeliest other class.
 */
function* saliency(sample: Sample, { theta, gamma }: { readonly theta: number; readonly gamma: number }): Steps {
  const { image: original, criterion, numClasses } = sample;
  const target = criterion.target ?? ranking(sample.logits).find((k) => k !== criterion.label)!;
  const own = new Float32Array(numClasses);
  own[target] = 1;
  const others = own.map((weight) => 1 - weight);
  const image = original.slice();
  const used = new Uint8Array(image.length);
  const open = (i: number): boolean => used[i] === 0 && (theta > 0 ? image[i]! < 1 : image[i]! > 0);
  for (let changed = 0; changed + 2 <= gamma * image.length; changed += 2) {
    const [aim, rest] = yield* gradientsAt(image, [
      { kind: 'linear', weights: own },
      { kind: 'linear', weights: others },
    ]);
    if (isAdversarial(criterion, aim!.logits)) return;
    const pair = bestPair(aim!.gradient, rest!.gradient, open, Math.sign(theta));
    if (pair === undefined) return;
    for (const i of pair) {
      image[i] = Math.min(1, Math.max(0, image[i]! + theta));
      used[i] = 1;
    }
  }
  yield* logitsOf(image);
}

/** The pair with alpha > 0 > beta of the largest -alpha beta, where both add up the two values' derivatives. */
function bestPair(
  aim: Float32Array,
  rest: Float32Array,
  open: (i: number) => boolean,
  sign: number,
): readonly [number, number] | undefined {
  const places = undominated(aim, rest, open, sign);
  let best: readonly [number, number] | undefined;
  let most = 0;
  for (let first = 0; first < places.length; first++) {
    for (let second = first + 1; second < places.length; second++) {
      const [p, q] = [places[first]!, places[second]!];
      const alpha = sign * (aim[p]! + aim[q]!);
      const beta = sign * (rest[p]! + rest[q]!);
      if (alpha > 0 && beta < 0 && -alpha * beta > most) {
        most = -alpha * beta;
        best = [p, q];
      }
    }
  }
  return best;
}

/**
 * The open values that can be in the best pair: those which at most one other surpasses in both, raising the target and
 * lowering the rest. Of two that surpass a third, one at least is not its partner, and would make the pair better.
 */
function undominated(aim: Float32Array, rest: Float32Array, open: (i: number) => boolean, sign: number): number[] {
  const places = Array.from(aim.keys())
    .filter(open)
    .sort((a, b) => sign * (aim[b]! - aim[a]!) || sign * (rest[a]! - rest[b]!) || a - b);
  // The two lowest sums of the others' derivatives among those that raise the target more.
  let [lowest, second] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  return places.filter((i) => {
    const own = sign * rest[i]!;
    const stays = own < second;
    if (own < lowest) [lowest, second] = [own, lowest];
    else if (own < second) second = own;
    return stays;
  });
}

/** JSMA (Papernot et al. 2016): few values changed all the way; minimal L0. */
export const jsma = defineMinimalAttack({
  name: 'jsma',
  title: 'Jacobian-based saliency map attack',
  paper: 'Papernot et al. 2016, arXiv 1511.07528',
  summary: 'changes few values all the way, in pairs chosen by a saliency map; L0',
  access: 'gradients',
  norms: ['l0'],
  targeted: true,
  settings: z.object({
    theta: z
      .number()
      .min(-1)
      .max(1)
      .refine((theta) => theta !== 0, 'a number from -1 to 1 other than 0, which changes nothing')
      .default(1)
      .describe('what a chosen value changes by, not 0; negative darkens'),
    gamma: z.number().gt(0).max(1).default(0.1).describe('share of the values that may be changed'),
  }),
  search: (sample, _, settings) => saliency(sample, settings),
});
