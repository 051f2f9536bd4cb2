/** @file What a report is made of: plain data, no files. */

import type { ArchiveStatistics, ImageShape } from '@pareidolia/core';

export interface ReportData {
  /** `classes`: how many the network knows. */
  readonly model: { readonly name: string; readonly sha256: string; readonly classes: number };
  /** How the images came about: sentences. */
  readonly origin: string;
  /** Which image is kept for a class: a sentence or two. */
  readonly kept: string;
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** Does the run again. */
  readonly command: string;
  readonly evaluations: number;
  readonly seconds: number;
  readonly evaluationsPerSecond: number;
  readonly shape: ImageShape;
  /** How many classes the run was asked for; those of them without an image are missing in {@link classes}. */
  readonly searched: number;
  readonly statistics: ReportStatistics;
  /** In order of time. */
  readonly history: readonly HistoryRow[];
  readonly classes: readonly ClassResult[];
}

/** Figures over the classes that were searched; confidences and shares in 0 .. 1. A class without image counts as 0. */
export interface ReportStatistics extends ArchiveStatistics {
  /** Replacements so far. */
  readonly replacements: number;
}

/** The statistics after one generation; `evaluations` and `seconds` since the start. */
export interface HistoryRow extends ReportStatistics {
  readonly generation: number;
  readonly evaluations: number;
  readonly seconds: number;
}

/** The image of one class and what the network says of it. */
export interface ClassResult {
  readonly classIndex: number;
  readonly className: string;
  /** Probability of `class`, 0 .. 1. */
  readonly confidence: number;
  /** The class that the network itself would answer. */
  readonly argmax: number;
  readonly argmaxLabel: string;
  /** Of the PNG, relative to the report. */
  readonly file: string;
  readonly png: Uint8Array;
  /** Classes with equal `id` have the same image. */
  readonly id: number;
}
