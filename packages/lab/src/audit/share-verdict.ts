/** @file Whether a share that was counted is above a limit: told only where its interval says so. */

import type { Figure } from './result/figure.ts';

/** `above` and `below` where the whole 95 % interval is; `open` where the limit is within. */
export type Side = 'above' | 'below' | 'open';

/** On which side of a limit a figure is. Figures without an interval are taken as exact; those not measured are open. */
export function sideOf({ value, interval, state }: Pick<Figure, 'value' | 'interval' | 'state'>, limit: number): Side {
  if (value === null || state === 'not measured') return 'open';
  const [low, high] = interval ?? [value, value];
  if (low > limit) return 'above';
  return high <= limit ? 'below' : 'open';
}
