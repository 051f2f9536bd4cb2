import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCard } from '@pareidolia/core';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readPhotograph } from './photograph.ts';

const cases = join(process.env.PAREIDOLIA_DATA ?? join(process.cwd(), '..', 'shared', 'data'), '..', 'cases', 'images');

const GREY = (side: number) => ({ channels: 1, height: side, width: side }) as const;

/** Four columns wide, two rows high: 10, 20, 30, 40. */
async function wide(): Promise<{ name: string; bytes: Uint8Array }> {
  const row = [10, 20, 30, 40];
  const raw = { width: 4, height: 2, channels: 1 } as const;
  return {
    name: 'wide.png',
    bytes: await sharp(Uint8Array.from([...row, ...row]), { raw })
      .png()
      .toBuffer(),
  };
}

/** A TIFF file of floats: header, its entries, values. */
function floatTiff(side: number, values: readonly number[], channels = 1): Uint8Array {
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [256, 3, 1, side],
    [257, 3, 1, side],
    [258, 3, 1, 32],
    [259, 3, 1, 1],
    [262, 3, 1, channels === 1 ? 1 : 2],
    [273, 4, 1, 8 + 2 + 12 * 10 + 4],
    [277, 3, 1, channels],
    [278, 3, 1, side],
    [279, 4, 1, values.length * 4],
    [339, 3, 1, 3],
  ];
  const start = 8 + 2 + 12 * entries.length + 4;
  const view = new DataView(new ArrayBuffer(start + values.length * 4));
  view.setUint32(0, 0x002a4949, true);
  view.setUint32(4, 8, true);
  view.setUint16(8, entries.length, true);
  entries.forEach(([tag, type, count, value], i) => {
    const at = 10 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, count, true);
    if (type === 3) view.setUint16(at + 8, value, true);
    else view.setUint32(at + 8, value, true);
  });
  values.forEach((value, i) => {
    view.setFloat32(start + 4 * i, value, true);
  });
  return new Uint8Array(view.buffer);
}

const read = async (bytes: Uint8Array, side: number, card = {}): Promise<number[]> => [
  ...(await readPhotograph({ name: 'a', bytes }, GREY(side), parseCard(card))),
];

describe('a photograph of other proportions', () => {
  it('keeps them, and loses its margins, by default', async () => {
    expect(await read((await wide()).bytes, 2)).toEqual([20, 30, 20, 30]);
    expect(await read((await wide()).bytes, 2, { resize: { mode: 'crop' } })).toEqual([20, 30, 20, 30]);
  });

  it('is squashed where the card says so: means of neighbors', async () => {
    const squashed = await read((await wide()).bytes, 2, { resize: { mode: 'squash', filter: 'nearest' } });
    expect(squashed[0]).toBeLessThan(21);
    expect(squashed[1]).toBeGreaterThan(29);
    expect(squashed.slice(2)).toEqual(squashed.slice(0, 2));
  });

  it('gets black margins where the card says so', async () => {
    const padded = await read((await wide()).bytes, 4, { resize: { mode: 'pad' } });
    expect(padded.slice(4, 12)).toEqual([10, 20, 30, 40, 10, 20, 30, 40]);
    expect([...padded.slice(0, 4), ...padded.slice(12)]).toEqual(new Array(8).fill(0));
  });

  it('keeps its values by the nearest neighbor', async () => {
    const raw = { width: 2, height: 2, channels: 1 } as const;
    const bytes = await sharp(Uint8Array.of(0, 255, 255, 0), { raw })
      .png()
      .toBuffer();
    const side4 = (filter: string) => read(bytes, 4, { resize: { filter } });
    expect(await side4('nearest')).toEqual([0, 0, 255, 255, 0, 0, 255, 255, 255, 255, 0, 0, 255, 255, 0, 0]);
    expect(new Set(await side4('bilinear')).size).toBeGreaterThan(2);
  });

  it('cannot be padded to a shorter side', () => {
    expect(() => parseCard({ resize: { mode: 'pad', shorterSide: 9 } })).toThrow(
      'resize.shorterSide: belongs to mode crop',
    );
  });

  it.skipIf(!existsSync(cases))('of shared/cases differs by mode', async () => {
    const bytes = readFileSync(join(cases, 'wide-24x12.png'));
    const images = await Promise.all(['crop', 'squash', 'pad'].map((mode) => read(bytes, 12, { resize: { mode } })));
    expect(new Set(images.map(String)).size).toBe(3);
    const { data } = await sharp(bytes)
      .extract({ left: 6, top: 0, width: 12, height: 12 })
      .toColorspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(images[0]).toEqual([...data]);
  });
});

describe('a TIFF of floating-point numbers', () => {
  it('within 0 and 1 has white at 1', async () => {
    expect(await read(floatTiff(2, [0, 0.2, 0.6, 1]), 2)).toEqual([0, 51, 153, 255]);
  });

  it('of colors, too, without another gamma', async () => {
    const bytes = floatTiff(1, [0.2, 0.4, 1], 3);
    const shape = { channels: 3, height: 1, width: 1 } as const;
    expect([...(await readPhotograph({ name: 'a', bytes }, shape, parseCard({})))]).toEqual([51, 102, 255]);
  });

  it('within 0 and 255 has white at 255', async () => {
    expect(await read(floatTiff(2, [0, 51, 153, 255]), 2)).toEqual([0, 51, 153, 255]);
  });

  it('of other ranges is refused', async () => {
    await expect(read(floatTiff(2, [-1, 0, 0.5, 1]), 2)).rejects.toThrow('run from -1 to 1');
    await expect(read(floatTiff(2, [0, 0, 0.5, 65535]), 2)).rejects.toThrow('run from 0 to 65535');
  });

  it.skipIf(!existsSync(cases))('of shared/cases is not black', async () => {
    const image = await read(readFileSync(join(cases, 'float01.tif')), 12);
    expect(Math.max(...image)).toBe(255);
    expect(image.reduce((sum, value) => sum + value, 0) / image.length).toBeCloseTo(127.5, 0);
  });
});

describe('an image of 16 bits', () => {
  it('has white at 65535', async () => {
    const raw = { width: 2, height: 1, channels: 1 } as const;
    const grey = sharp(Uint16Array.of(0, 65535), { raw }).toColourspace('grey16');
    const pixels = await readPhotograph(
      { name: 'a', bytes: await grey.png().toBuffer() },
      { channels: 1, height: 1, width: 2 },
      parseCard({}),
    );
    expect([...pixels]).toEqual([0, 255]);
  });
});
