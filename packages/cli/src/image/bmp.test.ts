import { describe, expect, it } from 'vitest';
import { decodeBmp } from './bmp.ts';

/** A file as the format describes it: file header, BITMAPINFOHEADER, what follows it, pixels. */
function bmp(
  [width, height]: readonly [number, number],
  bits: number,
  pixels: readonly number[],
  { compression = 0, after = [] as readonly number[], colors = 0 } = {},
): Uint8Array {
  const start = 54 + after.length;
  const bytes = new Uint8Array(start + pixels.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, start, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, bits, true);
  view.setUint32(30, compression, true);
  view.setUint32(46, colors, true);
  bytes.set(after, 54);
  bytes.set(pixels, start);
  return bytes;
}

const [RED, GREEN, BLUE, WHITE] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
] as const;
/** Blue, green, red and a byte that means nothing. */
const PALETTE = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0];
const decode = (bytes: Uint8Array): number[] => [...decodeBmp(bytes, 1e6).data];

describe('a Windows bitmap', () => {
  it('of 24 bits has its lowest row first, and rows of whole words', () => {
    const rows = [255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0];
    expect(decode(bmp([2, 2], 24, rows))).toEqual([...RED, ...GREEN, ...BLUE, ...WHITE]);
    expect(decode(bmp([2, -2], 24, rows))).toEqual([...BLUE, ...WHITE, ...RED, ...GREEN]);
  });

  it('of 8, 4, 2 and 1 bits has a palette', () => {
    const expected = [...RED, ...GREEN, ...BLUE];
    const after = { after: PALETTE, colors: 4 };
    expect(decode(bmp([3, 1], 8, [0, 1, 2, 0], after))).toEqual(expected);
    expect(decode(bmp([3, 1], 4, [0x01, 0x20, 0, 0], after))).toEqual(expected);
    expect(decode(bmp([3, 1], 2, [0b00011000, 0, 0, 0], after))).toEqual(expected);
    expect(decode(bmp([3, 1], 1, [0b01000000, 0, 0, 0], { after: PALETTE.slice(0, 8), colors: 2 }))).toEqual([
      ...RED,
      ...GREEN,
      ...RED,
    ]);
  });

  it('in runs ends lines, moves and holds single pixels', () => {
    const after = { after: PALETTE, colors: 4 };
    // Lower row: two of 1, one of 2. Upper row: 3, 1, 2 as they are, padded to words.
    const rle8 = [2, 1, 1, 2, 0, 0, 0, 3, 3, 1, 2, 0, 0, 1];
    const expected = [...WHITE, ...GREEN, ...BLUE, ...GREEN, ...GREEN, ...BLUE];
    expect(decode(bmp([3, 2], 8, rle8, { ...after, compression: 1 }))).toEqual(expected);
    const rle4 = [2, 0x11, 1, 0x20, 0, 0, 0, 3, 0x31, 0x20, 0, 1];
    expect(decode(bmp([3, 2], 4, rle4, { ...after, compression: 2 }))).toEqual(expected);
    const moved = [0, 2, 2, 1, 1, 3, 0, 1];
    expect(decode(bmp([3, 2], 8, moved, { ...after, compression: 1 }))).toEqual([
      ...RED,
      ...RED,
      ...WHITE,
      ...RED,
      ...RED,
      ...RED,
    ]);
  });

  it('of 16 bits has five for each color, or as many as its fields say', () => {
    expect(decode(bmp([2, 1], 16, [0x00, 0x7c, 0x1f, 0x00]))).toEqual([...RED, ...BLUE]);
    const fields = [0x00, 0xf8, 0, 0, 0xe0, 0x07, 0, 0, 0x1f, 0, 0, 0];
    expect(decode(bmp([2, 1], 16, [0xe0, 0x07, 0xff, 0xff], { compression: 3, after: fields }))).toEqual([
      ...GREEN,
      ...WHITE,
    ]);
  });

  it('of 32 bits may have alpha', () => {
    expect(decode(bmp([1, 1], 32, [0, 0, 255, 7]))).toEqual([...RED]);
    const fields = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255];
    expect(decode(bmp([1, 1], 32, [1, 2, 3, 128], { compression: 6, after: fields }))).toEqual([3, 2, 1, 128]);
  });

  it.each([
    ['is cut short', bmp([4, 4], 24, [1, 2, 3]), 'ends early'],
    ['is too large', bmp([60000, 60000], 24, []), 'pixel limit'],
    ['holds PNG', bmp([1, 1], 24, [], { compression: 5 }), 'compression 5'],
    ['is no more than a beginning', new Uint8Array([0x42, 0x4d, 1]), 'no complete BMP'],
  ])('is refused where it %s', (_, bytes, why) => {
    expect(() => decodeBmp(bytes, 1e6)).toThrow(why);
  });
});
