import { describe, expect, it } from 'vitest';
import { cppnEncoding } from '../encoding/cppn/cppn.ts';
import { Random } from '../random/random.ts';
import { cppnStructureOf, GENTLE_CPPN_CHANGES } from '../variation/cppn-structure.ts';
import { CHANGE_NAMES, CHANGES, type Change, HumanEmitter } from './human.ts';

const encoding = cppnEncoding({ channels: 1, height: 16, width: 16 });
const variationsOf = (of: typeof encoding) => ({
  variation: cppnStructureOf(of),
  gentler: cppnStructureOf(of, GENTLE_CPPN_CHANGES),
});
const emitter = (change: Change, beginning = 1) =>
  new HumanEmitter({ encoding, ...variationsOf(encoding), change, beginning });
const ask = async (from: ReturnType<typeof emitter>, count: number, seed = 1) => {
  const { candidates } = await from.ask({ count, generation: 1, random: Random.stream(seed) });
  return candidates.map(({ genome }) => genome!);
};

describe('breeding by a person', () => {
  it('without a pick shows random images, mostly with something to see in them', async () => {
    const genomes = await ask(emitter('mild', 4), 20);
    const images = genomes.map((genome) => {
      const image = new Uint8Array(256);
      encoding.render([encoding.unpack(genome)], image);
      return Math.max(...image) - Math.min(...image);
    });
    // Twelve draws each: hardly one stays flat.
    expect(images.filter((contrast) => contrast > 24).length).toBeGreaterThanOrEqual(18);
  });

  it('takes picked parents in turn: a child of one pick does not depend on the others', async () => {
    const [a, b] = await ask(emitter('mild', 4), 2, 9);
    const both = emitter('mild');
    both.pick([a!, b!]);
    const alone = emitter('mild');
    alone.pick([a!]);
    const [first, , third] = await ask(both, 3);
    const [only, , last] = await ask(alone, 3);
    expect([first, third]).toEqual([only, last]);
  });

  it('gives the same child at the same place, however many are asked for', async () => {
    expect(await ask(emitter('wild'), 3)).toEqual((await ask(emitter('wild'), 8)).slice(0, 3));
  });

  it('goes on from its state', async () => {
    const picked = emitter('mild');
    picked.pick(await ask(emitter('mild', 4), 3, 2));
    const resumed = emitter('mild');
    resumed.restore(structuredClone(picked.state()));
    expect(await ask(resumed, 4)).toEqual(await ask(picked, 4));
  });

  it.each([
    [1, 28],
    [3, 16],
  ] as const)(
    'of any of 50 parents, mild, medium and wild children differ as much as is said: %i channels of %i pixels',
    async (channels, side) => {
      const shape = { channels, height: side, width: side };
      const own = cppnEncoding(shape);
      const variations = variationsOf(own);
      const draw = (genome: Uint8Array): Uint8Array => {
        const image = new Uint8Array(channels * side * side);
        own.render([own.unpack(genome)], image);
        return image;
      };
      const parents = (
        await new HumanEmitter({ encoding: own, ...variations, change: 'mild', beginning: 8 }).ask({
          count: 50,
          generation: 1,
          random: Random.stream(5),
        })
      ).candidates;
      for (const [place, { genome }] of parents.entries()) {
        const medians: number[] = [];
        for (const change of CHANGE_NAMES) {
          const breeder = new HumanEmitter({ encoding: own, ...variations, change });
          breeder.pick([genome!]);
          const { candidates } = await breeder.ask({ count: 15, generation: 1, random: Random.stream(6, place) });
          const parent = draw(genome!);
          const distances = candidates.map((child) => {
            const image = draw(child.genome!);
            return Math.hypot(...image.map((level, i) => Math.abs(level - parent[i]!))) / 255 / Math.sqrt(image.length);
          });
          const median = distances.sort((a, b) => a - b)[7]!;
          expect(median).toBeGreaterThanOrEqual(CHANGES[change].least);
          expect(median).toBeLessThanOrEqual(CHANGES[change].most);
          medians.push(median);
        }
        expect(medians).toEqual([...medians].sort((a, b) => a - b));
      }
    },
  );
});
