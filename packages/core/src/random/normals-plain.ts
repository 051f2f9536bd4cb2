/** @file The readable twin of the kernel of normal numbers (assembly/normals.ts), which must give the same bits. */

import { LANES, laneStates } from './normals.ts';
import type { Random } from './random.ts';
import { Xoshiro128 } from './xoshiro.ts';

const { fround, sqrt } = Math;

/** As `fillNormals`. */
export function fillNormalsPlain(random: Pick<Random, 'uint32'>, out: Float64Array): void {
  const states = laneStates(random);
  const lanes = Array.from(
    { length: LANES },
    (_, lane) => new Xoshiro128(Int32Array.from({ length: 4 }, (_, word) => states[word * LANES + lane]!)),
  );
  for (let first = 0; first < out.length; first += 2 * LANES) {
    lanes.forEach((generator, lane) => {
      const [x, y] = boxMuller(generator.uint32(), generator.uint32());
      out[first + lane] = x;
      // What is past the end is lost.
      out[first + LANES + lane] = y;
    });
  }
}

/** Two normal numbers from two words: a length from the first; an angle in a quarter of the circle, and which quarter, from the second. */
function boxMuller(length: number, angle: number): readonly [number, number] {
  const u = fround(fround(fround(length) * 2 ** -32) + 2 ** -33);
  const radius = sqrtOf(fround(-2 * logarithm(u)));
  const x = fround(fround(fround((angle | 0) >> 2) + 0.5) * fround(Math.PI / 4 / 2 ** 29));
  const sine = fround(sineOf(x) * radius);
  const cosine = fround(cosineOf(x) * radius) * ((angle & 1) === 1 ? -1 : 1);
  return (angle & 2) === 2 ? [sine, cosine] : [cosine, sine];
}

function sqrtOf(value: number): number {
  return fround(sqrt(value));
}

const bits = new Int32Array(1);
const single = new Float32Array(bits.buffer);

/** ln(u) of a normal single above 0: the exponent, and a polynomial over sqrt(1/2) .. sqrt(2) (Cephes, logf). */
export function logarithm(u: number): number {
  single[0] = u;
  const exponent = (bits[0]! - 0x3f3504f3) >> 23;
  bits[0]! -= exponent << 23;
  const x = fround(single[0] - 1);
  const z = fround(x * x);
  const y = fround(fround(polynomial(LOGARITHM, x) * x) * z);
  const low = fround(fround(y + fround(exponent * fround(-2.1219444e-4))) - fround(0.5 * z));
  return fround(fround(x + low) + fround(exponent * 0.693359375));
}

/** sin(x) for |x| <= pi / 4 (Cephes, sinf). */
export function sineOf(x: number): number {
  const z = fround(x * x);
  return fround(x + fround(fround(polynomial(SINE, z) * z) * x));
}

/** cos(x) for |x| <= pi / 4 (Cephes, cosf). */
export function cosineOf(x: number): number {
  const z = fround(x * x);
  const q = fround(fround(polynomial(COSINE, z) * z) * z);
  return fround(fround(q - fround(0.5 * z)) + 1);
}

/** By Horner's scheme, the coefficient of the highest power first. */
function polynomial(coefficients: Float32Array, x: number): number {
  return coefficients.reduce((value, coefficient) => fround(fround(value * x) + coefficient));
}

const LOGARITHM = Float32Array.of(
  0.070376836292,
  -0.1151461031,
  0.1167699874,
  -0.12420140846,
  0.14249322787,
  -0.16668057665,
  0.20000714765,
  -0.24999993993,
  0.33333331174,
);
const SINE = Float32Array.of(-0.00019515295891, 0.0083321608736, -0.16666654611);
const COSINE = Float32Array.of(0.00002443315711809948, -0.001388731625493765, 0.04166664568298827);
