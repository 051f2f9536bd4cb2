import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../image/png.ts';
import { classResult } from './testing/sample.ts';
import { thumbnails } from './thumbnails.ts';

const SMALL = { channels: 1, height: 28, width: 28 } as const;
const LARGE = { channels: 3, height: 256, width: 192 } as const;

/** What a browser takes for noise: it cannot be packed. */
function noise({ channels, height, width }: typeof SMALL | typeof LARGE): Uint8Array {
  return Uint8Array.from({ length: channels * height * width }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);
}

describe('thumbnails', () => {
  it('are the very bytes of the files where these are light', async () => {
    const png = await encodePng(noise(SMALL), SMALL);
    const { sources, reduced, leftOut } = await thumbnails([classResult(0, { png })], SMALL);
    expect(sources).toEqual([`data:image/png;base64,${Buffer.from(png).toString('base64')}`]);
    expect([reduced, leftOut]).toEqual([false, 0]);
  });

  it('are smaller copies of the same proportions where the files are heavy', async () => {
    const png = await encodePng(noise(LARGE), LARGE);
    const { sources, reduced, leftOut } = await thumbnails([classResult(0, { png })], LARGE, png.length - 1);
    expect([reduced, leftOut]).toEqual([true, 0]);
    const [head, base64] = sources[0]!.split(',');
    expect(head).toBe('data:image/webp;base64');
    expect(await sharp(Buffer.from(base64!, 'base64')).metadata()).toMatchObject({ width: 96, height: 128 });
  });

  it('are left out where even that is too heavy, and counted', async () => {
    const png = await encodePng(noise(SMALL), SMALL);
    const classes = [0, 1, 2].map((index) => classResult(index, { png }));
    const { sources, leftOut } = await thumbnails(classes, SMALL, 2 * png.length);
    expect(sources.map((source) => source !== undefined)).toEqual([true, true, false]);
    expect(leftOut).toBe(1);
  });
});
