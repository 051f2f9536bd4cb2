/** @file Random networks: blocks and single operators in a row, in residuals and in branches, with several heads. */

import { GraphBuilder } from '../../builder/builder.ts';
import { type Shape, type Step, type StepContext, shrunk } from '../composition/step.ts';
import { opsetsOf, STEPS } from '../composition/steps.ts';
import type { Subject } from '../finite-differences.ts';
import { type Sample, sample, uniforms } from '../samples.ts';
import { BLOCKS } from './blocks.ts';

/** A block or an operator by name, or parts of parts. */
export type Part =
  | string
  /** Added to what goes in. */
  | { readonly residual: readonly Part[] }
  /** All of the same value, joined again by an operator. */
  | { readonly branches: readonly (readonly Part[])[]; readonly by: Joint };

const JOINTS = ['Concat', 'Sum', 'Mul', 'Max', 'Mean'] as const;
type Joint = (typeof JOINTS)[number];

const HEADS = ['pooled', 'pooled log-softmax', 'flat', 'map'] as const;
type Head = (typeof HEADS)[number];

/** A network as it is printed when it fails. */
export interface Network {
  readonly seed: number;
  /** Of the images, `N x C x H x W`. */
  readonly dims: Shape;
  /** Whether the batch is open in the graph. */
  readonly open: boolean;
  readonly opset: number;
  readonly parts: readonly Part[];
  readonly heads: readonly Head[];
  /** Whether the parameters are constants of the graph, for which lowerings have other forms; inputs otherwise. */
  readonly fixed: boolean;
}

/** These have indices for a batch of two, or leave two of any batch. */
const FOR_TWO: ReadonlySet<string> = new Set(['GatherND', 'ScatterND']);

/**
 * ONNX Runtime 1.30 refuses a Resize of some axes by sizes where it moves a Transpose across it. MeanVarianceNormalization
 * has no gradient where all pixels of a channel are equal, as behind a ReLU that is off for all images.
 */
const UNFIT: ReadonlySet<string> = new Set(['Resize', 'MeanVarianceNormalization']);

/** Draws a network; the same for the same seed. */
export function drawNetwork(seed: number): Network {
  const next = uniforms(seed);
  const draw = (bound: number): number => Math.floor(next() * bound);
  const any = <T>(values: readonly T[]): T => values[draw(values.length)]!;
  const dims: Shape = [1 + draw(4), 1 + draw(4), 3 + draw(5), 3 + draw(5)];
  const open = draw(2) === 0;
  const opset = 18 + draw(7);
  const steps = Object.keys(STEPS).filter((name) => {
    const { least, most } = opsetsOf([name]);
    if (UNFIT.has(name)) return false;
    return least <= opset && opset <= most && !(FOR_TWO.has(name) && dims[0] !== 2);
  });
  const part = (depth: number): Part => {
    const kind = draw(depth > 1 ? 7 : 10);
    if (kind < 4) return any(Object.keys(BLOCKS));
    if (kind < 7) return any(steps);
    if (kind < 9) return { residual: row(1 + draw(2), depth + 1) };
    return { branches: Array.from({ length: 2 + draw(2) }, () => row(1 + draw(2), depth + 1)), by: any(JOINTS) };
  };
  const row = (length: number, depth: number): readonly Part[] => Array.from({ length }, () => part(depth));
  const parts = row(1 + draw(3), 0);
  const heads = Array.from({ length: 1 + draw(3) }, () => any(HEADS));
  return { seed, dims, open, opset, parts, heads, fixed: draw(2) === 0 };
}

/** A network as a subject for finite differences by its image, and by all of its parameters that are inputs. */
export function networkSubject({ seed, dims, open, opset, parts, heads, fixed }: Network): Subject {
  const operands: Record<string, Sample> = { x: sample(seed, dims) };
  const shapes: Shape[] = [];

  /** The first time, in a graph without open axes, shapes and parameters are noted. */
  const build = (b: GraphBuilder, isFirst: boolean): string => {
    const next = uniforms(seed + 1);
    const draw = (bound: number): number => Math.floor(next() * bound);
    let seen = 0;
    const shapeOf = (value: string): Shape => {
      if (isFirst) shapes.push(b.shape(value).map(Number) as unknown as Shape);
      return shapes[seen++]!;
    };
    const constant = (lengths: readonly number[], low = -1, high = 1): string =>
      b.constant({ type: 'float32', ...sample(draw(2 ** 30), lengths, low, high) });
    let count = 0;
    const parameter = (lengths: readonly number[], low = -1, high = 1): string => {
      const name = `p${count++}`;
      const start = sample(draw(2 ** 30), lengths, low, high);
      if (isFirst) {
        operands[name] = start;
        b.input(name, 'float32', lengths);
      }
      return name;
    };
    const earlier: { readonly value: string; readonly shape: Shape }[] = [];
    const contextOf = (value: string): StepContext => {
      const { x, shape } = shrunk(b, value, shapeOf(value));
      earlier.push({ value: x, shape });
      const other = (): string => {
        const alike = earlier.filter((each) => each.shape.join() === shape.join());
        const [, channels, height, width] = shape;
        const forms = [[channels, 1, 1], [1, 1, height, width], [width], [channels, height, 1]];
        const chosen = draw(forms.length + 2);
        return chosen < forms.length ? parameter(forms[chosen]!) : alike[draw(alike.length)]!.value;
      };
      return { b, x, opset, shape, other, draw, parameter, constant };
    };
    /** A value brought to given channels (any where 0), height and width. */
    const fitted = (value: string, channels: number, [, , height, width]: Shape): string => {
      let fit = value;
      const [, own, tall, wide] = shapeOf(value);
      if (channels > 0 && own !== channels) fit = b.op('Conv', [fit, parameter([channels, own, 1, 1])]);
      if (tall === height && wide === width) return fit;
      // By scales, as the batch may be open: the lengths are rounded down.
      const scales = Float32Array.of(1, 1, (height + 0.01) / tall, (width + 0.01) / wide);
      const mode = ['nearest', 'linear'][draw(2)]!;
      return b.op('Resize', [fit, '', b.constant({ type: 'float32', dims: [4], data: scales })], { mode });
    };
    const apply = (value: string, part: Part): string => {
      const context = contextOf(value);
      if (typeof part === 'string') return stepNamed(part)(context);
      const { x, shape } = context;
      if ('residual' in part) return b.op('Add', [x, fitted(applyAll(x, part.residual), shape[1], shape)]);
      const ends = part.branches.map((branch) => applyAll(x, branch));
      const size = shapeOf(ends[0]!);
      const values = ends.map((end) => fitted(end, part.by === 'Concat' ? 0 : size[1], size));
      if (part.by === 'Concat') return b.op('Concat', values, { axis: 1 });
      if (part.by === 'Mul') return values.reduce((product, each) => b.op('Mul', [product, each]));
      return b.op(part.by, values);
    };
    const applyAll = (value: string, row: readonly Part[]): string => row.reduce(apply, value);

    const { x, shape } = contextOf(applyAll('x', parts));
    const rows = heads.map((head) => headOf(b, head, x, shape, parameter));
    return rows.length === 1 ? rows[0]! : b.op('Concat', rows, { axis: 1 });
  };

  const scratch = new GraphBuilder('shapes', opset);
  scratch.input('x', 'float32', dims);
  build(scratch, true);
  const constants = fixed ? Object.keys(operands).filter((name) => name !== 'x') : [];
  return { operands, constants, open: open ? ['x'] : [], opset, build: (b) => build(b, false) };
}

/** Scores of classes, or the features themselves, as rows `N x numbers`. */
function headOf(b: GraphBuilder, head: Head, x: string, shape: Shape, parameter: StepContext['parameter']): string {
  const [, channels, height, width] = shape;
  const dense = (rows: string, inner: number, outer: number): string => {
    const bound = Math.sqrt(3 / inner);
    return b.op('Gemm', [rows, parameter([inner, outer], -bound, bound), parameter([outer])]);
  };
  switch (head) {
    case 'pooled':
      return dense(b.op('Flatten', [b.op('GlobalAveragePool', [x])]), channels, 3);
    case 'pooled log-softmax': {
      const means = b.op('ReduceMean', [x, b.ints([2, 3])], { keepdims: 0 });
      return b.op('LogSoftmax', [dense(means, channels, 4)], { axis: 1 });
    }
    case 'flat':
      return b.op('Tanh', [dense(b.op('Flatten', [x]), channels * height * width, 2)]);
    case 'map':
      return b.op('Flatten', [x]);
  }
}

function stepNamed(name: string): Step {
  return BLOCKS[name] ?? STEPS[name]!;
}
