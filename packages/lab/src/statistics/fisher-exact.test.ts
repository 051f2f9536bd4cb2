import { expect, it } from 'vitest';
import { fisherExactTest } from './fisher-exact.ts';

// SciPy's fisher_exact(...).pvalue; the first is Fisher's lady tasting tea, the second R's example of convictions of twins.
it.each([
  [3, 4, 1, 4, 0.48571428571428565],
  [2, 12, 15, 18, 0.0005367241191434357],
  [0, 24, 24, 24, 6.202011224319716e-14],
  [10, 100, 20, 100, 0.07342758972137636],
  [0, 100, 0, 100, 1],
  [5, 500, 21, 500, 0.0021965329680418066],
  [100, 100, 97, 100, 0.24623115577889448],
  [1, 1, 0, 1, 1],
  [490, 500, 470, 500, 0.0018083493190978333],
])("gives SciPy's probability of %i of %i against %i of %i", (hits, of, others, ofOthers, p) => {
  expect(fisherExactTest({ hits, of }, { hits: others, of: ofOthers }) / p).toBeCloseTo(1, 9);
  expect(fisherExactTest({ hits: others, of: ofOthers }, { hits, of }) / p).toBeCloseTo(1, 9);
});

it('says nothing where a sample is empty', () => {
  expect(fisherExactTest({ hits: 0, of: 0 }, { hits: 3, of: 4 })).toBe(1);
});
