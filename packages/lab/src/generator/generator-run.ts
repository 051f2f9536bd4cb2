/** @file What is told of a generator: plain data, the object of `--json` and of `summary.json`. */

import type { GeneratorCard } from '@pareidolia/core';
import type { GeneratorMeasures } from './measure-generator.ts';

/** A generator that was measured. */
export interface GeneratorRun {
  readonly generator: { readonly name: string; readonly sha256: string; readonly card: GeneratorCard };
  /** The network whose features were used. */
  readonly features: { readonly name: string; readonly sha256: string; readonly why: string };
  readonly discriminator: { readonly name: string; readonly sha256: string } | null;
  /** Where the real images come from. */
  readonly real: { readonly training: string; readonly heldOut: string };
  readonly seed: number;
  readonly measures: GeneratorMeasures;
  /** What was guessed, converted or left out; each a sentence without a full stop. */
  readonly notices: readonly string[];
  readonly command: string;
  /** Of Pareidolia and of the runtime. */
  readonly version: string;
  readonly runtime: string;
}
