/** @file Whether the left of an image mirrors its right. */

import { luminance } from '../image/luminance.ts';
import { pixelMeasure } from './measure.ts';

/** The correlation of an image with its mirror image (Pearson), -1 to 1; 1 for one grey. */
export const symmetry = pixelMeasure({
  name: 'symmetry',
  summary: 'correlation of the image with its mirror image, left to right',
  title: 'symmetry (correlation with the mirror image)',
  lower: -1,
  upper: 1,
  ofImage: (planes, shape) => {
    const grey = luminance(planes, shape);
    const mean = grey.reduce((sum, level) => sum + level, 0) / grey.length;
    let [own, mirrored] = [0, 0];
    for (let y = 0, row = 0; y < shape.height; y++, row += shape.width) {
      for (let x = 0; x < shape.width; x++) {
        const level = grey[row + x]! - mean;
        own += level * level;
        mirrored += level * (grey[row + shape.width - 1 - x]! - mean);
      }
    }
    return own < 1e-9 ? 1 : mirrored / own;
  },
});
