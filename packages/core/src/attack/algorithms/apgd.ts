/** @file Auto-PGD: projected gradient ascent that finds its step size by itself. */

import { fixedEpsilon } from '../attack.ts';
import { ranking } from '../criterion.ts';
import { gradientAt, type Steps } from '../engine/query.ts';
import { randomStart } from '../engine/random-start.ts';
import { crossEntropy, type Direction, type Sample } from '../engine/sample.ts';
import { type Ball, project, steepest } from '../norm.ts';

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

/** Croce and Hein 2020, algorithm 1. */
function* autoPgd(sample: Sample, ball: Ball, { objective, sign }: Direction, steps: number): Steps {
  const { image: original } = sample;
  const size = original.length;
  const points = checkpoints(steps);
  let image = original.slice();
  randomStart(image, sample, ball);
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
}

function* restarted(sample: Sample, ball: Ball, direction: Direction, steps: number, restarts: number): Steps {
  for (let start = 0; start < restarts; start++) yield* autoPgd(sample, ball, direction, steps);
}

const COMMON = {
  paper: 'Croce and Hein 2020, arXiv 2003.01690',
  access: 'gradients',
  norms: ['linf', 'l2'],
  targeted: true,
} as const;

export const apgdCe = fixedEpsilon({
  ...COMMON,
  name: 'apgd-ce',
  title: 'Auto-PGD on the cross-entropy',
  summary: 'gradient steps with momentum that halve where progress stalls',
  settings: { steps: 100, restarts: 1 },
  search: (sample, ball, { steps, restarts }) =>
    restarted(sample, ball, crossEntropy(sample.criterion), steps, restarts),
});

export const apgdDlr = fixedEpsilon({
  ...COMMON,
  name: 'apgd-dlr',
  title: 'Auto-PGD on the difference of logits ratio',
  summary: 'the same on a loss that does not fade where the network is certain',
  leastClasses: 4,
  settings: { steps: 100, restarts: 1 },
  search: (sample, ball, { steps, restarts }) =>
    restarted(sample, ball, ratio(sample, sample.criterion.target), steps, restarts),
});

export const apgdT = fixedEpsilon({
  ...COMMON,
  name: 'apgd-t',
  title: 'Targeted auto-PGD',
  summary: 'auto-PGD on the targeted ratio, towards each of the likeliest other classes in turn',
  leastClasses: 4,
  settings: { steps: 100, classes: 9 },
  *search(sample, ball, { steps, classes }) {
    const { label, target } = sample.criterion;
    const rivals = target === undefined ? ranking(sample.logits).filter((k) => k !== label) : [target];
    for (const rival of rivals.slice(0, classes)) yield* autoPgd(sample, ball, ratio(sample, rival), steps);
  },
});

/** The difference of logits ratio, targeted where there is a target; it has to grow. */
function ratio({ criterion }: Sample, target: number | undefined): Direction {
  return target === undefined
    ? { objective: { kind: 'dlr', classIndex: criterion.label }, sign: 1 }
    : { objective: { kind: 'targeted-dlr', classIndex: criterion.label, target }, sign: 1 };
}
