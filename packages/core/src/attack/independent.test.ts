import { expect, it } from 'vitest';
import { Random } from '../random/random.ts';
import { labelledGreys } from '../testing/linear-model.ts';
import { randomMlpModel } from '../testing/mlp-model.ts';
import type { AttackOptions } from './options.ts';
import { ATTACKS } from './registry.ts';
import { attackImages } from './run.ts';

const model = randomMlpModel(Random.stream(33));
const OPTIONS: AttackOptions = { seed: 3, batch: 4, quantize: true, budget: 120 };
const EPSILONS = { linf: [0.01, 0.03, 0.12], l2: [0.08, 0.2, 0.8], l1: [0.3, 1, 3], l0: [1, 3, 10] } as const;

it.each(ATTACKS.filter(({ kind }) => kind === 'fixed' || kind === 'ensemble'))(
  'the result of $name at an epsilon is that of this epsilon alone, where epsilons are independent',
  async (attack) => {
    const { images, labels } = await labelledGreys(model, Random.stream(34), 4);
    const [small, middle, large] = EPSILONS[attack.norms[0]];
    const on = (...epsilons: readonly number[]) =>
      attackImages(model, attack, images, labels, { ...OPTIONS, epsilons, independent: true });
    const all = await on(large, small, middle);
    const alone = [...(await on(small)), ...(await on(middle)), ...(await on(large))];
    expect(all).toEqual(alone);
    expect(await on(middle, large)).toEqual(alone.slice(4));
    // One epsilon is always by itself.
    const usual = await attackImages(model, attack, images, labels, { ...OPTIONS, epsilons: [large] });
    expect(usual).toEqual(alone.slice(8));
  },
);

it('tells its progress over all epsilons', async () => {
  const { images, labels } = await labelledGreys(model, Random.stream(34), 4);
  const seen: (readonly [number, number])[] = [];
  const results = await attackImages(model, ATTACKS[0]!, images, labels, {
    ...OPTIONS,
    epsilons: [0.01, 0.02],
    independent: true,
    onProgress: (done, forward) => seen.push([done, forward]),
  });
  expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((a, b) => a - b));
  const total = results.reduce((sum, { queries }) => sum + queries.forward, 0);
  expect(seen.at(-1)).toEqual([4, total]);
});
