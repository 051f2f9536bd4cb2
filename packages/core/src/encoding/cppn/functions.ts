/**
 * @file The functions of CPPN nodes in single precision, operation for operation as in the kernel (assembly/cppn.ts).
 * Approximations are minimax polynomials; one degree less would be visible, since deep CPPNs are chaotic.
 */

import { nearest } from '../levels.ts';

const { abs, fround, max, min, sqrt } = Math;

const INVERSE_PI = fround(1 / Math.PI);
/** pi in two parts: the first has 8 bits, so that its product with a whole number up to 2^16 is exact. */
const PI_HIGH = 3.140625;
const PI_LOW = fround(9.676535897932e-4);
const SINE_3 = fround(-0.16666659550427856);
const SINE_5 = fround(0.008333066246085118);
const SINE_7 = fround(-0.00019809602902151076);
const SINE_9 = fround(0.000002605780638407982);

/** sin(p): p is reduced by the nearest multiple of pi (Cody and Waite 1980), then an odd polynomial of degree 9. */
export function sine(p: number): number {
  const n = nearest(fround(p * INVERSE_PI));
  const r = fround(fround(p - fround(n * PI_HIGH)) - fround(n * PI_LOW));
  const z = fround(r * r);
  let q = fround(fround(SINE_9 * z) + SINE_7);
  q = fround(fround(q * z) + SINE_5);
  q = fround(fround(q * z) + SINE_3);
  const s = fround(r + fround(fround(q * z) * r));
  return n % 2 === 0 ? s : -s;
}

const MINUS_LOG2_E = fround(-Math.LOG2E);
const EXP2_1 = fround(0.6931469775989972);
const EXP2_2 = fround(0.24022242084955905);
const EXP2_3 = fround(0.055507337432883885);
const EXP2_4 = fround(0.009671512667177333);
const EXP2_5 = fround(0.0013264727275136231);

/** 2^t for t <= 0, where t below -126 counts as -126: a polynomial of degree 5 around the nearest whole number. */
export function exp2(t: number): number {
  const u = max(t, -126);
  const n = nearest(u);
  const f = fround(u - n);
  let q = fround(fround(EXP2_5 * f) + EXP2_4);
  q = fround(fround(q * f) + EXP2_3);
  q = fround(fround(q * f) + EXP2_2);
  q = fround(fround(q * f) + EXP2_1);
  q = fround(fround(q * f) + 1);
  return q * 2 ** n;
}

/** 2 / (1 + exp(-p)) - 1, by its odd symmetry from |p|, where nothing overflows. */
export function sigmoid(p: number): number {
  const e = exp2(fround(abs(p) * MINUS_LOG2_E));
  const size = fround(fround(1 - e) / fround(1 + e));
  return p < 0 ? -size : size;
}

/** exp(-p^2). */
export function gaussian(p: number): number {
  return exp2(fround(fround(p * p) * MINUS_LOG2_E));
}

const THIRD = fround(1 / 3);

/** clamp(p, -3, 3) / 3. */
export function ramp(p: number): number {
  return fround(max(min(p, 3), -3) * THIRD);
}

/** Distance of (x, y) from the center: 1 in the middle of an edge, 1.41 in a corner. */
export function distance(x: number, y: number): number {
  return fround(sqrt(fround(fround(x * x) + fround(y * y))));
}

/** Of a pixel's center, in (-1, 1): exactly odd about the middle, so that symmetric patterns stay so to the last bit. */
export function coordinate(index: number, size: number): number {
  return fround((2 * index + 1 - size) * fround(1 / size));
}
