import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printable } from './printable.ts';

/** Control characters (Unicode 16, table 23-1) and those that only matter to the order of writing (UAX #9, table 1). */
function isObeyed(code: number): boolean {
  if (code === 9 || code === 10) return false;
  const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const turns = code === 0x61c || code === 0x200e || code === 0x200f;
  return isControl || turns || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

it('nothing that a terminal obeys is left in any text, and JSON stays the same value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect([...printable(text)].filter((sign) => isObeyed(sign.codePointAt(0)!))).toEqual([]);
      expect(JSON.parse(printable(JSON.stringify(text)))).toBe(text);
    }),
    { numRuns: 200 },
  );
});

it.each([
  ['\u001b[2J\u001b]0;title\u0007', '\\u001b[2J\\u001b]0;title\\u0007'],
  ['\u009b31m', '\\u009b31m'],
  ['gnp.\u202eexe', 'gnp.\\u202eexe'],
  ['a\rb\u0000', 'a\\u000db\\u0000'],
  ['café, 日本語, עברית, 👩‍🔬\n\ttabs', 'café, 日本語, עברית, 👩‍🔬\n\ttabs'],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

it('nothing is written to the terminal but by output.ts, and by progress, which writes what it was given as printable', () => {
  const sources = new URL('..', import.meta.url).pathname;
  const writers = readdirSync(sources, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|testing/.test(name))
    .filter((name) => /std(out|err)\.write|console\.\w+\(/.test(readFileSync(join(sources, name), 'utf8')));
  expect(writers).toEqual([join('terminal', 'output.ts')]);
});
