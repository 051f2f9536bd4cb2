import { describe, expect, it } from 'vitest';
import { isPath, valueAt } from './path.ts';

const json = { a: { b: [10, { c: 'x' }] }, 'a name': 1, list: [{ score: 0.2 }, { score: 0.8 }, {}] };

describe('a path into JSON', () => {
  it.each([
    ['$', json],
    ['a.b', json.a.b],
    ['$.a.b[0]', 10],
    ['a.b[1].c', 'x'],
    ['["a name"]', 1],
    ['$["a name"]', 1],
    ['list[*].score', [0.2, 0.8, undefined]],
    ['list[2].score', undefined],
    ['list.score', undefined],
    ['a[0]', undefined],
    ['a.b[*]', [10, { c: 'x' }]],
    ['toString', undefined],
    ['__proto__', undefined],
  ])('%s', (path, expected) => {
    expect(valueAt(json, path)).toEqual(expected);
  });

  it.each(['[*].label', '$[*].label'])('begins at an array: %s', (path) => {
    expect(valueAt([{ label: 'a' }, { label: 'b' }], path)).toEqual(['a', 'b']);
  });

  it.each(['', 'a..b', 'a.', 'a b', 'a[b]', 'a[-1]', '.a', 'a[', '$a', '["a]'])('is not %j', (path) => {
    expect(isPath(path)).toBe(false);
  });
});
