/** @file One step up the probability of a class. */

import type { AscentSettings } from './settings.ts';

/**
 * One step up the probability p = exp(value): along its gradient, of the length at which its linearization promises
 * `min(early, late (1 - p))`, but no longer than `maxStep` (Nguyen, Yosinski and Clune 2015, released code). Written with
 * the gradient of log p, which does not vanish where p does: grad p = p grad log p has the same direction, and the promised
 * length is progress / (p |grad log p|).
 *
 * An image whose gradient is zero or not finite stays where it is.
 *
 * @param x `N x size`, changed in place
 * @param value N times log p
 * @param gradient `N x size`, of log p
 */
export function ascend(
  x: Float32Array,
  value: Float32Array,
  gradient: Float32Array,
  settings: Pick<AscentSettings, 'early' | 'late' | 'maxStep'>,
): void {
  const size = x.length / value.length;
  for (let index = 0; index < value.length; index++) {
    const start = index * size;
    let norm = 0;
    for (let i = start; i < start + size; i++) norm += gradient[i]! * gradient[i]!;
    norm = Math.sqrt(norm);
    if (!(norm > 0 && Number.isFinite(norm))) continue;
    const p = Math.exp(value[index]!);
    const progress = Math.min(settings.early, settings.late * (1 - p));
    const length = Math.min(progress / (p * norm), settings.maxStep * Math.sqrt(size));
    for (let i = start; i < start + size; i++) x[i]! += (length / norm) * gradient[i]!;
  }
}
