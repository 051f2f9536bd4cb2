import type { ImageShape } from '@pareidolia/core';

/** The mean of the channels. */
export function luminance(planes: Uint8Array, { channels, height, width }: ImageShape): Float32Array {
  const size = height * width;
  return Float32Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += planes[channel * size + i]!;
    return sum / channels;
  });
}

/** The mean absolute difference between neighbors side by side and one above the other, grey levels in [0, 1]. */
export function totalVariation(planes: Uint8Array, shape: ImageShape): number {
  const grey = luminance(planes, shape);
  const { height, width } = shape;
  let [sum, count] = [0, 0];
  for (let i = 0; i < grey.length; i++) {
    if (i % width < width - 1) {
      sum += Math.abs(grey[i + 1]! - grey[i]!);
      count++;
    }
    if (i < (height - 1) * width) {
      sum += Math.abs(grey[i + width]! - grey[i]!);
      count++;
    }
  }
  return sum / count / 255;
}

/**
 * The share of the power, the mean left aside, at frequencies above half of the highest (radius in cycles a pixel over 1/4),
 * by a discrete Fourier transform row by row and column by column; 0 for an image of one grey.
 */
export function highFrequencyShare(planes: Uint8Array, shape: ImageShape): number {
  const { height, width } = shape;
  const grey = luminance(planes, shape);
  const rows = transform(Float64Array.from(grey), new Float64Array(grey.length), height, width, 1, width);
  const [real, imaginary] = transform(rows[0], rows[1], width, height, width, 1);
  let [high, all] = [0, 0];
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      if (u === 0 && v === 0) continue;
      const power = real[v * width + u]! ** 2 + imaginary[v * width + u]! ** 2;
      const radius = Math.hypot(Math.min(u, width - u) / width, Math.min(v, height - v) / height);
      all += power;
      if (radius > 0.25) high += power;
    }
  }
  return all < 1e-9 ? 0 : high / all;
}

/** The transform of `lines` lines of `length` values that lie `step` apart; lines lie `jump` apart. */
function transform(
  real: Float64Array,
  imaginary: Float64Array,
  lines: number,
  length: number,
  step: number,
  jump: number,
): [Float64Array, Float64Array] {
  const [re, im] = [new Float64Array(real.length), new Float64Array(real.length)];
  const [cos, sin] = [Math.cos, Math.sin].map((f) =>
    Float64Array.from({ length }, (_, k) => f((2 * Math.PI * k) / length)),
  ) as [Float64Array, Float64Array];
  for (let line = 0; line < lines; line++) {
    for (let k = 0; k < length; k++) {
      let [a, b] = [0, 0];
      for (let n = 0; n < length; n++) {
        const at = line * jump + n * step;
        const [c, s] = [cos[(k * n) % length]!, sin[(k * n) % length]!];
        a += real[at]! * c + imaginary[at]! * s;
        b += imaginary[at]! * c - real[at]! * s;
      }
      re[line * jump + k * step] = a;
      im[line * jump + k * step] = b;
    }
  }
  return [re, im];
}
