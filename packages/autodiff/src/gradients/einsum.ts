/** @file Gradients of Einsum: Einsum again, with the cotangent in place of the operand. */

import { lengthsOf, vectorOf } from '../builder/reshaping.ts';
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
    if (new Set(letters).size < letters.length) return unsupported('it takes a diagonal');
    const others = node.inputs.flatMap((_, at) => (at === index ? [] : [at]));
    const terms = [equation.output || stand, ...others.map((at) => equation.inputs[at]!)];
    // Letters that only this operand has were summed over: every element gets the same gradient.
    const kept = [...letters].filter((letter) => terms.some((term) => term.includes(letter)));
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
    const lost = [...letters].flatMap((letter, axis) => (kept.includes(letter) ? [] : [axis]));
    return b.op('Expand', [b.op('Unsqueeze', [sum, b.ints(lost)]), vectorOf(b, lengthsOf(b, input))]);
  });
};

export const EINSUM: Readonly<Record<string, GradientRule>> = { Einsum: einsum };
