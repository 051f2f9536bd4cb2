/** @file Gradients of Einsum: Einsum again, with the cotangent in place of the operand. */

import type { GraphBuilder } from '../builder/builder.ts';
import { lengthOf, lengthsOf, vectorOf } from '../builder/reshaping.ts';
import { isSameLength } from '../model/dims.ts';
import { stringAttribute } from '../operators/attributes.ts';
import { einsumOf, lengthsOfLetters } from '../operators/einsum.ts';
import { reduceTo } from './broadcasting.ts';
import type { GradientRule } from './types.ts';

const einsum: GradientRule = ({ b, node, g, wants, unsupported }) => {
  const shapes = node.inputs.map((input) => b.shape(input));
  const equation = einsumOf(
    stringAttribute(node, 'equation', ''),
    shapes.map((shape) => shape.length),
    unsupported,
  );
  const lengths = lengthsOfLetters(equation, shapes, unsupported);
  // A scalar has no letter: it is taken as a vector of length 1.
  const stand = [...'abcdefghijklmnopqrstuvwxyz'].find((letter) => !lengths.has(letter)) ?? 'Z';
  const cotangent = equation.output === '' ? b.op('Unsqueeze', [g, b.ints([0])]) : g;

  return node.inputs.map((input, index) => {
    if (!wants(index)) return undefined;
    const letters = equation.inputs[index]!;
    const others = node.inputs.flatMap((_, at) => (at === index ? [] : [at]));
    const terms = [equation.output || stand, ...others.map((at) => equation.inputs[at]!)];
    // Letters that only this operand has were summed over: every element gets the same gradient.
    const kept = [...new Set(letters)].filter((letter) => terms.some((term) => term.includes(letter)));
    const product = b.op('Einsum', [cotangent, ...others.map((at) => node.inputs[at]!)], {
      equation: `${terms.join(',')}->${kept.join('')}`,
    });
    const full = kept.map((letter) => lengths.get(letter)!);
    const own = kept.map((letter) => shapes[index]![letters.indexOf(letter)]!);
    if (kept.length === letters.length) return reduceTo(b, product, full, own, input);
    if (own.some((dim, axis) => typeof dim === 'string' && !isSameLength(dim, full[axis]))) {
      return unsupported('whether it stretches an open axis is not known');
    }
    const sum = reduceTo(b, product, full, own);
    const isFirst = (letter: string, axis: number): boolean => letters.indexOf(letter) === axis;
    const lost = [...letters].flatMap((letter, axis) => (kept.includes(letter) && isFirst(letter, axis) ? [] : [axis]));
    let spread = b.op('Unsqueeze', [sum, b.ints(lost)]);
    for (const [axis, letter] of [...letters].entries()) {
      if (!isFirst(letter, axis)) spread = b.op('Mul', [spread, diagonal(b, input, letters.indexOf(letter), axis)]);
    }
    const isWhole = [...letters].every(
      (letter) => kept.includes(letter) || letters.lastIndexOf(letter) > letters.indexOf(letter),
    );
    return isWhole ? spread : b.op('Expand', [spread, vectorOf(b, lengthsOf(b, input))]);
  });
};

/** Ones where the indices along two axes of a value are equal, zeros elsewhere; of length 1 along all other axes. */
function diagonal(b: GraphBuilder, value: string, first: number, second: number): string {
  const length = lengthOf(b, value, first);
  const ones = b.op('EyeLike', [b.op('ConstantOfShape', [vectorOf(b, [length, length])])], { dtype: 1 });
  const others = b.shape(value).flatMap((_, axis) => (axis === first || axis === second ? [] : [axis]));
  return others.length === 0 ? ones : b.op('Unsqueeze', [ones, b.ints(others)]);
}

export const EINSUM: Readonly<Record<string, GradientRule>> = { Einsum: einsum };
