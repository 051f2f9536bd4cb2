/** @file What is kept from training to choose by. */

import { type Dataset, sliceDataset } from './dataset.ts';

/** The most examples that are held out. */
const MOST = 5000;

/** A dataset in two parts. */
export interface HeldOut {
  readonly training: Dataset;
  /** Not trained on; says how a network does while one may still choose. Empty for fewer than ten examples. */
  readonly validation: Dataset;
}

/** Holds out the last tenth of a dataset, at most 5,000 examples. */
export function holdOut(dataset: Dataset): HeldOut {
  const { count } = dataset.images;
  const kept = Math.min(MOST, Math.floor(count / 10));
  return {
    training: sliceDataset(dataset, 0, count - kept),
    validation: sliceDataset(dataset, count - kept, count),
  };
}
