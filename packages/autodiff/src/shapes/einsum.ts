/** @file Shape of a sum of products in Einstein's notation. */

import { stringAttribute } from '../operators/attributes.ts';
import { einsumOf, lengthsOfLetters } from '../operators/einsum.ts';
import type { ShapeRule } from './types.ts';

const einsum: ShapeRule = ({ node, input, fail }) => {
  const inputs = node.inputs.map((_, index) => input(index));
  const shapes = inputs.map(({ shape }) => shape);
  const equation = einsumOf(
    stringAttribute(node, 'equation', ''),
    shapes.map((shape) => shape.length),
    fail,
  );
  const lengths = lengthsOfLetters(equation, shapes, fail);
  const unknown = (letter: string): never => fail(`has an equation whose output names ${letter}, which no operand has`);
  return [{ type: input(0).type, shape: [...equation.output].map((letter) => lengths.get(letter) ?? unknown(letter)) }];
};

export const EINSUM_SHAPES: Readonly<Record<string, ShapeRule>> = { Einsum: einsum };
