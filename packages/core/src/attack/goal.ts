/** @file What an attack is after: any other class than the right one, or one class in particular. */

/** The criterion for one image. */
export interface Goal {
  /** The class that is right. */
  readonly label: number;
  /** The class that the image is to be taken for; any but the label when absent. */
  readonly target: number | undefined;
  /** What the margin has to exceed; 0 when absent. */
  readonly confidence?: number;
}

/**
 * How far the goal is reached: positive where it is. Without a target max_{i != label} Z_i - Z_label, with one
 * Z_target - max_{i != target} Z_i.
 */
export function goalMargin({ label, target }: Goal, logits: Float32Array): number {
  const own = target ?? label;
  const margin = logits[strongestBut(own, logits)]! - logits[own]!;
  return target === undefined ? margin : -margin;
}

/** Whether the goal is reached: a draw does not count. */
export function isReached(goal: Goal, logits: Float32Array): boolean {
  return goalMargin(goal, logits) > (goal.confidence ?? 0);
}

/** The class with the largest logit but one. */
export function strongestBut(excluded: number, logits: Float32Array): number {
  let best = excluded === 0 ? 1 : 0;
  for (let i = best + 1; i < logits.length; i++) if (i !== excluded && logits[i]! > logits[best]!) best = i;
  return best;
}

/** The classes in falling order of their logits; equal ones by number. */
export function ranking(logits: Float32Array): number[] {
  return Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
}
