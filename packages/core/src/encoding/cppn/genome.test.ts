import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { Random } from '../../random/random.ts';
import { CPPN_DEFAULTS, CppnMutation } from '../../testing/cppn-mutation.ts';
import { blankCppn, type CppnGenome, unpackCppn } from './genome.ts';

const mutation = new CppnMutation(CPPN_DEFAULTS);

function descendant(seed: number, outputs: 1 | 3, generations: number): CppnGenome {
  const random = Random.stream(seed);
  let genome = mutation.random(outputs, random);
  for (let i = 0; i < generations; i++) genome = mutation.mutate(genome, random);
  return genome;
}

describe('a genome at rest', () => {
  it('comes back from its bytes, from anywhere in memory', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom(1, 3), fc.nat(60), fc.nat(3), (seed, outputs, generations, offset) => {
        const genome = descendant(seed, outputs, generations);
        const elsewhere = new Uint8Array(genome.bytes.length + offset);
        elsewhere.set(genome.bytes, offset);
        expect(unpackCppn(elsewhere.subarray(offset), outputs)).toEqual(genome);
      }),
      { numRuns: 50 },
    );
  });

  it('is refused, by an InputError and nothing else, or is a genome, whichever byte is damaged', () => {
    const { bytes } = descendant(5, 3, 40);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const damaged = bytes.slice();
        damaged[at] = value;
        try {
          const random = Random.stream(1);
          mutation.mutate(unpackCppn(damaged, 3), random);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused where it is cut off, empty, or has other outputs', () => {
    const { bytes } = descendant(6, 1, 0);
    for (const length of [0, 3, 8, bytes.length - 1]) {
      expect(() => unpackCppn(bytes.subarray(0, length), 1)).toThrow('not a CPPN genome');
    }
    expect(() => unpackCppn(bytes, 3)).toThrow('1 nodes for 3 outputs');
  });

  it.each<[string, (genome: CppnGenome) => void]>([
    ['the unknown function 4', ({ activations }) => activations.fill(4)],
    ['cannot start in 4', ({ sources }) => sources.fill(4, 1)],
    ['cannot start in 0', ({ sources }) => sources.fill(0)],
    ['cannot start in 65535', ({ sources }) => sources.fill(65535)],
    ['has the weight NaN', ({ weights }) => weights.fill(Number.NaN)],
    ['has the weight 101', ({ weights }) => weights.fill(101)],
    ['too few links', ({ linkCounts }) => linkCounts.fill(3)],
    ['too many links', ({ linkCounts }) => linkCounts.fill(1)],
  ])('is refused where it breaks a rule: %s', (message, spoil) => {
    const genome = blankCppn(1, 1, 2);
    genome.sources.set([0, 1]);
    genome.linkCounts.set([2]);
    expect(() => unpackCppn(genome.bytes, 1)).not.toThrow();
    spoil(genome);
    expect(() => unpackCppn(genome.bytes, 1)).toThrow(message);
    expect(() => unpackCppn(genome.bytes, 1)).toThrow(InputError);
  });
});
