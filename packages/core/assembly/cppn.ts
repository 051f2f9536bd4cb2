// The rendering kernel: an interpreter of CPPN programs (src/encoding/cppn/program.ts) over tiles of pixels, in 128-bit
// SIMD. Its plain twin is src/encoding/cppn/plain.ts: the order of every operation here and there is the same, nothing
// is fused or relaxed, so that both, and all machines, give the same bytes.

import { gaussian, GAUSSIAN, ramp, sigmoid, SIGMOID, sine, SINE } from './functions';
import { level, storeHsv } from './levels';

/** Pixels worked on at a time. All nodes' values for one tile should fit in the first-level cache. */
export const TILE: i32 = 256;
/** A node has a buffer of one tile of f32; slots 0, 1 and 2 are x, y and the distance from the centre. */
export const SLOT: i32 = TILE * 4;
export const FIRST_NODE: i32 = 3;

/**
 * Renders pixels `first .. first + count` (row-major) of an image of `width x height`.
 *
 * @param program address of the program
 * @param buffers address of the nodes' buffers
 * @param out receives one plane, or three at a distance of `stride` bytes; each is written in whole groups of 16 pixels
 */
export function renderCppn(
  program: usize, buffers: usize, out: usize, stride: i32, width: i32, height: i32, first: i32, count: i32,
): void {
  const outputs = load<i32>(program);
  for (let done = 0; done < count; done += TILE) {
    const pixels = min(TILE, count - done);
    const bytes: usize = ((pixels + 15) & ~15) << 2;
    fillInputs(buffers, bytes, width, height, first + done, pixels);
    computeNodes(program, buffers, bytes);
    if (outputs == 1) {
      writeGrey(buffers + load<i32>(program, 8) * SLOT, out + done, bytes);
    } else {
      writeColor(
        buffers + load<i32>(program, 8) * SLOT,
        buffers + load<i32>(program, 12) * SLOT,
        buffers + load<i32>(program, 16) * SLOT,
        out + done, stride, bytes,
      );
    }
  }
}

/** Coordinates of pixel centres, x and y in (-1, 1), and the distance from the centre. */
export function fillInputs(buffers: usize, bytes: usize, width: i32, height: i32, first: i32, pixels: i32): void {
  const firstRow = first / width;
  const firstColumn = first - firstRow * width;
  // A row may end inside a vector; the surplus is overwritten by the next row, and past the tile's end by the slot
  // that is filled next. Hence one slot after the other.
  const xs = buffers;
  const inverseWidth = f32x4.splat(f32(1) / f32(width));
  let column = firstColumn;
  for (let i = 0; i < pixels; ) {
    const run = min(width - column, pixels - i);
    let numerator = i32x4.add(i32x4.splat(2 * column + 1 - width), i32x4(0, 2, 4, 6));
    for (let j = 0; j < run; j += 4) {
      v128.store(xs + ((i + j) << 2), f32x4.mul(f32x4.convert_i32x4_s(numerator), inverseWidth));
      numerator = i32x4.add(numerator, i32x4.splat(8));
    }
    i += run;
    column = 0;
  }
  const ys = buffers + SLOT;
  const inverseHeight: f32 = f32(1) / f32(height);
  column = firstColumn;
  let row = firstRow;
  for (let i = 0; i < pixels; ) {
    const run = min(width - column, pixels - i);
    const numerator: i32 = 2 * row + 1 - height;
    const y = f32x4.splat(f32(numerator) * inverseHeight);
    for (let j = 0; j < run; j += 4) v128.store(ys + ((i + j) << 2), y);
    i += run;
    column = 0;
    row++;
  }
  const ds = buffers + 2 * SLOT;
  for (let at: usize = 0; at < bytes; at += 16) {
    const x = v128.load(xs + at);
    const y = v128.load(ys + at);
    v128.store(ds + at, f32x4.sqrt(f32x4.add(f32x4.mul(x, x), f32x4.mul(y, y))));
  }
}

/** Sixteen pixels at a time: the bias, plus weight times source for each link in turn, through the node's function. */
function computeNodes(program: usize, buffers: usize, bytes: usize): void {
  const nodes = load<i32>(program, 4);
  let at = program + 20;
  let target = buffers + FIRST_NODE * SLOT;
  for (let node = 0; node < nodes; node++) {
    const activation = load<i32>(at);
    const bias = v128.load32_splat(at, 4);
    const links = at + 12;
    const end = links + (load<i32>(at, 8) << 3);
    for (let pixel: usize = 0; pixel < bytes; pixel += 64) {
      let a = bias;
      let b = bias;
      let c = bias;
      let d = bias;
      for (let link = links; link < end; link += 8) {
        const source = buffers + load<i32>(link) * SLOT + pixel;
        const weight = v128.load32_splat(link, 4);
        a = f32x4.add(a, f32x4.mul(weight, v128.load(source)));
        b = f32x4.add(b, f32x4.mul(weight, v128.load(source, 16)));
        c = f32x4.add(c, f32x4.mul(weight, v128.load(source, 32)));
        d = f32x4.add(d, f32x4.mul(weight, v128.load(source, 48)));
      }
      const into = target + pixel;
      if (activation == SINE) {
        v128.store(into, sine(a));
        v128.store(into, sine(b), 16);
        v128.store(into, sine(c), 32);
        v128.store(into, sine(d), 48);
      } else if (activation == SIGMOID) {
        v128.store(into, sigmoid(a));
        v128.store(into, sigmoid(b), 16);
        v128.store(into, sigmoid(c), 32);
        v128.store(into, sigmoid(d), 48);
      } else if (activation == GAUSSIAN) {
        v128.store(into, gaussian(a));
        v128.store(into, gaussian(b), 16);
        v128.store(into, gaussian(c), 32);
        v128.store(into, gaussian(d), 48);
      } else {
        v128.store(into, ramp(a));
        v128.store(into, ramp(b), 16);
        v128.store(into, ramp(c), 32);
        v128.store(into, ramp(d), 48);
      }
    }
    at = end;
    target += SLOT;
  }
}

/** |out|, at most 1. */
@inline
export function brightness(at: usize): v128 {
  return f32x4.pmin(f32x4.abs(v128.load(at)), f32x4.splat(1));
}

function writeGrey(source: usize, out: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 64) {
    const from = source + at;
    const low = i16x8.narrow_i32x4_s(level(brightness(from)), level(brightness(from + 16)));
    const high = i16x8.narrow_i32x4_s(level(brightness(from + 32)), level(brightness(from + 48)));
    v128.store(out + (at >> 2), i8x16.narrow_i16x8_u(low, high));
  }
}

// Eight pixels at a time, which the 16 registers hold.
function writeColor(hues: usize, saturations: usize, values: usize, out: usize, stride: i32, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 32) {
    storeHsv(
      brightness(hues + at), brightness(hues + at + 16),
      brightness(saturations + at), brightness(saturations + at + 16),
      brightness(values + at), brightness(values + at + 16),
      out + (at >> 2), stride,
    );
  }
}
