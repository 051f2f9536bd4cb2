import type { Norm } from '@pareidolia/core';

/** Norms as people write them. */
export const NORM_NAMES: Readonly<Record<Norm, string>> = { l0: 'L0', l1: 'L1', l2: 'L2', linf: 'L∞' };
