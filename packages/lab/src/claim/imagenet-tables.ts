import { type Scorer, scoresOf } from '@pareidolia/core';
import { classCorrelations, neighbourCorrelation, pairsByCorrelation, rankProfiles } from './class-correlation.ts';
import { type Evolved, elitesOf } from './evolve.ts';
import type { Table, Workbench } from './experiment.ts';
import { nearnessOfSharing, sharedImages } from './shared-images.ts';
import { quartiles } from './statistics.ts';
import { confidence, spread } from './words.ts';

/** Rows of a table. */
const SHOWN = 8;

/** Classes in a group that are named. */
const NAMED = 6;

/** A probability in words; single pixels stay so far below one in a thousand that one decimal says nothing. */
export function smallConfidence(p: number): string {
  if (p >= 0.001 || p <= 0) return confidence(p);
  const unit = 10 ** (Math.floor(Math.log10(100 * p)) - 1);
  // Cut, as other confidences are.
  return `${Number((Math.floor((100 * p) / unit + 1e-9) * unit).toPrecision(2)).toFixed(Math.max(0, -Math.floor(Math.log10(unit))))} %`;
}

/** A p-value in a sentence; far below one in a thousand its digits say nothing. */
export function significance(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`;
}

/** The first of the names that ImageNet has for a class. */
function shortName(label: string): string {
  return label.split(',', 1)[0]!;
}

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
        ? `Every one of the ${classes.length} classes has an image of its own.`
        : `${new Set(ids).size} different images hold ${classes.length} classes. Two classes that share one are ${near.observed.toFixed(0)} places apart in ImageNet's order, which follows kinds; dealt out at random they would be ${near.expected.toFixed(0)} apart (permutation test, ${significance(near.p)}).`,
    head: ['that share an image', 'classes', 'confidence'],
    rows: sharedImages(ids)
      .slice(0, SHOWN)
      .map(({ cells }) => {
        const names = cells.slice(0, NAMED).map((cell) => shortName(labels[classes[cell]!]!));
        const more = cells.length > NAMED ? ` and ${cells.length - NAMED} more` : '';
        return [
          names.join(', ') + more,
          String(cells.length),
          spread(quartiles(cells.map((cell) => confidences[cell]!)), smallConfidence),
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
  const { observed, expected, p } = neighbourCorrelation(correlations, count);
  const named = (cell: number): string => shortName(labels[classes[cell]!]!);
  return {
    title: 'Which classes gain on the same images',
    caption: `Correlation of two classes' ranks among the ${count}, over the ${confidences.length / count} different images that were evolved. Classes that follow each other in ImageNet's order correlate with ${observed.toFixed(2)} in the mean, all pairs with ${expected.toFixed(2)} (permutation test, ${significance(p)}). The most alike:`,
    head: ['two classes', 'correlation', 'places apart', 'share an image'],
    rows: pairsByCorrelation(correlations, count)
      .slice(0, SHOWN)
      .map(({ first, second, correlation }) => [
        `${named(first)}, ${named(second)}`,
        correlation.toFixed(2),
        String(classes[second]! - classes[first]!),
        ids[first] === ids[second] ? 'yes' : 'no',
      ]),
  };
}
