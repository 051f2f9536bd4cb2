import { expect, it } from 'vitest';
import { EIGHT, UNKNOWN } from '../testing/fit-source.ts';
import { react } from './react.ts';

it('is the energy of features clipped at the 90th percentile of all of them', async () => {
  const { score, parameters } = await react.fit(EIGHT);
  // numpy: percentile(Z, 90); logsumexp(W minimum(z, c) + b)
  expect(parameters.most).toBeCloseTo(1.322, 6);
  expect(score(UNKNOWN)).toBeCloseTo(4.162050461931342, 5);
});
