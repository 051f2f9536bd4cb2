/** @file Steps of elementwise operators and reductions. */

import type { Attributes } from '../../builder/builder.ts';
import { awayFrom, inOrder, into, type Step, type StepContext } from './step.ts';

/** An operator of one input, smooth on an interval; everywhere without one. */
const smooth =
  (opType: string, interval?: readonly [number, number], attributes: Attributes = {}): Step =>
  (context) =>
    context.b.op(opType, [interval === undefined ? context.x : into(context, context.x, ...interval)], attributes);

/** An operator of one input with kinks or steps at given places. */
const kinked =
  (opType: string, kinks: readonly number[], attributes: Attributes = {}, reach?: number): Step =>
  (context) =>
    context.b.op(opType, [awayFrom(context, kinks, reach)], attributes);

const binary =
  (opType: string): Step =>
  ({ b, x, other, draw }) =>
    b.op(opType, draw(2) === 0 ? [x, other()] : [other(), x]);

/** The greater or the smaller of x and something near zero. */
const extreme =
  (opType: string): Step =>
  (context) => {
    const { b, other } = context;
    const near = b.op('Mul', [b.op('Tanh', [other()]), b.scalar(0.1)]);
    return b.op(opType, [near, awayFrom(context, [-0.1, 0.1]), b.scalar(opType === 'Max' ? -4 : 4)]);
  };

/** x changed by a fraction of its reduction over some axes. */
const reduction =
  (opType: string, prepare: (context: StepContext) => string = ({ x }) => x): Step =>
  (context) => {
    const { b, draw, shape } = context;
    const x = prepare(context);
    const axes = [[3], [1], [2, 3], [1, 3], [1, 2, 3], [-1, 1], [2]][draw(7)]!;
    const places = axes.map((axis) => (axis + 4) % 4);
    const keeps = draw(2);
    const reduced = b.op(opType, [x, b.ints(axes)], { keepdims: keeps });
    const back = keeps === 1 ? reduced : b.op('Unsqueeze', [reduced, b.ints(places)]);
    // A fraction, as x less its mean would vanish where elements are equal; a small one for sums, which are large.
    const count = SUMS.has(opType) ? places.reduce((product, axis) => product * shape[axis]!, 1) : 1;
    return b.op('Tanh', [b.op('Sub', [context.x, b.op('Mul', [back, b.scalar(0.75 / count)])])]);
  };

const SUMS: ReadonlySet<string> = new Set(['ReduceL1', 'ReduceSum', 'ReduceSumSquare']);

export const ELEMENTWISE_STEPS: Readonly<Record<string, Step>> = {
  Abs: kinked('Abs', [0]),
  Acos: smooth('Acos', [-0.8, 0.8]),
  Acosh: smooth('Acosh', [1.2, 3]),
  Add: binary('Add'),
  Asin: smooth('Asin', [-0.8, 0.8]),
  Asinh: smooth('Asinh'),
  Atan: smooth('Atan'),
  Atanh: smooth('Atanh', [-0.8, 0.8]),
  Celu: kinked('Celu', [0], { alpha: 0.7 }),
  Clip: (context) => {
    const { b, draw } = context;
    const [low, high] = [
      [-0.6, 0.6],
      [0, 0.75],
      [-0.5, 4],
    ][draw(3)] as [number, number];
    const form = draw(3);
    const x = awayFrom(context, [low, high]);
    return b.op('Clip', [x, form === 1 ? '' : b.scalar(low), form === 2 ? '' : b.scalar(high)]);
  },
  Cos: smooth('Cos'),
  Cosh: smooth('Cosh', [-1, 1]),
  CumSum: ({ b, x, draw }) => {
    const axis = b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt([1, 2, -1][draw(3)]!)) });
    return b.op('Tanh', [b.op('CumSum', [x, axis], { exclusive: draw(2), reverse: draw(2) })]);
  },
  Div: (context) => context.b.op('Div', [context.x, into(context, context.other(), 0.5, 2)]),
  Elu: kinked('Elu', [0], { alpha: 0.5 }),
  Erf: smooth('Erf'),
  Exp: smooth('Exp', [-1, 1]),
  Gelu: (context) => context.b.op('Gelu', [context.x], { approximate: ['none', 'tanh'][context.draw(2)]! }),
  HardSigmoid: kinked('HardSigmoid', [-0.75, 1.25], { alpha: 0.5, beta: 0.375 }),
  HardSwish: kinked('HardSwish', [-3, 3], {}, 4.5),
  LeakyRelu: kinked('LeakyRelu', [0], { alpha: 0.2 }),
  Log: smooth('Log', [0.3, 3]),
  Max: extreme('Max'),
  Mean: ({ b, x, other, parameter }) => b.op('Mean', [other(), x, parameter([1]), x]),
  Min: extreme('Min'),
  Mish: smooth('Mish'),
  Mod: (context) =>
    context.b.op('Mod', [awayFrom(context, [-1.4, -0.7, 0, 0.7, 1.4]), context.b.scalar(0.7)], { fmod: 1 }),
  Mul: binary('Mul'),
  Neg: smooth('Neg'),
  PRelu: (context) => {
    const [, channels, , width] = context.shape;
    const slopes = context.parameter([[], [channels, 1, 1], [width]][context.draw(3)]!, 0.1, 0.5);
    return context.b.op('PRelu', [awayFrom(context, [0]), slopes]);
  },
  Pow: (context) => {
    const exponent = context.draw(2) === 0 ? context.b.scalar([2, 3, 0.5, -1][context.draw(4)]!) : context.other();
    return context.b.op('Tanh', [context.b.op('Pow', [into(context, context.x, 0.5, 2), exponent])]);
  },
  Reciprocal: smooth('Reciprocal', [0.5, 2]),
  ReduceL1: reduction('ReduceL1', (context) => awayFrom(context, [0])),
  ReduceL2: reduction('ReduceL2', (context) => into(context, context.x, 0.2, 1)),
  ReduceLogSum: reduction('ReduceLogSum', (context) => into(context, context.x, 0.3, 2)),
  ReduceLogSumExp: reduction('ReduceLogSumExp'),
  ReduceMax: reduction('ReduceMax', inOrder),
  ReduceMean: reduction('ReduceMean'),
  ReduceMin: reduction('ReduceMin', inOrder),
  ReduceProd: reduction('ReduceProd', (context) => into(context, context.x, 0.7, 1.3)),
  ReduceSum: reduction('ReduceSum'),
  ReduceSumSquare: reduction('ReduceSumSquare'),
  Relu: kinked('Relu', [0]),
  'Relu, twice and used in between': (context) => {
    const { b } = context;
    const once = b.op('Relu', [awayFrom(context, [0])]);
    return b.op('Sub', [b.op('Relu', [once]), b.op('Tanh', [once])]);
  },
  Selu: kinked('Selu', [0]),
  Shrink: kinked('Shrink', [-0.5, 0.5], { lambd: 0.5, bias: 0.2 }),
  Sigmoid: smooth('Sigmoid'),
  Sin: smooth('Sin'),
  Sinh: smooth('Sinh', [-1, 1]),
  Softplus: smooth('Softplus'),
  Softsign: smooth('Softsign'),
  Sqrt: smooth('Sqrt', [0.2, 2]),
  Sub: binary('Sub'),
  Sum: ({ b, x, other, draw }) => b.op('Sum', [x, ...(draw(3) === 0 ? [] : [other(), x])]),
  Swish: (context) => context.b.op('Swish', [context.x], { alpha: [1, 1.5][context.draw(2)]! }),
  Tan: smooth('Tan', [-1, 1]),
  Tanh: smooth('Tanh'),
  ThresholdedRelu: kinked('ThresholdedRelu', [0.4], { alpha: 0.4 }),
  Where: ({ b, x, other, shape, draw }) => {
    const data = Uint8Array.from({ length: shape[2] * shape[3] }, () => draw(2));
    const condition = b.constant({ type: 'bool', dims: shape.slice(2), data });
    return b.op('Where', [condition, ...(draw(2) === 0 ? [x, other()] : [other(), x])]);
  },
};
