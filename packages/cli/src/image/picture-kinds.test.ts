/** @file Pictures of all kinds that cameras and programs write, against values worked out by hand. */

import { parseCard } from '@pareidolia/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type PictureNote, readPhotograph } from './photograph.ts';

const shape = (channels: 1 | 3, height: number, width: number) => ({ channels, height, width });

async function read(
  bytes: Uint8Array,
  to: ReturnType<typeof shape>,
  card = {},
): Promise<{ readonly planes: number[]; readonly notes: PictureNote[] }> {
  const notes: PictureNote[] = [];
  const planes = await readPhotograph({ name: 'a', bytes }, to, parseCard(card), (note) => notes.push(note));
  return { planes: [...planes], notes };
}

const raw = (values: readonly number[], width: number, height: number, channels: 1 | 3 | 4) =>
  sharp(Uint8Array.from(values), { raw: { width, height, channels } });
const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));

describe('the orientation of a photograph', () => {
  // Stored as rows 10 20 30 and 40 50 60. EXIF 2.3: where row 0 and column 0 of what is stored lie in what is seen.
  const SEEN: readonly (readonly [orientation: number, what: string, rows: readonly number[]])[] = [
    [1, 'top, left', [10, 20, 30, 40, 50, 60]],
    [2, 'top, right', [30, 20, 10, 60, 50, 40]],
    [3, 'bottom, right', [60, 50, 40, 30, 20, 10]],
    [4, 'bottom, left', [40, 50, 60, 10, 20, 30]],
    [5, 'left, top', [10, 40, 20, 50, 30, 60]],
    [6, 'right, top', [40, 10, 50, 20, 60, 30]],
    [7, 'right, bottom', [60, 30, 50, 20, 40, 10]],
    [8, 'left, bottom', [30, 60, 20, 50, 10, 40]],
  ];

  it.each(SEEN)('%i (%s) is undone', async (orientation, _, rows) => {
    const bytes = await raw([10, 20, 30, 40, 50, 60], 3, 2, 1).withMetadata({ orientation }).png().toBuffer();
    const to = orientation < 5 ? shape(1, 2, 3) : shape(1, 3, 2);
    expect((await read(bytes, to)).planes).toEqual(rows);
  });

  // Stored 8 wide and 4 high, each column of one grey: 10, 30, ..., 150. Turned, each row is.
  const turned = (orientation: number) =>
    raw(
      Array.from({ length: 32 }, (_, i) => 10 + 20 * (i % 8)),
      8,
      4,
      1,
    )
      .withMetadata({ orientation })
      .png()
      .toBuffer();
  const rowsOf = (greys: readonly number[], width: number): number[] =>
    greys.flatMap((grey) => new Array(width).fill(grey));

  it('counts before anything is resized: crop', async () => {
    expect((await read(await turned(6), shape(1, 4, 4))).planes).toEqual(rowsOf([50, 70, 90, 110], 4));
    expect((await read(await turned(8), shape(1, 4, 4))).planes).toEqual(rowsOf([110, 90, 70, 50], 4));
  });

  it('counts before anything is resized: a shorter side', async () => {
    const card = { resize: { shorterSide: 4 } };
    expect((await read(await turned(6), shape(1, 2, 2), card)).planes).toEqual(rowsOf([70, 90], 2));
  });

  it('counts before anything is resized: pad', async () => {
    const { planes } = await read(await turned(6), shape(1, 8, 8), { resize: { mode: 'pad' } });
    expect(planes.slice(0, 8)).toEqual([0, 0, 10, 10, 10, 10, 0, 0]);
    expect(planes.slice(-8)).toEqual([0, 0, 150, 150, 150, 150, 0, 0]);
  });

  it('counts before anything is resized: squash', async () => {
    const card = { resize: { mode: 'squash', filter: 'nearest' } };
    const { planes } = await read(await turned(6), shape(1, 8, 2), card);
    expect(planes).toEqual(rowsOf([10, 30, 50, 70, 90, 110, 130, 150], 2));
  });
});

describe('transparency', () => {
  // 128 / 255 of black on white is 255 - 128 = 127; nothing of red on white is white.
  const half = [0, 0, 0, 128, 255, 0, 0, 0];

  it('is put on white, and that is said', async () => {
    const bytes = await raw(half, 2, 1, 4).png().toBuffer();
    expect(await read(bytes, shape(3, 1, 2))).toEqual({
      planes: [127, 255, 127, 255, 127, 255],
      notes: ['transparent'],
    });
  });

  it('of a palette is, too', async () => {
    const bytes = await raw([0, 0, 0, 255, 255, 0, 0, 0], 2, 1, 4).png({ palette: true }).toBuffer();
    expect((await sharp(bytes).metadata()).isPalette).toBe(true);
    expect(await read(bytes, shape(3, 1, 2))).toEqual({ planes: [0, 255, 0, 255, 0, 255], notes: ['transparent'] });
  });

  it('of 16 bits is, too', async () => {
    const bytes = await sharp(Uint16Array.of(0, 0, 0, 32_896), { raw: { width: 1, height: 1, channels: 4 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    // 65535 - 128 * 257 = 32639 = 127 * 257.
    expect(await read(bytes, shape(3, 1, 1))).toEqual({ planes: [127, 127, 127], notes: ['transparent'] });
  });

  it('is not mentioned where all is opaque', async () => {
    const bytes = await raw([7, 8, 9, 255], 1, 1, 4).png().toBuffer();
    expect(await read(bytes, shape(3, 1, 1))).toEqual({ planes: [7, 8, 9], notes: [] });
  });
});

describe('frames', () => {
  it.each(['gif', 'webp'] as const)('of %s: the first is taken, and that is said', async (format) => {
    const options = { raw: { width: 1, height: 2, channels: 3, pageHeight: 1 } } as const;
    const frames = sharp(Uint8Array.of(10, 10, 10, 200, 200, 200), options);
    const bytes = await (format === 'gif'
      ? frames.gif({ delay: [50, 50] })
      : frames.webp({ lossless: true })
    ).toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    expect(await read(bytes, shape(3, 1, 1))).toEqual({ planes: [10, 10, 10], notes: ['more frames'] });
  });
});

describe('colors', () => {
  it('of 16 bits are those of 8 bits times 257', async () => {
    const bytes = await sharp(Uint16Array.of(0, 257 * 100, 65_535), { raw: { width: 1, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await read(bytes, shape(3, 1, 1))).planes).toEqual([0, 100, 255]);
  });

  it('in CMYK are brought to sRGB: white is white, black is dark, red is red', async () => {
    const bytes = await raw([255, 255, 255, 0, 0, 0, 255, 0, 0], 3, 1, 3)
      .resize(24, 8, { kernel: 'nearest', fit: 'fill' })
      .toColourspace('cmyk')
      .jpeg({ quality: 100 })
      .toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe('cmyk');
    const { planes } = await read(bytes, shape(3, 1, 3), { resize: { mode: 'squash', filter: 'nearest' } });
    const [white, black, red] = [0, 1, 2].map((pixel) => [planes[pixel]!, planes[3 + pixel]!, planes[6 + pixel]!]);
    expect(Math.min(...white!)).toBeGreaterThan(250);
    expect(Math.max(...black!)).toBeLessThan(50);
    expect(red![0]).toBeGreaterThan(200);
    expect(Math.max(...red!.slice(1))).toBeLessThan(60);
  });

  it('in AVIF are read', async () => {
    const bytes = await raw(new Array(16 * 16 * 3).fill(100), 16, 16, 3)
      .avif({ lossless: true })
      .toBuffer();
    expect((await read(bytes, shape(3, 16, 16))).planes).toEqual(new Array(768).fill(100));
  });
});

describe('what has no pixels that can be read', () => {
  it.each([
    [
      'SVG',
      '<?xml version="1.0"?>\n<!-- a drawing -->\n<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>',
    ],
    ['SVG with a byte-order mark', '\ufeff<svg width="4" height="4"></svg>'],
  ])('%s is refused, not drawn', async (_, text) => {
    await expect(read(new TextEncoder().encode(text), shape(3, 1, 1))).rejects.toThrow(
      /^a cannot be read as an image: it is SVG, a drawing without pixels of its own; draw it .* as PNG$/,
    );
  });

  it.each([
    [
      'HEIC',
      [0, 0, 0, 24, ...ascii('ftypheic'), 0, 0, 0, 0, ...ascii('mif1heic')],
      /it is HEIC, which this build .* heif-convert/,
    ],
    ['JPEG XL', [0xff, 0x0a, 1, 2, 3], /it is JPEG XL, which .*; convert it to PNG or JPEG$/],
    ['JPEG XL in a container', [0, 0, 0, 12, ...ascii('JXL '), 13, 10, 0x87, 10], /it is JPEG XL/],
    ['JPEG 2000', [0, 0, 0, 12, ...ascii('jP  '), 13, 10, 0x87, 10], /it is JPEG 2000/],
  ])('%s is named, with how to convert it', async (_, bytes, message) => {
    await expect(read(Uint8Array.from(bytes), shape(3, 1, 1))).rejects.toThrow(message);
  });
});
