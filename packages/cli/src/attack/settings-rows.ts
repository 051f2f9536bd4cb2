/** @file What attacks were run with, for the report. */

import { formatEpsilon } from '@pareidolia/lab';
import type { AttackContext } from './context.ts';
import { batchOf } from './units.ts';

/** @param card name of the model card */
export function settingsRows(context: AttackContext, card: string | undefined): (readonly [string, string])[] {
  const { settings, attacks, epsilons, subjects } = context;
  const { norm, budget, targeted, set, device, quantize, transformations, networkAlone } = settings;
  return [
    ...(card === undefined ? [] : [['model card', card] as const]),
    ['images', subjects.origin],
    ['attacks', attacks.map(({ name }) => name).join(', ')],
    ['norm', norm ?? [...new Set(attacks.map(({ norms }) => norms[0]))].join(', ')],
    [
      'epsilon',
      epsilons === undefined
        ? 'the smallest, or what the attack has by default'
        : epsilons.map(formatEpsilon).join(', '),
    ],
    ['target', targeted ?? 'any other class'],
    ['counted', quantize ? 'as 8-bit files' : 'in floating point'],
    ...(transformations ? [['transformations', 'random, has to survive them'] as const] : []),
    ...(networkAlone === true ? [['detector', 'left out'] as const] : []),
    ...(budget === undefined ? [] : [['budget', `${budget} queries an image`] as const]),
    ['batch', String(batchOf(context))],
    ['device', device],
    ...Object.entries(set).map(([name, value]) => [name, String(value)] as const),
  ];
}
