import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { QueryJournal } from './query-journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'pareidolia-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'queries.jsonl');
beforeEach(() => rmSync(path, { force: true }));

describe('the journal of queries', () => {
  it('keeps what was said before it had a file, and what is said afterwards', () => {
    const journal = new QueryJournal();
    let kept = 0;
    journal.add([['a', { scores: [0.1, 0.9] }]]);
    journal.keepIn(path, () => kept++);
    journal.add([
      ['b', { label: 'owl' }],
      ['c', { flagged: true }],
    ]);
    expect(kept).toBe(2);
    expect(['a', 'b', 'c', 'd'].map((key) => journal.get(key))).toEqual([
      { scores: [0.1, 0.9] },
      { label: 'owl' },
      { flagged: true },
      undefined,
    ]);
    expect([journal.answered, journal.flagged]).toEqual([3, 1]);
    journal.close();
  });

  it('goes on where it was, without a line that was cut off', () => {
    const first = new QueryJournal();
    first.keepIn(path, () => {});
    first.add([
      ['a', { scores: [1], names: ['é'] }],
      ['b', { flagged: true }],
    ]);
    first.close();
    appendFileSync(path, '{"key":"c","scores":[0.');
    const second = new QueryJournal();
    second.recall(path);
    expect(second.get('a')).toEqual({ scores: [1], names: ['é'] });
    second.add([['d', { scores: [2] }]]);
    second.keepIn(path, () => {});
    expect([second.answered, second.flagged]).toEqual([3, 1]);
    expect(second.get('a')).toEqual({ scores: [1], names: ['é'] });
    expect(second.get('d')).toEqual({ scores: [2] });
    expect(second.get('c')).toBeUndefined();
    second.close();
    expect(
      readFileSync(path, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).key),
    ).toEqual(['a', 'b', 'd']);
  });

  it('is refused where a line is damaged', () => {
    writeFileSync(path, '{"key":"a","scores":["x"]}\n');
    expect(() => new QueryJournal().recall(path)).toThrow(`${path} is damaged`);
  });
});
