/** @file DeepFool: step by step to the nearest boundary of the linearized classifier. */

import {
  clip,
  defineMinimalAttack,
  gradientsAt,
  isAdversarial,
  leastAmount,
  logitDifference,
  logitsOf,
  marginTo,
  nearestPlane,
  ranking,
  type Sample,
  type Steps,
  shortestStep,
  z,
} from '../kit.ts';

/**
 * Moosavi-Dezfooli, Fawzi and Frossard 2016, algorithm 2 (L2) and section 3.3 (Linf). The gradients of all candidate
 * classes are asked for at once. Aimed at a class, the only boundary is the one to that class. Steps are those of the paper, which
 * knows no box: the image is clipped after each, as the authors' code and Foolbox do. FAB takes the steps within the box.
 */
function* deepFool(
  sample: Sample,
  norm: 'l2' | 'linf',
  { steps, candidates, overshoot }: { readonly steps: number; readonly candidates: number; readonly overshoot: number },
): Steps {
  const { image: original, criterion, numClasses } = sample;
  const rivals = ranking(sample.logits)
    .filter((k) => k !== criterion.label)
    .slice(0, candidates - 1);
  const objectives =
    criterion.target === undefined
      ? rivals.map((k) => logitDifference(numClasses, k, criterion.label))
      : [marginTo(criterion).objective];
  const sign = criterion.target === undefined ? 1 : marginTo(criterion).sign;
  const total = new Float32Array(original.length);
  const image = original.slice();
  for (let step = 0; step < steps; step++) {
    const answers = yield* gradientsAt(image, objectives);
    if (isAdversarial(criterion, answers[0]!.logits)) return;
    const nearest = nearestPlane(answers, norm);
    if (nearest === undefined) return;
    const { value, gradient } = answers[nearest]!;
    const uphill = sign === 1 ? gradient : gradient.map((slope) => -slope);
    const move = shortestStep(uphill, Math.max(Math.abs(value), leastAmount(gradient, norm)), norm);
    for (let i = 0; i < image.length; i++) {
      total[i]! += move[i]!;
      image[i] = original[i]! + (1 + overshoot) * total[i]!;
    }
    clip(image);
  }
  yield* logitsOf(image);
}

/** DeepFool (Moosavi-Dezfooli et al. 2016); minimal L2 or Linf. */
export const deepfool = defineMinimalAttack({
  name: 'deepfool',
  title: 'DeepFool',
  paper: 'Moosavi-Dezfooli, Fawzi and Frossard 2016, arXiv 1511.04599',
  summary: 'steps to the nearest boundary of the linearized classifier',
  access: 'gradients',
  norms: ['l2', 'linf'],
  targeted: true,
  settings: z.object({
    steps: z.int().min(1).default(50).describe('steps to the nearest boundary'),
    candidates: z
      .int()
      .min(2)
      .default(10)
      .describe('likeliest classes whose boundaries are looked at, the own among them'),
    overshoot: z.number().min(0).default(0.02).describe('share by which the perturbation goes beyond the boundary'),
  }),
  search: (sample, norm, settings) => deepFool(sample, norm, settings),
});
