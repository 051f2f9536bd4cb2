// Standard normal numbers in bulk: four generators xoshiro128** side by side, and Box and Muller's transformation in single
// precision, of which nothing is fused or relaxed. The plain twin, which gives the same bits, is src/random/normals-plain.ts.

/** 2^-32, 2^-33 and pi / 4 in units of 2^-29. */
const TO_UNIT: f32 = 2.3283064365386963e-10;
const HALF_STEP: f32 = 1.1641532182693481e-10;
const TO_ANGLE: f32 = 1.4629180792671596e-9;

/**
 * Writes numbers, eight at a time: four by the cosine, four by the sine, one of each generator.
 *
 * @param states address of four vectors, which go on: the first words of the four states, the second words and so on
 * @param out receives `count` f64
 * @param count a multiple of 8
 */
export function normals(states: usize, out: usize, count: i32): void {
  let a = v128.load(states);
  let b = v128.load(states, 16);
  let c = v128.load(states, 32);
  let d = v128.load(states, 48);
  for (const end: usize = out + (count << 3); out < end; out += 64) {
    const lengths = word(b);
    let t = i32x4.shl(b, 9);
    c = v128.xor(c, a);
    d = v128.xor(d, b);
    b = v128.xor(b, c);
    a = v128.xor(a, d);
    c = v128.xor(c, t);
    d = rotate(d, 11);
    const angles = word(b);
    t = i32x4.shl(b, 9);
    c = v128.xor(c, a);
    d = v128.xor(d, b);
    b = v128.xor(b, c);
    a = v128.xor(a, d);
    c = v128.xor(c, t);
    d = rotate(d, 11);

    // sqrt(-2 ln u) for u in (0, 1].
    const u = f32x4.add(f32x4.mul(f32x4.convert_i32x4_u(lengths), f32x4.splat(TO_UNIT)), f32x4.splat(HALF_STEP));
    const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), logarithm(u)));
    // An angle in a quarter of the circle around 0; the two lowest bits choose the quarter.
    const angle = f32x4.mul(
      f32x4.add(f32x4.convert_i32x4_s(i32x4.shr_s(angles, 2)), f32x4.splat(0.5)),
      f32x4.splat(TO_ANGLE),
    );
    const z = f32x4.mul(angle, angle);
    const sine = f32x4.mul(sineOf(angle, z), radius);
    const cosine = v128.xor(f32x4.mul(cosineOf(z), radius), i32x4.shl(angles, 31));
    const swap = i32x4.shr_s(i32x4.shl(angles, 30), 31);
    store4(out, v128.bitselect(sine, cosine, swap));
    store4(out + 32, v128.bitselect(cosine, sine, swap));
  }
  v128.store(states, a);
  v128.store(states, b, 16);
  v128.store(states, c, 32);
  v128.store(states, d, 48);
}

/** The words that the generators give, from the second words of their states. */
@inline
function word(b: v128): v128 {
  return i32x4.mul(rotate(i32x4.mul(b, i32x4.splat(5)), 7), i32x4.splat(9));
}

@inline
function rotate(words: v128, places: i32): v128 {
  return v128.or(i32x4.shl(words, places), i32x4.shr_u(words, 32 - places));
}

/** ln(u) for normal u > 0: the exponent, and a polynomial of degree 9 over sqrt(1/2) .. sqrt(2) (Cephes, logf). */
@inline
function logarithm(u: v128): v128 {
  const e = i32x4.shr_s(i32x4.sub(u, i32x4.splat(0x3f3504f3)), 23);
  const x = f32x4.sub(i32x4.sub(u, i32x4.shl(e, 23)), f32x4.splat(1));
  const z = f32x4.mul(x, x);
  const exponent = f32x4.convert_i32x4_s(e);
  let q = f32x4.splat(0.070376836292);
  q = f32x4.add(f32x4.mul(q, x), f32x4.splat(-0.1151461031));
  q = f32x4.add(f32x4.mul(q, x), f32x4.splat(0.1167699874));
  q = f32x4.add(f32x4.mul(q, x), f32x4.splat(-0.12420140846));
  q = f32x4.add(f32x4.mul(q, x), f32x4.splat(0.14249322787));
  q = f32x4.add(f32x4.mul(q, x), f32x4.splat(-0.16668057665));
  q = f32x4.add(f32x4.mul(q, x), f32x4.splat(0.20000714765));
  q = f32x4.add(f32x4.mul(q, x), f32x4.splat(-0.24999993993));
  q = f32x4.add(f32x4.mul(q, x), f32x4.splat(0.33333331174));
  let y = f32x4.mul(f32x4.mul(q, x), z);
  y = f32x4.add(y, f32x4.mul(exponent, f32x4.splat(-0.000212194440)));
  y = f32x4.sub(y, f32x4.mul(f32x4.splat(0.5), z));
  return f32x4.add(f32x4.add(x, y), f32x4.mul(exponent, f32x4.splat(0.693359375)));
}

/** sin(x) for |x| <= pi / 4, z = x^2 (Cephes, sinf). */
@inline
function sineOf(x: v128, z: v128): v128 {
  let q = f32x4.splat(-0.00019515295891);
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(0.0083321608736));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(-0.16666654611));
  return f32x4.add(x, f32x4.mul(f32x4.mul(q, z), x));
}

/** cos(x) for |x| <= pi / 4, z = x^2 (Cephes, cosf). */
@inline
function cosineOf(z: v128): v128 {
  let q = f32x4.splat(0.00002443315711809948);
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(-0.001388731625493765));
  q = f32x4.add(f32x4.mul(q, z), f32x4.splat(0.04166664568298827));
  q = f32x4.mul(f32x4.mul(q, z), z);
  return f32x4.add(f32x4.sub(q, f32x4.mul(f32x4.splat(0.5), z)), f32x4.splat(1));
}

/** Four singles as doubles. */
@inline
function store4(out: usize, values: v128): void {
  v128.store(out, f64x2.promote_low_f32x4(values));
  v128.store(out, f64x2.promote_low_f32x4(i8x16.shuffle(values, values, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)), 16);
}
