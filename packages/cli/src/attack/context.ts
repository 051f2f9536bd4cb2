/** @file What the attacks share: the network, the images, and what was asked for. */

import type { Attack } from '@pareidolia/core';
import type { EndpointAccount } from '../endpoint/open-endpoint.ts';
import type { OpenedClassifier } from '../model/open-classifier.ts';
import type { AttackSettings } from './settings.ts';
import type { Subjects } from './subjects.ts';

export interface AttackContext {
  readonly settings: AttackSettings;
  readonly seed: number;
  readonly attacks: readonly Attack[];
  readonly classifier: OpenedClassifier;
  /** Of an endpoint: what it was asked. */
  readonly account: EndpointAccount | undefined;
  readonly subjects: Subjects;
  /** The class that each image is to be taken for; `undefined` where any other will do. */
  readonly targets: Int32Array | undefined;
  /** `undefined` where the smallest is searched for. */
  readonly epsilons: readonly number[] | undefined;
}
