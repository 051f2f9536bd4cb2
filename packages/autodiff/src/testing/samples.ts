/** @file Random tensors for tests, from a seed. */

import { elementCount } from '../model/tensor.ts';

/** Numbers in [0, 1): mulberry32 (Ettinger 2017). */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Sample {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Uniform numbers between bounds. */
export function sample(seed: number, dims: readonly number[], low = -1, high = 1): Sample {
  const next = uniforms(seed);
  return { dims, data: Float32Array.from({ length: elementCount(dims) }, () => low + (high - low) * next()) };
}

/**
 * Numbers around zero in random order, no two closer than `gap`, none closer to zero than a quarter of it, no two of equal
 * magnitude: steps much smaller than the gap cross no kink of a maximum, a ReLU or an absolute value.
 */
export function apart(seed: number, dims: readonly number[], gap = 0.0625): Sample {
  const next = uniforms(seed);
  const count = elementCount(dims);
  const data = Float32Array.from({ length: count }, (_, rank) => (rank - Math.floor(count / 2) + 0.25) * gap);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [data[i], data[j]] = [data[j]!, data[i]!];
  }
  return { dims, data };
}

/** -1 or 1 for each element: a direction with equal weight on every element. */
export function signs(seed: number, length: number): Float32Array {
  const next = uniforms(seed);
  return Float32Array.from({ length }, () => (next() < 0.5 ? -1 : 1));
}
