import { describe, expect, it } from 'vitest';
import { Random } from '../../random/random.ts';
import { AlteredModel } from '../../testing/altered-model.ts';
import { labelledGreys, randomLinearModel } from '../../testing/linear-model.ts';
import { randomMlpModel } from '../../testing/mlp-model.ts';
import { checkResults, checkTarget } from '../engine/reliability.ts';
import { attackImages } from '../run.ts';
import { apgdCe, apgdT } from './apgd.ts';
import { autoattack } from './autoattack.ts';
import { fabT } from './fab.ts';
import { pgd } from './projected-gradient.ts';
import { square } from './square.ts';

const COMMON = { seed: 1, batch: 16, quantize: false } as const;

describe('AutoAttack', () => {
  it.each(['linf', 'l2'] as const)('finds an image wherever one of its members, or PGD, does in %s', async (norm) => {
    const model = randomMlpModel(Random.stream(131), [24, 16]);
    const { images, labels } = await labelledGreys(model, Random.stream(132), 10);
    const epsilons = norm === 'linf' ? [0.01, 0.02, 0.04, 0.08] : [0.05, 0.1, 0.2, 0.4];
    const options = { ...COMMON, norm, epsilons };
    const ensemble = await attackImages(model, autoattack, images, labels, options);
    // Neither none nor all: there is something to compare.
    expect(ensemble.some(({ success }) => success)).toBe(true);
    expect(ensemble.some(({ success }) => !success)).toBe(true);
    for (const member of [apgdCe, apgdT, fabT, square, pgd]) {
      const alone = await attackImages(model, member, images, labels, options);
      for (const [i, { success }] of alone.entries()) if (success) expect(ensemble[i]!.success).toBe(true);
    }
  });

  it('says which member found an image, and asks no others about it', async () => {
    const model = randomLinearModel(Random.stream(133));
    const { images, labels } = await labelledGreys(model, Random.stream(134), 4);
    const results = await attackImages(model, autoattack, images, labels, { ...COMMON, epsilons: [0.5] });
    for (const { by, queries } of results) {
      expect(by).toBe('apgd-ce');
      expect(queries.forward).toBeLessThan(10);
    }
  });

  it.each([2, 3])(
    'works on %i classes with all of its members, and says what one of them does otherwise',
    async (classes) => {
      const model = randomLinearModel(Random.stream(135), classes);
      const { images, labels } = await labelledGreys(model, Random.stream(136), 3);
      // Too small for any of them: all take their turn and end by themselves.
      const results = await attackImages(model, autoattack, images, labels, { ...COMMON, epsilons: [0, 0.5] });
      expect(results.map(({ success }) => success)).toEqual([false, false, false, true, true, true]);
      expect(results.slice(0, 3).every(({ stop }) => stop === 'finished')).toBe(true);
      expect(autoattack.remarks!(classes)).toEqual(apgdT.remarks!(classes));
      expect(autoattack.remarks!(4)).toEqual([]);
    },
  );
});

describe('the checks of a network', () => {
  const honest = () => randomLinearModel(Random.stream(137));
  const kinds = async (model: Parameters<typeof checkTarget>[0]): Promise<readonly string[]> => {
    const { images, labels } = await labelledGreys(honest(), Random.stream(138), 8);
    return (await checkTarget(model, images, labels)).map(({ kind }) => kind);
  };

  it('have nothing to say of an honest one', async () => {
    expect(await kinds(honest())).toEqual([]);
  });

  it('notice outputs that are random', async () => {
    const random = Random.stream(139);
    expect(await kinds(new AlteredModel(honest(), ({ logits }) => (logits[0]! += 1e-3 * random.normal())))).toEqual([
      'random outputs',
    ]);
  });

  it('notice gradients that are zero, as behind an input that is rounded', async () => {
    expect(await kinds(new AlteredModel(honest(), ({ gradient }) => gradient.fill(0)))).toEqual(['zero gradients']);
  });

  it('notice after the attack that Square has won where gradients were masked', async () => {
    const { images, labels } = await labelledGreys(honest(), Random.stream(138), 5);
    const options = { ...COMMON, epsilons: [0.1] };
    const fair = await attackImages(honest(), autoattack, images, labels, options);
    expect(fair.every(({ by }) => by !== 'square')).toBe(true);
    expect(checkResults(autoattack, fair)).toEqual([]);
    const masked = new AlteredModel(honest(), ({ gradient }) => gradient.fill(0));
    const fooled = await attackImages(masked, autoattack, images, labels, options);
    expect(fooled.filter(({ by }) => by === 'square').length).toBeGreaterThan(2);
    expect(checkResults(autoattack, fooled).map(({ kind }) => kind)).toEqual(['black box stronger']);
  });
});
