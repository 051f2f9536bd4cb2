/** @file All claims, in the order of the report. Command line, list and help follow from it. */

import type { Claim } from './claim.ts';
import { datasetSize } from './dataset-size/dataset-size.ts';
import { decisionBoundaries } from './decision-boundaries/decision-boundaries.ts';
import { emitters } from './emitters/emitters.ts';
import { discriminatorRejects } from './generator/discriminator-rejects.ts';
import { generatorPrior } from './generator/generator-prior.ts';
import { gradientAscent } from './gradient-ascent.ts';
import { imagenetCppn } from './imagenet/imagenet-cppn.ts';
import { imagenetDirect } from './imagenet/imagenet-direct.ts';
import { mnistCppn } from './mnist/mnist-cppn.ts';
import { mnistDirect } from './mnist/mnist-direct.ts';
import { recognizability } from './recognizability/recognizability.ts';
import { repeats } from './repeats/repeats.ts';
import { retraining } from './retraining/retraining.ts';
import { rubbish } from './rubbish.ts';
import { transfer } from './transfer/transfer.ts';

/** The built-in claims; no two share a name or an alias. */
export const CLAIMS: readonly Claim[] = [
  decisionBoundaries,
  mnistDirect,
  mnistCppn,
  emitters,
  imagenetDirect,
  imagenetCppn,
  gradientAscent,
  repeats,
  transfer,
  retraining,
  datasetSize,
  recognizability,
  rubbish,
  generatorPrior,
  discriminatorRejects,
];

/**
 * The claim of a name or an alias; `undefined` where there is none.
 *
 * @param claims to look in: the built-in ones, or those with others of your own
 */
export function claimNamed(name: string, claims: readonly Claim[] = CLAIMS): Claim | undefined {
  return claims.find((claim) => claim.name === name || claim.aliases?.includes(name));
}
