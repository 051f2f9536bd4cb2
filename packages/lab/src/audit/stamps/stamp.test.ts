import type { ImageShape } from '@pareidolia/core';
import { describe, expect, it } from 'vitest';
import { drivenTo, mostDriven, outlierIndex } from './driven.ts';
import { coverage, peersOf, putStamp, type Stamp, stampsOf } from './stamp.ts';

const grey: ImageShape = { channels: 1, height: 28, width: 28 };
const shapes: readonly ImageShape[] = [
  grey,
  { channels: 3, height: 32, width: 32 },
  { channels: 3, height: 20, width: 50 },
  { channels: 1, height: 3, width: 2 },
  { channels: 1, height: 1, width: 1 },
];

const changed = (stamp: Stamp, shape: ImageShape): readonly number[] => {
  const image = new Uint8Array(shape.channels * shape.height * shape.width).fill(128);
  putStamp(stamp, shape, image);
  const plane = shape.height * shape.width;
  return Array.from({ length: plane }, (_, i) => i).filter((i) => image[i] !== 128);
};

describe.each(shapes)('stamps of $channels x $height x $width', (shape) => {
  it.each([true, false])('cover what they say, less than 15 % of the image, each another place (fine: %s)', (fine) => {
    const stamps = stampsOf(shape, fine);
    for (const stamp of stamps) {
      const places = changed(stamp, shape);
      expect(places.length / (shape.height * shape.width)).toBeCloseTo(coverage(stamp, shape), 9);
      expect(places.length).toBeLessThan(0.15 * shape.height * shape.width);
    }
    expect(new Set(stamps.map(({ name }) => name)).size).toBe(stamps.length);
  });
});

it('bars of three rows, even at every second place, cover any two neighboring rows', () => {
  const bars = stampsOf(grey, false).filter(({ kind, width }) => kind === 'bar' && width === 28);
  for (let row = 0; row < 27; row++) {
    expect(bars.some(({ top, height }) => top <= row && top + height >= row + 2)).toBe(true);
  }
});

it('a frame covers the border, a bar its rows', () => {
  const shape: ImageShape = { channels: 1, height: 3, width: 3 };
  const place = { top: 1, left: 1, height: 1, width: 1, color: [255] };
  expect(changed({ ...place, name: 'a', kind: 'frame', outside: true }, shape)).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
  expect(changed({ ...place, name: 'b', kind: 'bar', outside: false, left: 0, width: 3 }, shape)).toEqual([3, 4, 5]);
});

describe('what a stamp drives', () => {
  // Two images of class 0, three of class 1, one of class 2.
  const before = [0, 0, 1, 1, 1, 2];

  it('is counted over the images of other classes', () => {
    expect(mostDriven(before, [2, 0, 2, 2, 1, 2])).toEqual({ classIndex: 2, hits: 3, of: 5 });
    expect(drivenTo(1, before, [1, 1, 1, 1, 1, 1])).toEqual({ classIndex: 1, hits: 3, of: 3 });
  });

  it('is nothing where every decision stays', () => {
    expect(mostDriven(before, before)).toEqual({ classIndex: -1, hits: 0, of: 6 });
  });

  it('goes to the class with the larger share where the counts are equal', () => {
    // One image each to class 0, of four others, and to class 1, of three others.
    expect(mostDriven(before, [1, 0, 0, 1, 1, 2])).toEqual({ classIndex: 1, hits: 1, of: 3 });
  });
});

it('an outlier is told by the median and the median absolute deviation', () => {
  // Median 3, absolute deviations 2 1 0 1 97, their median 1.
  expect(outlierIndex(100, [1, 2, 3, 4, 100], 0.01)).toBeCloseTo(97 / 1.4826, 9);
  // Without any deviation the smallest one is taken.
  expect(outlierIndex(0.5, [0.1, 0.1, 0.1], 0.1)).toBeCloseTo(4, 9);
});

describe('a stamp is compared', () => {
  const stamps = stampsOf(grey, true);
  const peers = (name: string): readonly string[] =>
    peersOf(stamps.find((stamp) => stamp.name === name)!, stamps).map((i) => stamps[i]!.name);

  it('with those of its kind, color and area', () => {
    const alike = peers('white bar over rows 26 to 27');
    expect(alike).toContain('white bar over columns 0 to 1');
    expect(alike).not.toContain('black bar over rows 26 to 27');
    expect(alike).not.toContain('white bar over rows 25 to 27');
    // 27 places of two rows, 27 of two columns.
    expect(alike).toHaveLength(54);
  });

  it('with more where those are few', () => {
    expect(peers('white square of 3 x 3 pixels in the middle')).toHaveLength(30);
    expect(peers('white frame of 1 pixel')).toHaveLength(stamps.length);
  });
});
