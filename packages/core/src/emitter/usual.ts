/** @file The emitter of a search whose user chooses none, where the classifier is known. */

import { hasGradient, type Scorer } from '../classifier/classifier.ts';
import { auto } from './portfolio/auto.ts';
import { DEFAULT_EMITTER } from './registry.ts';

/** The encodings with which `auto` was measured against the paper's search, and won, on three networks of digits. */
const MEASURED = ['cppn', 'direct', 'fourier', 'dct'];

/**
 * `auto` where the classifier's exact gradients can be followed and the encoding is one of those that carry them back and were measured
 * (docs/emitters.md); else the paper's search.
 *
 * @param encoding its name; that of `auto` when absent
 */
export function usualEmitter(scorer: Scorer, encoding = auto.encoding): string {
  const follows = hasGradient(scorer) && scorer.gradientKind !== 'straight-through' && MEASURED.includes(encoding);
  return follows ? auto.name : DEFAULT_EMITTER;
}
