/** @file What CMA-MEGA and CMA-MAEGA have in common. */

import { z } from 'zod';
import { byCertainty } from '../certainty.ts';
import { classSlopes, requireDifferentiable, requireGradient } from '../class-gradient.ts';
import { GRADIENT_EVALUATIONS } from '../cost.ts';
import type { EmitterContext } from '../kind.ts';
import { STRATEGY_SETTINGS } from '../strategy/settings.ts';
import { StrategyEmitter, type StrategyOptions } from '../strategy/strategy-emitter.ts';
import { Arborescence } from './arborescence.ts';

export const ARBORESCENCE_SETTINGS = z.object({
  ...STRATEGY_SETTINGS,
  draws: z.int().min(4).max(10_000).default(10).describe('images that branch off a vector in a generation'),
  sigma: z
    .number()
    .gt(0)
    .max(10)
    .default(0.05)
    .describe('first deviation of the coefficients, as root mean square of a step over a vector in [0, 1]'),
  branches: z
    .int()
    .min(1)
    .max(100)
    .default(3)
    .describe('classes whose gradients are followed: the own one, and the least certain others'),
});

type ArborescenceSettings = z.output<typeof ARBORESCENCE_SETTINGS>;

/** @throws InputError where the encoding or the classifier has no gradients */
export function arborescenceEmitter(
  name: string,
  { scorer, encoding, classIndices }: EmitterContext,
  settings: ArborescenceSettings,
  ranking: StrategyOptions<Arborescence>['ranking'],
): StrategyEmitter<Arborescence> {
  requireDifferentiable(name, encoding);
  requireGradient(name, scorer);
  const { sigma, draws: batch } = settings;
  const branches = Math.min(settings.branches, classIndices.length);
  return new StrategyEmitter<Arborescence>({
    ...settings,
    name,
    encoding,
    cells: classIndices.length,
    ranking,
    distribution: (mean) => new Arborescence({ mean, branches, sigma, batch, bounds: [0, 1] }),
    prepare: async (distribution, cell, archive) => {
      const others = byCertainty(archive).filter((each) => each !== cell);
      const cells = [cell, ...others].slice(0, branches);
      const mean = Float32Array.from(distribution.mean);
      const classes = cells.map((each) => archive.classIndices[each]!);
      distribution.branch(
        await classSlopes(
          scorer,
          encoding,
          cells.map(() => mean),
          classes,
        ),
      );
      return cells.length * GRADIENT_EVALUATIONS;
    },
  });
}
