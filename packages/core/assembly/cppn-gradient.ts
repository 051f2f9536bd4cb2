// The gradient of an image's score with respect to the weights of its CPPN: a reverse sweep over the tiles of pixels that
// assembly/cppn.ts renders. The plain twin, in double precision, is src/encoding/cppn/gradient-plain.ts.

import { brightness, fillInputs, FIRST_NODE, SLOT, TILE } from './cppn';
import { gaussian, GAUSSIAN, ramp, sigmoid, SIGMOID, sine, SINE } from './functions';

const HALF_PI: f32 = 1.5707963267948966;

/**
 * Adds the share of pixels `first .. first + count` (row-major) of an image of `width x height`.
 *
 * @param program address of the program
 * @param starts receives the address of each node in the program
 * @param buffers of all slots' values
 * @param slopes as large: the derivative of each node's function
 * @param adjoints as large: the derivative of the score with respect to each slot's value
 * @param pixels derivatives of the score with respect to the pixel values in [0, 1]: one plane of f32, or three at a
 *     distance of `stride` bytes; zeros after the last pixel up to a whole group of 16
 * @param into an f64 for each node's bias, followed by one for each of its links, in the order of the program
 */
export function cppnGradient(
  program: usize, starts: usize, buffers: usize, slopes: usize, adjoints: usize, pixels: usize, stride: i32, into: usize,
  width: i32, height: i32, first: i32, count: i32,
): void {
  const outputs = load<i32>(program);
  const nodes = load<i32>(program, 4);
  for (let done = 0; done < count; done += TILE) {
    const tile = min(TILE, count - done);
    const bytes: usize = ((tile + 15) & ~15) << 2;
    fillInputs(buffers, bytes, width, height, first + done, tile);
    // What is past the last pixel must be finite: its derivatives are 0, and NaN times 0 is none.
    const used: usize = tile << 2;
    for (let slot = 0; slot < FIRST_NODE; slot++) memory.fill(buffers + slot * SLOT + used, 0, bytes - used);
    const end = forward(program, starts, buffers, slopes, bytes);
    for (let node = FIRST_NODE; node < FIRST_NODE + nodes; node++) {
      memory.fill(adjoints + node * SLOT, 0, bytes);
    }
    const from = pixels + (done << 2);
    if (outputs == 1) {
      const slot = load<i32>(program, 8) * SLOT;
      seedGrey(buffers + slot, adjoints + slot, from, bytes);
    } else {
      const hue = load<i32>(program, 8) * SLOT;
      const saturation = load<i32>(program, 12) * SLOT;
      const value = load<i32>(program, 16) * SLOT;
      seedColor(buffers, adjoints, hue, saturation, value, from, stride, bytes);
    }
    backward(starts, nodes, end, buffers, slopes, adjoints, into, bytes);
  }
}

/** The nodes' values and the slopes of their functions; returns the address after the program. */
function forward(program: usize, starts: usize, buffers: usize, slopes: usize, bytes: usize): usize {
  const nodes = load<i32>(program, 4);
  let at = program + 20;
  for (let node = 0; node < nodes; node++) {
    store<i32>(starts + (node << 2), i32(at));
    const activation = load<i32>(at);
    const bias = v128.load32_splat(at, 4);
    const links = at + 12;
    const end = links + (load<i32>(at, 8) << 3);
    const value = buffers + (FIRST_NODE + node) * SLOT;
    const slope = slopes + (FIRST_NODE + node) * SLOT;
    for (let pixel: usize = 0; pixel < bytes; pixel += 32) {
      let a = bias;
      let b = bias;
      for (let link = links; link < end; link += 8) {
        const source = buffers + load<i32>(link) * SLOT + pixel;
        const weight = v128.load32_splat(link, 4);
        a = f32x4.add(a, f32x4.mul(weight, v128.load(source)));
        b = f32x4.add(b, f32x4.mul(weight, v128.load(source, 16)));
      }
      apply(activation, a, value + pixel, slope + pixel);
      apply(activation, b, value + pixel + 16, slope + pixel + 16);
    }
    at = end;
  }
  return at;
}

/** Stores a node's function of the sum p, and its derivative there. */
@inline
function apply(activation: i32, p: v128, value: usize, slope: usize): void {
  if (activation == SINE) {
    v128.store(value, sine(p));
    v128.store(slope, sine(f32x4.add(p, f32x4.splat(HALF_PI))));
  } else if (activation == SIGMOID) {
    // (1 - s^2) / 2 for s = 2 / (1 + exp(-p)) - 1.
    const s = sigmoid(p);
    v128.store(value, s);
    v128.store(slope, f32x4.mul(f32x4.splat(0.5), f32x4.sub(f32x4.splat(1), f32x4.mul(s, s))));
  } else if (activation == GAUSSIAN) {
    const g = gaussian(p);
    v128.store(value, g);
    v128.store(slope, f32x4.mul(f32x4.mul(f32x4.splat(-2), p), g));
  } else {
    v128.store(value, ramp(p));
    const inside = f32x4.lt(f32x4.abs(p), f32x4.splat(3));
    v128.store(slope, v128.and(f32x4.splat(0.3333333333333333), inside));
  }
}

/** `adjoint += sign(out) gradient`. */
function seedGrey(out: usize, adjoint: usize, gradient: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) addSigned(out + at, adjoint + at, v128.load(gradient + at));
}

/** Adds the derivative by out, given that by |out|, with 0 where out is 0. */
@inline
function addSigned(out: usize, adjoint: usize, derivative: v128): void {
  const value = v128.load(out);
  const sign = v128.and(value, i32x4.splat(0x80000000));
  const isZero = f32x4.eq(value, f32x4.splat(0));
  const signed = v128.andnot(v128.xor(derivative, sign), isZero);
  v128.store(adjoint, f32x4.add(v128.load(adjoint), signed));
}

/** Through the step from hue, saturation and value to red, green and blue. */
function seedColor(
  buffers: usize, adjoints: usize, hue: usize, saturation: usize, value: usize, gradient: usize, stride: i32, bytes: usize,
): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    const six = f32x4.mul(brightness(buffers + hue + at), f32x4.splat(6));
    const s = brightness(buffers + saturation + at);
    const v = brightness(buffers + value + at);
    const three = f32x4.sub(six, f32x4.splat(3));
    const two = f32x4.sub(six, f32x4.splat(2));
    const four = f32x4.sub(six, f32x4.splat(4));
    // The trapezium of each channel over the circle, and which way it goes there.
    const red = f32x4.sub(f32x4.abs(three), f32x4.splat(1));
    const green = f32x4.sub(f32x4.splat(2), f32x4.abs(two));
    const blue = f32x4.sub(f32x4.splat(2), f32x4.abs(four));
    const byRed = v128.load(gradient + at);
    const byGreen = v128.load(gradient + stride + at);
    const byBlue = v128.load(gradient + 2 * stride + at);
    const lacking = f32x4.add(
      f32x4.add(f32x4.mul(byRed, lack(red)), f32x4.mul(byGreen, lack(green))), f32x4.mul(byBlue, lack(blue)),
    );
    const whole = f32x4.add(f32x4.add(byRed, byGreen), byBlue);
    const turning = f32x4.sub(
      f32x4.sub(slant(byRed, red, three), slant(byGreen, green, two)), slant(byBlue, blue, four),
    );
    const chroma = f32x4.mul(v, s);
    addSigned(buffers + value + at, adjoints + value + at, f32x4.sub(whole, f32x4.mul(s, lacking)));
    addSigned(buffers + saturation + at, adjoints + saturation + at, f32x4.neg(f32x4.mul(v, lacking)));
    const byHue = f32x4.mul(f32x4.mul(f32x4.splat(6), chroma), turning);
    addSigned(buffers + hue + at, adjoints + hue + at, byHue);
  }
}

/** 1 - clamp(share, 0, 1). */
@inline
function lack(share: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.sub(one, f32x4.pmin(f32x4.pmax(share, f32x4.splat(0)), one));
}

/** The derivative with the sign of `way` where the share is inside of (0, 1), else 0. */
@inline
function slant(derivative: v128, share: v128, way: v128): v128 {
  const inside = v128.and(f32x4.gt(share, f32x4.splat(0)), f32x4.lt(share, f32x4.splat(1)));
  return v128.and(v128.xor(derivative, v128.and(way, i32x4.splat(0x80000000))), inside);
}

/** From the last node to the first: its weights' derivatives, and its share in the adjoints of what it draws on. */
function backward(
  starts: usize, nodes: i32, programEnd: usize, buffers: usize, slopes: usize, adjoints: usize, into: usize, bytes: usize,
): void {
  // The node's place in `into` is found from the end: a bias and its links.
  let count = 0;
  let end = programEnd;
  for (let node = 0; node < nodes; node++) count += 1 + load<i32>(load<i32>(starts + (node << 2)), 8);
  let place = into + (count << 3);
  for (let node = nodes - 1; node >= 0; node--) {
    const at: usize = load<i32>(starts + (node << 2));
    const links = at + 12;
    const delta = adjoints + (FIRST_NODE + node) * SLOT;
    const slope = slopes + (FIRST_NODE + node) * SLOT;
    let sum = f32x4.splat(0);
    for (let pixel: usize = 0; pixel < bytes; pixel += 16) {
      const d = f32x4.mul(v128.load(delta + pixel), v128.load(slope + pixel));
      v128.store(delta + pixel, d);
      sum = f32x4.add(sum, d);
    }
    place -= (1 + i32((end - links) >> 3)) << 3;
    accumulate(place, sum);
    let target = place + 8;
    for (let link = links; link < end; link += 8) {
      const slot = load<i32>(link);
      const source = buffers + slot * SLOT;
      accumulate(target, product(delta, source, bytes));
      if (slot >= FIRST_NODE) spread(adjoints + slot * SLOT, v128.load32_splat(link, 4), delta, bytes);
      target += 8;
    }
    end = at;
  }
}

/** The products of two buffers, summed in four lanes. */
@inline
function product(one: usize, other: usize, bytes: usize): v128 {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  for (let pixel: usize = 0; pixel < bytes; pixel += 32) {
    a = f32x4.add(a, f32x4.mul(v128.load(one + pixel), v128.load(other + pixel)));
    b = f32x4.add(b, f32x4.mul(v128.load(one + pixel, 16), v128.load(other + pixel, 16)));
  }
  return f32x4.add(a, b);
}

@inline
function spread(adjoint: usize, weight: v128, delta: usize, bytes: usize): void {
  for (let pixel: usize = 0; pixel < bytes; pixel += 32) {
    const to = adjoint + pixel;
    const from = delta + pixel;
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(weight, v128.load(from))));
    v128.store(to, f32x4.add(v128.load(to, 16), f32x4.mul(weight, v128.load(from, 16))), 16);
  }
}

/** Adds four lanes, in double precision, to a number. */
@inline
function accumulate(place: usize, sum: v128): void {
  const low = f64x2.promote_low_f32x4(sum);
  const high = f64x2.promote_low_f32x4(i8x16.shuffle(sum, sum, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
  const both = f64x2.add(low, high);
  store<f64>(place, load<f64>(place) + f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1));
}
