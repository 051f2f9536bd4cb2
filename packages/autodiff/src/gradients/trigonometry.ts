/** @file Gradients of trigonometric and hyperbolic functions and their inverses. */

import type { GraphBuilder } from '../builder/builder.ts';
import { unary } from './elementwise.ts';
import type { GradientRule } from './types.ts';

const square = (b: GraphBuilder, value: string): string => b.op('Mul', [value, value]);
const onePlus = (b: GraphBuilder, value: string): string => b.op('Add', [b.scalar(1), value]);
const oneMinus = (b: GraphBuilder, value: string): string => b.op('Sub', [b.scalar(1), value]);
const overRoot = (b: GraphBuilder, value: string): string => b.op('Reciprocal', [b.op('Sqrt', [value])]);

export const TRIGONOMETRY: Readonly<Record<string, GradientRule>> = {
  Acos: unary(({ b }, x) => b.op('Neg', [overRoot(b, oneMinus(b, square(b, x)))])),
  // As (x - 1)(x + 1): x^2 - 1 would cancel near 1.
  Acosh: unary(({ b }, x) => overRoot(b, b.op('Mul', [b.op('Sub', [x, b.scalar(1)]), onePlus(b, x)]))),
  Asin: unary(({ b }, x) => overRoot(b, oneMinus(b, square(b, x)))),
  Asinh: unary(({ b }, x) => overRoot(b, onePlus(b, square(b, x)))),
  Atan: unary(({ b }, x) => b.op('Reciprocal', [onePlus(b, square(b, x))])),
  Atanh: unary(({ b }, x) => b.op('Reciprocal', [oneMinus(b, square(b, x))])),
  Cos: unary(({ b }, x) => b.op('Neg', [b.op('Sin', [x])])),
  Cosh: unary(({ b }, x) => b.op('Sinh', [x])),
  Sin: unary(({ b }, x) => b.op('Cos', [x])),
  Sinh: unary(({ b }, x) => b.op('Cosh', [x])),
  Tan: unary(({ b }, _, y) => onePlus(b, square(b, y))),
};
