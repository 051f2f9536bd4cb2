/** @file Polynomial mutation of a gene in [0, 1] (Deb and Goyal 1996), as the paper uses it for pixels and for weights. */

import { InputError } from '../errors.ts';
import type { Random } from '../random/random.ts';

/**
 * A draw of the change delta in (-1, 1) that polynomial mutation adds to a gene; the caller clamps the sum. With r
 * uniform on [0, 1), delta = (2r)^(1/(eta+1)) - 1 where r < 1/2 and 1 - (2(1-r))^(1/(eta+1)) elsewhere, so that
 * P(|delta| > d) = (1-d)^(eta+1) and both signs are equally likely.
 */
export type PolynomialStep = (random: Random) => number;

/**
 * @param eta distribution index, above 0 and at most 1000; the larger, the smaller the steps (the paper: 15)
 * @throws InputError where eta is out of range
 */
export function polynomialStep(eta: number): PolynomialStep {
  if (!(eta > 0 && eta <= 1000)) throw new InputError(`eta is ${eta}; give a number above 0 and at most 1000`);
  if (eta === 15) return stepOfPaper;
  const exponent = 1 / (eta + 1);
  return (random) => {
    const word = random.uint32();
    return withSign(word, 1 - magnitude(word) ** exponent);
  };
}

/** Four square roots are a sixteenth root: quick, and IEEE 754 fixes their every bit, which it doesn't for powers. */
function stepOfPaper(random: Random): number {
  const word = random.uint32();
  return withSign(word, 1 - Math.sqrt(Math.sqrt(Math.sqrt(Math.sqrt(magnitude(word))))));
}

/** Uniform on (0, 1), from the upper 31 bits. */
function magnitude(word: number): number {
  return ((word >>> 1) + 0.5) * 4.656612873077393e-10;
}

/** The sign comes from the lowest bit, which {@link magnitude} leaves alone. */
function withSign(word: number, size: number): number {
  return (word & 1) === 0 ? size : -size;
}
