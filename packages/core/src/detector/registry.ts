/** @file All detectors of outliers, by name. A new one is a file beside this one, and a line here. */

import { InputError } from '../errors.ts';
import { unknownName } from '../settings/names.ts';
import { ashS } from './ash-s.ts';
import { type Detector, isLogitDetector, type LogitDetector } from './detector.ts';
import { energy } from './energy.ts';
import { entropy } from './entropy.ts';
import { fdbd } from './fdbd.ts';
import { gradnorm } from './gradnorm.ts';
import { knn } from './knn.ts';
import { mahalanobis } from './mahalanobis.ts';
import { maximumLogit } from './maximum-logit.ts';
import { maximumSoftmax } from './maximum-softmax.ts';
import { multilevelMahalanobis } from './multilevel-mahalanobis.ts';
import { odin } from './odin.ts';
import { openmax } from './openmax.ts';
import { react } from './react.ts';
import { relativeMahalanobis } from './relative-mahalanobis.ts';
import { scale } from './scale.ts';
import { vim } from './vim.ts';

/** In the order in which they are listed. */
export const DETECTORS: readonly Detector[] = [
  maximumSoftmax,
  maximumLogit,
  energy,
  entropy,
  gradnorm,
  odin,
  mahalanobis,
  relativeMahalanobis,
  multilevelMahalanobis,
  knn,
  vim,
  react,
  ashS,
  scale,
  openmax,
  fdbd,
];

/** Those that look at the logits alone, and need no fit. */
export const LOGIT_DETECTORS: readonly LogitDetector[] = DETECTORS.filter(isLogitDetector);

/** @throws InputError where there is none of that name */
export function detectorNamed(name: string): Detector {
  const found = DETECTORS.find((detector) => detector.name === name);
  if (found !== undefined) return found;
  throw new InputError(
    unknownName(
      'detector',
      name,
      DETECTORS.map((each) => each.name),
    ),
  );
}
