/** @file What the main thread and a breeding thread say to each other. */

import type { BreederSpec } from '@pareidolia/core';
import type { PackedGenomes, PackedRecipes } from './packing.ts';

/** Given to a thread at its start. */
export interface WorkerSetup {
  readonly spec: BreederSpec;
  readonly seed: number;
}

/** A part of the offspring that is wanted. */
export interface PartRequest {
  readonly generation: number;
  readonly first: number;
  readonly recipes: PackedRecipes;
}

/** The part. */
export interface Part {
  readonly genomes: PackedGenomes;
  readonly images: Uint8Array;
}
