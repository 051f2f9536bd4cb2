/** @file Sums of products in Einstein's notation: what an equation says of axes, and the shape that comes out. */

import { broadcast } from '../model/dims.ts';
import type { Dim } from '../model/model.ts';

/** An equation with a letter for each axis; the axes of an ellipsis have letters of their own. */
export interface Einsum {
  readonly inputs: readonly string[];
  readonly output: string;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * Reads an equation such as `bhid,bhjd->bhij`, `...ij,jk` or `ii`. Without an arrow the output has the ellipsis, then the
 * letters that stand once, by the alphabet.
 *
 * @param ranks of the operands
 * @param fail is called with what is wrong
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

/** The length behind each letter; of operands that are stretched, the full one. */
export function lengthsOfLetters(
  { inputs }: Einsum,
  shapes: readonly (readonly Dim[])[],
  fail: (what: string) => never,
): ReadonlyMap<string, Dim> {
  const lengths = new Map<string, Dim>();
  inputs.forEach((letters, index) => {
    [...letters].forEach((letter, axis) => {
      const dim = shapes[index]![axis]!;
      const before = lengths.get(letter) ?? dim;
      const [both] = broadcast([[before], [dim]]) ?? fail(`has axes of ${before} and ${dim} under one letter`);
      lengths.set(letter, both!);
    });
  });
  return lengths;
}
