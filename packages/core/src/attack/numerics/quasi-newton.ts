/** @file Box-constrained minimization with curvature from past gradients. */

/** A function's value and gradient at a point. */
export interface Sloped {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** Asks for points, one after the other; ends with the best one. */
export type Minimisation = Generator<Float64Array, Float64Array, Sloped>;

/** Pairs of steps and gradient changes that are remembered. */
const MEMORY = 10;

/** Armijo's constant, and how often a step is halved. */
const [DECREASE, HALVINGS] = [1e-4, 20];

/**
 * Minimizes a function over the box [0, 1]^n by projected quasi-Newton steps: values at an end of the box that the gradient
 * pushes outward stay there, the others follow the L-BFGS direction (two-loop recursion: Nocedal and Wright 2006, algorithm
 * 7.4), cut to the box, with backtracking along the cut path (two-metric projection: Bertsekas 1982). It does what L-BFGS-B
 * (Byrd et al. 1995) does, without its subspace minimization.
 */
export function* minimiseInBox(start: Float64Array, iterations: number): Minimisation {
  let x: Float64Array = start.slice();
  let here = yield x;
  let steps: Float64Array[] = [];
  let changes: Float64Array[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const free = Array.from(x, (value, i) => {
      const slope = here.gradient[i]!;
      return !((value <= 0 && slope > 0) || (value >= 1 && slope < 0));
    });
    const masked = here.gradient.map((slope, i) => (free[i] ? slope : 0));
    let direction: Float64Array = twoLoop(masked, steps, changes).map((value, i) => (free[i] ? -value : 0));
    if (dot(direction, masked) >= 0) {
      [steps, changes] = [[], []];
      direction = masked.map((slope) => -slope);
    }
    // Without curvature yet the first step is as long as one grey value's whole range.
    let size = steps.length === 0 ? 1 / Math.max(1, largest(direction)) : 1;
    let moved: Float64Array | undefined;
    let there = here;
    for (let halving = 0; halving < HALVINGS; halving++, size /= 2) {
      const trial = x.map((value, i) => Math.min(1, Math.max(0, value + size * direction[i]!)));
      const decrease = dot(here.gradient, difference(trial, x));
      if (decrease >= 0) break;
      there = yield trial;
      if (there.value <= here.value + DECREASE * decrease) {
        moved = trial;
        break;
      }
    }
    if (moved === undefined) return x;
    const step = difference(moved, x);
    const change = difference(there.gradient, here.gradient);
    if (dot(step, change) > 1e-10 * dot(change, change)) {
      steps = [...steps, step].slice(-MEMORY);
      changes = [...changes, change].slice(-MEMORY);
    }
    const gain = here.value - there.value;
    [x, here] = [moved, there];
    if (gain <= 1e-9 * Math.max(1, Math.abs(here.value))) return x;
  }
  return x;
}

/** H g, H the L-BFGS approximation of the inverse Hessian. */
function twoLoop(
  gradient: Float64Array,
  steps: readonly Float64Array[],
  changes: readonly Float64Array[],
): Float64Array {
  const q = gradient.slice();
  const weights: number[] = [];
  for (let k = steps.length - 1; k >= 0; k--) {
    weights[k] = dot(steps[k]!, q) / dot(steps[k]!, changes[k]!);
    add(q, changes[k]!, -weights[k]!);
  }
  const [step, change] = [steps.at(-1), changes.at(-1)];
  if (step !== undefined && change !== undefined) {
    const scale = dot(step, change) / dot(change, change);
    for (let i = 0; i < q.length; i++) q[i]! *= scale;
  }
  for (let k = 0; k < steps.length; k++) {
    const beta = dot(changes[k]!, q) / dot(steps[k]!, changes[k]!);
    add(q, steps[k]!, weights[k]! - beta);
  }
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function add(to: Float64Array, what: Float64Array, times: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += times * what[i]!;
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]!);
}

function largest(vector: Float64Array): number {
  return vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
