import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { parseIdx } from './idx.ts';
import { idxDataset } from './labelled-idx.ts';

/** An IDX file of bytes, written down from the format's description. */
function idx(dims: readonly number[], data: Uint8Array, type = 8): Uint8Array {
  const file = new Uint8Array(4 + 4 * dims.length + data.length);
  file.set([0, 0, type, dims.length]);
  const view = new DataView(file.buffer);
  dims.forEach((dim, axis) => {
    view.setUint32(4 + 4 * axis, dim);
  });
  file.set(data, 4 + 4 * dims.length);
  return file;
}

const dimensions = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });
const product = (dims: readonly number[]): number => dims.reduce((size, dim) => size * dim, 1);

describe('an IDX file', () => {
  test('gives back what was written, plain or gzipped', async () => {
    const file = dimensions.chain((dims) =>
      fc.tuple(fc.constant(dims), fc.uint8Array({ minLength: product(dims), maxLength: product(dims) })),
    );
    await fc.assert(
      fc.asyncProperty(file, fc.boolean(), async ([dims, data], zipped) => {
        const bytes = idx(dims, data);
        expect(await parseIdx(zipped ? gzipSync(bytes) : bytes, 'file')).toEqual({ dims, data });
      }),
    );
  });

  test('that is cut off anywhere is an error of the user', async () => {
    const whole = idx(
      [3, 2, 2],
      Uint8Array.from({ length: 12 }, (_, i) => i),
    );
    for (const bytes of [whole, new Uint8Array(gzipSync(whole))]) {
      for (let length = 0; length < bytes.length; length++) {
        await expect(parseIdx(bytes.subarray(0, length), 'cut.idx')).rejects.toThrow(InputError);
      }
    }
  });

  test('of arbitrary bytes is read or refused, never anything else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.boolean(), async (bytes, zipped) => {
        const file = zipped ? Uint8Array.from([0x1f, 0x8b, ...bytes]) : bytes;
        await parseIdx(file, 'noise').catch((error: unknown) => expect(error).toBeInstanceOf(InputError));
      }),
    );
  });

  test('says what is wrong with it', async () => {
    await expect(parseIdx(new TextEncoder().encode('<!DOCTYPE html>'), 'a.gz')).rejects.toThrow(
      'a.gz: is not an IDX file (it begins with 3c 21 44 4f, an IDX file with 00 00)',
    );
    await expect(parseIdx(idx([2], new Uint8Array(8), 13), 'a')).rejects.toThrow('type 13');
    await expect(parseIdx(idx([2, 3], new Uint8Array(5)), 'a')).rejects.toThrow('ends after 5 of 6 bytes (2 x 3)');
    await expect(parseIdx(idx([2, 3], new Uint8Array(7)), 'a')).rejects.toThrow('more data follow');
    await expect(parseIdx(idx([2 ** 32 - 1, 2 ** 32 - 1], new Uint8Array(7)), 'a')).rejects.toThrow('above the limit');
    await expect(parseIdx(idx([9], new Uint8Array(9)), 'a', 8)).rejects.toThrow('above the limit of 8');
  });

  test('that unpacks to more than it announces is left at once', async () => {
    const bomb = gzipSync(Buffer.concat([idx([10], new Uint8Array(10)), new Uint8Array(64 << 20)]), { level: 1 });
    const before = process.memoryUsage().arrayBuffers;
    await expect(parseIdx(bomb, 'bomb.gz')).rejects.toThrow('bomb.gz: more data follow than its header announces');
    // Unpacked to the end it would be 64 MiB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
  });

  test('with something after its gzip data is refused', async () => {
    const bytes = Uint8Array.from([...gzipSync(idx([1], new Uint8Array(1))), 1, 2, 3]);
    await expect(parseIdx(bytes, 'tail.gz')).rejects.toThrow(InputError);
  });
});

describe('images and labels', () => {
  const file = (name: string, dims: readonly number[], fill = 0) => ({
    name,
    bytes: idx(dims, new Uint8Array(product(dims)).fill(fill)),
  });

  test('make a dataset', async () => {
    const dataset = await idxDataset('tiny', file('images', [3, 4, 5], 7), file('labels', [3], 9));
    expect(dataset.images).toEqual({ channels: 1, height: 4, width: 5, count: 3, data: new Uint8Array(60).fill(7) });
    expect(dataset.labels).toEqual(Int32Array.of(9, 9, 9));
    expect(dataset.classNames[9]).toBe('9');
  });

  test('of different counts, swapped, or of unknown classes are refused', async () => {
    const images = file('images', [3, 4, 5]);
    await expect(idxDataset('d', images, file('labels', [2]))).rejects.toThrow(
      'images holds 3 images, but labels 2 labels; give files that belong together',
    );
    await expect(idxDataset('d', file('labels', [3]), images)).rejects.toThrow('are the files swapped?');
    await expect(idxDataset('d', images, images)).rejects.toThrow(InputError);
    await expect(idxDataset('d', images, file('labels', [3], 10))).rejects.toThrow('label 10 of example 0');
    await expect(idxDataset('d', file('images', [0, 4, 5]), file('labels', [0]))).rejects.toThrow('holds no image');
  });
});
