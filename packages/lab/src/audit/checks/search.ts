/** @file Images made to be accepted: for how many classes they are found, and how many questions that takes. */

import { InputError } from '@pareidolia/core';
import { formatCount, formatPercent } from '../../format/format.ts';
import { lowerFirst } from '../../format/sentence-case.ts';
import { forAscent, type Sought, seek } from '../../workbench/seek.ts';
import { type AuditBench, CutUnit, PASSES_OF_A_GRADIENT } from '../bench.ts';
import type { AuditCheck, CheckOutcome } from '../check.ts';
import { nothingClasses, unnamedPair } from '../garbage/nothing-classes.ts';
import { type Figure, missingFigure } from '../result/figure.ts';
import { acceptanceChart } from '../searches/acceptance-chart.ts';
import { figuresOf, names, unmeasured, WORST, worstOf } from '../searches/search-figures.ts';
import { foundClasses, type Searched } from '../searches/search-runs.ts';
import { type AuditSearch, SEARCHES, type SearchPlan, searchPlan } from '../searches/searches.ts';
import { picturesOf, SHOWN, searchTable, tellSearch } from '../searches/tell-searches.ts';
import { NO_IMAGES, withNumbers } from '../singles/image-digest.ts';

/** Share of the questions that a search is expected to ask: most end early, with an image for every class. */
const EXPECTED = 0.25;

/**
 * Makes images by evolution and by gradient ascent, each with several seeds, until every class that is looked at has one that
 * is accepted, or the questions are spent.
 *
 * - `searched.<search>` counts classes: those for which at least one seed found an accepted image, of all that were looked
 *   at. Whether such an image exists is what matters, and one is enough. Seeds are no further trials of it, since one class
 *   is as hard for all of them; so its interval, Wilson's, counts each class once. It is a lower bound of what longer searches
 *   find.
 * - `questions.<search>` counts images that the classifier was asked about, gradients included, up to the first accepted image
 *   of any class: the number of rank half of the seeds, with an exact interval from six seeds on; `.p90` is the same of nine
 *   tenths. A seed that found none counts as more than it asked.
 */
export const searchCheck: AuditCheck = {
  name: 'search',
  title: 'images made to be accepted',
  cost(bench) {
    if (bench.classifier.answers === 'labels') return 1;
    const { seeds, questions } = searchPlan(bench);
    const passes = possible(bench).reduce(
      (sum, { needsGradient }) => sum + (needsGradient ? PASSES_OF_A_GRADIENT : 1),
      0,
    );
    return EXPECTED * passes * seeds.length * questions;
  },
  run,
};

function possible({ classifier }: AuditBench): readonly AuditSearch[] {
  return SEARCHES.filter(({ needsGradient }) => !needsGradient || classifier.noGradient === undefined);
}

async function run(bench: AuditBench): Promise<CheckOutcome> {
  const { classifier } = bench;
  const plan = searchPlan(bench);
  if (classifier.answers === 'labels') {
    const why =
      'The classifier tells only labels: every image is accepted as something with the first question, and there are no confidences to search by';
    const figures = [missingFigure(WORST, 'share', why), ...SEARCHES.flatMap((search) => unmeasured(search, why))];
    return { figures, sections: [], pictures: [], limits: [`No images were made: ${lowerFirst(why)}`] };
  }
  const pair = unnamedPair(classifier);
  const limits: string[] = [];
  const figures: Figure[] = [];
  const done: Searched[] = [];
  await bench.each(
    SEARCHES,
    (search, place) => searched(bench, plan, search, place),
    (came, search) => {
      if ('failed' in came) {
        figures.push(...unmeasured(search, came.failed));
        limits.push(came.failed);
        return;
      }
      figures.push(...figuresOf(came, plan, classifier.numClasses, pair));
      done.push(came);
    },
  );
  const nothing = nothingClasses(classifier.classNames).size;
  if (plan.classes.length < classifier.numClasses - nothing) {
    limits.push(
      `Images were made for ${plan.classes.length} of the ${formatCount(classifier.numClasses)} classes, drawn one from each group of neighbors`,
    );
  }
  const refused = done.find(({ runs }) => runs.some(({ ended }) => ended === 'refused'));
  if (refused !== undefined) {
    limits.push(`The queries were spent during the search by ${refused.search.title}: it ended with what there was`);
  }
  const worst = worstOf(figures);
  const asked = withNumbers(NO_IMAGES, [classifier.numClasses, ...plan.classes]);
  const singles = done.map(({ search, runs }) => {
    const found = new Set(foundClasses(runs));
    return { figure: names(search).searched.id, asked, values: plan.classes.map((_, k) => Number(found.has(k))) };
  });
  const pictures = done.flatMap((came) => picturesOf(came, plan, bench));
  return {
    figures: [worst, ...figures],
    sections: [
      {
        id: 'search',
        title: 'Images made to be accepted',
        text: [
          `Each search began ${plan.seeds.length} times with another seed, looked for ${formatCount(plan.classes.length)} classes at once, and ended when each had an image that is accepted at ${formatPercent(bench.threshold)}, or after ${formatCount(plan.questions)} questions. A question is an image that the classifier is asked about; a gradient is one, too.`,
          ...done.map(({ search, runs }) => tellSearch(search, runs, plan, classifier.classNames)),
        ],
        figures: [worst, ...figures].map(({ id }) => id),
        tables: done.length === 0 ? [] : [searchTable(done, plan)],
        charts:
          done.length === 0
            ? []
            : [
                acceptanceChart(
                  done.map(({ search, runs }) => ({ name: search.title, runs })),
                  plan,
                ),
              ],
        pictures: pictures.map(({ id }) => id),
      },
    ],
    pictures,
    singles,
    limits,
  };
}

async function searched(
  bench: AuditBench,
  plan: SearchPlan,
  search: AuditSearch,
  place: number,
): Promise<Searched | { readonly failed: string }> {
  const { classifier, threshold } = bench;
  const { classes, questions, seeds } = plan;
  const runs: Sought[] = [];
  try {
    const scorer = search.needsGradient ? forAscent(classifier) : classifier;
    const isRefused = (): boolean => runs.at(-1)?.ended === 'refused';
    const seekFrom = async (seed: number, index: number): Promise<Sought | undefined> => {
      if (isRefused()) return undefined;
      await bench.pause();
      const say = (asked: number): void => {
        const share = (index + Math.min(1, asked / questions)) / seeds.length;
        bench.progress((place + share) / SEARCHES.length, `${search.title}, seed ${index + 1} of ${seeds.length}`);
      };
      say(0);
      return bench.unit(`search/${search.name}/${index}`, async (bookmark) => {
        const found = await seek(scorer, {
          request: search.request(questions, classes.length),
          classes,
          seed,
          threshold,
          questions,
          shown: SHOWN,
          bookmark,
          onProgress: say,
          pause: () => bench.pause(),
        });
        if (found.ended === 'refused') throw new CutUnit(found);
        return found;
      });
    };
    await bench.each(seeds, seekFrom, (came) => {
      if (came !== undefined) runs.push(came);
    });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { failed: `There is no search by ${search.title}: ${error.message}` };
  }
  return runs.every((came) => came.questions === 0)
    ? { failed: `There is no search by ${search.title}: no queries were left` }
    : { search, runs };
}
