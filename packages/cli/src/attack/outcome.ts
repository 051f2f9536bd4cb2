/** @file The result of `pareidolia attack`. */

import type { Flag } from '@pareidolia/core';
import type { AttackRun, AttackSummary } from '@pareidolia/lab';
import type { Subjects } from './subjects.ts';

/** What is known before anything came out. */
export type Begun = Omit<AttackOutcome, 'summaries' | 'flags'> & {
  /** Name of the model card. */
  readonly card: string | undefined;
};

/** The object of `--json`, and of `summary.json`. */
export interface AttackOutcome {
  readonly version: string;
  readonly runtime: string;
  readonly command: string;
  readonly model: AttackRun['model'];
  readonly images: Pick<Subjects, 'origin' | 'labelling' | 'leftOut'> & { readonly count: number };
  readonly quantize: boolean;
  readonly seed: number;
  /** What attacks did otherwise than their papers on this network. */
  readonly remarks: readonly string[];
  readonly summaries: readonly AttackSummary[];
  /** What makes the verdict doubtful. */
  readonly flags: readonly Flag[];
  readonly out: string;
  readonly complete: boolean;
}
