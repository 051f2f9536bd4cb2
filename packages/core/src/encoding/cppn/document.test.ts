import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { Random } from '../../random/random.ts';
import { CPPN_DEFAULTS, CppnMutation } from '../../testing/cppn-mutation.ts';
import { fromCppnDocument, toCppnDocument } from './document.ts';

const mutation = new CppnMutation(CPPN_DEFAULTS);

describe('the document of a genome', () => {
  it('gives the genome back through JSON, every weight to the bit', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.constantFrom(1, 3), fc.nat(80), (seed, outputs, generations) => {
        const random = Random.stream(seed);
        let genome = mutation.random(outputs, random);
        for (let i = 0; i < generations; i++) genome = mutation.mutate(genome, random);
        expect(fromCppnDocument(JSON.parse(JSON.stringify(toCppnDocument(genome))))).toEqual(genome);
      }),
      { numRuns: 50 },
    );
  });

  it('reads like the network', () => {
    const document = {
      format: 'pareidolia-cppn',
      version: 1,
      nodes: [
        { name: 'h1', function: 'gaussian', from: { x: -2.5, bias: 0.1 } },
        { name: 'hue', function: 'sine', from: { d: 3 } },
        { name: 'saturation', function: 'ramp', from: {} },
        { name: 'value', function: 'sigmoid', from: { y: 1e-7, h1: 7.25 } },
      ],
    };
    const genome = fromCppnDocument(document);
    expect([...genome.linkCounts]).toEqual([2, 1, 0, 2]);
    expect([...genome.sources]).toEqual([0, 3, 2, 1, 4]);
    expect(toCppnDocument(genome)).toEqual(document);
  });
});

describe('a document is refused with the place of the fault', () => {
  const grey = (from: object, extra: object[] = []): unknown => ({
    format: 'pareidolia-cppn',
    version: 1,
    nodes: [...extra, { name: 'grey', function: 'sine', from }],
  });
  it.each<[string, unknown]>([
    ['genome.json', null],
    ['field format', { ...(grey({}) as object), format: 'png' }],
    ['field nodes.0.function', grey({}, [{ name: 'h1', function: 'cosine', from: {} }])],
    ['field nodes.0.from.x', grey({ x: 101 })],
    ['field nodes.0.from.x', grey({ x: null })],
    ['node grey draws on h7', grey({ h7: 1 })],
    ['node grey draws on grey', grey({ grey: 1 })],
    ['two nodes are called x', grey({}, [{ name: 'x', function: 'sine', from: {} }])],
    ['end with grey', { format: 'pareidolia-cppn', version: 1, nodes: [{ name: 'hue', function: 'sine', from: {} }] }],
  ])('%s', (message, value) => {
    expect(() => fromCppnDocument(value, 'genome.json')).toThrow(InputError);
    expect(() => fromCppnDocument(value, 'genome.json')).toThrow(message);
  });

  it('a hidden node draws on no output', () => {
    const nodes = ['hue', 'saturation', 'value'].map((name, i) => ({
      name,
      function: 'sine',
      from: i === 2 ? { hue: 1 } : {},
    }));
    expect(() => fromCppnDocument({ format: 'pareidolia-cppn', version: 1, nodes })).toThrow('value draws on hue');
  });
});
