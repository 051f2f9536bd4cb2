import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pythonLiteral } from './python-literal.ts';

describe('a Python literal', () => {
  // What Python 3 prints for these values.
  it.each([
    [`{0: 'cat', 1: "dog's", 2: 'a "b"'}`, { 0: 'cat', 1: "dog's", 2: 'a "b"' }],
    [`{0: 'it\\'s "so"'}`, { 0: 'it\'s "so"' }],
    [`['a\\\\b', 'tab\\t', '\\x7f', '\\u200b', '\\U000e0001']`, ['a\\b', 'tab\t', '\x7f', '\u200b', '\u{e0001}']],
    ['[224, 224]', [224, 224]],
    ['(3, 4.5, -1e-05)', [3, 4.5, -1e-5]],
    ['(3,)', [3]],
    ["{'a': [True, False, None], 'b': {}}", { a: [true, false, null], b: {} }],
    ['640', 640],
    ['{"0": "Katze"}', { 0: 'Katze' }],
    ["{0: '猫', 1: 'é'}", { 0: '猫', 1: 'é' }],
  ])('%s', (text, value) => {
    expect(pythonLiteral(text)).toEqual(value);
  });

  it.each(['', '{', "{0 'a'}", "['a'", "'a", 'cat', '[1, 2] 3', '{[1]: 2}', "'\\U00ffffff'", '['.repeat(1000)])(
    'is not %j',
    (text) => {
      expect(pythonLiteral(text)).toBeUndefined();
    },
  );

  it('is read or refused, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.constantFrom(...`{}[]()'",:\\x1 `)), (text, signs) => {
        pythonLiteral(text);
        pythonLiteral(signs.join(''));
      }),
      { seed: 2015 },
    );
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        // JSON knows \b, \f and \/ beside what Python writes.
        fc.pre(!/\\[bf/]/.test(text) && !text.includes('__proto__'));
        expect(pythonLiteral(text)).toEqual(JSON.parse(text));
      }),
      { seed: 2015 },
    );
  });
});
