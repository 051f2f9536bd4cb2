import { describe, expect, it } from 'vitest';
import type { Scorer } from '../classifier/classifier.ts';
import type { Encoding } from '../encoding/encoding.ts';
import type { ImageShape, Images } from '../image/images.ts';
import { type BreedRequest, type Brood, LocalBreeder } from './breeder.ts';
import { type Generation, Search } from './search.ts';

const shape: ImageShape = { channels: 1, height: 1, width: 3 };

/** Three grey pixels, one of which moves a little in each child. */
const encoding: Encoding<Uint8Array> = {
  name: 'direct',
  shape,
  random: (random) => Uint8Array.from({ length: 3 }, () => random.integer(64)),
  mutate(parent, random) {
    const child = parent.slice();
    const at = random.integer(3);
    child[at] = Math.max(0, Math.min(255, child[at]! + random.integer(41) - 20));
    return child;
  },
  render: (genomes, images) => {
    genomes.forEach((genome, index) => {
      images.set(genome, index * 3);
    });
  },
  pack: (genome) => genome.slice(),
  unpack: (bytes) => bytes,
};

/** Class c likes pixel c to be white. */
const scorer: Scorer = {
  shape,
  predict: async (images: Images) => ({
    count: images.count,
    numClasses: 3,
    data: Float32Array.from(images.data, (value) => value / 255),
  }),
};

const options = { scorer, classes: [0, 1, 2], seed: 5, batch: 20 };

async function run(search: Search, generations: number): Promise<Generation[]> {
  const reports: Generation[] = [];
  while (search.generations < generations) reports.push(await search.step());
  return reports;
}

describe('a search', () => {
  it('climbs to the best image of every class', async () => {
    const search = new Search({ ...options, breeder: new LocalBreeder(encoding, 5) });
    const reports = await run(search, 60);
    expect(reports.at(-1)).toMatchObject({ median: 1, worst: 1, evaluations: 1200, generation: 59 });
    for (let i = 1; i < reports.length; i++) {
      expect(reports[i]!.mean).toBeGreaterThanOrEqual(reports[i - 1]!.mean);
      expect(reports[i]!.jumps).toBe(reports[i - 1]!.jumps + reports[i]!.births.length);
    }
  });

  it('finds the same elites whatever the size of its chunks', async () => {
    const states = [];
    for (const chunk of [1, 7, 20]) {
      const search = new Search({ ...options, chunk, breeder: new LocalBreeder(encoding, 5) });
      await run(search, 10);
      states.push(search.state());
    }
    expect(states[1]).toEqual(states[0]);
    expect(states[2]).toEqual(states[0]);
  });

  it('goes on from a state to the same elites', async () => {
    const whole = new Search({ ...options, breeder: new LocalBreeder(encoding, 5) });
    await run(whole, 12);
    const first = new Search({ ...options, breeder: new LocalBreeder(encoding, 5) });
    await run(first, 4);
    const second = new Search({ ...options, breeder: new LocalBreeder(encoding, 5) }, first.state());
    await run(second, 12);
    expect(second.state()).toEqual(whole.state());
  });

  it('draws all parents of a generation from the archive as it stood before it', async () => {
    const requests: BreedRequest[] = [];
    const local = new LocalBreeder(encoding, 5);
    const breeder = {
      async breed(request: BreedRequest): Promise<Brood> {
        requests.push(request);
        return local.breed(request);
      },
      dispose: () => local.dispose(),
    };
    const search = new Search({ ...options, chunk: 5, breeder });
    await search.step();
    const frozen = search.archive.elites.map((elite) => elite!.genome);
    requests.length = 0;
    const { births } = await search.step();
    expect(births.length).toBeGreaterThan(0);
    expect(requests).toHaveLength(4);
    for (const request of requests) for (const parent of request.parents) expect(frozen).toContain(parent);
  });

  it('draws parents uniformly from the filled cells', async () => {
    const drawn = new Map<Uint8Array, number>();
    const local = new LocalBreeder(encoding, 1);
    const breeder = {
      async breed(request: BreedRequest): Promise<Brood> {
        for (const parent of request.parents) if (parent) drawn.set(parent, (drawn.get(parent) ?? 0) + 1);
        return local.breed(request);
      },
      dispose: () => local.dispose(),
    };
    const search = new Search({ ...options, batch: 6000, breeder });
    await search.step();
    await search.step();
    // Three elites, 6000 draws: 2000 each, standard deviation 36.5.
    expect(drawn.size).toBe(3);
    for (const count of drawn.values()) expect(Math.abs(count - 2000)).toBeLessThan(5 * 36.5);
  });

  it('tells of each jump which individual the winner descends from', async () => {
    const search = new Search({ ...options, breeder: new LocalBreeder(encoding, 5) });
    const first = await search.step();
    expect(first.births.every((birth) => birth.parent === undefined)).toBe(true);
    const elites = search.archive.elites.map((elite) => elite!.id);
    const second = await search.step();
    expect(second.births.length).toBeGreaterThan(0);
    for (const birth of second.births) expect(elites).toContain(birth.parent);
  });
});
