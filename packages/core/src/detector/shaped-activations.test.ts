import { expect, it } from 'vitest';
import { seen, sourceOf } from '../testing/fit-source.ts';
import { ashS } from './ash-s.ts';
import { scale } from './scale.ts';

const layer = {
  numClasses: 2,
  width: 10,
  weight: Float32Array.of(
    ...[-0.65, -0.13, 0.78, 1.49, -1.26, 1.51, 1.35, 0.78, 0.26, -0.31],
    ...[1.46, 1.96, 1.8, 1.32, 0.36, -1.21, 0, 0.66, -1.29, 0.4],
  ),
  bias: Float32Array.of(0.1, -0.2),
};

const features = [0, 3, 1, 0, 2, 0.5, 4, 0, 1, 0.25];
const source = sourceOf([{ features, logits: [0, 0] }], { layer });

it('ASH-S keeps the largest tenth, scaled by exp(s1 / s2)', async () => {
  const { score, remarks } = await ashS.fit(source);
  // numpy: z (z >= sort(z)[9]) exp(z.sum() / z.max()), then logsumexp(W z + b)
  expect(score(seen([0, 0], features))).toBeCloseTo(101.99052510003037, 3);
  expect(remarks).toEqual([]);
});

it('SCALE scales all features, by the largest 15 %, of ten two', async () => {
  const { score } = await scale.fit(source);
  // numpy: z exp(z.sum() / (4 + 3)), then logsumexp(W z + b)
  expect(score(seen([0, 0], features))).toBeCloseTo(35.18890904235367, 3);
});

it('both stay finite where no feature is positive, and say that some are negative', async () => {
  const negative = features.map((z) => -z - 1);
  for (const detector of [ashS, scale]) {
    const { score } = await detector.fit(source);
    expect(Number.isFinite(score(seen([0, 0], negative)))).toBe(true);
    expect(
      Number.isFinite(
        score(
          seen(
            [0, 0],
            features.map(() => 0),
          ),
        ),
      ),
    ).toBe(true);
    const { remarks } = await detector.fit(sourceOf([{ features: negative, logits: [0, 0] }], { layer }));
    expect(remarks[0]).toContain('never negative, and 100.0 % of these are');
  }
});
