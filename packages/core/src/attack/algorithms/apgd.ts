/** @file Auto-PGD: projected gradient ascent that finds its step size by itself. */

import {
  type Ball,
  crossEntropy,
  type Direction,
  defineFixedAttack,
  gradientAt,
  logitDifference,
  project,
  randomStart,
  ranking,
  type Sample,
  type Steps,
  steepest,
  z,
} from '../kit.ts';

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

/** The classes that the difference of logits ratio needs. */
const FEWEST = { untargeted: 3, targeted: 4 } as const;

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

const STEPS = z.int().min(1).default(100).describe('gradient steps');

const CLIMB = z.object({
  steps: STEPS,
  restarts: z.int().min(1).default(1).describe('random starts'),
});

/** Auto-PGD on the cross-entropy (Croce and Hein 2020). */
export const apgdCe = defineFixedAttack({
  ...COMMON,
  name: 'apgd-ce',
  title: 'Auto-PGD on the cross-entropy',
  summary: 'gradient steps with momentum that halve where progress stalls',
  settings: CLIMB,
  search: (sample, ball, { steps, restarts }) =>
    restarted(sample, ball, crossEntropy(sample.criterion), steps, restarts),
});

/** Auto-PGD on the difference of logits ratio (Croce and Hein 2020, equation 6); of two classes, on the difference itself. */
export const apgdDlr = defineFixedAttack({
  ...COMMON,
  name: 'apgd-dlr',
  title: 'Auto-PGD on the difference of logits ratio',
  summary: 'the same on a loss that does not fade where the network is certain',
  remarks: (numClasses) => (numClasses < FEWEST.untargeted ? [instead('apgd-dlr', 'untargeted', numClasses)] : []),
  settings: CLIMB,
  search: (sample, ball, { steps, restarts }) =>
    restarted(sample, ball, ratio(sample, sample.criterion.target), steps, restarts),
});

/**
 * Auto-PGD towards the likeliest other classes in turn (Croce and Hein 2020, equation 7): all others where there are no more. Of
 * fewer than four classes it climbs the difference of logits itself.
 */
export const apgdT = defineFixedAttack({
  ...COMMON,
  name: 'apgd-t',
  title: 'Targeted auto-PGD',
  summary: 'auto-PGD on the targeted ratio, towards each of the likeliest other classes in turn',
  remarks: (numClasses) => (numClasses < FEWEST.targeted ? [instead('apgd-t', 'targeted', numClasses)] : []),
  settings: z.object({
    steps: STEPS,
    classes: z.int().min(1).default(9).describe('likeliest other classes that are tried'),
  }),
  *search(sample, ball, { steps, classes }) {
    const { label, target } = sample.criterion;
    const rivals = target === undefined ? ranking(sample.logits).filter((k) => k !== label) : [target];
    for (const rival of rivals.slice(0, classes)) yield* autoPgd(sample, ball, ratio(sample, rival), steps);
  },
});

/**
 * The difference of logits ratio, targeted where there is a target; it has to grow. Its denominator is of the first and third
 * logit, with a target of the fourth, too. Where these are missing it is the numerator, max_{i != y} Z_i - Z_y or Z_t - Z_y: of
 * so few classes no more is left of the ratio, and Auto-PGD takes steps of the gradient's direction alone.
 */
function ratio({ criterion: { label }, numClasses }: Sample, target: number | undefined): Direction {
  if (target === undefined) {
    return { objective: { kind: numClasses < FEWEST.untargeted ? 'margin' : 'dlr', classIndex: label }, sign: 1 };
  }
  const isDefined = numClasses >= FEWEST.targeted;
  return {
    objective: isDefined
      ? { kind: 'targeted-dlr', classIndex: label, target }
      : logitDifference(numClasses, target, label),
    sign: 1,
  };
}

/** Says that an attack climbs the difference of logits instead of the ratio. */
function instead(name: string, kind: keyof typeof FEWEST, numClasses: number): string {
  const ratioName = `${kind === 'targeted' ? 'targeted ' : ''}difference of logits ratio`;
  return `${name} climbs the difference of logits instead of the ${ratioName}, which needs ${FEWEST[kind]} classes: the model has ${numClasses}`;
}
