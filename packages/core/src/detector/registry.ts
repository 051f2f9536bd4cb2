/** @file All detectors of outliers, by name. A new one is a file beside this one, and a line here. */

import type { Detector } from './detector.ts';
import { energy } from './energy.ts';
import { entropy } from './entropy.ts';
import { maximumLogit } from './maximum-logit.ts';
import { maximumSoftmax } from './maximum-softmax.ts';

/** In the order in which they are listed. */
export const DETECTORS: readonly Detector[] = [maximumSoftmax, maximumLogit, energy, entropy];
