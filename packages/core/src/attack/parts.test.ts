import { expect, it } from 'vitest';
import { imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { labelledGreys, randomLinearModel } from '../testing/linear-model.ts';
import { knownStarts } from './engine/known-starts.ts';
import { ATTACKS } from './registry.ts';
import { attackImages } from './run.ts';

const model = randomLinearModel(Random.stream(51), 5);
const { images, labels } = await labelledGreys(model, Random.stream(52), 7);
const size = imageSize(images);

// A universal attack is one on all images together.
it.each(ATTACKS.filter(({ kind }) => kind !== 'universal').map((attack) => [attack.name, attack] as const))(
  '%s comes to the same whether images are attacked together or in parts, given their numbers',
  async (_, attack) => {
    const starts = await knownStarts(model, images);
    const epsilons = attack.kind !== 'minimal' ? { epsilons: [0.01, 0.05] } : {};
    const options = { ...epsilons, starts, seed: 3, batch: 4, budget: 150, quantize: true } as const;
    const whole = await attackImages(model, attack, images, labels, options);
    const parts = [];
    for (const [from, to] of [
      [4, 7],
      [0, 1],
      [1, 4],
    ] as const) {
      const some = { ...images, count: to - from, data: images.data.slice(from * size, to * size) };
      parts.push(...(await attackImages(model, attack, some, labels.slice(from, to), { ...options, first: from })));
    }
    const order = (epsilon: number | undefined, index: number): number => 100 * (epsilon ?? 0) * 1000 + index;
    parts.sort((a, b) => order(a.epsilon, a.index) - order(b.epsilon, b.index));
    expect(parts).toEqual(whole);
  },
);
