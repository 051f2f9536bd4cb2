/** @file What an attack is after: any other class than the right one, or one class in particular. */

/** When an image counts as adversarial. */
export interface Criterion {
  /** The class that is right. */
  readonly label: number;
  /** The class that the image is to be taken for; any but the label when absent. */
  readonly target: number | undefined;
  /** What the margin has to exceed, a difference of logits; 0 when absent. */
  readonly confidence?: number;
}

/**
 * How far the criterion is met, as a difference of logits: positive where it is. Without a target
 * max_{i != label} Z_i - Z_label, with one Z_target - max_{i != target} Z_i.
 *
 * @param logits `numClasses`, of one image
 */
export function criterionMargin({ label, target }: Criterion, logits: Float32Array): number {
  const own = target ?? label;
  const margin = logits[strongestBut(own, logits)]! - logits[own]!;
  return target === undefined ? margin : -margin;
}

/** Whether an image with these logits meets the criterion; a draw does not. */
export function isAdversarial(criterion: Criterion, logits: Float32Array): boolean {
  return criterionMargin(criterion, logits) > (criterion.confidence ?? 0);
}

/** The class with the largest logit, one class left aside. */
export function strongestBut(excluded: number, logits: Float32Array): number {
  let best = excluded === 0 ? 1 : 0;
  for (let i = best + 1; i < logits.length; i++) if (i !== excluded && logits[i]! > logits[best]!) best = i;
  return best;
}

/** The classes in falling order of their logits; equal ones by number. */
export function ranking(logits: Float32Array): number[] {
  return Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
}

/**
 * How likely the criterion is, growing towards it: log p(target), or -log p(label) without a target. The logarithm keeps the
 * order of the probabilities and still tells them apart where float32 rounds them to 0 or 1.
 */
export function criterionLikelihood({ label, target }: Criterion, logits: Float32Array): number {
  const loss = surprise(target ?? label, logits);
  return target === undefined ? loss : -loss;
}

/** -log p(class) = log(1 + sum of e^(Z_i - Z_class) over the others). */
function surprise(own: number, logits: Float32Array): number {
  let top = 0;
  for (let i = 0; i < logits.length; i++) top = Math.max(top, logits[i]! - logits[own]!);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) if (i !== own) sum += Math.exp(logits[i]! - logits[own]! - top);
  return top === 0 ? Math.log1p(sum) : top + Math.log(Math.exp(-top) + sum);
}
