/** @file SuperDeepFool: DeepFool across the boundary, then projections onto the boundary's normal. */

import {
  type Answer,
  clip,
  defineMinimalAttack,
  gradientsAt,
  isAdversarial,
  leastAmount,
  logitDifference,
  marginTo,
  nearestPlane,
  ranking,
  type Sample,
  type Steps,
  shortestStep,
  strongestBut,
  toBoundary,
  z,
} from '../kit.ts';

interface Options {
  readonly steps: number;
  readonly crossing: number;
  readonly projections: number;
  readonly candidates: number;
  readonly overshoot: number;
}

/** Share of the distance to which the line from original to image is searched at the end: ten halvings. */
const TOLERANCE = 2 ** -10;

/**
 * Abdollahpour et al. 2023, algorithm 2: SDF(m, n) takes m steps of DeepFool, or as many as lead across the boundary, then n times
 * the part of the perturbation that lies along the boundary's normal there, until the image is adversarial. As in the authors'
 * program, that part is added to the image which the round began with: added to the original, it ends right in front of the
 * boundary, round after round. The paper knows no box: the image is clipped after each step.
 */
function* superDeepFool(sample: Sample, { steps, crossing, projections, candidates, overshoot }: Options): Steps {
  const { image: original, criterion, numClasses } = sample;
  const { label, target } = criterion;
  const rivals = ranking(sample.logits)
    .filter((k) => k !== label)
    .slice(0, candidates - 1);
  const aimed = marginTo(criterion);
  const objectives =
    target === undefined ? rivals.map((k) => logitDifference(numClasses, k, label)) : [aimed.objective];
  const sign = target === undefined ? 1 : aimed.sign;
  const uphill = ({ gradient }: Answer): Float32Array => (sign === 1 ? gradient : gradient.map((slope) => -slope));
  // Of the class that the network sees here, or that comes next to the label.
  const boundary = (answers: readonly Answer[]): Answer => {
    const place = target === undefined ? rivals.indexOf(strongestBut(label, answers[0]!.logits)) : 0;
    return answers[place] ?? answers[nearestPlane(answers, 'l2') ?? 0]!;
  };
  let image: Float32Array = original.slice();
  let answers = yield* gradientsAt(image, objectives);
  let reached: Float32Array | undefined;
  for (let step = 0; step < steps && nearestPlane(answers, 'l2') !== undefined; step++) {
    const begin = image;
    for (let walked = 0; walked < (crossing || DEEPFOOL_STEPS); walked++) {
      const nearest = nearestPlane(answers, 'l2');
      if (nearest === undefined) break;
      const answer = answers[nearest]!;
      const amount = (1 + overshoot) * Math.max(-sign * answer.value, leastAmount(answer.gradient, 'l2'));
      const move = shortestStep(uphill(answer), amount, 'l2');
      image = clip(image.map((pixel, i) => pixel + move[i]!));
      answers = yield* gradientsAt(image, objectives);
      if (isAdversarial(criterion, answers[0]!.logits)) {
        reached = image;
        break;
      }
    }
    for (let turn = 0; turn < projections; turn++) {
      const normal = uphill(boundary(answers));
      let amount = 0;
      for (let i = 0; i < image.length; i++) amount += normal[i]! * (image[i]! - original[i]!);
      const move = shortestStep(normal, Math.max(0, amount), 'l2');
      image = clip(begin.map((pixel, i) => pixel + move[i]!));
      answers = yield* gradientsAt(image, objectives);
    }
    if (isAdversarial(criterion, answers[0]!.logits)) {
      reached = image;
      break;
    }
  }
  if (reached !== undefined) yield* toBoundary(sample, reached, 'l2', TOLERANCE);
}

/** Most steps of DeepFool where it is to go on until the boundary is crossed. */
const DEEPFOOL_STEPS = 100;

/** SuperDeepFool (Abdollahpour et al. 2023); minimal L2. */
export const superDeepfool = defineMinimalAttack({
  name: 'super-deepfool',
  title: 'SuperDeepFool',
  paper: 'Abdollahpour et al. 2023, arXiv 2303.12481',
  summary: "DeepFool across the boundary, then the perturbation's part along the boundary's normal; minimal L2",
  access: 'gradients',
  norms: ['l2'],
  targeted: true,
  settings: z.object({
    steps: z.int().min(1).default(100).describe('rounds of both kinds of steps'),
    crossing: z
      .int()
      .min(0)
      .default(0)
      .describe("DeepFool's steps in a round; 0 for as many as lead across the boundary"),
    projections: z.int().min(1).default(1).describe('projections onto the normal in a round'),
    candidates: z
      .int()
      .min(2)
      .default(10)
      .describe('likeliest classes whose boundaries are looked at, the own among them'),
    overshoot: z.number().min(0).default(0.02).describe("share by which DeepFool's steps go beyond the boundary"),
  }),
  search: (sample, _, settings) => superDeepFool(sample, settings),
});
