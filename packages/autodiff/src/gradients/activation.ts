/** @file Gradients of activation functions. At kinks they are those of PyTorch; the README lists them. */

import type { GraphBuilder } from '../builder/builder.ts';
import { unitStep } from '../builder/composites.ts';
import { floatAttribute } from '../operators/attributes.ts';
import { reduceTo } from './broadcasting.ts';
import { unary } from './elementwise.ts';
import type { GradientContext, GradientRule } from './types.ts';

const times = (b: GraphBuilder, value: string, factor: number): string =>
  factor === 1 ? value : b.op('Mul', [value, b.scalar(factor)]);

const plus = (b: GraphBuilder, value: string, more: number): string => b.op('Add', [value, b.scalar(more)]);

const oneMinus = (b: GraphBuilder, value: string): string => b.op('Sub', [b.scalar(1), value]);

/**
 * `above` where x > 0, else `below e^(x / scale)`. The exponential is taken of min(x, 0), so that it cannot overflow.
 */
function exponentialBelow(b: GraphBuilder, x: string, above: number, below: number, scale: number): string {
  const low = b.op('Neg', [b.op('Relu', [b.op('Neg', [x])])]);
  const tail = times(b, b.op('Exp', [times(b, low, 1 / scale)]), below);
  if (above === below) return tail;
  const step = unitStep(b, x);
  return b.op('Add', [times(b, step, above), b.op('Mul', [oneMinus(b, step), tail])]);
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_GAMMA = 1.0507009873554805;

const selu: GradientRule = unary(({ b, node }, x) => {
  const gamma = floatAttribute(node, 'gamma', SELU_GAMMA);
  return exponentialBelow(b, x, gamma, gamma * floatAttribute(node, 'alpha', SELU_ALPHA), 1);
});

/** alpha inside the ramp, 0 at its ends and beyond; `y` is the operator's output, in [0, 1]. */
function ramp(b: GraphBuilder, y: string, alpha: number): string {
  const inside = b.op('Mul', [unitStep(b, y), unitStep(b, oneMinus(b, y))]);
  return times(b, inside, alpha);
}

const hardSwish: GradientRule = unary(({ b }, x) => {
  const y = b.op('HardSigmoid', [x], { alpha: 1 / 6, beta: 0.5 });
  return b.op('Add', [y, b.op('Mul', [x, ramp(b, y, 1 / 6)])]);
});

/** y = x where x > 0, else slope x. */
const prelu: GradientRule = ({ b, node, g, wants }) => {
  const [x = '', slope = ''] = node.inputs;
  const step = unitStep(b, x);
  const below = b.op('Mul', [g, oneMinus(b, step)]);
  const out = b.shape(node.outputs[0]!);
  return [
    wants(0) ? b.op('Add', [b.op('Mul', [g, step]), b.op('Mul', [below, slope])]) : undefined,
    wants(1) ? reduceTo(b, b.op('Mul', [below, x]), out, b.shape(slope), slope) : undefined,
  ];
};

/** From here on a GELU is 0 or x, exactly; the squares of larger inputs would overflow. */
const GELU_REACH = 30;

const gelu: GradientRule = unary((context, written) => {
  const { b, node } = context;
  const x = b.op('Clip', [written, b.scalar(-GELU_REACH), b.scalar(GELU_REACH)]);
  const form = node.attributes.get('approximate');
  const square = b.op('Mul', [x, x]);
  if (form?.kind === 'string' && form.value === 'tanh') {
    // y = x (1 + t) / 2, t = tanh(c (x + .044715 x^3)).
    const c = Math.sqrt(2 / Math.PI);
    const t = b.op('Tanh', [b.op('Mul', [x, plus(b, times(b, square, c * 0.044715), c)])]);
    const inner = plus(b, times(b, square, 3 * c * 0.044715), c);
    const bend = b.op('Mul', [b.op('Mul', [x, oneMinus(b, b.op('Mul', [t, t]))]), inner]);
    return times(b, plus(b, b.op('Add', [t, bend]), 1), 0.5);
  }
  const below = plus(b, times(b, b.op('Erf', [times(b, x, Math.SQRT1_2)]), 0.5), 0.5);
  const density = times(b, b.op('Exp', [times(b, square, -0.5)]), 1 / Math.sqrt(2 * Math.PI));
  return b.op('Add', [below, b.op('Mul', [x, density])]);
});

/** Beyond it a sigmoid is 0 or 1 in float32. */
const SWISH_REACH = 128;

/** x sigmoid(a x), and its derivative s + a x s (1 - s). */
const swish: GradientRule = unary(({ b, node }, x) => {
  const alpha = floatAttribute(node, 'alpha', 1);
  const scaled = times(b, x, alpha);
  const s = b.op('Sigmoid', [scaled]);
  // Where alpha x overflows, s (1 - s) is 0.
  const bounded = alpha > 1 ? b.op('Clip', [scaled, b.scalar(-SWISH_REACH), b.scalar(SWISH_REACH)]) : scaled;
  return b.op('Add', [s, b.op('Mul', [bounded, b.op('Mul', [s, oneMinus(b, s)])])]);
});

/** x t, t = tanh(softplus(x)): t + x (1 - t^2) sigmoid(x). */
const mish: GradientRule = unary(({ b }, x) => {
  const t = b.op('Tanh', [b.op('Softplus', [x])]);
  const bend = b.op('Mul', [oneMinus(b, b.op('Mul', [t, t])), b.op('Sigmoid', [x])]);
  return b.op('Add', [t, b.op('Mul', [x, bend])]);
});

/** 1 where |x| is above the threshold. */
const shrink: GradientRule = unary(({ b, node }, x) =>
  unitStep(b, plus(b, b.op('Abs', [x]), -floatAttribute(node, 'lambd', 0.5))),
);

export const ACTIVATION: Readonly<Record<string, GradientRule>> = {
  Celu: unary(({ b, node }, x) => exponentialBelow(b, x, 1, 1, floatAttribute(node, 'alpha', 1))),
  Elu: unary(({ b, node }, x) => exponentialBelow(b, x, 1, floatAttribute(node, 'alpha', 1), 1)),
  Gelu: gelu,
  HardSigmoid: unary(({ b, node }, _, y) => ramp(b, y, floatAttribute(node, 'alpha', 0.2))),
  HardSwish: hardSwish,
  Mish: mish,
  PRelu: prelu,
  Selu: selu,
  Shrink: shrink,
  Softsign: unary(({ b }, x) => {
    const below = plus(b, b.op('Abs', [x]), 1);
    return b.op('Reciprocal', [b.op('Mul', [below, below])]);
  }),
  Swish: swish,
  ThresholdedRelu: unary(({ b, node }: GradientContext, x) =>
    unitStep(b, plus(b, x, -floatAttribute(node, 'alpha', 1))),
  ),
};
