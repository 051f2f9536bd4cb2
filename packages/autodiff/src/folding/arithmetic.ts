/** @file Folds arithmetic on shapes: on numbers, and on open lengths as far as the result is certain. */

import { broadcast } from '../model/dims.ts';
import type { Entries, Entry } from '../model/entries.ts';
import { type DataType, typeOfCode } from '../model/tensor.ts';
import { intAttribute } from '../operators/attributes.ts';
import { type FoldRule, made, placeOf, stridesOf, Unfoldable } from './types.ts';

/** The result for two elements; for an open length it must hold for every length from 1 on. */
type Binary = (a: Entry, b: Entry, type: DataType) => Entry;

/** Maps an index in the broadcast shape `dims` to the index in the operand. */
function stretched({ dims: own }: Entries, dims: readonly number[]): (place: number) => number {
  const strides = stridesOf(own);
  const extra = dims.length - own.length;
  return (place) => {
    const along = placeOf(place, dims);
    return own.reduce((sum, length, axis) => sum + (length === 1 ? 0 : along[axis + extra]! * strides[axis]!), 0);
  };
}

function commonDims(operands: readonly Entries[]): readonly number[] {
  const dims = broadcast(operands.map((operand) => operand.dims));
  if (dims === undefined) throw new Unfoldable();
  return dims.map(Number);
}

/** Elementwise over all inputs, from left to right. */
function binary(of: Binary, result?: DataType): FoldRule {
  return ({ node, input }) => {
    const operands = node.inputs.map((_, index) => input(index));
    const dims = commonDims(operands);
    const at = operands.map((operand) => stretched(operand, dims));
    const { type } = operands[0]!;
    return [
      made(result ?? type, dims, (place) =>
        operands.map(({ data }, index) => data[at[index]!(place)]!).reduce((a, b) => of(a, b, type)),
      ),
    ];
  };
}

function unary(of: (value: number) => number): FoldRule {
  return ({ input }) => {
    const { type, dims, data } = input(0);
    return [
      made(type, dims, (place) => {
        const value = data[place]!;
        return typeof value === 'number' ? inType(type, of(value)) : '?';
      }),
    ];
  };
}

/** A result, rounded to its type; integers that would overflow are left to the runtime. */
function inType(type: DataType, value: number): number {
  if (type === 'float64' || type === 'bool') return value;
  if (type === 'float32') return Math.fround(value);
  const limit = type === 'int32' ? 2 ** 31 - 1 : type === 'int64' ? Number.MAX_SAFE_INTEGER : 127;
  if (!Number.isInteger(value) || Math.abs(value) > limit) throw new Unfoldable();
  return value;
}

/** Applies `of` to numbers, and `open` where one of the two is an open length. */
function arithmetic(of: (a: number, b: number, type: DataType) => number, open: (a: Entry, b: Entry) => Entry): Binary {
  return (a, b, type) => (typeof a === 'number' && typeof b === 'number' ? inType(type, of(a, b, type)) : open(a, b));
}

const isSame = (a: Entry, b: Entry): boolean => a === b && a !== '?';

const add = arithmetic(
  (a, b) => a + b,
  (a, b) => (b === 0 ? a : a === 0 ? b : '?'),
);
const subtract = arithmetic(
  (a, b) => a - b,
  (a, b) => (b === 0 ? a : isSame(a, b) ? 0 : '?'),
);
const multiply = arithmetic(
  (a, b) => a * b,
  (a, b) => (a === 0 || b === 0 ? 0 : b === 1 ? a : a === 1 ? b : '?'),
);
/** Integer division truncates towards zero. */
const divide = arithmetic(
  (a, b, type) => (type.startsWith('float') ? a / b : Math.trunc(a / nonZero(b))),
  (a, b) => (b === 1 ? a : isSame(a, b) ? 1 : '?'),
);
const power = arithmetic(
  (a, b) => a ** b,
  (a, b) => (b === 1 ? a : '?'),
);
const [least, greatest] = [Math.min, Math.max].map((of, isMax) =>
  arithmetic(
    (a, b) => of(a, b),
    (a, b) => {
      if (isSame(a, b)) return a;
      const [length, bound] = typeof a === 'string' ? [a, b] : [b, a];
      if (typeof bound === 'string' || bound > 1 || length === '?') return '?';
      return isMax === 1 ? length : bound;
    },
  ),
) as [Binary, Binary];

function nonZero(value: number): number {
  if (value === 0) throw new Unfoldable();
  return value;
}

/** The remainder has the sign of the divisor; with `fmod`, that of the dividend. */
const modulo: FoldRule = (context) => {
  const cutsOff = intAttribute(context.node, 'fmod', 0) !== 0;
  const of = (a: number, b: number): number => (cutsOff ? a % nonZero(b) : a - b * Math.floor(a / nonZero(b)));
  return binary(arithmetic(of, (_, b) => (b === 1 ? 0 : '?')))(context);
};

/** The sign of a - b, where it is certain. */
function compared(a: Entry, b: Entry): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return Math.sign(a - b);
  if (isSame(a, b)) return 0;
  if (typeof b === 'number' && a !== '?' && b < 1) return 1;
  if (typeof a === 'number' && b !== '?' && a < 1) return -1;
  return undefined;
}

function comparison(holds: (sign: number) => boolean): FoldRule {
  return binary((a, b) => {
    const sign = compared(a, b);
    return sign === undefined ? '?' : Number(holds(sign));
  }, 'bool');
}

function logic(of: (a: number, b: number) => boolean): FoldRule {
  return binary((a, b) => (typeof a === 'number' && typeof b === 'number' ? Number(of(a, b)) : '?'), 'bool');
}

const where: FoldRule = ({ input }) => {
  const operands = [input(0), input(1), input(2)] as const;
  const dims = commonDims(operands);
  const at = operands.map((operand) => stretched(operand, dims));
  return [
    made(operands[1].type, dims, (place) => {
      const [condition, yes, no] = operands.map(({ data }, index) => data[at[index]!(place)]!) as [Entry, Entry, Entry];
      if (typeof condition === 'number') return condition === 0 ? no : yes;
      return isSame(yes, no) ? yes : '?';
    }),
  ];
};

const cast: FoldRule = ({ node, input }) => {
  const { dims, data } = input(0);
  const type = typeOfCode(intAttribute(node, 'to', 1));
  if (type === undefined || type === 'float16' || type === 'string') throw new Unfoldable();
  return [
    made(type, dims, (place) => {
      const value = data[place]!;
      if (type === 'bool') return typeof value === 'number' ? Number(value !== 0) : '?';
      if (typeof value === 'string' || value === 2 ** 63) return value;
      return inType(type, type.startsWith('float') ? value : Math.trunc(value));
    }),
  ];
};

export const ARITHMETIC_FOLDS: Readonly<Record<string, FoldRule>> = {
  Abs: unary(Math.abs),
  Add: binary(add),
  And: logic((a, b) => a !== 0 && b !== 0),
  Cast: cast,
  Ceil: unary(Math.ceil),
  Div: binary(divide),
  Equal: comparison((sign) => sign === 0),
  Floor: unary(Math.floor),
  Greater: comparison((sign) => sign > 0),
  GreaterOrEqual: comparison((sign) => sign >= 0),
  Less: comparison((sign) => sign < 0),
  LessOrEqual: comparison((sign) => sign <= 0),
  Max: binary(greatest),
  Min: binary(least),
  Mod: modulo,
  Mul: binary(multiply),
  Neg: unary((value) => (value === 0 ? 0 : -value)),
  Not: unary((value) => Number(value === 0)),
  Or: logic((a, b) => a !== 0 || b !== 0),
  Pow: binary(power),
  Sqrt: unary(Math.sqrt),
  Sub: binary(subtract),
  Sum: binary(add),
  Where: where,
  Xor: logic((a, b) => (a !== 0) !== (b !== 0)),
};
