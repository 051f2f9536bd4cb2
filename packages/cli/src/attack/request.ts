/** @file What the user asks of `pareidolia attack`. */

import type { Device, Norm } from '@pareidolia/core';

export interface AttackRequest {
  readonly model?: string;
  readonly card?: string;
  readonly images?: string;
  readonly data?: string;
  readonly labels?: string;
  readonly limit?: number;
  /** Names by commas. */
  readonly attack: string;
  readonly norm?: Norm;
  /** As written: numbers and fractions by commas, or `min`. */
  readonly epsilon: string;
  readonly targeted?: string;
  readonly set: Readonly<Record<string, number>>;
  readonly budget?: number;
  readonly batch?: number;
  readonly quantize: boolean;
  /** Whether images have to survive random transformations. */
  readonly transformations: boolean;
  /** Images written as files, at most, for each attack and epsilon. */
  readonly pictures: number;
  readonly seed: number;
  readonly out?: string;
  readonly device: Device;
  readonly threads: number;
}
