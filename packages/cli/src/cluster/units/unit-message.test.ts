import { InputError } from '@pareidolia/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUnitMessage } from './unit-message.ts';

const good = { format: 1, plan: 'a'.repeat(64), key: 'x/y', pareidolia: '0.1.0' };

describe('a message of a queue', () => {
  it('is taken where it is one', () => {
    expect(parseUnitMessage({ ...good, previous: 'b'.repeat(64) })).toEqual({ ...good, previous: 'b'.repeat(64) });
  });

  it.each<[string, unknown]>([
    ['a path in place of a hash', { ...good, plan: '../../../etc/passwd' }],
    ['an address in place of a hash', { ...good, previous: 'https://example.org/x' }],
    ['a field more', { ...good, model: '/etc/passwd' }],
    ['another format', { ...good, format: 2 }],
    ['a long key', { ...good, key: 'x'.repeat(10_000) }],
    ['a giant', { ...good, key: 'x'.repeat(10_000_000) }],
    ['nothing', null],
    ['no object', 'run me'],
    ['a prototype', JSON.parse('{"__proto__": {"format": 1}}')],
  ])('is refused in one sentence where it has %s', (_, value) => {
    expect(() => parseUnitMessage(value)).toThrow(InputError);
    expect(() => parseUnitMessage(value)).toThrow(/^A unit in the queue is [^\n]{1,300}, so it is refused$/);
  });

  it('is refused, and nothing else happens, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(() => parseUnitMessage(value)).toThrow(InputError);
      }),
    );
  });
});
