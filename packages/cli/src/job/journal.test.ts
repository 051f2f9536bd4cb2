import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recordable } from '@pareidolia/core';
import { InputError } from '@pareidolia/core';
import fc from 'fast-check';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { Journal } from './journal.ts';

const root = mkdtempSync(join(tmpdir(), 'journal-'));
afterAll(() => rmSync(root, { recursive: true }));
let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(root, 'run-')), 'units.jsonl');
});

const [first, second] = [
  { key: 'first', seed: 3, seconds: 1.5, result: { images: Uint8Array.of(0, 10, 255), name: 'Zoë\n","result":' } },
  { key: 'second "quoted"', seconds: 2, result: [Float32Array.of(0.25, -1), null, -0, Number.NaN, -1 / 0] },
] as const;

function fill(...records: Parameters<Journal['add']>[0][]): Buffer {
  const journal = new Journal(path);
  for (const record of records) journal.add(record);
  journal.close();
  return readFileSync(path);
}

it('what was added is read again, with its bytes, in its order', () => {
  fill(first, second);
  const journal = new Journal(path);
  expect(journal.keys()).toEqual([first.key, second.key]);
  expect([first.key, second.key, 'third'].map((key) => journal.result(key))).toEqual([
    first.result,
    second.result,
    undefined,
  ]);
  expect([first.key, 'third'].map((key) => journal.seconds(key))).toEqual([1.5, undefined]);
  journal.close();
});

it('any result comes out as it went in', () => {
  const value: fc.Arbitrary<Recordable> = fc.letrec<{ value: Recordable }>((tie) => ({
    value: fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.double(),
      fc.string(),
      fc.uint8Array(),
      fc.float32Array(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((key) => !/^(\$|__proto__)/.test(key)),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  })).value;
  const journal = new Journal(path);
  let count = 0;
  fc.assert(
    fc.property(value, (result) => {
      const key = String(count++);
      journal.add({ key, seconds: 0, result });
      expect(journal.result(key)).toEqual(result);
    }),
    { numRuns: 200 },
  );
  journal.close();
});

it('whatever part of the last line a kill has left is cut off, and what is added next is whole', () => {
  const before = fill(first);
  const all = fill(second);
  for (const end of [before.length + 1, before.length + 40, all.length - 1]) {
    writeFileSync(path, all.subarray(0, end));
    const journal = new Journal(path);
    expect(journal.keys()).toEqual([first.key]);
    journal.add(second);
    journal.close();
    expect(readFileSync(path).equals(all)).toBe(true);
  }
});

it('a line that is not as it was written is named by its number', () => {
  const good = fill(first, second);
  const damage = (change: (bytes: Buffer) => void): void => {
    const bytes = Buffer.from(good);
    change(bytes);
    writeFileSync(path, bytes);
  };
  damage((bytes) => {
    bytes[bytes.length - 20]! ^= 1;
  });
  expect(() => new Journal(path)).toThrow(InputError);
  expect(() => new Journal(path)).toThrow(/units\.jsonl, line 2 is damaged; remove the line/);
  damage((bytes) => {
    bytes[1]! ^= 1;
  });
  expect(() => new Journal(path)).toThrow(/line 1 is damaged/);
  writeFileSync(path, good);
  appendFileSync(path, '\n{"key":\n');
  expect(() => new Journal(path)).toThrow(/line 4 is damaged/);
});

it('lines longer than what is read at a time are found', () => {
  const result = new Uint8Array(3_000_000).map((_, i) => i * 7);
  fill({ key: 'long', seconds: 0, result }, first, { key: 'long too', seconds: 0, result });
  const journal = new Journal(path);
  expect(journal.keys()).toEqual(['long', 'first', 'long too']);
  expect(Buffer.from(journal.result('long too') as Uint8Array).equals(result)).toBe(true);
  journal.close();
});
