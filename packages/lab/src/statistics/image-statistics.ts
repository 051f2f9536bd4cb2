import { type ImageShape, luminance, powerSpectrum } from '@pareidolia/core';

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
 * The share of the power, the mean left aside, at frequencies above half of the highest (radius in cycles a pixel over 1/4);
 * 0 for an image of one grey.
 */
export function highFrequencyShare(planes: Uint8Array, shape: ImageShape): number {
  const { height, width } = shape;
  const grey = luminance(planes, shape);
  const spectrum = powerSpectrum(grey, height, width);
  let [high, all] = [0, 0];
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      if (u === 0 && v === 0) continue;
      const power = spectrum[v * width + u]!;
      const radius = Math.hypot(Math.min(u, width - u) / width, Math.min(v, height - v) / height);
      all += power;
      if (radius > 0.25) high += power;
    }
  }
  return all < 1e-9 ? 0 : high / all;
}
