/** @file The equations of Einsum (ONNX operator Einsum, after numpy.einsum). */

import { broadcast } from '../model/dims.ts';
import type { Dim } from '../model/model.ts';

/** An equation with one letter per axis of each operand; the axes of an ellipsis get letters, too. */
export interface Einsum {
  readonly inputs: readonly string[];
  readonly output: string;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * Parses an equation such as `bhid,bhjd->bhij`, `...ij,jk` or `ii`. Without an arrow, the output has the axes of the
 * ellipsis, then the letters that occur once, in alphabetical order.
 *
 * @param ranks of the operands
 * @param fail throws an error with the given description
 */
export function einsumOf(equation: string, ranks: readonly number[], fail: (what: string) => never): Einsum {
  const [left = '', right, ...more] = equation.replaceAll(/\s/g, '').split('->');
  const terms = left.split(',');
  const isTerm = (term: string): boolean => /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term);
  if (more.length > 0 || !terms.every(isTerm) || !isTerm(right ?? '')) {
    return fail(`has the equation ${equation}, which is none`);
  }
  const widths = terms.map((term, index) => (ranks[index] ?? -1) - term.replace('...', '').length);
  if (
    terms.length !== ranks.length ||
    widths.some((width, i) => (terms[i]!.includes('...') ? width < 0 : width !== 0))
  ) {
    return fail(`has the equation ${equation} and operands of ${ranks.join(', ')} axes, which do not fit`);
  }
  const free = [...LETTERS].filter((letter) => !equation.includes(letter));
  const ellipsis = free.slice(0, Math.max(0, ...widths)).join('');
  const spelled = (term: string, width: number): string => term.replace('...', ellipsis.slice(ellipsis.length - width));
  const inputs = terms.map((term, index) => spelled(term, widths[index]!));
  const used = [...left].filter((letter) => LETTERS.includes(letter));
  const once = used.filter((letter) => used.indexOf(letter) === used.lastIndexOf(letter));
  return {
    inputs,
    output: right === undefined ? ellipsis + once.sort().join('') : spelled(right, ellipsis.length),
  };
}

/** The length of each letter's axis, after broadcasting. */
export function lengthsOfLetters(
  { inputs }: Einsum,
  shapes: readonly (readonly Dim[])[],
  fail: (what: string) => never,
): ReadonlyMap<string, Dim> {
  const lengths = new Map<string, Dim>();
  inputs.forEach((letters, index) => {
    [...letters].forEach((letter, axis) => {
      const dim = shapes[index]![axis]!;
      // A diagonal goes along axes of one length; only the axes of different operands are stretched.
      const first = shapes[index]![letters.indexOf(letter)]!;
      if (typeof first === 'number' && typeof dim === 'number' && first !== dim) {
        fail(`has axes of ${first} and ${dim} under one letter`);
      }
      if (letters.indexOf(letter) < axis) return;
      const before = lengths.get(letter) ?? dim;
      const [both] = broadcast([[before], [dim]]) ?? fail(`has axes of ${before} and ${dim} under one letter`);
      lengths.set(letter, both!);
    });
  });
  return lengths;
}
