import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addCardOptions, splitCardOptions } from '../commands/card-options.ts';
import { cardFieldsOf, cardOptionArguments, cardOptionWords, earlierCardOptions } from './card-options.ts';

/** What a command makes of arguments. */
function parsed(words: readonly string[], options: { readonly labels?: boolean } = {}) {
  const command = addCardOptions(new Command('test').option('--labels <file>'), options).exitOverride();
  command.configureOutput({ writeErr: () => {} });
  command.parse(words, { from: 'user' });
  return splitCardOptions<{ readonly card?: string; readonly labels?: string }>(command.opts(), options);
}

const all = ['--mean', '0.485,0.456,0.406', '--std', '0.25', '--range', '-1,1', '--layout', 'nhwc', '--color', 'gray'];

describe('options that replace fields of the card', () => {
  it('are numbers, names and the path of a file', () => {
    expect(parsed([...all, '--class-names', 'n.txt', '--card', 'c.json'], { labels: false })).toEqual({
      cardOptions: {
        mean: [0.485, 0.456, 0.406],
        std: 0.25,
        range: [-1, 1],
        layout: 'NHWC',
        color: 'grey',
        classNames: 'n.txt',
      },
      rest: { card: 'c.json' },
    });
  });

  it('become arguments again, for a shell too', () => {
    const { cardOptions } = parsed([...all, '--class-names', 'my names.txt'], { labels: false });
    const words = cardOptionArguments(cardOptions);
    expect(parsed(words, { labels: false }).cardOptions).toEqual(cardOptions);
    expect(cardOptionWords(cardOptions).at(-1)).toBe("'my names.txt'");
  });

  it('leave --labels alone where that means something else', () => {
    expect(parsed(['--labels', 'l.csv'], { labels: false })).toEqual({ cardOptions: {}, rest: { labels: 'l.csv' } });
  });

  it('are read from the configuration of a job', () => {
    const inputs = { 'model card': { name: 'file', sha256: '', options: { mean: 0.5, range: [0, 255] as number[] } } };
    expect(earlierCardOptions({ inputs })).toEqual({ mean: 0.5, range: [0, 255] });
    expect(earlierCardOptions(undefined)).toEqual({});
  });

  it.each([
    ['--mean', 'half'],
    ['--mean', '1,2'],
    ['--std', '0'],
    ['--std', '1,-1,1'],
    ['--range', '1'],
    ['--range', '1,1'],
    ['--layout', 'NCWH'],
    ['--color', 'cmyk'],
  ])('are refused: %s %s', (option, value) => {
    expect(() => parsed([option, value], { labels: false })).toThrow(/Give|Allowed/);
  });
});

describe('names of classes in a file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'names-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('are lines, or JSON', () => {
    expect(cardFieldsOf({ classNames: file('a.txt', '0 cat\n1 dog\n') })).toEqual({ classNames: ['cat', 'dog'] });
    expect(cardFieldsOf({ classNames: file('a.json', '{"0": "cat", "1": "dog"}') })).toEqual({
      classNames: ['cat', 'dog'],
    });
  });

  it('are refused in a sentence where there are none', () => {
    expect(() => cardFieldsOf({ classNames: join(folder, 'nothing.txt') })).toThrow(InputError);
    expect(() => cardFieldsOf({ classNames: file('b.txt', 'cat') })).toThrow('b.txt holds no names of classes');
    expect(() => cardFieldsOf({ classNames: file('b.json', '{') })).toThrow('expected a list of names, or a table');
  });
});
