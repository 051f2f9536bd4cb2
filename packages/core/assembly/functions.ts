// The functions of CPPN nodes, four pixels at a time. The plain twin is src/encoding/cppn/functions.ts.

import { ROUND } from './levels';

// The codes of programs; whatever else is a ramp.
export const SINE: i32 = 0;
export const SIGMOID: i32 = 1;
export const GAUSSIAN: i32 = 2;

/** sin(p): p is reduced by the nearest multiple of pi (Cody and Waite), then an odd polynomial of degree 9. */
@inline
export function sine(p: v128): v128 {
  const t = f32x4.add(f32x4.mul(p, f32x4.splat(0.3183098861837907)), f32x4.splat(ROUND));
  const n = f32x4.sub(t, f32x4.splat(ROUND));
  const r = f32x4.sub(
    f32x4.sub(p, f32x4.mul(n, f32x4.splat(3.140625))),
    f32x4.mul(n, f32x4.splat(9.676535897932e-4)),
  );
  const z = f32x4.mul(r, r);
  let q = f32x4.splat(0.000002605780638407982);
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(-0.00019809602902151076));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(0.008333066246085118));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(-0.16666659550427856));
  const s = f32x4.add(r, f32x4.mul(f32x4.mul(q, z), r));
  // An odd multiple of pi turns the sign.
  return v128.xor(s, i32x4.shl(t, 31));
}

/** 2^t for t <= 0, not below 2^-126: a polynomial of degree 5 around the nearest whole number. */
@inline
export function exp2(t: v128): v128 {
  const u = f32x4.pmax(t, f32x4.splat(-126));
  const v = f32x4.add(u, f32x4.splat(ROUND));
  const f = f32x4.sub(u, f32x4.sub(v, f32x4.splat(ROUND)));
  let q = f32x4.splat(0.0013264727275136231);
  q = f32x4.add(f32x4.mul(q, f), f32x4.splat(0.009671512667177333));
  q = f32x4.add(f32x4.mul(q, f), f32x4.splat(0.055507337432883885));
  q = f32x4.add(f32x4.mul(q, f), f32x4.splat(0.24022242084955905));
  q = f32x4.add(f32x4.mul(q, f), f32x4.splat(0.6931469775989972));
  q = f32x4.add(f32x4.mul(q, f), f32x4.splat(1));
  // The whole number is added to the exponent of q, which is in [0.7, 1.42].
  return i32x4.add(q, i32x4.shl(v, 23));
}

/** 2 / (1 + exp(-p)) - 1, by its odd symmetry from |p|, where nothing overflows. */
@inline
export function sigmoid(p: v128): v128 {
  const e = exp2(f32x4.mul(f32x4.abs(p), f32x4.splat(-1.4426950408889634)));
  const one = f32x4.splat(1);
  const size = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
  return v128.or(size, v128.and(p, i32x4.splat(0x80000000)));
}

/** exp(-p^2). */
@inline
export function gaussian(p: v128): v128 {
  return exp2(f32x4.mul(f32x4.mul(p, p), f32x4.splat(-1.4426950408889634)));
}

/** clamp(p, -3, 3) / 3. */
@inline
export function ramp(p: v128): v128 {
  return f32x4.mul(f32x4.pmax(f32x4.pmin(p, f32x4.splat(3)), f32x4.splat(-3)), f32x4.splat(0.3333333333333333));
}
