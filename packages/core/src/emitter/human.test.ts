import { describe, expect, it } from 'vitest';
import { cppnEncoding } from '../encoding/cppn/cppn.ts';
import { Random } from '../random/random.ts';
import { cppnStructureOf } from '../variation/cppn-structure.ts';
import { HumanEmitter } from './human.ts';

const encoding = cppnEncoding({ channels: 1, height: 16, width: 16 });
const emitter = (strength: number) => new HumanEmitter({ encoding, variation: cppnStructureOf(encoding), strength });
const ask = async (from: ReturnType<typeof emitter>, count: number, seed = 1) => {
  const { candidates } = await from.ask({ count, generation: 1, random: Random.stream(seed) });
  return candidates.map(({ genome }) => genome!);
};

describe('breeding by a person', () => {
  it('without a pick shows random images, mostly with something to see in them', async () => {
    const genomes = await ask(emitter(4), 20);
    const images = genomes.map((genome) => {
      const image = new Uint8Array(256);
      encoding.render([encoding.unpack(genome)], image);
      return Math.max(...image) - Math.min(...image);
    });
    // Twelve draws each: hardly one stays flat.
    expect(images.filter((contrast) => contrast > 24).length).toBeGreaterThanOrEqual(18);
  });

  it('takes picked parents in turn: a child of one pick does not depend on the others', async () => {
    const [a, b] = await ask(emitter(4), 2, 9);
    const both = emitter(1);
    both.pick([a!, b!]);
    const alone = emitter(1);
    alone.pick([a!]);
    const [first, , third] = await ask(both, 3);
    const [only, , last] = await ask(alone, 3);
    expect([first, third]).toEqual([only, last]);
  });

  it('gives the same child at the same place, however many are asked for', async () => {
    expect(await ask(emitter(2), 3)).toEqual((await ask(emitter(2), 8)).slice(0, 3));
  });

  it('goes on from its state', async () => {
    const picked = emitter(1);
    picked.pick(await ask(emitter(4), 3, 2));
    const resumed = emitter(1);
    resumed.restore(structuredClone(picked.state()));
    expect(await ask(resumed, 4)).toEqual(await ask(picked, 4));
  });
});
