/** @file What the main thread and a breeding thread say to each other. */

import type { EncodingSpec } from '@pareidolia/core';
import type { PackedGenomes } from './packing.ts';

/** Given to a thread at its start. */
export interface WorkerSetup {
  readonly encoding: EncodingSpec;
  readonly seed: number;
}

/** A part of a brood that is wanted. */
export interface PartRequest {
  readonly ticket: number;
  readonly generation: number;
  readonly first: number;
  readonly parents: PackedGenomes;
}

/** The part, or why there is none. */
export type PartReply =
  | { readonly ticket: number; readonly genomes: PackedGenomes; readonly images: Uint8Array }
  | { readonly ticket: number; readonly error: unknown };
