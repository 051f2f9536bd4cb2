/** @file All experiments, in the order of the report. */

import { decisionBoundaries } from './boundaries.ts';
import { datasetSize } from './dataset-size.ts';
import type { Experiment } from './experiment.ts';
import { gradientAscent } from './gradient-ascent.ts';
import { imagenetCppn, imagenetDirect } from './imagenet.ts';
import { mnistCppn, mnistDirect } from './mnist.ts';
import { repeats } from './repeats.ts';
import { retraining } from './retraining.ts';
import { rubbish } from './rubbish.ts';
import { toldTheClass } from './told-the-class.ts';
import { transfer } from './transfer.ts';

export const EXPERIMENTS: readonly Experiment[] = [
  decisionBoundaries,
  mnistDirect,
  mnistCppn,
  imagenetDirect,
  imagenetCppn,
  gradientAscent,
  repeats,
  transfer,
  retraining,
  datasetSize,
  toldTheClass,
  rubbish,
];
