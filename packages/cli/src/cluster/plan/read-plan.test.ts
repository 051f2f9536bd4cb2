import { describe, expect, it } from 'vitest';
import { parsePlan } from './read-plan.ts';

const plan = (...lines: string[]): string => lines.join('\n');

describe('a plan', () => {
  it('takes one value where a list may be, ranges of seeds, and numbers as epsilons', () => {
    const read = parsePlan(
      plan(
        'models: [lenet.onnx]',
        'searches:',
        '  - encodings: cppn',
        '    seeds: [1-3, 7]',
        'attacks:',
        '  - attacks: [pgd, square]',
        '    epsilons: [8/255, 0.1]',
      ),
      'p.yaml',
    );
    expect(read.plan.searches).toEqual([{ encodings: ['cppn'], seeds: [1, 2, 3, 7] }]);
    expect(read.plan.attacks).toEqual([{ attacks: ['pgd', 'square'], epsilons: ['8/255', '0.1'] }]);
  });

  it.each<[string, string, string]>([
    [
      'an unknown field',
      plan('models: [a]', 'searches:', '  - encodings: [cppn]', '    sedes: 3'),
      'p.yaml, line 4: searches.0: Unrecognized key: "sedes"',
    ],
    [
      'an unknown encoding',
      plan('models: [a]', 'searches:', '  - encodings:', '      - cppn', '      - jpeg'),
      'p.yaml, line 5: searches.0.encodings.1: there is no encoding "jpeg"; choose one of cppn',
    ],
    [
      'an archive whose images islands cannot bring together',
      plan('models: [a]', 'searches:', '  - archive: fewest'),
      'p.yaml, line 3: searches.0.archive: there is no archive "fewest"; choose one of classes, decisions',
    ],
    [
      'what is no address',
      plan('models:', '  - "http://[bad"', 'searches:', '  - {}'),
      'p.yaml, line 2: models.0: "http://[bad" is no address; write https://host/path',
    ],
    [
      'what is no address, with its hash',
      plan('models:', '  - file: "http://:1/x.onnx"', 'searches:', '  - {}'),
      'p.yaml, line 2: models.0.file: "http://:1/x.onnx" is no address; write https://host/path',
    ],
    [
      'a value of another type',
      plan('models: [a]', 'searches:', '  - batch: many'),
      'p.yaml, line 3: searches.0.batch: Invalid input: expected number',
    ],
    [
      'a wrong range',
      plan('models: [a]', 'audits:', '  - seeds: 9-1'),
      'p.yaml, line 3: audits.0.seeds: "9-1" is no range of seeds',
    ],
    ['no models', plan('searches:', '  - {}'), 'p.yaml, line 1: models: Invalid input: expected array'],
    ['nothing to do', 'models: [a]', 'p.yaml, line 1: there is nothing to do; give searches, attacks or audits'],
    ['a field twice', plan('models: [a]', 'models: [b]'), 'p.yaml, line 2: Map keys must be unique'],
    ['no YAML', plan('models: [a', 'searches: }'), 'p.yaml, line 2: '],
    ['an alias', plan('models: &all [a]', 'searches: [{ models: *all }]'), 'p.yaml has aliases (*name)'],
    [
      'a wrong hash',
      plan('models:', '  - file: a.onnx', '    sha256: abc', 'audits: [{}]'),
      'p.yaml, line 3: models.0.sha256: a SHA-256 has 64 hexadecimal digits',
    ],
  ])('with %s is refused with its line', (_, text, message) => {
    expect(() => parsePlan(text, 'p.yaml')).toThrow(message);
  });
});
