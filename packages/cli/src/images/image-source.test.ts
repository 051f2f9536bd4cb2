import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCard } from '@pareidolia/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../image/png.ts';
import { type ImageBatch, type ImageRequest, openImages } from './image-source.ts';

const shape = { channels: 1, height: 100, width: 200 } as const;
const classes = { shape, numClasses: 3, classNames: ['ant', 'bee', 'cat'] };
const folder = mkdtempSync(join(tmpdir(), 'pareidolia-source-'));
const at = (...path: string[]): string => join(folder, ...path);

async function all(request: Omit<ImageRequest, 'seed'>) {
  const source = await openImages(classes, parseCard({}), { ...request, seed: 1 });
  const batches: ImageBatch[] = [];
  for await (const batch of source.batches()) batches.push(batch);
  return { source, batches, names: batches.flatMap(({ names }) => names) };
}

beforeAll(async () => {
  const put = async (level: number, ...path: string[]): Promise<void> => {
    mkdirSync(at(...path.slice(0, -1)), { recursive: true });
    writeFileSync(at(...path), await encodePng(new Uint8Array(20_000).fill(level), shape));
  };
  // 300 images of 20,000 values: two batches.
  for (let i = 0; i < 300; i++) await put(i % 256, 'many', i % 2 ? 'ant' : 'bee', `${String(i).padStart(3, '0')}.png`);
  for (const name of ['a', 'b', 'd']) await put(10, 'flat', `${name}.png`);
  writeFileSync(at('flat', 'c.png'), 'no picture');
  writeFileSync(at('labels.csv'), 'file,class\na.png,cat\nb.png,1\nc.png,0\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('images of a folder', () => {
  it('come in batches, with the classes of their folders', async () => {
    const { batches, names, source } = await all({ images: at('many') });
    expect(batches.length).toBeGreaterThan(1);
    expect(source.labelling).toBe('folders');
    expect(names).toHaveLength(300);
    expect(new Set(names).size).toBe(300);
    for (const { images, names: own, labels, places } of batches) {
      expect(images.count).toBe(own.length);
      own.forEach((name, row) => {
        const [sub, file] = name.split('/');
        expect(labels![row]).toBe(sub === 'ant' ? 0 : 1);
        expect(images.data[row * 20_000]).toBe(Number.parseInt(file!, 10) % 256);
      });
      // The same ones once more, by their places.
      expect((await source.read(places.slice(0, 2), {})).data).toEqual(images.data.subarray(0, 40_000));
    }
  });

  it('that cannot be read, or are missing in the label file, are left out and named', async () => {
    const { names, batches, source } = await all({ images: at('flat'), labels: at('labels.csv') });
    expect(names).toEqual(['a.png', 'b.png']);
    expect(batches[0]!.labels).toEqual([2, 1]);
    expect(source.leftOut).toEqual([
      expect.stringMatching(/^1 picture cannot be read and is left out: .*c\.png/),
      expect.stringMatching(/^1 image is left out, since .*labels\.csv has no class for d\.png/),
    ]);
  });

  it('end everything where they would be left out, with --strict', async () => {
    await expect(all({ images: at('flat'), strict: true })).rejects.toThrow(/c\.png cannot be read/);
    await expect(all({ images: at('flat'), labels: at('labels.csv'), strict: true })).rejects.toThrow(/c\.png|d\.png/);
  });

  it('have no labels where nothing tells them', async () => {
    const { batches, source } = await all({ images: at('flat'), limit: 2 });
    expect(source.labelling).toBeUndefined();
    expect(batches[0]!.labels).toBeUndefined();
    expect(source.count).toBe(2);
  });
});

describe('images of a dataset', () => {
  const digits = { shape: { channels: 1, height: 28, width: 28 }, numClasses: 10, classNames: [] } as const;

  it('have labels, and come in batches', async () => {
    const source = await openImages(digits, parseCard({}), { data: 'digits', limit: 300, seed: 1 });
    const counts: number[] = [];
    for await (const { images, labels, places } of source.batches()) {
      expect(labels).toHaveLength(images.count);
      expect((await source.read(places, {})).data).toEqual(images.data);
      counts.push(images.count);
    }
    expect(counts).toEqual([256, 44]);
  });

  it('must fit', async () => {
    await expect(openImages(classes, parseCard({}), { data: 'digits', limit: 2, seed: 1 })).rejects.toThrow(
      'choose a dataset that fits it',
    );
    await expect(openImages(digits, parseCard({}), { data: 'digits', labels: 'x.csv', seed: 1 })).rejects.toThrow(
      '--labels belongs to --images',
    );
    await expect(openImages(digits, parseCard({}), { data: 'digits', images: 'x', seed: 1 })).rejects.toThrow(
      'give one of them',
    );
    expect(existsSync('x')).toBe(false);
  });
});
