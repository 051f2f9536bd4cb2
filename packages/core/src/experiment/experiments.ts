/** @file All experiments, in the order of the report. */

import { decisionBoundaries } from './boundaries.ts';
import type { Experiment } from './experiment.ts';
import { mnistCppn, mnistDirect } from './mnist.ts';
import { repeats } from './repeats.ts';
import { rubbish } from './rubbish.ts';

export const EXPERIMENTS: readonly Experiment[] = [decisionBoundaries, mnistDirect, mnistCppn, repeats, rubbish];
