/** @file A max pool that goes backwards. */

/** What a pool has computed: cotangent, input and output. */
export interface Pooled {
  readonly g: string;
  readonly x: string;
  readonly y: string;
}

/** A pool over two axes with all sizes known, no dilation and one stride for both axes. */
export interface Pool {
  readonly kernel: readonly number[];
  readonly stride: number;
  readonly before: readonly number[];
  readonly channels: number;
  readonly lengths: readonly number[];
  readonly counts: readonly number[];
}
