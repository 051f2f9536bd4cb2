import type { Finding, Skipped } from '../finding/finding.ts';
import type { Budget, Workbench } from '../workbench/workbench.ts';
import type { PaperKey } from './bibliography.ts';

/** Where {@link Claim.seconds} were measured, with all networks and data that the claims know. */
export const MEASURED_ON =
  'two cores of an AMD EPYC with AVX-512, a busy machine: those of the budget tiny may be several times too long';

/**
 * A published claim with the experiment that measures it. Command line, list and report show whatever stands here; a claim
 * of another package works like the built-in ones.
 */
export interface Claim {
  /** As on the command line: lower case, words joined by hyphens. */
  readonly name: string;
  /** Earlier names, still understood on the command line. */
  readonly aliases?: readonly string[];
  /** Where its units of work are stored; claims of the same ledger share units. The name when absent. */
  readonly ledger?: string;
  /** Heading in the report. */
  readonly title: string;
  /** The claim, in a sentence. */
  readonly claim: string;
  /** The published figure, in words. */
  readonly published: string;
  /** Where the claim is published, with the section, and how it was read. */
  readonly source: string;
  /** Keys of {@link BIBLIOGRAPHY}: what to cite. */
  readonly papers?: readonly PaperKey[];
  /** What it took by itself on the machine of {@link MEASURED_ON}, in seconds; absent where that was not measured. */
  readonly seconds?: Readonly<Partial<Record<Budget, number>>>;
  /**
   * Measures the claim at the workbench's budget. Seeds are the claim's own and fixed, so the same budget gives the same
   * finding.
   *
   * @returns a finding, or what is missing to measure it here
   */
  run(bench: Workbench): Promise<Finding | Skipped>;
}
