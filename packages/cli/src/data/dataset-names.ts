import { DRAWN_NAMES } from '@pareidolia/core/names';

/** Data sets that lie below the data folder, and that the catalog knows. */
export const FETCHED_DATASETS: readonly string[] = ['mnist', 'fashion-mnist', 'cifar10'];

/** All data sets that have a name. */
export const DATASET_NAMES: readonly string[] = [...DRAWN_NAMES, ...FETCHED_DATASETS];
