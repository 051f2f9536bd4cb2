/** @file What the attacks share: the network, the images, and what was asked for. */

import type { Attack } from '@pareidolia/core';
import type { OpenedClassifier } from '../model/open-classifier.ts';
import type { AttackSettings } from './settings.ts';
import type { Subjects } from './subjects.ts';

export interface AttackContext {
  readonly settings: AttackSettings;
  readonly seed: number;
  readonly attacks: readonly Attack[];
  readonly classifier: OpenedClassifier;
  readonly subjects: Subjects;
  /** The class that each image is to be taken for; `undefined` where any other will do. */
  readonly targets: Int32Array | undefined;
  /** `undefined` where the smallest is searched for. */
  readonly epsilons: readonly number[] | undefined;
}
