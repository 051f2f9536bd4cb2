/** @file The figures of searches. */

import { formatCount } from '../../format/format.ts';
import { medianInterval, orderStatistic } from '../../statistics/order-statistic.ts';
import type { Sought } from '../../workbench/seek.ts';
import { type Figure, missingFigure, numberFigure, shareFigure } from '../result/figure.ts';
import { doubtOf } from './outlook.ts';
import { firsts, foundClasses, type Searched } from './search-runs.ts';
import type { AuditSearch, SearchPlan } from './searches.ts';

/** The figure over all searches. */
export const WORST = {
  id: 'searched',
  title: 'Classes for which an image was made that is accepted, of the worst search',
  better: 'lower',
} as const;

/** What the figures of a search are called. */
export const names = ({ name, title }: AuditSearch) =>
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

/** The figures of a search that could not be made. */
export function unmeasured(search: AuditSearch, why: string): readonly Figure[] {
  const { searched: share, first, p90 } = names(search);
  return [missingFigure(share, 'share', why), missingFigure(first, 'queries', why), missingFigure(p90, 'queries', why)];
}

/** Of the search with the largest share; of equal ones that which is sure. */
export function worstOf(figures: readonly Figure[]): Figure {
  const shares = figures.filter(({ id, value }) => id.startsWith('searched.') && value !== null);
  const worst = shares.reduce<Figure | undefined>((most, figure) => {
    if (most === undefined || figure.value! > most.value!) return figure;
    return figure.value === most.value && figure.state === 'measured' ? figure : most;
  }, undefined);
  if (worst === undefined) return missingFigure(WORST, 'share', 'No search could be made');
  return { ...worst, ...WORST };
}

/** @param pair why nothing can be said of what two classes accept */
export function figuresOf(
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
