/** @file Images as the numbers that a model takes: the card's preprocessing, computed here. */

import { type FloatImages, imageSize } from '../../image/images.ts';
import { type InputPlan, wholeRange } from '../input.ts';

/**
 * What a model is given for images: value = pixel scale + offset, in its order of channels and axes; whole numbers are rounded
 * and clipped to what the type holds.
 *
 * @param images floats in [0, 1]
 * @returns `count x values of an image`
 */
export function modelInput(images: FloatImages, plan: InputPlan): number[] {
  const { channels, height, width } = images;
  const [size, pixels] = [imageSize(images), height * width];
  const whole = wholeRange(plan.type);
  const isLast = plan.layout === 'NHWC';
  const values = new Array<number>(images.count * size);
  for (let row = 0; row < images.count; row++) {
    for (let theirs = 0; theirs < channels; theirs++) {
      const from = row * size + plan.channelOrder[theirs]! * pixels;
      const [scale, offset] = [Math.fround(plan.scale[theirs]!), Math.fround(plan.offset[theirs]!)];
      for (let i = 0; i < pixels; i++) {
        const value = Math.fround(Math.fround(images.data[from + i]! * scale) + offset);
        const place = row * size + (isLast ? i * channels + theirs : theirs * pixels + i);
        values[place] = whole === undefined ? value : Math.min(whole[1], Math.max(whole[0], roundEven(value)));
      }
    }
  }
  return values;
}

/** The axes of one image, as the model takes it. */
export function imageDims({ form, layout, shape: { channels, height, width } }: InputPlan): readonly number[] {
  return form ?? (layout === 'NCHW' ? [channels, height, width] : [height, width, channels]);
}

/** As ONNX rounds: halves to the even number. */
function roundEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}
