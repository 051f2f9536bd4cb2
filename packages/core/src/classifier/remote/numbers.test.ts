import { describe, expect, it } from 'vitest';
import { parseCard } from '../card.ts';
import { cardForType, planInput } from '../input.ts';
import { imageDims, modelInput } from './numbers.ts';

/** Red, green and blue planes of two pixels each. */
const images = { channels: 3, height: 1, width: 2, count: 1, data: Float32Array.of(0, 1, 0.5, 0.25, 1, 0) } as const;

describe('an image as a model takes it', () => {
  it('has mean and deviation of each channel, in the order of its channels and axes', () => {
    const card = parseCard({ layout: 'NHWC', color: 'bgr', range: [0, 256], mean: [1, 2, 4], deviation: [1, 2, 4] });
    const plan = planInput('image', [undefined, 1, 2, 3], card, 'api');
    // Blue (256 x - 1) / 1, green (256 x - 2) / 2, red (256 x - 4) / 4; pixel by pixel.
    expect(modelInput(images, plan)).toEqual([255, 63, -1, -1, 31, 63]);
    expect(imageDims(plan)).toEqual([1, 2, 3]);
  });

  it('is rounded to the even number and clipped for whole numbers', () => {
    const card = cardForType(parseCard({}), 'uint8');
    const plan = planInput('image', [undefined, 3, 1, 2], card, 'api', 'uint8');
    // .5 of 255 is 127.5, .25 is 63.75.
    expect(modelInput(images, plan)).toEqual([0, 255, 128, 64, 255, 0]);
    expect(imageDims(plan)).toEqual([3, 1, 2]);
  });

  it('may be flat', () => {
    const plan = planInput('image', [undefined, 6], parseCard({ color: 'rgb', height: 1, width: 2 }), 'api');
    expect(imageDims(plan)).toEqual([6]);
    expect(modelInput(images, plan)).toEqual([0, 1, 0.5, 0.25, 1, 0]);
  });
});
