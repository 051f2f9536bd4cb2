import { describe, expect, it } from 'vitest';
import { classResult } from '../../testing/fool-report-data.ts';
import { encodePng } from '../picture.ts';
import { thumbnails } from './thumbnails.ts';

const SMALL = { channels: 1, height: 28, width: 28 } as const;
const LARGE = { channels: 3, height: 256, width: 192 } as const;

/** An image that cannot be packed. */
function noise({ channels, height, width }: typeof SMALL | typeof LARGE): Uint8Array {
  return Uint8Array.from({ length: channels * height * width }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);
}

const makePreview = async (_: Uint8Array, side: number) => Uint8Array.of(side);

describe('thumbnails', () => {
  it('are the very bytes of the files where these are small', async () => {
    const png = encodePng(noise(SMALL), SMALL);
    const { sources, reduced, leftOut } = await thumbnails([classResult(0, { png })], SMALL, makePreview);
    expect(sources).toEqual([`data:image/png;base64,${Buffer.from(png).toString('base64')}`]);
    expect([reduced, leftOut]).toEqual([false, 0]);
  });

  it('are previews of 128 pixels where the files are too large', async () => {
    const png = encodePng(noise(LARGE), LARGE);
    const classes = [classResult(0, { png })];
    const { sources, reduced, leftOut } = await thumbnails(classes, LARGE, makePreview, png.length - 1);
    expect([reduced, leftOut]).toEqual([true, 0]);
    expect(sources).toEqual([`data:image/webp;base64,${Buffer.from([128]).toString('base64')}`]);
  });

  it('are left out where nothing makes previews, and counted', async () => {
    const png = encodePng(noise(LARGE), LARGE);
    const result = await thumbnails([classResult(0, { png })], LARGE, undefined, png.length - 1);
    expect(result).toEqual({ sources: [undefined], reduced: false, leftOut: 1 });
  });

  it('are left out where even previews are too large', async () => {
    const png = encodePng(noise(SMALL), SMALL);
    const classes = [0, 1, 2].map((index) => classResult(index, { png }));
    const { sources, leftOut } = await thumbnails(classes, SMALL, makePreview, 2 * png.length);
    expect(sources.map((source) => source !== undefined)).toEqual([true, true, false]);
    expect(leftOut).toBe(1);
  });
});
