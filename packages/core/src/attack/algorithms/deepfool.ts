/** @file DeepFool: step by step to the nearest boundary of the linearised classifier. */

import { minimal } from '../attack.ts';
import { isAdversarial, ranking } from '../criterion.ts';
import { gradientsAt, logitsOf, type Steps } from '../engine/query.ts';
import { logitDifference, marginTo, type Sample } from '../engine/sample.ts';
import { clip } from '../norm.ts';
import { leastAmount, nearestPlane, stepTo } from '../numerics/hyperplane.ts';

/**
 * Moosavi-Dezfooli, Fawzi and Frossard 2016, algorithm 2 (L2) and section 3.3 (Linf). The gradients of all candidate
 * classes are asked for at once. Aimed at a class, the only boundary is the one to that class.
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
    const move = stepTo(image, uphill, Math.max(Math.abs(value), leastAmount(gradient, norm)), norm);
    for (let i = 0; i < image.length; i++) {
      total[i]! += move[i]!;
      image[i] = original[i]! + (1 + overshoot) * total[i]!;
    }
    clip(image);
  }
  yield* logitsOf(image);
}

export const deepfool = minimal({
  name: 'deepfool',
  title: 'DeepFool',
  paper: 'Moosavi-Dezfooli, Fawzi and Frossard 2016, arXiv 1511.04599',
  summary: 'steps to the nearest boundary of the linearised classifier',
  access: 'gradients',
  norms: ['l2', 'linf'],
  targeted: true,
  settings: { steps: 50, candidates: 10, overshoot: 0.02 },
  search: (sample, norm, settings) => deepFool(sample, norm === 'linf' ? 'linf' : 'l2', settings),
});
