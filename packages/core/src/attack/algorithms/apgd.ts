/** @file The attacks that climb by Auto-PGD, each another objective. */

import {
  autoPgd,
  type Ball,
  crossEntropy,
  type Direction,
  defineFixedAttack,
  logitDifference,
  randomStart,
  ranking,
  type Sample,
  type Steps,
  z,
} from '../kit.ts';

/** The classes that the difference of logits ratio needs. */
const FEWEST = { untargeted: 3, targeted: 4 } as const;

/** From a random place in the ball. */
function* climbFromRandom(sample: Sample, ball: Ball, direction: Direction, steps: number): Steps {
  const start = sample.image.slice();
  randomStart(start, sample, ball);
  yield* autoPgd(sample.image, start, ball, direction, steps);
}

function* restarted(sample: Sample, ball: Ball, direction: Direction, steps: number, restarts: number): Steps {
  for (let start = 0; start < restarts; start++) yield* climbFromRandom(sample, ball, direction, steps);
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
    for (const rival of rivals.slice(0, classes)) yield* climbFromRandom(sample, ball, ratio(sample, rival), steps);
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
