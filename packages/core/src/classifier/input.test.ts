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

  it.each([
    ['a flat grey image', [undefined, 784], {}, [1, 28, 28], [784]],
    ['a flat image of colors', [undefined, 3072], {}, [3, 32, 32], [3072]],
    ['a flat image with sides', [undefined, 3072], { height: 16, width: 64 }, [3, 16, 64], [3072]],
    ['one flat image', [784], {}, [1, 28, 28], [784]],
    ['grey rows', [undefined, 28, 20], {}, [1, 28, 20], [28, 20]],
    ['flat channels', [undefined, 3, 1024], {}, [3, 32, 32], [3, 1024]],
    ['flat channels at the end', [undefined, 1024, 3], {}, [3, 32, 32], [1024, 3]],
    ['one image', [3, 28, 20], {}, [3, 28, 20], [3, 28, 20]],
    ['one image with channels at the end', [28, 20, 3], {}, [3, 28, 20], [28, 20, 3]],
    ['no shape', undefined, { color: 'rgb', height: 5, width: 6 }, [3, 5, 6], undefined],
  ] as const)('takes %s', (_, dims, card, [channels, height, width], form) => {
    const { shape, form: found } = planInput('x', dims, parseCard(card), 'net.onnx');
    expect(shape).toEqual({ channels, height, width });
    expect(found).toEqual(form);
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
    ['no image', [1, 3, 8, 28, 28], {}],
    ['not square', [1, 783], {}],
    ["the card's fields height", [1, 784], { height: 27, width: 28 }],
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
