/** @file Images made from nothing against a classifier and a detector together: what the detector stops, and what it costs a search that knows it. */

import {
  argmax,
  type Classifier,
  type GradientScorer,
  type Images,
  InputError,
  imageSize,
  type Recordable,
  type Scorer,
  scoresOf,
} from '@pareidolia/core';
import type { AuditSearch } from '../audit/searches/searches.ts';
import { orderStatistic } from '../statistics/order-statistic.ts';
import { forAscent, type Sought, seek } from '../workbench/seek.ts';
import type { Bookmark } from '../workbench/workbench.ts';

/** A detector in front of a classifier. */
export interface Guard {
  /** Of the detector: `energy`. */
  readonly name: string;
  /** Classifier and detector as one: its last class is what is refused, and is the decision where that is so. */
  readonly guarded: Pick<Classifier, 'shape' | 'predict' | 'gradient' | 'noGradient'> & {
    readonly origin?: readonly number[];
  };
}

/** How much is searched. */
export interface GuardSearchPlan {
  readonly searches: readonly AuditSearch[];
  readonly seeds: readonly number[];
  /** The classes that are searched, ascending. */
  readonly classes: readonly number[];
  /** Questions that each search may ask with each seed. */
  readonly questions: number;
  /** An image counts where its confidence is at least this, in (1/2, 1]. */
  readonly threshold: number;
}

/** What is needed besides. */
export interface GuardSearchBench {
  /** Does a piece of work once and keeps its result under the key. */
  unit<T extends Recordable>(key: string, work: (bookmark: Bookmark) => Promise<T>): Promise<T>;
  /** Reports progress: `share` from 0 to 1, and what is being done. */
  progress(share: number, doing: string): void;
  /** Rejects once the user has asked to stop. */
  pause(): Promise<void>;
}

/** How far a search came: of each class with each seed. */
export interface SearchReach {
  /** Classes with an image that counts, over all seeds. */
  readonly found: number;
  /** Classes by seeds. */
  readonly of: number;
  /** Questions to that image, the median over classes and seeds; infinite where more than half found none. */
  readonly questions: number;
}

/** A search, and what guards do to it. */
export interface SearchAgainstGuards {
  readonly search: string;
  readonly title: string;
  /** Against the classifier alone. */
  readonly untold: SearchReach;
  readonly guards: readonly {
    readonly name: string;
    /** Of the images that the untold search found: how many the guard refuses. */
    readonly stopped: number;
    /** Images that the untold search found. */
    readonly of: number;
    /** Against classifier and detector together. */
    readonly told: SearchReach;
  }[];
}

/**
 * Searches images against a classifier, scores them by every guard, and searches again against each guard, which the search
 * then knows. The same seeds and the same number of questions for both.
 *
 * @param plain what the guards stand in front of
 * @throws InputError where the threshold is not in (1/2, 1]
 */
export async function searchesAgainstGuards(
  plain: Pick<Classifier, 'shape' | 'predict' | 'gradient' | 'noGradient'> & { readonly origin?: readonly number[] },
  guards: readonly Guard[],
  plan: GuardSearchPlan,
  bench: GuardSearchBench,
): Promise<readonly SearchAgainstGuards[]> {
  const { searches, seeds, classes, questions, threshold } = plan;
  if (!(threshold > 0.5 && threshold <= 1)) {
    throw new InputError(
      `A threshold of ${threshold} does not tell refused images from accepted ones; give one above 0.5`,
    );
  }
  const runs = searches.length * seeds.length * (1 + guards.length);
  let done = 0;
  const run = async (search: AuditSearch, scorer: Scorer | GradientScorer, key: string): Promise<readonly Sought[]> => {
    const sought: Sought[] = [];
    for (const [place, seed] of seeds.entries()) {
      await bench.pause();
      const came = await bench.unit(`guard/${search.name}/${key}/${place}`, (bookmark) =>
        seek(scorer, {
          request: search.request(questions, classes.length),
          classes,
          seed,
          threshold,
          questions,
          bookmark,
          onProgress: (asked) =>
            bench.progress((done + Math.min(1, asked / questions)) / runs, `${search.title} against ${key}`),
          pause: () => bench.pause(),
        }),
      );
      done++;
      sought.push(came);
    }
    return sought;
  };
  const results: SearchAgainstGuards[] = [];
  for (const search of searches) {
    const untold = await run(search, search.needsGradient ? forAscent(plain) : plain, 'the classifier');
    const images = acceptedImages(untold, plain, threshold);
    const against: SearchAgainstGuards['guards'][number][] = [];
    for (const guard of guards) {
      const scorer = search.needsGradient ? forAscent(guard.guarded) : guard.guarded;
      against.push({
        name: guard.name,
        stopped: await refused(guard, images),
        of: images.count,
        told: reachOf(await run(search, scorer, guard.name)),
      });
    }
    results.push({ search: search.name, title: search.title, untold: reachOf(untold), guards: against });
  }
  return results;
}

function reachOf(runs: readonly Sought[]): SearchReach {
  const questions = runs.flatMap(({ first }) => first.map((at) => (at > 0 ? at : Number.POSITIVE_INFINITY)));
  return {
    found: questions.filter(Number.isFinite).length,
    of: questions.length,
    questions: orderStatistic(questions, 0.5),
  };
}

/** The images of all runs that count. */
function acceptedImages(runs: readonly Sought[], { shape }: Pick<Classifier, 'shape'>, threshold: number): Images {
  const size = imageSize(shape);
  const rows = runs.flatMap(({ confidences, images }) =>
    confidences.flatMap((confidence, row) =>
      confidence >= threshold ? [images.subarray(row * size, (row + 1) * size)] : [],
    ),
  );
  const data = new Uint8Array(rows.length * size);
  rows.forEach((row, at) => {
    data.set(row, at * size);
  });
  return { ...shape, count: rows.length, data };
}

async function refused({ guarded }: Guard, images: Images): Promise<number> {
  if (images.count === 0) return 0;
  const scores = await guarded.predict(images);
  let count = 0;
  for (let row = 0; row < images.count; row++) if (argmax(scoresOf(scores, row)) === scores.numClasses - 1) count++;
  return count;
}
