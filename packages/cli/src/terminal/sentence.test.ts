import { expect, it } from 'vitest';
import { sentenceOf } from './sentence.ts';

it('an error is one line, whatever it quotes, and keeps what it says first and last', () => {
  expect(sentenceOf(new Error('a\n  b\u2028c'))).toBe('a b c');
  expect(sentenceOf('thrown')).toBe('thrown');
  const long = sentenceOf(new Error(`The name ${'x'.repeat(100_000)} is too long; shorten it`));
  expect(long).toMatch(/^The name x+ \.\.\. x+ is too long; shorten it$/);
  expect(long.length).toBeLessThan(1600);
});
