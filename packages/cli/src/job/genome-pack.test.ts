import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GenomePack } from './genome-pack.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pack-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const genome = (id: number, length: number): Uint8Array => new Uint8Array(length).fill(id % 251);

/** Whether two sets of genomes are equal; quicker than a comparison that could tell where they differ. */
function same(a: ReadonlyMap<number, Uint8Array>, b: ReadonlyMap<number, Uint8Array>): boolean {
  return a.size === b.size && [...a].every(([id, bytes]) => Buffer.compare(bytes, b.get(id) ?? new Uint8Array()) === 0);
}

/** Cells that change hands one after the other: at each save the oldest genome has given way to a new one. */
function* changing(cells: number, length: number, saves: number): Generator<Map<number, Uint8Array>> {
  for (let save = 0; save < saves; save++) {
    yield new Map(Array.from({ length: cells }, (_, i) => [save + i, genome(save + i, length)]));
  }
}

describe('a pack of genomes', () => {
  it('is read back as it was at each checkpoint, though it has grown since', () => {
    const pack = new GenomePack(folder);
    const saves = [...changing(5, 100, 8)];
    const indexes = saves.map((genomes) => pack.store(genomes));
    saves.forEach((genomes, save) => {
      expect(new GenomePack(folder, indexes[save]!).read()).toEqual(genomes);
    });
  });

  it('writes only what is new', () => {
    const pack = new GenomePack(folder);
    const sizes = [...changing(10, 1000, 4)].map((genomes) => {
      const { file } = pack.store(genomes);
      return statSync(join(folder, file)).size;
    });
    expect(sizes).toEqual([10_000, 11_000, 12_000, 13_000]);
  });

  it('begins anew when most of it is outdated, and keeps the old one until the checkpoint is safe', () => {
    const pack = new GenomePack(folder);
    let before = pack.store(new Map());
    let moves = 0;
    for (const genomes of changing(4, 100_000, 40)) {
      const index = pack.store(genomes);
      if (index.file !== before.file) {
        moves++;
        expect(readdirSync(folder)).toContain(before.file);
      }
      expect(same(new GenomePack(folder, index).read(), genomes)).toBe(true);
      pack.discardOthers();
      expect(readdirSync(folder)).toEqual([index.file]);
      // At most twice the living genomes and a slack of 1 MiB, and what one save adds.
      expect(index.length).toBeLessThanOrEqual(2 * 400_000 + 1024 ** 2 + 400_000);
      before = index;
    }
    expect(moves).toBeGreaterThan(1);
  });

  it('writes over what came after the checkpoint that it goes on from', () => {
    const pack = new GenomePack(folder);
    const index = pack.store(new Map([[1, genome(1, 50)]]));
    pack.store(new Map([[2, genome(2, 500)]]));
    const resumed = new GenomePack(folder, index);
    const next = resumed.store(
      new Map([
        [1, genome(1, 50)],
        [3, genome(3, 20)],
      ]),
    );
    expect(next.length).toBe(70);
    expect(new GenomePack(folder, next).read()).toEqual(
      new Map([
        [1, genome(1, 50)],
        [3, genome(3, 20)],
      ]),
    );
  });

  it.each<readonly [harm: string, message: string, harm: (path: string) => void]>([
    [
      'has one bit flipped',
      'is damaged',
      (path) => {
        const bytes = readFileSync(path);
        bytes[60]! ^= 1;
        writeFileSync(path, bytes);
      },
    ],
    ['is cut short', 'is damaged', (path) => truncateSync(path, 119)],
    ['is gone', 'is missing', (path) => rmSync(path)],
  ])('that %s is refused', (_, message, harm) => {
    const index = new GenomePack(folder).store(
      new Map([
        [1, genome(1, 50)],
        [2, genome(2, 70)],
      ]),
    );
    harm(join(folder, index.file));
    const read = () => new GenomePack(folder, index).read();
    expect(read).toThrow(InputError);
    expect(read).toThrow(`${index.file} ${message}, so this run cannot be resumed`);
  });
});
