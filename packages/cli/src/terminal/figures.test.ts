import { expect, it } from 'vitest';
import { count, duration, percent } from './figures.ts';

it('figures on the terminal have ordinary spaces and never a false hundred', () => {
  expect(percent(0.9999)).toBe('99.99 %');
  expect(percent(1 - 1e-9)).not.toMatch(/^100/);
  for (const text of [percent(0.5), duration(4000), count(1e6)]) expect(text).not.toContain('\u00a0');
});
