/** @file What the report of a run is made of: plain data. */

import type { ArchiveStatistics, Classifier, ImageShape } from '@pareidolia/core';
import type { FoolMap } from './fool-map.ts';
import type { Likeness, SecondLookReport, ShowcaseImage } from './showcase-data.ts';

/** A run with its images, as {@link renderFoolReport} takes it. */
export interface FoolReportData {
  /** `classes`: how many the network knows. */
  readonly model: { readonly name: string; readonly sha256: string; readonly classes: number };
  /** How the images came about: sentences. */
  readonly origin: string;
  /** Which image is kept for a class: a sentence or two. */
  readonly kept: string;
  /** What the gradients are that the images followed; absent where they followed none. */
  readonly gradientKind?: NonNullable<Classifier['gradientKind']>;
  /** How the network was run, where that is not as usual; each a sentence. */
  readonly notices?: readonly string[];
  /** In the words and the order of the page. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** The command that does the run again. */
  readonly command: string;
  /** By what and for how long it was searched, by name; for what is said where not every class is fooled. */
  readonly tried?: { readonly emitter: string; readonly encoding: string; readonly generations: number };
  /** What to try next where not every class is fooled, the strongest first. */
  readonly next?: readonly NextStep[];
  readonly evaluations: number;
  readonly seconds: number;
  readonly evaluationsPerSecond: number;
  /** Of every image. */
  readonly shape: ImageShape;
  /** How many classes the run was asked for; those of them without an image are missing in `classes`. */
  readonly searched: number;
  readonly statistics: FoolStatistics;
  /** In order of time. */
  readonly history: readonly HistoryRow[];
  readonly classes: readonly ClassResult[];
  /** Where several networks were fooled together, or others looked on: what each says of the images by itself. */
  readonly networks?: readonly FoolNetwork[];
  /** Where the run keeps several images of each class: all of them. */
  readonly map?: FoolMap;
  /** How it was judged whether images resemble their class; absent where there are no pictures to compare with. */
  readonly secondLook?: SecondLookReport;
  /** Images that open the page instead of the elites, the classes in their order. */
  readonly showcase?: readonly ShowcaseImage[];
}

/** Something to try, and the command that does. */
export interface NextStep {
  /** A phrase: `more generations`. */
  readonly what: string;
  readonly command: string;
}

/** Figures over the classes that were searched; confidences and shares in [0, 1]. A class without an image counts as 0. */
export interface FoolStatistics extends ArchiveStatistics {
  /** How often an elite was replaced so far. */
  readonly replacements: number;
}

/** The statistics after one generation; `evaluations` and `seconds` since the start. */
export interface HistoryRow extends FoolStatistics {
  readonly generation: number;
  readonly evaluations: number;
  readonly seconds: number;
}

/** The image of one class and what the network says of it. */
export interface ClassResult {
  readonly classIndex: number;
  readonly className: string;
  /** Probability of the class for the 8-bit image, in [0, 1]. */
  readonly confidence: number;
  /** The class that the network itself would answer. */
  readonly argmax: number;
  readonly argmaxName: string;
  /** Path of the PNG, relative to the page. */
  readonly file: string;
  /** The bytes of the PNG. */
  readonly png: Uint8Array;
  /** Results with equal `id` have the same image. */
  readonly id: number;
  /** By the second look, where there was one. */
  readonly likeness?: Likeness;
  /** Where several emitters took part: who made the image, and its ancestors. */
  readonly lineage?: LineageSummary;
}

/** By which emitters an image and its ancestors were proposed. */
export interface LineageSummary {
  /** Who proposed the image itself; `undefined` where the journal does not say. */
  readonly emitter: string | undefined;
  /** How many of its ancestors each emitter proposed, the one with the most first. */
  readonly ancestors: readonly { readonly emitter: string | undefined; readonly count: number }[];
}

/** What one network says of the images of a run. */
export interface FoolNetwork {
  /** File name of the model. */
  readonly model: string;
  /** Whether its confidences guided the search. */
  readonly searched: boolean;
  /** For each of the run's classes: its confidence in it for the image that was made for it. */
  readonly confidences: readonly number[];
  /** How many images it takes for the class that they were made for. */
  readonly fooled: number;
}
