/** @file What searches came to, in a sentence for each, a table, and pictures. */

import { imageSize } from '@pareidolia/core';
import { formatCount, formatPercent, formatQuartiles, shortName } from '../../format/format.ts';
import { upperFirst } from '../../format/sentence-case.ts';
import { orderStatistic } from '../../statistics/order-statistic.ts';
import { quartiles } from '../../statistics/quartiles.ts';
import type { Sought } from '../../workbench/seek.ts';
import type { AuditBench } from '../bench.ts';
import type { PicturedEvidence } from '../check.ts';
import type { AuditSection } from '../result/result.ts';
import { outlook } from './outlook.ts';
import { countAt, firsts, foundClasses, type Searched } from './search-runs.ts';
import type { AuditSearch, SearchPlan } from './searches.ts';

/** Pictures of each search. */
export const SHOWN = 10;

/** For how many classes a search has made images, for which it has not, and what a longer one promises. */
export function tellSearch(
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

/** A row for each search. */
export function searchTable(done: readonly Searched[], plan: SearchPlan): AuditSection['tables'][number] {
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
export function picturesOf(
  { search, runs }: Searched,
  plan: SearchPlan,
  bench: AuditBench,
): readonly PicturedEvidence[] {
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
