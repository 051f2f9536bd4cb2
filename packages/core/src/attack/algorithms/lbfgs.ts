/** @file The first attack of all: box-constrained L-BFGS on distance plus loss. */

import {
  crossEntropy,
  defineMinimalAttack,
  gradientAt,
  isAdversarial,
  marginTo,
  minimiseInBox,
  type Sample,
  type Steps,
  z,
} from '../kit.ts';

interface Options {
  readonly iterations: number;
  readonly searchSteps: number;
  readonly constant: number;
}

/**
 * Szegedy et al. 2014, section 4.1: minimizes c |r|^2 + loss(x + r) over images in the box, and looks for the largest c
 * at which the minimum is still adversarial. The paper writes |r|; squared, as in its later programs, it has a gradient
 * at the start. The loss is -log p(target); without a target it is the margin of the label, cut off where the label has lost
 * by 1: log p(label) has no minimum.
 */
function* boxConstrained(sample: Sample, { iterations, searchSteps, constant }: Options): Steps {
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  let c = constant;
  for (let search = 0; search < searchSteps; search++) {
    if (yield* minimise(sample, c, iterations)) low = c;
    else high = c;
    c = high === Number.POSITIVE_INFINITY ? c * 10 : low === 0 ? c / 10 : Math.sqrt(low * high);
  }
}

/** Minimizes with one c; whether the minimum is adversarial. */
function* minimise(sample: Sample, c: number, iterations: number): Steps<boolean> {
  const { image: original, criterion } = sample;
  const { objective, sign } = criterion.target === undefined ? marginTo(criterion) : crossEntropy(criterion);
  const search = minimiseInBox(Float64Array.from(original), iterations);
  let reached = false;
  let asked = search.next();
  while (asked.done !== true) {
    const point = asked.value;
    const answer = yield* gradientAt(Float32Array.from(point), objective);
    reached = isAdversarial(criterion, answer.logits);
    const loss = -sign * answer.value;
    const flat = criterion.target === undefined && loss < -1;
    let distance = 0;
    const gradient = point.map((pixel, i) => {
      const change = pixel - original[i]!;
      distance += change * change;
      return 2 * c * change - (flat ? 0 : sign * answer.gradient[i]!);
    });
    asked = search.next({ value: c * distance + (flat ? -1 : loss), gradient });
  }
  return reached;
}

/** Box-constrained L-BFGS (Szegedy et al. 2014); minimal L2. */
export const lbfgs = defineMinimalAttack({
  name: 'lbfgs',
  title: 'Box-constrained L-BFGS',
  paper: 'Szegedy et al. 2014, arXiv 1312.6199',
  summary: 'minimizes distance plus loss with curvature, with a search over their balance; L2',
  access: 'gradients',
  norms: ['l2'],
  targeted: true,
  settings: z.object({
    iterations: z.int().min(1).default(100).describe('quasi-Newton steps for each constant'),
    searchSteps: z.int().min(1).default(12).describe('values of the constant that are tried'),
    constant: z.number().gt(0).default(1).describe('first weight of the distance against the loss'),
  }),
  search: (sample, _, settings) => boxConstrained(sample, settings),
});
