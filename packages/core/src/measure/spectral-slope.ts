/** @file How the power of an image falls with frequency. */

import { luminance } from '../image/luminance.ts';
import { powerSpectrum } from '../image/power-spectrum.ts';
import { pixelMeasure } from './measure.ts';

/**
 * The slope of a least squares line through ln power over ln frequency, the power averaged over rings of one cycle an image from 1 to
 * half of the shorter side: about -2 for photographs (van der Schaaf and van Hateren 1996), 0 for white noise. The power of rounding to 8
 * bits (1/12 a pixel) is added, below which nothing is told apart: an image of one grey has 0.
 */
export const spectralSlope = pixelMeasure({
  name: 'spectral-slope',
  summary: 'how power falls with frequency: 0 is noise, -2 about a photograph, less is smoother',
  title: 'spectral slope (0 noise, \u22122 photographs)',
  lower: -5,
  upper: 1,
  ofImage: (planes, { channels, height, width }) => {
    const side = Math.min(height, width);
    const rings = Math.floor(side / 2);
    if (rings < 2) return 0;
    const power = powerSpectrum(luminance(planes, { channels, height, width }), height, width);
    const [sums, counts] = [new Float64Array(rings + 1), new Float64Array(rings + 1)];
    for (let v = 0; v < height; v++) {
      for (let u = 0; u < width; u++) {
        const [across, down] = [Math.min(u, width - u) / width, Math.min(v, height - v) / height];
        const ring = Math.round(Math.sqrt(across * across + down * down) * side);
        if (ring < 1 || ring > rings) continue;
        sums[ring]! += power[v * width + u]!;
        counts[ring]!++;
      }
    }
    const rounding = (height * width) / 12;
    const places = Array.from({ length: rings }, (_, i) => Math.log(i + 1));
    const values = places.map((_, i) => Math.log(sums[i + 1]! / counts[i + 1]! + rounding));
    return slope(places, values);
  },
});

function slope(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx] = [0, 0];
  x.forEach((each, i) => {
    xy += (each - mx) * (y[i]! - my);
    xx += (each - mx) ** 2;
  });
  return xy / xx;
}
