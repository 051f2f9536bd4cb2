import { expect, it } from 'vitest';
import type { Scorer } from '../classifier/classifier.ts';
import type { Images } from '../image/images.ts';
import type { Breeder } from './breeder.ts';
import { leastAlike } from './least-alike.ts';

/** One grey pixel; certain of class 1 where it is brighter than 100, else of class 0. */
const shape = { channels: 1, height: 1, width: 1 } as const;
const scorer = {
  shape,
  predict: async ({ data, count }: Images) => ({
    count,
    numClasses: 2,
    data: Float32Array.from({ length: 2 * count }, (_, i) => Number(data[i >> 1]! > 100 === (i % 2 === 1))),
  }),
} as unknown as Scorer;

/** Children are one darker than their parent; made from nothing they are 200. */
const breeder: Breeder = {
  breed: async ({ recipes }) => {
    const images = Uint8Array.from(recipes, ({ genome, parents }) =>
      genome !== undefined ? genome[0]! : parents.length === 0 ? 200 : parents[0]![0]! - 1,
    );
    return { genomes: [...images].map((value) => Uint8Array.of(value)), images };
  },
  dispose: async () => {},
};

const elite = (value: number) => ({ genome: Uint8Array.of(value), confidence: 1, id: 0 });
const options = { scorer, breeder, parents: 1, classIndices: [0, 1], seed: 1, bar: 0.9, batch: 8, first: 5 };

it('goes down in resemblance, and never below the confidence', async () => {
  // The darker, the less alike: of class 1 nothing darker than 101 is left, and each generation gets one step further at most.
  const resemblance = (image: Uint8Array) => image[0]! / 255;
  const elites = [elite(3), elite(104)];
  const { cells, evaluations } = await leastAlike({ ...options, resemblance, elites, generations: 40 });
  expect(cells[0]?.genome).toEqual(Uint8Array.of(0));
  expect(cells[1]).toMatchObject({ genome: Uint8Array.of(101), confidence: 1, resemblance: 101 / 255 });
  expect(evaluations).toBe(2 + 40 * 8);
});

it('has nothing where no image reaches the bar', async () => {
  const { cells } = await leastAlike({ ...options, resemblance: () => 1, elites: [], generations: 1 });
  expect(cells[0]).toBeUndefined();
  expect(cells[1]?.genome).toEqual(Uint8Array.of(200));
});
