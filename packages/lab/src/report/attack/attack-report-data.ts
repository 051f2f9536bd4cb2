/** @file What the report of attacks is made of: plain data. */

import type { ImageShape } from '@pareidolia/core';
import type { AttackSummary, SampleLine } from './attack-summary.ts';

/** An attack run, as {@link renderAttackReport} takes it. */
export interface AttackReportData {
  readonly outcome: AttackRun;
  /** One for each image, attack and epsilon. */
  readonly lines: readonly SampleLine[];
  /** Examples, in the order of the page. */
  readonly exhibits: readonly Exhibit[];
  /** Of every image. */
  readonly shape: ImageShape;
  /** What it was run with, in the words and the order of the page. */
  readonly settings?: readonly (readonly [name: string, value: string])[];
}

/** What was attacked, and what came out. */
export interface AttackRun {
  readonly version: string;
  /** Name and version of the runtime. */
  readonly runtime: string;
  /** The command that does the run again. */
  readonly command: string;
  readonly model: {
    readonly name: string;
    readonly sha256: string;
    readonly classes: number;
    /** What its outputs were taken for, and why: one sentence, without a full stop. */
    readonly scores?: string;
    /** How it was run, where that is not as usual; each a sentence. */
    readonly notices?: readonly string[];
  };
  readonly images: {
    /** In words: `the first 20 images of digits-test`. */
    readonly origin: string;
    readonly count: number;
    /** How the true classes are known. */
    readonly labelling: 'dataset' | 'file' | 'folders' | 'decision';
    /** What was found but not attacked, and why: each a sentence without a full stop. */
    readonly leftOut?: readonly string[];
  };
  /** Whether an image counts as adversarial only as an 8-bit file. */
  readonly quantize: boolean;
  readonly seed: number;
  /** One for each attack and epsilon; at least one. */
  readonly summaries: readonly AttackSummary[];
  /** What attacks did otherwise than their papers on this network, each a sentence without a full stop. */
  readonly remarks?: readonly string[];
  /** What makes the result doubtful, each a sentence without a full stop. */
  readonly flags: readonly { readonly what: string }[];
}

/** One adversarial image with what it came from. */
export interface Exhibit {
  readonly attack: string;
  readonly epsilon: number | null;
  readonly name: string;
  /** Path of the adversarial PNG, relative to the page. */
  readonly file: string;
  /** Name of the true class. */
  readonly label: string;
  /** Name of the class that the network decides for. */
  readonly decision: string;
  /** Of the decision, for the 8-bit image. */
  readonly confidence: number;
  /** Probabilities of the true class, for the 8-bit original and for the 8-bit adversarial image; absent where not measured. */
  readonly ofLabel?: { readonly before: number; readonly after: number };
  /** In the attack's norm. */
  readonly distance: number;
  /** The bytes of PNG files. */
  readonly original: Uint8Array;
  readonly perturbation: Uint8Array;
  readonly adversarial: Uint8Array;
}
