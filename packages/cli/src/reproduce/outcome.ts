/** @file What `pareidolia reproduce` comes to. */

import type { Budget, Experiment, Finding, Skipped, Verdict } from '@pareidolia/lab';

/** One experiment that is done. */
export interface Chapter {
  readonly experiment: Experiment;
  readonly outcome: Finding | Skipped;
  /** What it takes on its own: units that were read count as long as they took when they were done. */
  readonly seconds: number;
}

/** The object of `--json`, and of `findings.json`. */
export interface Outcome {
  readonly version: string;
  readonly runtime: string;
  readonly budget: Budget;
  readonly crops: 1 | 10;
  readonly command: string;
  readonly out: string;
  readonly complete: boolean;
  readonly findings: readonly {
    readonly name: string;
    readonly claim: string;
    readonly published: string;
    readonly source: string;
    readonly verdict: Verdict | 'skipped';
    readonly ours: string;
    /** What it takes on its own; experiments that share units both count them. */
    readonly seconds: number;
  }[];
}
