// From real values to the 256 levels of an image. The plain twin is src/encoding/levels.ts.

/**
 * Added to a number below 2^22 in size, this leaves the nearest whole number in the low bits of the sum (ties to even);
 * subtracted again, it leaves that whole number. Much quicker than the conversions, which must mind what doesn't fit.
 */
export const ROUND: f32 = 12582912;

/** 255 v, rounded, for v in [0, 1]. */
@inline
export function level(value: v128): v128 {
  return v128.and(
    f32x4.add(f32x4.mul(value, f32x4.splat(255)), f32x4.splat(ROUND)),
    i32x4.splat(255),
  );
}

/**
 * Eight pixels from hue, saturation and value, each four and four, to red, green and blue in three planes, `stride` bytes
 * apart.
 */
@inline
export function storeHsv(
  h0: v128, h1: v128, s0: v128, s1: v128, v0: v128, v1: v128, out: usize, stride: i32,
): void {
  const one = f32x4.splat(1);
  const two = f32x4.splat(2);
  const six0 = f32x4.mul(h0, f32x4.splat(6));
  const six1 = f32x4.mul(h1, f32x4.splat(6));
  const c0 = f32x4.mul(v0, s0);
  const c1 = f32x4.mul(v1, s1);
  store8(
    out,
    channel(f32x4.sub(f32x4.abs(f32x4.sub(six0, f32x4.splat(3))), one), v0, c0),
    channel(f32x4.sub(f32x4.abs(f32x4.sub(six1, f32x4.splat(3))), one), v1, c1),
  );
  store8(
    out + stride,
    channel(f32x4.sub(two, f32x4.abs(f32x4.sub(six0, two))), v0, c0),
    channel(f32x4.sub(two, f32x4.abs(f32x4.sub(six1, two))), v1, c1),
  );
  store8(
    out + 2 * stride,
    channel(f32x4.sub(two, f32x4.abs(f32x4.sub(six0, f32x4.splat(4)))), v0, c0),
    channel(f32x4.sub(two, f32x4.abs(f32x4.sub(six1, f32x4.splat(4)))), v1, c1),
  );
}

/** v - c (1 - clamp(share, 0, 1)), as a level. */
@inline
function channel(share: v128, value: v128, chroma: v128): v128 {
  const one = f32x4.splat(1);
  const lack = f32x4.sub(one, f32x4.pmin(f32x4.pmax(share, f32x4.splat(0)), one));
  return level(f32x4.sub(value, f32x4.mul(chroma, lack)));
}

@inline
function store8(out: usize, a: v128, b: v128): void {
  const words = i16x8.narrow_i32x4_s(a, b);
  v128.store64_lane(out, i8x16.narrow_i16x8_u(words, words), 0);
}
