/** @file The searches by which an audit makes images. A new one is an entry here. */

import { imageSize, Random, type SearchRequest } from '@pareidolia/core';
import { type AuditBench, byBudget } from '../bench.ts';
import { nothingClasses } from '../garbage/nothing-classes.ts';
import { areSmall } from '../sample.ts';

/** A way to make images that are accepted. */
export interface AuditSearch {
  /** Part of ids: `searched.cppn`. */
  readonly name: string;
  /** In words, as the subject of a sentence: `evolved CPPN images`. */
  readonly title: string;
  readonly needsGradient: boolean;
  /**
   * What `pareidolia fool` calls it.
   *
   * @param questions that it may ask
   * @param classes how many it searches
   */
  request(questions: number, classes: number): SearchRequest;
}

/** Candidates in a generation: with larger ones, the first image of each class takes more questions. */
const BATCH = 20;

/** The emitter measures its 8-bit images after so many steps, each of which is a question as well. */
const STEPS_TO_A_LOOK = 10;

/** As many steps as the published settings take. */
const MOST_STEPS = 500;

const evolution = (name: string, title: string, encoding: string): AuditSearch => ({
  name,
  title,
  needsGradient: false,
  request: (questions) => ({
    emitter: 'mutation',
    encoding,
    batch: BATCH,
    generations: Math.max(0, Math.ceil(questions / BATCH) - 1),
  }),
});

/**
 * In the order of the report. Of the emitters and encodings that there are, these took the fewest questions to the first
 * image of each class on networks for digits and small photographs: `mutation` fewer than `iso-line` on either encoding, and
 * ascent with one start and with steps that aim at all that is missing to 1.
 */
export const SEARCHES: readonly AuditSearch[] = [
  evolution('cppn', 'evolved patterns (CPPNs)', 'cppn'),
  evolution('pixels', 'evolved pixels', 'direct'),
  {
    name: 'ascent',
    title: 'gradient ascent',
    needsGradient: true,
    request: (questions, classes) => ({
      emitter: 'gradient-ascent',
      // One class after the other: the first image then takes the fewest questions.
      batch: 1,
      settings: { starts: 1, early: 1, late: 1, steps: stepsOfAscent(questions, classes) },
    }),
  },
];

/** Steps for each class, so that all of them fit into the questions. */
export function stepsOfAscent(questions: number, classes: number): number {
  const looks = Math.floor(questions / classes / (STEPS_TO_A_LOOK + 1));
  return Math.min(MOST_STEPS, Math.max(1, looks) * STEPS_TO_A_LOOK);
}

/** Whether ascents are cut before the published number of steps. */
export const areAscentsCut = (questions: number, classes: number): boolean =>
  stepsOfAscent(questions, classes) < MOST_STEPS;

/** Values of the image up to which a search has its whole budget: 128 x 128 in grey. */
const SMALL_IMAGE = 16_384;

const [SEED_STREAM, CLASS_STREAM] = [41, 42];

/** How much each search of an audit does. */
export interface SearchPlan {
  readonly seeds: readonly number[];
  /** The classes that are looked at, ascending. */
  readonly classes: readonly number[];
  /** Questions that a search may ask with each seed. */
  readonly questions: number;
}

/**
 * How much an audit searches: fewer questions about larger images, with the fewest seeds whose median has an interval, and a sample where there are many classes: they are
 * divided, as they are ordered, into groups of nearly one size, of each of which the seed draws one. Neighboring classes are
 * often of one kind, as those of ImageNet are.
 */
export function searchPlan(bench: Pick<AuditBench, 'budget' | 'seed' | 'classifier'>): SearchPlan {
  const { seed, classifier } = bench;
  const { seeds, classes, questions } = byBudget(bench, {
    quick: { seeds: 3, classes: 10, questions: 5_000 },
    standard: areSmall(classifier.shape)
      ? { seeds: 10, classes: 50, questions: 20_000 }
      : { seeds: 6, classes: 20, questions: 9_000 },
    thorough: { seeds: 30, classes: 200, questions: 100_000 },
  });
  const share = Math.min(1, SMALL_IMAGE / imageSize(classifier.shape));
  return {
    seeds: Array.from({ length: seeds }, (_, i) => Random.stream(seed, SEED_STREAM, i).uint32()),
    classes: sampledClasses(meaningfulClasses(classifier), classes, seed),
    questions: BATCH * Math.max(1, Math.round((questions * share) / BATCH)),
  };
}

/** All classes but those that stand for nothing, of which an image that shows nothing is rightly one; all where all do. */
function meaningfulClasses({ numClasses, classNames }: AuditBench['classifier']): readonly number[] {
  const nothing = nothingClasses(classNames);
  const all = Array.from({ length: numClasses }, (_, classIndex) => classIndex);
  return nothing.size === numClasses ? all : all.filter((classIndex) => !nothing.has(classIndex));
}

function sampledClasses(all: readonly number[], most: number, seed: number): readonly number[] {
  const count = Math.min(all.length, most);
  const random = Random.stream(seed, CLASS_STREAM);
  return Array.from({ length: count }, (_, k) => {
    const [first, next] = [Math.floor((k * all.length) / count), Math.floor(((k + 1) * all.length) / count)];
    return all[first + random.integer(next - first)]!;
  });
}
