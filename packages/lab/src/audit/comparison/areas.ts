/** @file The figures that decide which model is better in what. They are few, and set before anything is measured. */

import type { ComparedArea } from './comparison.ts';

/** Figures of one kind. */
export interface Area {
  readonly id: ComparedArea['id'];
  readonly title: string;
  /** Of the ids that decide it. */
  readonly pattern: RegExp;
  /** What the best model does, after its name and before "than every other". */
  readonly better: string;
  /** What no difference is shown in. */
  readonly topic: string;
}

/** In the order of the report. */
export const AREAS: readonly Area[] = [
  {
    id: 'garbage',
    title: 'Images that show nothing',
    pattern: /^garbage\.[^.]+$/,
    better: 'accepts less garbage',
    topic: 'garbage accepted',
  },
  {
    id: 'search',
    title: 'Images made to be accepted',
    pattern: /^searched\.[^.]+$/,
    better: 'is deceived for fewer classes by images that were made',
    topic: 'images made to be accepted',
  },
  {
    id: 'linf',
    title: 'Changes to real images, Linf',
    pattern: /^(robust@linf:(?!0$)|distance\.linf$)/,
    better: 'withstands more small changes of all pixels (Linf)',
    topic: 'changes withstood in Linf',
  },
  {
    id: 'l2',
    title: 'Changes to real images, L2',
    pattern: /^(robust@l2:(?!0$)|distance\.l2$)/,
    better: 'withstands more changes of the whole image (L2)',
    topic: 'changes withstood in L2',
  },
  {
    id: 'accuracy',
    title: 'Accuracy',
    pattern: /^accuracy$/,
    better: 'is right more often',
    topic: 'accuracy',
  },
  {
    id: 'threshold',
    title: 'What the threshold costs',
    pattern: /^refused$/,
    better: 'refuses fewer real images',
    topic: 'real images refused',
  },
];

/** Why other figures stand side by side and are not tested. */
const REASONS: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^(garbage|searched|stamp\.share)$/, 'it is the worst of several, not of the same kind for every model'],
  [/^robust@[a-z0-9]+:0$/, 'the accuracy says it of more images'],
  [/^(stopped|fpr95)\./, 'the threshold is each model’s own, and how uncertain it is does not stand in the interval'],
  [/^questions\./, 'there are too few seeds'],
  [/^masked\./, 'it says how far other figures are to be believed'],
];

const OTHERWISE = 'it is not one of the figures that were set to decide';

/** Whether differences of a figure are tested. */
export function isDecisive(id: string): boolean {
  return AREAS.some(({ pattern }) => pattern.test(id));
}

/** Why a figure is not tested, after "Not tested: ". */
export function whyUntested(id: string): string {
  return REASONS.find(([pattern]) => pattern.test(id))?.[1] ?? OTHERWISE;
}
