// Renders direct genomes. The plain twin is `renderDirectPlain` in src/encoding/direct.ts.

import { storeHsv } from './levels';

/** As single precision has it. */
const STEP: f32 = 1.0 / 65535.0;

/**
 * Grey levels from genes in steps of 1/65535: round(gene / 257), in whole numbers.
 *
 * @param genes address of `count` 16-bit words
 * @param out receives `count` bytes, rounded up to whole groups of 8
 */
export function renderDirectGrey(genes: usize, out: usize, count: i32): void {
  for (let i = 0; i < count; i += 8) {
    const g = v128.load(genes + (i << 1));
    const low = grey(i32x4.extend_low_i16x8_u(g));
    const high = grey(i32x4.extend_high_i16x8_u(g));
    const words = i16x8.narrow_i32x4_s(low, high);
    v128.store64_lane(out + i, i8x16.narrow_i16x8_u(words, words), 0);
  }
}

@inline
function grey(gene: v128): v128 {
  return i32x4.shr_u(i32x4.add(i32x4.mul(gene, i32x4.splat(255)), i32x4.splat(32895)), 16);
}

/**
 * Red, green and blue from genes of hue, saturation and value.
 *
 * @param genes address of three planes of 16-bit words, `2 * stride` bytes apart
 * @param out receives three planes, `stride` bytes apart, each in whole groups of 8
 */
export function renderDirectColor(genes: usize, out: usize, stride: i32, count: i32): void {
  const plane = stride << 1;
  for (let i = 0; i < count; i += 8) {
    const at = genes + (i << 1);
    const h = v128.load(at);
    const s = v128.load(at + plane);
    const v = v128.load(at + 2 * plane);
    storeHsv(low(h), high(h), low(s), high(s), low(v), high(v), out + i, stride);
  }
}

@inline
function low(genes: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(genes)), f32x4.splat(STEP));
}

@inline
function high(genes: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(genes)), f32x4.splat(STEP));
}
