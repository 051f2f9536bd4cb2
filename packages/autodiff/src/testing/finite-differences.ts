/** @file Checks a gradient graph against central differences of its forward graph. */

import { expect } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import type { Dim, Model } from '../model/model.ts';
import type { TensorValue } from '../model/tensor.ts';
import { openModel } from './run.ts';
import { type Sample, sample, signs } from './samples.ts';

/** Property tests of gradients use these cases, the same in every run. */
export const CASES = { seed: 2015, numRuns: 12 } as const;

/**
 * Step sizes of the differences: powers of two, so that x + h d is rounded little. The second one is for directions that
 * cross a kink within the first.
 */
const ONCE = { steps: [2 ** -7, 2 ** -11], refutations: 1 } as const;

/**
 * Tolerance relative to the norm of the gradient, which is the typical size of its product with a direction of signs. The
 * truncation error is of the order STEP^2 = 6e-5, times third derivatives of up to some tens here. A single wrong element
 * among n changes the product by 1 / sqrt(n) of the norm, which is far more.
 */
const TOLERANCE = 5e-3;

/** Rounding error of float32 relative to what is summed: half a unit in the last place, and as much inside the graph. */
const ROUNDING = 2 ** -23;

/** Directions for each operand. */
const DIRECTIONS = 3;

/** A function as a graph, and where to evaluate it. */
export interface Subject {
  /** The arguments, by name; all float32. */
  readonly operands: Readonly<Record<string, Sample>>;
  /** Operands that are written into the graph; they get no gradient. */
  readonly constants?: readonly string[];
  /** Operands whose first axis is left open. */
  readonly open?: readonly string[];
  /** The axes that are left open instead of the first one alone. */
  readonly openAxes?: readonly number[];
  /** The opset that the operators are of, where it is above the one that graphs are built in. */
  readonly opset?: number;
  /** Adds the function to a graph that has the operands, and names its value. */
  readonly build: (b: GraphBuilder) => string;
  /** The operands to differentiate by; all that are not constants when absent. */
  readonly wrt?: readonly string[];
}

/** A graph that holds the operands of a subject, by name. */
export function declareOperands(
  b: GraphBuilder,
  { operands, constants = [], open = [], openAxes = [0] }: Subject,
): void {
  for (const [name, { dims, data }] of Object.entries(operands)) {
    const shape: Dim[] = dims.map((dim, axis) =>
      openAxes.includes(axis) && open.includes(name) ? 'NCDHW'[axis]! : dim,
    );
    const value: TensorValue = { type: 'float32', dims, data };
    if (constants.includes(name)) b.initializer(name, value);
    else b.input(name, 'float32', shape);
  }
}

/**
 * Asserts that the gradient of sum(cotangent * y) agrees with central differences along random directions of each operand,
 * and that shapes are as inferred. A direction that crosses a kink at every step size is skipped; if that happens to more than a third of them, the test fails.
 */
export async function expectGradient(subject: Subject, seed: number): Promise<void> {
  const { operands, constants = [] } = subject;
  const feeds = Object.fromEntries(Object.entries(operands).filter(([name]) => !constants.includes(name)));
  const wrt = subject.wrt ?? Object.keys(feeds);

  const forward = new GraphBuilder('forward', subject.opset);
  declareOperands(forward, subject);
  const y = subject.build(forward);
  forward.output(y);
  const inferred = forward.shape(y);
  const session = await openModel(forward.build());
  try {
    const output = (await session.run(feeds))[y]!;
    expectShape(inferred, output.dims, y);
    const cotangent = sample(seed + 1, output.dims);
    const size = output.data.reduce((sum, element, i) => sum + Math.abs(element * cotangent.data[i]!), 0);
    const gradients = await gradientsOf(subject, wrt, feeds, cotangent);

    const objective = async (name: string, data: Float32Array): Promise<number> => {
      const value = (await session.run({ ...feeds, [name]: { ...feeds[name]!, data } }))[y]!.data;
      return value.reduce((sum, element, i) => sum + element * cotangent.data[i]!, 0);
    };
    const along = (name: string, direction: Float32Array, by: number): Promise<number> =>
      objective(
        name,
        feeds[name]!.data.map((x, i) => x + by * direction[i]!),
      );

    let kinks = 0;
    for (const [place, name] of wrt.entries()) {
      const gradient = gradients[name]!;
      expect(gradient.dims, `shape of the gradient of ${name}`).toEqual(operands[name]!.dims);
      expect(gradient.data.every(Number.isFinite), `gradient of ${name} is finite`).toBe(true);
      const norm = Math.hypot(...gradient.data);
      for (let k = 0; k < DIRECTIONS; k++) {
        const direction = signs(seed + 7919 * (place + 1) + 104729 * k, gradient.data.length);
        const ours = gradient.data.reduce((sum, element, i) => sum + element * direction[i]!, 0);
        const found = await compareAlong(ours, norm, size, (by) => along(name, direction, by));
        if (found === 'kink') kinks++;
        else if (found !== 'agrees') {
          expect.fail(`The gradient of ${name} along direction ${k} is ${ours}, by differences it is ${found}`);
        }
      }
    }
    expect(kinks, 'directions that cross kinks').toBeLessThanOrEqual((DIRECTIONS * wrt.length) / 3);
  } finally {
    await session.close();
  }
}

/**
 * Compares the gradient along a direction of signs with central differences. A kink within a step shows: half the step gives
 * another quotient, or, where the kink is nearer than that, the quotients to either side differ.
 *
 * @param ours gradient times direction
 * @param norm of the gradient
 * @param size what the function sums, in absolute values
 * @param at the function at so many times the direction
 * @param options step sizes, and at how many of them the quotient has to disagree: at two where there may be kinks on both sides
 *   that make up for each other
 * @returns `kink` where no step tells anything, and the quotient where it disagrees
 */
export async function compareAlong(
  ours: number,
  norm: number,
  size: number,
  at: (by: number) => Promise<number>,
  { steps, refutations }: { readonly steps: readonly number[]; readonly refutations: number } = ONCE,
): Promise<'agrees' | 'kink' | number> {
  const quotient = async (from: number, to: number): Promise<number> =>
    ((await at(to)) - (await at(from))) / (to - from);
  let refuted = 0;
  for (const step of steps) {
    const bound = TOLERANCE * norm + (ROUNDING * size) / step;
    const difference = await quotient(-step, step);
    const error = Math.abs(ours - difference);
    if (error <= bound) return 'agrees';
    if (Math.abs(difference - (await quotient(-step / 2, step / 2))) > bound / 4) continue;
    const bend = Math.abs((await quotient(0, step)) - (await quotient(-step, 0)));
    if (bend < error && ++refuted === refutations) return difference;
  }
  return 'kink';
}

/** The graph that gives the gradient by each operand, under the operands' names in the result. */
export function gradientModel(
  subject: Subject,
  wrt: readonly string[],
): { readonly model: Model; readonly gradients: readonly string[] } {
  const b = new GraphBuilder('gradient', subject.opset);
  declareOperands(b, subject);
  const y = subject.build(b);
  b.input('cotangent', 'float32', b.shape(y));
  const gradients = differentiate(b, y, 'cotangent', wrt);
  for (const gradient of new Set(gradients)) b.output(b.op('Identity', [gradient], {}, `${gradient}_seen`));
  return { model: b.build(), gradients: gradients.map((gradient) => `${gradient}_seen`) };
}

/** The gradient by each operand, computed by its graph. */
export async function gradientsOf(
  subject: Subject,
  wrt: readonly string[],
  feeds: Readonly<Record<string, Sample>>,
  cotangent: Sample,
): Promise<Record<string, { readonly data: Float64Array; readonly dims: readonly number[] }>> {
  const { model, gradients } = gradientModel(subject, wrt);
  const session = await openModel(model);
  try {
    const results = await session.run({ ...feeds, cotangent });
    return Object.fromEntries(wrt.map((name, index) => [name, results[gradients[index]!]!]));
  } finally {
    await session.close();
  }
}

/** Asserts that the known lengths of an inferred shape are the actual ones. */
export function expectShape(inferred: readonly Dim[], real: readonly number[], value: string): void {
  const known = inferred.map((dim, axis) => (typeof dim === 'number' ? dim : real[axis]));
  expect(known, `inferred shape of ${value}`).toEqual(real);
}
