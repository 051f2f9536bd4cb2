/** @file The emitter for those who do not want to choose: a portfolio of what works on the encoding and the classifier. */

import { z } from 'zod';
import { hasGradient } from '../../classifier/classifier.ts';
import { isCppnEncoding } from '../../encoding/cppn/cppn.ts';
import { isDifferentiableEncoding, isVectorEncoding } from '../../encoding/encoding.ts';
import { isoLine } from '../../variation/iso-line.ts';
import { patches } from '../../variation/patches.ts';
import { ownVariation } from '../../variation/registry.ts';
import { CmaEs } from '../cma-es/cma-es.ts';
import { CppnGradientEmitter } from '../cppn-gradient/cppn-gradient.ts';
import { CPPN_GRADIENT_SETTINGS } from '../cppn-gradient/settings.ts';
import type { Emitter } from '../emitter.ts';
import { GRADIENT_VARIATION_SETTINGS, GradientVariationEmitter } from '../gradient-variation/gradient-variation.ts';
import { defineEmitter, type EmitterContext } from '../kind.ts';
import { OpenAiEs } from '../openai-es/openai-es.ts';
import { SelectiveEmitter } from '../selective.ts';
import { StrategyEmitter } from '../strategy/strategy-emitter.ts';
import { UniformEmitter } from '../uniform.ts';
import { PortfolioEmitter } from './portfolio.ts';

export const AUTO_SETTINGS = z.object({
  discount: z
    .number()
    .gt(0)
    .max(1)
    .default(0.95)
    .describe('what the earnings of a generation count one generation later'),
  exploration: z.number().min(0).max(10).default(0.2).describe('how much emitters that are little known are preferred'),
  target: z.number().min(0).max(1).default(0.9999).describe('confidence beyond which a class is worth hardly any more'),
});

/** Up to how many dimensions a strategy of its own is worth its memory. */
const MOST_DIMENSIONS = 10_000;

/** Climbs of CPPNs in a turn: one by one they would leave the device idle. */
const CLIMBS = 10;

/** Up to how many dimensions the whole covariance is adapted. */
const FULL_DIMENSIONS = 200;

/** What works on an encoding and a classifier, the one that makes the first generation first. */
function emittersFor({ scorer, encoding, classIndices, variation }: EmitterContext): Emitter[] {
  const pressure = 2;
  const emitters: Emitter[] = [];
  if (hasGradient(scorer) && isCppnEncoding(encoding)) {
    const settings = CPPN_GRADIENT_SETTINGS.parse({});
    emitters.push(new CppnGradientEmitter({ scorer, encoding, classIndices }, settings));
  }
  if (variation !== undefined) {
    emitters.push(
      new SelectiveEmitter('least-certain', variation, pressure),
      new UniformEmitter('mutation', variation),
    );
  }
  if (patches.fits(encoding)) emitters.push(new SelectiveEmitter('patches', patches.create(encoding, {}), pressure));
  else if (isVectorEncoding(encoding)) emitters.push(new UniformEmitter('iso-line', isoLine.create(encoding, {})));
  if (hasGradient(scorer) && isDifferentiableEncoding(encoding) && variation !== undefined) {
    const settings = { ...GRADIENT_VARIATION_SETTINGS.parse({}), share: 1 };
    emitters.push(new GradientVariationEmitter(scorer, encoding, variation, settings));
  }
  if (isVectorEncoding(encoding) && encoding.dimension <= MOST_DIMENSIONS) {
    const common = { encoding, cells: classIndices.length, emitters: 10, patience: 10, pressure };
    const batch = 20;
    emitters.push(
      encoding.dimension <= FULL_DIMENSIONS
        ? new StrategyEmitter({
            ...common,
            name: 'cma-me',
            ranking: 'stages',
            distribution: (mean) => new CmaEs({ mean, sigma: 0.2, batch, isSeparable: false, bounds: [0, 1] }),
          })
        : new StrategyEmitter({
            ...common,
            name: 'openai-es',
            ranking: 'target',
            distribution: (mean) => new OpenAiEs({ mean, sigma: 0.2, batch, stepSize: 0.05, bounds: [0, 1] }),
          }),
    );
  }
  return emitters;
}

export const auto = defineEmitter({
  name: 'auto',
  summary: 'several emitters that fit encoding and network, of which those are asked more that earn more',
  explanation:
    'New images came from several methods; those that raised the confidence of the network most for what they cost were asked most often.',
  settings: AUTO_SETTINGS,
  presets: {},
  needs: 'either',
  encoding: 'cppn',
  length: 'generations',
  variation: ownVariation,
  batch: ({ height, width }) => (height * width <= 64 * 64 ? 50 : 200),
  create: (context, settings) => {
    const { encoding, variation } = context;
    return new PortfolioEmitter({
      ...settings,
      name: 'auto',
      encoding,
      variation,
      emitters: emittersFor(context),
      least: { 'cppn-gradient': CLIMBS },
    });
  },
});
