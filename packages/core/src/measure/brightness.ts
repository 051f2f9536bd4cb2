/** @file How bright an image is. */

import { luminance } from '../image/luminance.ts';
import { pixelMeasure } from './measure.ts';

/** The mean of all pixels and channels, 0 (black) to 1 (white). */
export const brightness = pixelMeasure({
  name: 'brightness',
  summary: 'mean of all pixels, from black to white',
  title: 'brightness (0 black, 1 white)',
  lower: 0,
  upper: 1,
  ofImage: (planes, shape) => {
    const grey = luminance(planes, shape);
    return grey.reduce((sum, level) => sum + level, 0) / grey.length / 255;
  },
});
