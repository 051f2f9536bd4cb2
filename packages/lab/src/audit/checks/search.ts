/** @file Images made to be accepted: for how many classes they are found, and how many questions that takes. */

import { InputError, imageSize } from '@pareidolia/core';
import { logOdds } from '../../chart/log-odds.ts';
import { formatCount, formatPercent, formatQuartiles, shortName } from '../../format/format.ts';
import { lowerFirst, upperFirst } from '../../format/sentence-case.ts';
import { medianInterval, orderStatistic } from '../../statistics/order-statistic.ts';
import { quartiles } from '../../statistics/quartiles.ts';
import { type Trend, trendOf } from '../../statistics/rising.ts';
import { forAscent, type Sought, seek } from '../../workbench/seek.ts';
import { type AuditBench, CutUnit, PASSES_OF_A_GRADIENT } from '../bench.ts';
import type { AuditCheck, CheckOutcome, PicturedEvidence } from '../check.ts';
import { nothingClasses, unnamedPair } from '../garbage/nothing-classes.ts';
import { type Figure, missingFigure, numberFigure, shareFigure } from '../result/figure.ts';
import { acceptanceChart } from '../searches/acceptance-chart.ts';
import { type AuditSearch, areAscentsCut, SEARCHES, type SearchPlan, searchPlan } from '../searches/searches.ts';

/** Pictures of each search. */
const SHOWN = 10;

/** Points of the curve that the trend is told by. */
const TREND_POINTS = 60;

/** Share of the questions that a search is expected to ask: most end early, with an image for every class. */
const EXPECTED = 0.25;

/** A search with what its seeds came to. */
interface Searched {
  readonly search: AuditSearch;
  /** In the order of the plan's seeds; fewer where no more questions were answered. */
  readonly runs: readonly Sought[];
}

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
  for (const [place, search] of SEARCHES.entries()) {
    const came = await searched(bench, plan, search, place);
    if ('failed' in came) {
      figures.push(...unmeasured(search, came.failed));
      limits.push(came.failed);
      continue;
    }
    figures.push(...figuresOf(came, plan, classifier.numClasses, pair));
    done.push(came);
  }
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
        tables: done.length === 0 ? [] : [table(done, plan)],
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
    for (const [index, seed] of seeds.entries()) {
      await bench.pause();
      const say = (asked: number): void => {
        const share = (index + Math.min(1, asked / questions)) / seeds.length;
        bench.progress((place + share) / SEARCHES.length, `${search.title}, seed ${index + 1} of ${seeds.length}`);
      };
      say(0);
      const came = await bench.unit(`search/${search.name}/${index}`, async (bookmark) => {
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
      runs.push(came);
      if (came.ended === 'refused') break;
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { failed: `There is no search by ${search.title}: ${error.message}` };
  }
  return runs.every((came) => came.questions === 0)
    ? { failed: `There is no search by ${search.title}: no queries were left` }
    : { search, runs };
}

const WORST = {
  id: 'searched',
  title: 'Classes for which an image was made that is accepted, of the worst search',
  better: 'lower',
} as const;

const names = ({ name, title }: AuditSearch) =>
  ({
    searched: {
      id: `searched.${name}`,
      title: `Classes for which ${title} gave an accepted image`,
      better: 'lower',
    },
    first: {
      id: `questions.${name}`,
      title: `Questions to the first accepted image by ${title}, median over seeds`,
      better: 'higher',
    },
    p90: {
      id: `questions.${name}.p90`,
      title: `Questions to the first accepted image by ${title}, 90th percentile over seeds`,
      better: 'higher',
    },
    seed: { id: `seed.${name}`, title: `Seed with which ${title} took the fewest questions`, better: null },
  }) as const;

function unmeasured(search: AuditSearch, why: string): readonly Figure[] {
  const { searched: share, first, p90 } = names(search);
  return [missingFigure(share, 'share', why), missingFigure(first, 'queries', why), missingFigure(p90, 'queries', why)];
}

/** Of the search with the largest share; of equal ones that which is sure. */
function worstOf(figures: readonly Figure[]): Figure {
  const shares = figures.filter(({ id, value }) => id.startsWith('searched.') && value !== null);
  const worst = shares.reduce<Figure | undefined>((most, figure) => {
    if (most === undefined || figure.value! > most.value!) return figure;
    return figure.value === most.value && figure.state === 'measured' ? figure : most;
  }, undefined);
  if (worst === undefined) return missingFigure(WORST, 'share', 'No search could be made');
  return { ...worst, ...WORST };
}

function figuresOf(
  { search, runs }: Searched,
  plan: SearchPlan,
  numClasses: number,
  pair: string | undefined,
): readonly Figure[] {
  const { searched: share, first, p90, seed } = names(search);
  const hits = foundClasses(runs).length;
  const best = firsts(runs).reduce((least, at, i, all) => (at < all[least]! ? i : least), 0);
  const doubt = pair ?? (hits === plan.classes.length ? undefined : doubtOf(search, runs, plan));
  const sample = plan.classes.length < numClasses ? ', of a sample' : '';
  return [
    shareFigure({ ...share, title: `${share.title}${sample}` }, hits, plan.classes.length, doubt),
    questionsFigure(first, runs, 0.5),
    questionsFigure(p90, runs, 0.9),
    ...(hits === 0 ? [] : [numberFigure(seed, 'number', plan.seeds[best]!)]),
  ];
}

/** Places of the classes for which some seed has found an image. */
function foundClasses(runs: readonly Sought[]): readonly number[] {
  return [...runs[0]!.first.keys()].filter((place) => runs.some(({ first }) => first[place]! > 0));
}

/** By seed: the questions to the first accepted image; infinity where there was none. */
function firsts(runs: readonly Sought[]): readonly number[] {
  return runs.map(({ first }) => Math.min(...first.map((at) => (at > 0 ? at : Number.POSITIVE_INFINITY))));
}

function questionsFigure(name: ReturnType<typeof names>['first' | 'p90'], runs: readonly Sought[], q: number): Figure {
  const values = firsts(runs);
  // What a seed without an image is known to need at least.
  const atLeast = orderStatistic(
    values.map((at, i) => (Number.isFinite(at) ? at : runs[i]!.questions)),
    q,
  );
  const none = values.filter((at) => !Number.isFinite(at)).length;
  const isBound = orderStatistic(values, q) !== atLeast;
  const ends = q === 0.5 && !isBound ? medianInterval(values) : null;
  return numberFigure(name, 'queries', atLeast, {
    interval: ends?.every(Number.isFinite) === true ? ends : null,
    doubt: isBound
      ? `It is more than ${formatCount(atLeast)}: with ${none} of ${runs.length} seeds no image was accepted`
      : undefined,
  });
}

/** Why a share of classes is only a lower bound; `undefined` where longer searches promise no more. */
function doubtOf(search: AuditSearch, runs: readonly Sought[], plan: SearchPlan): string | undefined {
  const none = foundClasses(runs).length === 0;
  const [least, most] = [Math.min(...runs.map((run) => run.questions)), Math.max(...runs.map((run) => run.questions))];
  const asked = least === most ? formatCount(most) : `${formatCount(least)} to ${formatCount(most)}`;
  const tried = `with ${runs.length} ${runs.length === 1 ? 'seed' : 'seeds'} of ${asked} questions`;
  const { sentence, mayRise } = outlook(search, runs, plan);
  if (none) return `No image was accepted ${tried}, and ${sentence}`;
  return mayRise ? `It was counted ${tried}, and ${sentence}` : undefined;
}

function outlook(
  search: AuditSearch,
  runs: readonly Sought[],
  plan: SearchPlan,
): { readonly sentence: string; readonly mayRise: boolean } {
  if (runs.some(({ ended }) => ended === 'refused')) {
    return { sentence: 'the classifier answered no more queries', mayRise: true };
  }
  if (search.needsGradient) {
    return areAscentsCut(plan.questions, plan.classes.length)
      ? { sentence: 'the ascents were cut short', mayRise: true }
      : { sentence: 'the ascents had come to their end', mayRise: false };
  }
  const trend = trendOfRuns(runs, plan);
  if (trend === 'rising') return { sentence: 'the search was still getting better at its end', mayRise: true };
  return trend === 'level'
    ? { sentence: 'the search no longer got better at its end', mayRise: false }
    : { sentence: 'it is too short to say whether it was getting better', mayRise: true };
}

/**
 * Whether longer searches promise more: by the classes with an image, or by the confidences while there are none. The mean
 * over the seeds, at equal distances.
 */
function trendOfRuns(runs: readonly Sought[], { classes, questions }: SearchPlan): Trend {
  const points = Array.from({ length: TREND_POINTS }, (_, i) => ((i + 1) * questions) / TREND_POINTS);
  const counts = points.map((asked) => mean(runs.map(({ first }) => countAt(first, asked))));
  const byCount = counts.at(-1)! >= classes.length ? 'level' : trendOf(counts);
  if (byCount === 'rising') return 'rising';
  const open = runs.filter(({ ended }) => ended !== 'accepted');
  const length = Math.min(...open.map((run) => run.mean.length));
  const confidences = Array.from({ length }, (_, i) => mean(open.map((run) => logOdds(run.mean[i]!))));
  return trendOf(confidences);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const countAt = (first: readonly number[], asked: number): number =>
  first.reduce((count, at) => count + (at > 0 && at <= asked ? 1 : 0), 0);

function tellSearch(
  search: AuditSearch,
  runs: readonly Sought[],
  plan: SearchPlan,
  classNames: readonly string[],
): string {
  const found = new Set(foundClasses(runs));
  const missing = plan.classes.filter((_, place) => !found.has(place));
  const total = plan.classes.length;
  const said = `${upperFirst(search.title)}: accepted images for ${formatCount(found.size)} of ${formatCount(total)} classes.`;
  if (missing.length === 0) return said;
  const listed = missing.slice(0, 5).map((classIndex) => shortName(classNames[classIndex]!));
  const rest = missing.length > listed.length ? ` and ${missing.length - listed.length} more` : '';
  return `${said} None for ${listed.join(', ')}${rest}; ${outlook(search, runs, plan).sentence}.`;
}

function table(done: readonly Searched[], plan: SearchPlan) {
  return {
    title: 'Searches',
    caption:
      'Classes: with an accepted image, with any seed, and with one seed (median and quartiles). Questions: to the first accepted image of any class (median and 90th percentile over seeds), and to that of a class (median over classes and seeds).',
    head: [
      'search',
      'seeds',
      'questions asked',
      'classes',
      'with one seed',
      'to the first',
      '90th percentile',
      'to a class',
    ],
    rows: done.map(({ search, runs }) => {
      const show = (values: readonly number[], q: number): string => {
        const value = orderStatistic(values, q);
        return Number.isFinite(value) ? formatCount(value) : '–';
      };
      const each = runs.flatMap(({ first }) => first.map((at) => (at > 0 ? at : Number.POSITIVE_INFINITY)));
      const counts = runs.map(({ first }) => countAt(first, Number.POSITIVE_INFINITY));
      return [
        search.title,
        String(runs.length),
        formatCount(runs.reduce((sum, run) => sum + run.questions, 0)),
        `${formatCount(foundClasses(runs).length)} of ${formatCount(plan.classes.length)}`,
        formatQuartiles(quartiles(counts), (value) => String(Number(value.toFixed(1)))),
        show(firsts(runs), 0.5),
        show(firsts(runs), 0.9),
        show(each, 0.5),
      ];
    }),
  };
}

/** Of the classes with the most certain images, over all seeds, one for each. */
function picturesOf({ search, runs }: Searched, plan: SearchPlan, bench: AuditBench): readonly PicturedEvidence[] {
  const { shape, classNames } = bench.classifier;
  const size = imageSize(shape);
  const best = new Map<number, { readonly confidence: number; readonly planes: Uint8Array }>();
  for (const { shown, confidences, images } of runs) {
    shown.forEach((place, row) => {
      if (confidences[row]! <= (best.get(place)?.confidence ?? 0)) return;
      best.set(place, { confidence: confidences[row]!, planes: images.slice(row * size, (row + 1) * size) });
    });
  }
  return [...best]
    .sort(([a, one], [b, other]) => other.confidence - one.confidence || a - b)
    .slice(0, SHOWN)
    .map(([place, { confidence, planes }]) => {
      const classIndex = plan.classes[place]!;
      const verdict = confidence >= bench.threshold ? 'accepted' : 'not accepted';
      return {
        id: `searched-${search.name}-${classIndex}`,
        source: search.name,
        caption: `Made by ${search.title}; ${verdict} at ${formatPercent(bench.threshold)}`,
        classIndex,
        className: classNames[classIndex]!,
        confidence,
        shape,
        planes,
      };
    });
}
