/** @file How the learning rate goes over a training. */

/** A learning-rate policy. */
export type Schedule =
  /** Half a cosine from `base` down to zero (Loshchilov and Hutter 2017, without restarts). */
  | { readonly kind: 'cosine'; readonly base: number }
  /** `base (1 + gamma step)^-power`, as Caffe trains LeNet: .01, .0001, .75. */
  | { readonly kind: 'inverse'; readonly base: number; readonly gamma: number; readonly power: number }
  /** `base`, multiplied by `factor` after each of `pieces` equal parts of the training. */
  | { readonly kind: 'steps'; readonly base: number; readonly factor: number; readonly pieces: number };

/**
 * The learning rate of one step.
 *
 * @param step from 0
 * @param steps in the whole training
 */
export function learningRateAt(schedule: Schedule, step: number, steps: number): number {
  switch (schedule.kind) {
    case 'cosine':
      return (schedule.base / 2) * (1 + Math.cos((Math.PI * step) / steps));
    case 'inverse':
      return schedule.base * (1 + schedule.gamma * step) ** -schedule.power;
    case 'steps':
      return schedule.base * schedule.factor ** Math.floor((schedule.pieces * step) / steps);
  }
}
