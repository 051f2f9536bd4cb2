/** @file Auto-PGD: projected gradient ascent that finds its step size by itself. */

import { type Ball, project, steepest } from '../norm.ts';
import { gradientAt, type Steps } from './query.ts';
import type { Direction } from './sample.ts';

/** The momentum alpha and the share rho of steps that have to succeed. */
const [ALPHA, RHO] = [0.75, 0.75];

/**
 * Steps after which the step size is looked at: ceil(p_j N) with p_1 = .22, p_{j+1} = p_j + max(p_j - p_{j-1} - .03, .06).
 */
export function checkpoints(steps: number): readonly number[] {
  const points = [0];
  // In whole hundredths: in floating point p_2 N is a little more than 41 of 100, and the ceiling would be 42.
  for (let [last, percent] = [0, 22]; percent <= 100; ) {
    points.push(Math.ceil((percent * steps) / 100));
    [last, percent] = [percent, percent + Math.max(percent - last - 3, 6)];
  }
  return points;
}

/** Where a climb came to. */
export interface Climbed {
  /** `C x H x W` in [0, 1]. */
  readonly image: Float32Array;
  /** Of the objective, times the direction's sign. */
  readonly value: number;
}

/**
 * Croce and Hein 2020, algorithm 1.
 *
 * @param original `C x H x W` in [0, 1]: the center of the ball
 * @param start inside of ball and box
 * @returns the image of all that were asked about where the objective was best, and its value with the direction's sign
 */
export function* autoPgd(
  original: Float32Array,
  start: Float32Array,
  ball: Ball,
  { objective, sign }: Direction,
  steps: number,
): Steps<Climbed> {
  const size = original.length;
  const points = checkpoints(steps);
  let image = start.slice();
  let before = image.slice();
  let answer = yield* gradientAt(image, objective);
  let best = { image: image.slice(), gradient: answer.gradient, value: sign * answer.value };
  let last = best.value;
  let stepSize = 2 * ball.epsilon;
  let rises = 0;
  let checkpoint = 1;
  let atCheckpoint = { stepSize, value: best.value };
  for (let step = 0; step < steps; step++) {
    const move = steepest(answer.gradient, ball.norm);
    const target = new Float32Array(size);
    for (let i = 0; i < size; i++) target[i] = image[i]! + sign * stepSize * move[i]!;
    project(target, original, ball);
    const next = new Float32Array(size);
    const momentum = step === 0 ? 1 : ALPHA;
    for (let i = 0; i < size; i++) {
      next[i] = image[i]! + momentum * (target[i]! - image[i]!) + (1 - momentum) * (image[i]! - before[i]!);
    }
    project(next, original, ball);
    before = image;
    image = next;
    answer = yield* gradientAt(image, objective);
    const value = sign * answer.value;
    if (value > last) rises++;
    last = value;
    if (value > best.value) best = { image: image.slice(), gradient: answer.gradient, value };
    if (step + 1 !== points[checkpoint]) continue;
    const stalled = atCheckpoint.stepSize === stepSize && atCheckpoint.value === best.value;
    const few = rises < RHO * (points[checkpoint]! - points[checkpoint - 1]!);
    atCheckpoint = { stepSize, value: best.value };
    rises = 0;
    checkpoint++;
    if (!few && !stalled) continue;
    stepSize /= 2;
    image = best.image.slice();
    before = image.slice();
    answer = { ...answer, gradient: best.gradient };
    last = best.value;
  }
  return { image: best.image, value: best.value };
}
