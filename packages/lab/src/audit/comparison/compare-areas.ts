/** @file What the figures of one kind say together: which model is better, where they say so with one voice. */

import { formatCount } from '../../format/format.ts';
import { upperFirst } from '../../format/sentence-case.ts';
import { AREAS, type Area } from './areas.ts';
import { isRanked, pairsOf, winnerOf } from './compare-figures.ts';
import type { ComparedArea, ComparedFigure, ComparedModel } from './comparison.ts';

/** Pairs of models that are told one by one. */
const MOST_PAIRS = 6;

type Standing = ComparedArea['standings'][number];

/** The areas that there are figures of. */
export function compareAreas(
  figures: readonly ComparedFigure[],
  models: readonly Pick<ComparedModel, 'label'>[],
): readonly ComparedArea[] {
  return AREAS.flatMap((area) => {
    const own = figures.filter(({ id, better }) => better !== null && area.pattern.test(id));
    if (own.length === 0) return [];
    const standings = pairsOf(models.length).map(([first, second]) => standingOf(own, first, second));
    const place = models.findIndex((_, model) => isBest(own, model, models.length));
    const best = place < 0 ? null : place;
    return {
      id: area.id,
      title: area.title,
      figures: own.map(({ id }) => id),
      standings,
      best,
      sentence: tell(area, own.length, standings, best, models),
    };
  });
}

/** "than every other", or of two models "than the other". */
export function thanOthers(count: number): string {
  return count === 2 ? 'than the other' : 'than every other';
}

function standingOf(figures: readonly ComparedFigure[], first: number, second: number): Standing {
  const pairs = figures.flatMap(({ pairs: all }) =>
    all.filter((each) => each.first === first && each.second === second),
  );
  const won = (model: number): number => pairs.filter((pair) => winnerOf(pair) === model).length;
  return {
    first,
    second,
    firstBetter: won(first),
    secondBetter: won(second),
    compared: pairs.filter(({ verdict }) => verdict !== 'not tested' && verdict !== 'not comparable').length,
  };
}

/** Better than every other in a figure by which it may be ranked, and worse than none in any. */
function isBest(figures: readonly ComparedFigure[], model: number, count: number): boolean {
  return Array.from({ length: count }, (_, other) => other)
    .filter((other) => other !== model)
    .every((other) => {
      const between = figures.flatMap(({ pairs, values }) =>
        pairs
          .filter(({ first, second }) => (first === model && second === other) || (first === other && second === model))
          .map((pair) => ({ winner: winnerOf(pair), ranked: isRanked(pair, values) })),
      );
      return (
        between.every(({ winner }) => winner !== other) &&
        between.some(({ winner, ranked }) => winner === model && ranked)
      );
    });
}

function tell(
  { better, topic }: Area,
  count: number,
  standings: readonly Standing[],
  best: number | null,
  models: readonly Pick<ComparedModel, 'label'>[],
): string {
  const label = (place: number): string => models[place]!.label;
  if (standings.every(({ compared }) => compared === 0)) return `Nothing could be compared in ${topic}`;
  const figuresOf = (number: number): string =>
    count === 1 ? '' : ` (${formatCount(number)} of ${formatCount(count)} figures)`;
  if (best !== null) {
    const over = standings
      .filter(({ first, second }) => first === best || second === best)
      .map((each) => {
        const [other, won] = each.first === best ? [each.second, each.firstBetter] : [each.first, each.secondBetter];
        return `${label(other)}${figuresOf(won)}`;
      });
    return `${label(best)} ${better} than ${listed(over)}${count === 1 ? '' : ', and is worse in none'}`;
  }
  if (standings.every(({ firstBetter, secondBetter }) => firstBetter + secondBetter === 0)) {
    return `No difference is shown in ${topic}`;
  }
  if (standings.length > MOST_PAIRS) {
    const decided = standings.filter(({ firstBetter, secondBetter }) => firstBetter + secondBetter > 0).length;
    return `No model is shown to be best; ${formatCount(decided)} of ${formatCount(standings.length)} pairs of models differ in some figure`;
  }
  const clauses = standings.map(({ first, second, firstBetter, secondBetter, compared }) => {
    const both = `${label(first)} and ${label(second)}`;
    if (compared === 0) return `${both} could not be compared`;
    if (firstBetter + secondBetter === 0) return `between ${both} no difference is shown`;
    if (firstBetter > 0 && secondBetter > 0) {
      return `${both} are each better in some (${formatCount(firstBetter)} and ${formatCount(secondBetter)} of ${formatCount(count)} figures)`;
    }
    const [winner, loser, won] = firstBetter > 0 ? [first, second, firstBetter] : [second, first, secondBetter];
    return `${label(winner)} is better than ${label(loser)}${figuresOf(won)}`;
  });
  // A name stays as it is.
  return clauses.join('; ').replace(/^between /, upperFirst);
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
