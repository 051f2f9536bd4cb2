import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { type ModelCardInput, parseCard } from './card.ts';
import { planInput } from './input.ts';

const plan = (dims: readonly (number | undefined)[], card: ModelCardInput = {}) =>
  planInput('data', dims, parseCard(card), 'net.onnx');

describe('the way from pixels to the network', () => {
  it('is read off the shape', () => {
    expect(plan([undefined, 3, 224, 200])).toMatchObject({
      layout: 'NCHW',
      shape: { channels: 3, height: 224, width: 200 },
    });
    expect(plan([1, 28, 28, 1])).toMatchObject({ layout: 'NHWC', shape: { channels: 1, height: 28, width: 28 } });
  });

  it('takes what the graph leaves open from the card', () => {
    const card = { color: 'rgb', height: 32, width: 48 } as const;
    expect(plan([undefined, undefined, undefined, undefined], card).shape).toEqual({
      channels: 3,
      height: 32,
      width: 48,
    });
  });

  it('computes (low + pixel (high - low) - mean) / deviation', () => {
    const { scale, offset } = plan([1, 3, 8, 8], { range: [-1, 1], mean: [0.1, 0.2, 0.3], deviation: 0.5 });
    for (const pixel of [0, 0.25, 1]) {
      [0.1, 0.2, 0.3].forEach((mean, channel) => {
        expect(pixel * scale[channel]! + offset[channel]!).toBeCloseTo((-1 + 2 * pixel - mean) / 0.5, 12);
      });
    }
  });

  it('knows which pixel the network receives as zero', () => {
    expect(plan([1, 3, 8, 8], { color: 'bgr', mean: [0.1, 0.2, 0.3] }).origin).toEqual([0.3, 0.2, 0.1]);
    expect(plan([1, 1, 8, 8], { range: [-1, 1] }).origin).toEqual([0.5]);
    expect(plan([1, 1, 8, 8], { range: [1, 2] }).origin).toEqual([0]);
  });

  it.each<[string, readonly (number | undefined)[], ModelCardInput]>([
    ['no image', [1, 784], {}],
    ['1 or 3 color channels', [1, 4, 28, 28], {}],
    ['color grey', [1, 3, 28, 28], { color: 'grey' }],
    ['color rgb', [1, 1, 28, 28], { color: 'rgb' }],
    ['height 32', [1, 1, 28, 28], { height: 32 }],
    ['leaves the width open', [1, 1, 28, undefined], {}],
    ['2 values for mean', [1, 3, 28, 28], { mean: [0, 1] }],
  ])('says what is wrong: %s', (message, dims, card) => {
    expect(() => plan(dims, card)).toThrow(InputError);
    expect(() => plan(dims, card)).toThrow(message);
    expect(() => plan(dims, card)).toThrow('net.onnx');
  });
});
