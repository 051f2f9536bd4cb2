/** @file What the figures of a threshold are about. */

import type { ScoredImages } from '../garbage/score-images.ts';
import type { ScoredGarbage } from '../garbage/scored-sources.ts';

/** The share of real images that the threshold is to keep. */
export const KEPT = 0.95;

/** A source whose images were scored. */
export type MeasuredSource = ScoredGarbage & { readonly scored: ScoredImages };

/** An area with four decimals; 0 and 1 are shown for themselves alone. */
export function formatArea(area: number): string {
  if (area === 0 || area === 1) return String(area);
  return Math.min(0.9999, Math.max(0.0001, area)).toFixed(4);
}
