/** @file Objectives in plain arithmetic: the readable twin of what the gradient graphs compute, for wrappers that have no graph. */

import { logSumExp } from './draws.ts';
import type { Objective } from './objective.ts';

/** What the published program adds to the denominator of the difference of logits ratio. */
const SMALL = 1e-12;

/**
 * An objective of one image, and its derivative by the logits; confidences are the softmax of these. Of equal logits the first counts as the larger.
 *
 * @param z the image's logits
 * @param row place of the image in the batch that the objective is of
 */
export function objectiveOfRow(
  z: readonly number[],
  objective: Objective,
  row: number,
): { readonly value: number; readonly cotangent: readonly number[] } {
  if (objective.refusedAs === undefined) return objectiveOfLogits(z, objective, row);
  const as = objective.refusedAs[row]!;
  const { logits, slopes } = mergedRow(z, as);
  const { value, cotangent } = objectiveOfLogits(logits, objective, row);
  const others = cotangent.map((own, k) => (k === as ? 0 : own));
  return { value, cotangent: slopes.map((slope, k) => (others[k] ?? 0) + cotangent[as]! * slope) };
}

/**
 * Logits with what is refused counted as a class (see `refusedAs`), and the derivative of that class's logit by all of them.
 *
 * @param as the class
 */
function mergedRow(
  z: readonly number[],
  as: number,
): { readonly logits: readonly number[]; readonly slopes: readonly number[] } {
  const known = z.slice(0, -1);
  const own = z.map((_, k) => (k === as ? 1 : 0));
  if (z.at(-1)! <= Math.max(...known)) return { logits: known, slopes: own };
  const rivals = known.map((value, k) => (k === as ? Number.NEGATIVE_INFINITY : value));
  const rival = rivals.indexOf(Math.max(...rivals));
  if (rivals[rival]! <= known[as]!) return { logits: known, slopes: own };
  // Logarithms, for far below a detector's threshold all that is left to the classes rounds to 0.
  const [all, accepted] = [logSumExp(z), logSumExp(known)];
  const lacks = all - accepted - Math.LN2;
  const above = rivals[rival]! + Math.log1p(Math.max(0, lacks));
  const merged = Math.max(known[as]!, above) + Math.log1p(Math.exp(-Math.abs(known[as]! - above)));
  const share = Math.exp(above - merged);
  const slopes = z.map((value, k) => {
    const steep = lacks > 0 ? Math.exp(value - all) - (k < known.length ? Math.exp(value - accepted) : 0) : 0;
    return (1 - share) * own[k]! + share * ((k === rival ? 1 : 0) + steep / (1 + lacks));
  });
  return { logits: known.map((value, k) => (k === as ? merged : value)), slopes };
}

/** An objective of the logits that it is about. */
function objectiveOfLogits(
  z: readonly number[],
  objective: Objective,
  row: number,
): { readonly value: number; readonly cotangent: readonly number[] } {
  if (objective.kind === 'linear') {
    const weights = objective.weights.subarray(row * z.length, (row + 1) * z.length);
    return { value: z.reduce((sum, value, k) => sum + value * weights[k]!, 0), cotangent: [...weights] };
  }
  const own = objective.classIndices[row]!;
  if (objective.kind === 'log-probability' || objective.kind === 'log-confidence') {
    const top = Math.max(...z);
    const exps = z.map((value) => Math.exp(value - top));
    const total = exps.reduce((sum, value) => sum + value);
    const rest = total - exps[own]!;
    return {
      value: z[own]! - top - Math.log(total),
      cotangent: exps.map((value, k) => (k === own ? rest / total : -value / total)),
    };
  }
  const cotangent = z.map(() => 0);
  const order = [...z.keys()].sort((a, b) => z[b]! - z[a]!);
  const [first, second, third, fourth] = order as [number, number, number, number];
  switch (objective.kind) {
    case 'margin': {
      const rival = first === own ? second : first;
      cotangent[rival] = 1;
      cotangent[own] = -1;
      return { value: z[rival]! - z[own]!, cotangent };
    }
    case 'dlr': {
      const rival = first === own ? second : first;
      const [above, below] = [z[own]! - z[rival]!, z[first]! - z[third]! + SMALL];
      cotangent[own]! -= 1 / below;
      cotangent[rival]! += 1 / below;
      cotangent[first]! += above / below ** 2;
      cotangent[third]! -= above / below ** 2;
      return { value: -above / below, cotangent };
    }
    case 'targeted-dlr': {
      const target = objective.targets[row]!;
      const [above, below] = [z[own]! - z[target]!, z[first]! - (z[third]! + z[fourth]!) / 2 + SMALL];
      cotangent[own]! -= 1 / below;
      cotangent[target]! += 1 / below;
      cotangent[first]! += above / below ** 2;
      cotangent[third]! -= above / below ** 2 / 2;
      cotangent[fourth]! -= above / below ** 2 / 2;
      return { value: -above / below, cotangent };
    }
  }
}
