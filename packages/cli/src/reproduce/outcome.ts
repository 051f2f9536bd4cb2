/** @file The result of `pareidolia reproduce`. */

import type { Budget, Verdict } from '@pareidolia/lab';

/** The object of `--json`, and of `findings.json`. */
export interface Outcome {
  readonly version: string;
  readonly runtime: string;
  readonly budget: Budget;
  readonly crops: 1 | 10;
  /** Only where another number was asked for than the budget's. */
  readonly seeds?: number;
  readonly command: string;
  readonly out: string;
  readonly complete: boolean;
  readonly findings: readonly {
    readonly name: string;
    readonly claim: string;
    readonly published: string;
    readonly source: string;
    readonly verdict: Verdict | 'skipped';
    /** What is lacking for a verdict; only where it is inconclusive. */
    readonly lacking?: string;
    readonly ours: string;
    /** What it takes on its own; claims that share units both count them. */
    readonly seconds: number;
  }[];
}
