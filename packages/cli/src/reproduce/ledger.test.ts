import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { Ledger } from './ledger.ts';

const root = mkdtempSync(join(tmpdir(), 'ledger-'));
afterAll(() => rmSync(root, { recursive: true }));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'run-'));
});

const [first, second] = [
  { key: 'first', seconds: 1.5, result: { images: Uint8Array.of(0, 10, 255), name: 'Zoë\n' } },
  { key: 'second', seconds: 2, result: [Float32Array.of(0.25, -1), null] },
] as const;

it('what was added is read again, with its bytes', () => {
  const ledger = new Ledger(folder, 'shared');
  ledger.add(first);
  ledger.add(second);
  const again = new Ledger(folder, 'shared');
  expect([again.get('first'), again.get('second'), again.get('third')]).toEqual([first, second, undefined]);
});

it('half a line is cut off, and what is added next is whole', () => {
  new Ledger(folder, 'shared').add(first);
  const before = readFileSync(join(folder, 'shared.jsonl'));
  appendFileSync(join(folder, 'shared.jsonl'), '{"key":"second","seco');
  const ledger = new Ledger(folder, 'shared');
  expect(readFileSync(ledger.path)).toEqual(before);
  ledger.add(second);
  expect(new Ledger(folder, 'shared').get('second')).toEqual(second);
});

it('a damaged line is named by its number', () => {
  new Ledger(folder, 'shared').add(first);
  appendFileSync(join(folder, 'shared.jsonl'), '\n{"key":\n');
  expect(() => new Ledger(folder, 'shared')).toThrow(InputError);
  expect(() => new Ledger(folder, 'shared')).toThrow(/shared\.jsonl, line 3 is damaged; remove the line/);
});

it('a file of half a line alone holds nothing', () => {
  writeFileSync(join(folder, 'shared.jsonl'), '{"key"');
  expect(new Ledger(folder, 'shared').get('first')).toBeUndefined();
  expect(readFileSync(join(folder, 'shared.jsonl'), 'utf8')).toBe('');
});
