/** @file The settings of the emitter that climbs by the weights of CPPNs. */

import { z } from 'zod';
import type { ImageShape } from '../../image/images.ts';
import { CPPN_STRUCTURE_SETTINGS } from '../../variation/cppn-structure.ts';

/** How CPPNs begin, climb and mutate. */
export const CPPN_GRADIENT_SETTINGS = z.object({
  starts: z.int().min(1).max(10_000).default(2).describe('random networks for each class in the first generation'),
  width: z.int().min(1).max(100).default(12).describe('hidden nodes in each layer of a first network'),
  layers: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('hidden layers of a first network; 0: 2 for images of up to 64 x 64 pixels, 5 for larger ones'),
  inputWeight: z
    .number()
    .gt(0)
    .max(100)
    .default(6)
    .describe('first weights from the inputs are within this: larger, finer patterns'),
  steps: z.int().min(1).max(100_000).default(16).describe('gradient steps of a climb'),
  rate: z
    .number()
    .min(0)
    .max(10)
    .default(0)
    .describe('step of each weight by Adam; 0: 0.05 for images of up to 64 x 64 pixels, 0.02 for larger ones'),
  target: z
    .number()
    .min(0)
    .max(1)
    .default(0.9999)
    .describe('a class is left alone once its 8-bit image has this confidence'),
  patience: z
    .int()
    .min(1)
    .max(1000)
    .default(2)
    .describe('climbs in vain from an elite, each at half the rate, until copies of it mutate first'),
  ...CPPN_STRUCTURE_SETTINGS.shape,
});

/** All of them. */
export type CppnGradientSettings = z.output<typeof CPPN_GRADIENT_SETTINGS>;

/** Up to this many pixels an image is small: deep networks make noise of it, and it is fooled as soon without. */
const SMALL = 64 * 64;

/** With those that depend on the size of the image filled in. */
export function sizedSettings(settings: CppnGradientSettings, { height, width }: ImageShape): CppnGradientSettings {
  const usual = height * width <= SMALL ? { layers: 2, rate: 0.05 } : { layers: 5, rate: 0.02 };
  return { ...settings, layers: settings.layers || usual.layers, rate: settings.rate || usual.rate };
}
