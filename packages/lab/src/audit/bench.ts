/** @file What an audit works with. Whoever runs one provides it; checks know neither files nor processes. */

import type { Classifier, Detector, Images, Norm, OnnxClassifier, QueryCount, Recordable } from '@pareidolia/core';
import type { Bookmark } from '../workbench/workbench.ts';

/** How much work is done: `quick` for a minute on small networks, `standard` for a release, `thorough` for hours. */
export type AuditBudget = 'quick' | 'standard' | 'thorough';

/** From the least work to the most. */
export const AUDIT_BUDGETS: readonly AuditBudget[] = ['quick', 'standard', 'thorough'];

/** Real images that are looked at, at most: enough for an interval of a few points, of one, of half of one. */
export const MOST_REAL_IMAGES: Readonly<Record<AuditBudget, number>> = {
  quick: 500,
  standard: 2_000,
  thorough: 10_000,
};

/** The classifier under audit. */
export interface AuditedClassifier extends Classifier {
  /** For each channel the pixel in [0, 1] that the network receives as zero; 0.5 where nothing is known. */
  readonly origin?: readonly number[];
  /** What its outputs were taken for, and why. */
  readonly reading?: { readonly kind: string; readonly why: string };
  /** What the user should know of how it is run; each a sentence without a full stop. */
  readonly notices?: readonly string[];
}

/** What a network in a file shows beside its scores, which detectors are fitted to. */
export type ShownNetwork = Pick<
  OnnxClassifier,
  | 'shape'
  | 'numClasses'
  | 'classNames'
  | 'where'
  | 'origin'
  | 'ends'
  | 'reading'
  | 'gradientBlockers'
  | 'observe'
  | 'predict'
  | 'logits'
  | 'gradient'
>;

/** Real images, all of the classifier's shape. */
export interface RealImages {
  /** In words: `photos/`, `mnist-test`. */
  readonly origin: string;
  readonly images: Images;
  /** One for each image: its path or place. */
  readonly names: readonly string[];
  /** The right classes; absent where they are not known. */
  readonly labels?: Int32Array;
}

/** Radii that robustness is measured at, pixels in [0, 1], ascending. */
export type Radii = Readonly<Partial<Record<Norm, readonly number[]>>>;

/** What {@link AuditCheck.run} is given. */
export interface AuditBench {
  readonly classifier: AuditedClassifier;
  /** The same, where it is a network in a file; `undefined` where it is not. */
  readonly network: ShownNetwork | undefined;
  readonly budget: AuditBudget;
  /** An image is accepted where its largest confidence is at least this. */
  readonly threshold: number;
  readonly seed: number;
  /** `undefined` where the user gave none. */
  readonly images: RealImages | undefined;
  /** Images of other things, labels ignored. */
  readonly outliers: RealImages | undefined;
  /** A discriminator, which is compared with the detectors; `undefined` where the user gave none. */
  readonly discriminator: Detector | undefined;
  /** Radii that gates ask for, besides the usual ones. */
  readonly radii: Radii;
  /**
   * Does a piece of work once: its result is stored under the key, and read when the audit goes on after a stop. Every call of
   * the classifier belongs into a unit: what it costs is stored with it.
   *
   * Where the queries end within it, work throws a {@link CutUnit} with what there is by then: that is the unit's result in this
   * sitting, and is not stored, so that a larger budget goes on with it.
   *
   * @param key unique within the audit; the same key must mean the same work
   */
  unit<T extends Recordable>(key: string, work: (bookmark: Bookmark) => Promise<T>): Promise<T>;
  /**
   * Works on things that do not depend on each other: one after the other, or at once where units are done elsewhere.
   *
   * @param work of one of them; its units may be done at the same time as those of others
   * @param then told what came of each, in the order of the things
   */
  each<Item, T>(
    items: readonly Item[],
    work: (item: Item, place: number) => Promise<T>,
    then: (came: T, item: Item, place: number) => void,
  ): Promise<void>;
  /** What has been asked of the classifier so far, units that were read included. */
  queries(): QueryCount;
  /** Reports progress of the check: `share` from 0 to 1, and what is being done. */
  progress(share: number, doing: string): void;
  /** Rejects once the user has asked to stop; await it between pieces of work. */
  pause(): Promise<void>;
  /** For pieces of work that take long and can be ended within. */
  readonly signal:
    | {
        /** Throws the reason once the work has been told to end. */
        throwIfAborted(): void;
      }
    | undefined;
}

/** Thrown within a unit of work that ends before its time, since no more queries are answered. */
export class CutUnit extends Error {
  /** What there is until then. */
  readonly result: Recordable;

  constructor(result: Recordable) {
    super('The queries ended within a unit of work');
    this.result = result;
  }
}

/** As long as about so many passes forward a pass forward and back takes, for what checks say that they cost. */
export const PASSES_OF_A_GRADIENT = 4;

/** The value for the bench's budget. */
export function byBudget<V extends Readonly<Record<AuditBudget, unknown>>>(
  bench: Pick<AuditBench, 'budget'>,
  values: V,
): V[AuditBudget] {
  return values[bench.budget];
}
