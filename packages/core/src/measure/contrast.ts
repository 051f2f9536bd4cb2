/** @file How much contrast an image has. */

import { luminance } from '../image/luminance.ts';
import { pixelMeasure } from './measure.ts';

/** The standard deviation of the grey levels (RMS contrast; Peli 1990): 0 for one grey, 0.5 for half black and half white. */
export const contrast = pixelMeasure({
  name: 'contrast',
  summary: 'standard deviation of the grey levels, from one grey to half black and half white',
  title: 'contrast (standard deviation, 0 to 0.5)',
  lower: 0,
  upper: 0.5,
  ofImage: (planes, shape) => deviation(luminance(planes, shape)) / 255,
});

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
