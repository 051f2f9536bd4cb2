import { type Evolved, elitesOf, type Scorer, scoresOf } from '@pareidolia/core';
import type { Table } from '../../finding/table.ts';
import { formatNumber, formatPercent, formatQuartiles, formatSignificance, shortName } from '../../format/format.ts';
import {
  classCorrelations,
  neighborCorrelation,
  pairsByCorrelation,
  rankProfiles,
} from '../../statistics/class-correlation.ts';
import { quartiles } from '../../statistics/quartiles.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { nearnessOfSharing, sharedImages } from './shared-images.ts';

/** Rows of a table. */
const SHOWN = 8;

/** Classes in a group that are named. */
const NAMED = 6;

/** The images that hold several classes, and whether those are near each other. */
export function sharingTable(
  { ids, confidences }: Evolved,
  classes: readonly number[],
  labels: readonly string[],
): Table {
  const near = nearnessOfSharing(ids, classes);
  return {
    title: 'Which classes share an image',
    caption:
      near === undefined
        ? `Each of the ${classes.length} classes has an image of its own.`
        : `${new Set(ids).size} different images hold ${classes.length} classes. Two classes that share one are ${formatNumber(near.observed)} places apart in ImageNet's order, which groups related classes; with classes assigned at random it would be ${formatNumber(near.expected)} apart (permutation test, ${formatSignificance(near.p)}).`,
    head: ['classes that share an image', 'how many', 'confidence'],
    rows: sharedImages(ids)
      .slice(0, SHOWN)
      .map(({ cells }) => {
        const names = cells.slice(0, NAMED).map((cell) => shortName(labels[classes[cell]!]!));
        const more = cells.length > NAMED ? ` and ${cells.length - NAMED} more` : '';
        return [
          names.join(', ') + more,
          String(cells.length),
          formatQuartiles(quartiles(cells.map((cell) => confidences[cell]!)), formatPercent),
        ];
      }),
  };
}

/**
 * What the network says of every elite.
 *
 * @returns `different images x classes`, the classes that were evolved
 */
export async function eliteConfidences(
  bench: Workbench,
  scorer: Scorer,
  evolved: Evolved,
  classes: readonly number[],
): Promise<Float32Array> {
  const elites = elitesOf(scorer, evolved);
  // An image that holds several cells is one observation.
  const cells = evolved.ids.flatMap((id, cell) => (evolved.ids.indexOf(id) === cell ? [cell] : []));
  const confidences = new Float32Array(cells.length * classes.length);
  await bench.pause();
  const scores = await scorer.predict(elites, () => bench.pause());
  for (const [row, cell] of cells.entries()) {
    const own = scoresOf(scores, cell);
    confidences.set(
      classes.map((label) => own[label]!),
      row * classes.length,
    );
  }
  return confidences;
}

/**
 * The classes whose ranks rise and fall together over the images.
 *
 * @param confidences of {@link eliteConfidences}
 */
export function correlationTable(
  confidences: Float32Array,
  { ids }: Evolved,
  classes: readonly number[],
  labels: readonly string[],
): Table {
  const count = classes.length;
  const correlations = classCorrelations(rankProfiles(confidences, count), count);
  const { observed, expected, p } = neighborCorrelation(correlations, count);
  const named = (cell: number): string => shortName(labels[classes[cell]!]!);
  return {
    title: 'Which classes rise together',
    caption: `Correlation of two classes' ranks among the ${count}, over the ${confidences.length / count} different images that were evolved. Neighbors in ImageNet's order have a mean correlation of ${formatNumber(observed)}, all pairs of ${formatNumber(expected)} (permutation test, ${formatSignificance(p)}). The highest:`,
    head: ['two classes', 'correlation', 'places apart', 'share an image'],
    rows: pairsByCorrelation(correlations, count)
      .slice(0, SHOWN)
      .map(({ first, second, correlation }) => [
        `${named(first)}, ${named(second)}`,
        formatNumber(correlation),
        String(classes[second]! - classes[first]!),
        ids[first] === ids[second] ? 'yes' : 'no',
      ]),
  };
}
