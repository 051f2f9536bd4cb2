import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { LineLog } from './line-log.ts';

const NUMBERED = z.object({ n: z.int() });

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  path = join(folder, 'a.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('a journal is cut back to where the checkpoint knows it, whatever a killed process wrote behind', () => {
  const first = new LineLog(path, NUMBERED, 0);
  first.add({ n: 1 });
  first.add({ n: 2 });
  const length = first.flush();
  first.add({ n: 3 });
  first.flush();
  first.close();
  appendFileSync(path, '{"n":4');
  const second = new LineLog(path, NUMBERED, length);
  second.add({ n: 5 });
  second.flush();
  expect(second.read()).toEqual([{ n: 1 }, { n: 2 }, { n: 5 }]);
  second.close();
  expect(readFileSync(path, 'utf8')).toBe('{"n":1}\n{"n":2}\n{"n":5}\n');
});

it('lines are on disk after a flush and not before', () => {
  const journal = new LineLog(path, z.string(), 0);
  journal.add('a');
  expect(readFileSync(path, 'utf8')).toBe('');
  expect(journal.flush()).toBe(4);
  expect(readFileSync(path, 'utf8')).toBe('"a"\n');
  journal.close();
});

it('a journal that has lost lines is refused', () => {
  const journal = new LineLog(path, z.string(), 0);
  journal.add('a');
  const length = journal.flush();
  journal.close();
  truncateSync(path, 2);
  expect(() => new LineLog(path, z.string(), length)).toThrow(/a\.jsonl has lost lines/);
});

it('a journal of several pieces is read line by line, whatever characters lie where a piece ends', () => {
  const journal = new LineLog(path, z.string(), 0);
  const lines = Array.from({ length: 40 }, (_, i) => `${i} ${'ü\u{1f600}'.repeat(12_345 + i)}`);
  for (const line of lines) journal.add(line);
  expect(journal.flush()).toBeGreaterThan(2 ** 21);
  expect([...journal.lines()]).toEqual(lines);
  expect(journal.read()).toEqual(lines);
  journal.close();
});
