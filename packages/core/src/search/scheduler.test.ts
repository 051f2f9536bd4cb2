import { describe, expect, it } from 'vitest';
import { ClassArchive } from '../archive/class-archive.ts';
import type { Scorer } from '../classifier/classifier.ts';
import type { Emitter, Outcome } from '../emitter/emitter.ts';
import { UniformEmitter } from '../emitter/uniform.ts';
import type { Encoding } from '../encoding/encoding.ts';
import type { ImageShape, Images } from '../image/images.ts';
import type { Variation } from '../variation/variation.ts';
import { type Breeder, type BreedRequest, LocalBreeder, type Offspring } from './breeder.ts';
import { type Generation, Scheduler, type SchedulerOptions, type SearchState } from './scheduler.ts';

const shape: ImageShape = { channels: 1, height: 1, width: 3 };

/** Three grey pixels. */
const encoding: Encoding<Uint8Array> = {
  name: 'three',
  shape,
  random: (random) => Uint8Array.from({ length: 3 }, () => random.integer(64)),
  render: (genomes, images) => {
    genomes.forEach((genome, index) => {
      images.set(genome, index * 3);
    });
  },
  pack: (genome) => genome.slice(),
  unpack: (bytes) => bytes,
  document: () => ({ kind: 'image' }),
};

/** One pixel moves a little. */
const variation: Variation<Uint8Array> = {
  parents: 1,
  apply([parent], random) {
    const child = parent!.slice();
    const at = random.integer(3);
    child[at] = Math.max(0, Math.min(255, child[at]! + random.integer(41) - 20));
    return child;
  },
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

const local = (seed = 5): LocalBreeder<Uint8Array> => new LocalBreeder(encoding, variation, seed);

function open(changes: Partial<SchedulerOptions> = {}, state?: SearchState): Scheduler {
  const archive = new ClassArchive([0, 1, 2]);
  const emitter = new UniformEmitter('mutation', variation as Variation);
  return new Scheduler({ scorer, archive, emitter, breeder: local(), seed: 5, batch: 20, ...changes }, state);
}

/** A breeder that shows what it is asked for. */
function watched(see: (request: BreedRequest) => void, seed = 5): Breeder {
  const breeder = local(seed);
  return {
    async breed(request: BreedRequest): Promise<Offspring> {
      see(request);
      return breeder.breed(request);
    },
    dispose: () => breeder.dispose(),
  };
}

async function run(search: Scheduler, generations: number): Promise<Generation[]> {
  const reports: Generation[] = [];
  while (search.generations < generations) reports.push(await search.step());
  return reports;
}

describe('a search', () => {
  it('climbs to the best image of every class', async () => {
    const search = open();
    const reports = await run(search, 60);
    expect(reports.at(-1)).toMatchObject({ median: 1, worst: 1, evaluations: 1200, generation: 59 });
    for (let i = 1; i < reports.length; i++) {
      expect(reports[i]!.mean).toBeGreaterThanOrEqual(reports[i - 1]!.mean);
      expect(reports[i]!.replacements).toBe(reports[i - 1]!.replacements + reports[i]!.births.length);
    }
  });

  it('notes who made what was born, and whether the genome was given', async () => {
    const white = Uint8Array.of(255, 0, 0);
    const own = new UniformEmitter('mutation', variation as Variation);
    const emitter: Emitter = {
      ...own,
      name: 'own',
      progress: undefined,
      variation: variation as Variation,
      ask: ({ archive, generation }) => {
        const parents = generation === 0 ? [] : [archive.elites[1]!];
        const candidates =
          generation === 0 ? [{ parents }, { parents }, { parents }] : [{ parents, genome: white, emitter: 'other' }];
        return { candidates, evaluations: 0 };
      },
      tell: () => {},
      state: () => null,
      restore: () => {},
    };
    const search = open({ emitter });
    const first = await search.step();
    expect(first.births.length).toBeGreaterThanOrEqual(3);
    for (const born of first.births) expect(born).toMatchObject({ emitter: 'own', parents: [] });
    for (const born of first.births) expect(born).not.toHaveProperty('given');
    const [parent] = [search.archive.elites[1]!.id];
    const second = await search.step();
    expect(second.births).toMatchObject([{ classIndex: 0, parents: [parent], emitter: 'other', given: true }]);
  });

  it('finds the same elites whatever the size of its chunks', async () => {
    const states = [];
    for (const chunk of [1, 7, 20]) {
      const search = open({ chunk });
      await run(search, 10);
      states.push(search.state());
    }
    expect(states[1]).toEqual(states[0]);
    expect(states[2]).toEqual(states[0]);
  });

  it('goes on from a state to the same elites', async () => {
    const whole = open();
    await run(whole, 12);
    const first = open();
    await run(first, 4);
    const second = open({}, first.state());
    await run(second, 12);
    expect(second.state()).toEqual(whole.state());
  });

  it('draws all parents of a generation from the archive as it stood before it', async () => {
    const requests: BreedRequest[] = [];
    const breeder = watched((request) => requests.push(request));
    const search = open({ chunk: 5, breeder });
    await search.step();
    const frozen = search.archive.elites.map((elite) => elite!.genome);
    requests.length = 0;
    const { births } = await search.step();
    expect(births.length).toBeGreaterThan(0);
    expect(requests).toHaveLength(4);
    for (const { recipes } of requests) for (const { parents } of recipes) expect(frozen).toContain(parents[0]);
  });

  it('draws parents uniformly from the filled cells', async () => {
    const drawn = new Map<Uint8Array, number>();
    const breeder = watched(({ recipes }) => {
      for (const { parents } of recipes) for (const parent of parents) drawn.set(parent, (drawn.get(parent) ?? 0) + 1);
    }, 1);
    const search = open({ batch: 6000, breeder, seed: 1 });
    await search.step();
    await search.step();
    // Three elites, 6000 draws: 2000 each, standard deviation 36.5.
    expect(drawn.size).toBe(3);
    for (const count of drawn.values()) expect(Math.abs(count - 2000)).toBeLessThan(5 * 36.5);
  });

  it('tells of each replacement which elites the winner descends from', async () => {
    const search = open();
    const first = await search.step();
    expect(first.births.every((birth) => birth.parents.length === 0)).toBe(true);
    const elites = search.archive.elites.map((elite) => elite!.id);
    const second = await search.step();
    expect(second.births.length).toBeGreaterThan(0);
    for (const birth of second.births) expect(elites).toContain(birth.parents[0]);
  });

  it('tells the emitter what became of each candidate, whatever the size of its chunks', async () => {
    const told = await Promise.all(
      [3, 20].map(async (chunk) => {
        const outcomes: Outcome[] = [];
        const emitter = new UniformEmitter('mutation', variation as Variation);
        const watching: Emitter = {
          name: 'watching',
          variation: emitter.variation,
          progress: undefined,
          ask: (question) => emitter.ask(question),
          tell: (outcome) => outcomes.push(outcome),
          state: () => null,
          restore: () => {},
        };
        const search = open({ chunk, emitter: watching });
        await run(search, 3);
        return outcomes.map(({ scores, added }) => ({ scores, added }));
      }),
    );
    expect(told[0]!.map(({ added }) => added.status)).toEqual(told[1]!.map(({ added }) => added.status));
    expect(told[0]!.map(({ added }) => added.improvement)).toEqual(told[1]!.map(({ added }) => added.improvement));
    expect(told[0]!.map(({ scores }) => scores)).toEqual(told[1]!.map(({ scores }) => scores));
    // In the first generation every cell is empty.
    expect([...told[0]![0]!.added.status]).toEqual(new Array(20).fill(2));
  });
});
