import type { Measured } from '../baseline/baseline.ts';
import type { AuditComparison } from './comparison.ts';

/** What was measured of one model, out of a comparison: what a later audit of it is compared with. */
export function measuredOf({ models, figures }: AuditComparison, place: number): Measured {
  const { threshold, budget, images } = models[place]!;
  return {
    threshold,
    budget,
    images,
    figures: figures.flatMap(({ id, unit, better, values }) => {
      const value = values[place];
      return value == null ? [] : [{ id, unit, better, ...value }];
    }),
  };
}
