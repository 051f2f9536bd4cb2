/** @file Images that were made for one network, with what other judges see in them. */

import type { Classifier } from '@pareidolia/core';
import type { Judge } from './judge.ts';

/** What a judge says of images, for each of them. */
export interface Judged {
  readonly judge: Judge;
  /** Labels with a smaller score than the class that the image was made for. */
  readonly below: readonly number[];
  readonly nearest: readonly number[];
  readonly scores: Float32Array;
}

/** Images that were made for one network with one encoding, and what others see in them. */
export interface JudgedImages {
  readonly name: string;
  readonly network: Classifier;
  readonly encoding: 'direct' | 'cppn';
  readonly classes: readonly number[];
  readonly images: Uint8Array;
  readonly madeFor: readonly number[];
  readonly confidences: readonly number[];
  readonly judged: readonly Judged[];
}
