/** @file Random compositions of operators: each is a step from one batch of feature maps to the next. */

import { GraphBuilder } from '../../builder/builder.ts';
import type { Subject } from '../finite-differences.ts';
import { type Sample, sample, uniforms } from '../samples.ts';

/** What a step works on. */
export interface StepContext {
  readonly b: GraphBuilder;
  /** `N x C x H x W`. */
  readonly x: string;
  readonly opset: number;
  /** Its lengths; the batch may be open in the graph all the same. */
  readonly shape: Shape;
  /** A value that broadcasts to x: an earlier one, or a new parameter of some shape. */
  other(): string;
  /** A whole number from 0 to below the bound, the same each time the program is built. */
  draw(bound: number): number;
  /** A parameter, by which is differentiated too. */
  parameter(dims: readonly number[], low?: number, high?: number): string;
  /** A float32 constant of random numbers. */
  constant(dims: readonly number[], low?: number, high?: number): string;
}

/** Adds one operator with random attributes, and returns a value of four axes again. */
export type Step = (context: StepContext) => string;

/** A value mapped smoothly into an interval. */
export function into({ b }: StepContext, x: string, low: number, high: number): string {
  return b.op('Add', [b.op('Mul', [b.op('Sigmoid', [x]), b.scalar(high - low)]), b.scalar(low)]);
}

/** What x adds to the constants that keep it off kinks, at most. */
const SWING = 0.15;

/** Constants plus a small function of x, which does not bring them near a kink. */
export function awayFrom(context: StepContext, kinks: readonly number[], reach = 1.5): string {
  const { b, x, shape, draw } = context;
  const next = uniforms(draw(2 ** 30));
  const place = (): number => {
    for (;;) {
      const at = (2 * next() - 1) * reach;
      if (kinks.every((kink) => Math.abs(at - kink) > SWING + 0.05)) return at;
    }
  };
  const data = Float32Array.from({ length: shape[1] * shape[2] * shape[3] }, place);
  const places = b.constant({ type: 'float32', dims: shape.slice(1), data });
  return b.op('Add', [b.op('Mul', [b.op('Tanh', [x]), b.scalar(SWING)]), places]);
}

/** Distinct constants plus a small function of x, which does not change their order within a sample. */
export function inOrder(context: StepContext): string {
  const { b, x, shape, draw } = context;
  const next = uniforms(draw(2 ** 30));
  const count = shape[1] * shape[2] * shape[3];
  const data = Float32Array.from({ length: count }, (_, rank) => (rank - count / 2) / 8 + 1 / 16);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [data[i], data[j]] = [data[j]!, data[i]!];
  }
  const places = b.constant({ type: 'float32', dims: shape.slice(1), data });
  return b.op('Add', [b.op('Mul', [b.op('Tanh', [x]), b.scalar(1 / 32)]), places]);
}

/** x plus constants that differ between pixels, for operators that divide by a standard deviation. */
export function spreadOut(context: StepContext): string {
  const { b, x, shape, constant } = context;
  return b.op('Add', [x, constant(shape.slice(1))]);
}

/** Larger values are average pooled before the next step. */
const MOST_ELEMENTS = 600;

export type Shape = readonly [number, number, number, number];

/** The value, average pooled and cut to four channels where it is large. */
export function shrunk(b: GraphBuilder, x: string, shape: Shape): { readonly x: string; readonly shape: Shape } {
  if (shape.reduce((product, length) => product * length) <= MOST_ELEMENTS) return { x, shape };
  const [n, channels, height, width] = shape;
  const kernel = [Math.min(4, height), Math.min(4, width)];
  const pooled = b.op('AveragePool', [x], { kernel_shape: kernel, strides: kernel, ceil_mode: 0 });
  const cut = channels > 4 ? b.op('Slice', [pooled, b.ints([0]), b.ints([4]), b.ints([1])]) : pooled;
  const [tall, wide] = [Math.floor(height / kernel[0]!), Math.floor(width / kernel[1]!)];
  return { x: cut, shape: [n, Math.min(4, channels), tall, wide] };
}

/**
 * A program as a subject for finite differences: x and all parameters are operands.
 *
 * @param steps in order
 * @param open whether the batch is open
 * @param opset that the graph is written in
 */
export function composition(steps: readonly Step[], seed: number, open: boolean, opset: number): Subject {
  const shapes: number[][] = [];
  const operands: Record<string, Sample> = {};
  const dims = [2, 1 + (seed % 4), 3 + (seed % 3), 3 + ((seed >> 2) % 3)];
  operands.x = sample(seed, dims);

  /** The first time, in a graph without open axes, shapes and parameters are noted. */
  const build = (b: GraphBuilder, isFirst: boolean): string => {
    const next = uniforms(seed + 1);
    const draw = (bound: number): number => Math.floor(next() * bound);
    const constant = (lengths: readonly number[], low = -1, high = 1): string =>
      b.constant({ type: 'float32', ...sample(draw(2 ** 30), lengths, low, high) });
    let parameters = 0;
    const parameter = (lengths: readonly number[], low = -1, high = 1): string => {
      const name = `p${parameters++}`;
      const start = sample(draw(2 ** 30), lengths, low, high);
      if (isFirst) {
        operands[name] = start;
        b.input(name, 'float32', lengths);
      }
      return name;
    };
    const values: string[] = ['x'];
    steps.forEach((step, index) => {
      let x = values.at(-1)!;
      if (isFirst) shapes.push(b.shape(x).map(Number));
      let shape = shapes[index] as unknown as Shape;
      ({ x, shape } = shrunk(b, x, shape));
      const [, channels, height, width] = shape;
      const other = (): string => {
        const alike = values.filter((value) => b.shape(value).slice(1).join() === shape.slice(1).join());
        const forms = [[], [channels, 1, 1], [1, 1, height, width], [width], [channels, height, 1]];
        const chosen = draw(forms.length + 2);
        if (chosen >= forms.length && alike.length > 0) return alike[draw(alike.length)]!;
        return parameter(forms[chosen % forms.length]!);
      };
      values.push(step({ b, x, opset, shape, other, draw, parameter, constant }));
    });
    return values.at(-1)!;
  };

  const scratch = new GraphBuilder('shapes', opset);
  scratch.input('x', 'float32', dims);
  build(scratch, true);
  return { operands, open: open ? ['x'] : [], opset, build: (b) => build(b, false) };
}
