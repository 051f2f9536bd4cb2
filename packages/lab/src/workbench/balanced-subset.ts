import { type Dataset, Random, selectExamples } from '@pareidolia/core';

const SUBSET_STREAM = 13;

/**
 * The first `each` examples of each of some classes, in an order that the seed decides: of one seed, a smaller part is
 * inside a larger one. Classes are numbered anew, in the order given.
 *
 * @param each examples of each class; all there are where a class has fewer
 */
export function balancedPart(
  dataset: Dataset,
  { classes, each, seed }: { readonly classes: readonly number[]; readonly each: number; readonly seed: number },
): Dataset {
  const order = Uint32Array.from({ length: dataset.images.count }, (_, position) => position);
  const places = new Map(classes.map((label, place) => [label, place]));
  const counts = new Array<number>(classes.length).fill(0);
  const positions = Random.stream(seed, SUBSET_STREAM, 0)
    .shuffle(order)
    .filter((position) => {
      const place = places.get(dataset.labels[position]!);
      return place !== undefined && counts[place]!++ < each;
    });
  const part = selectExamples(dataset, positions);
  return {
    ...part,
    classNames: classes.map((label) => dataset.classNames[label]!),
    labels: part.labels.map((label) => places.get(label)!),
  };
}

/** So many of the classes `0 .. all - 1`, drawn without replacement; of one seed, fewer are among more. */
export function drawClasses(count: number, all: number, seed: number): readonly number[] {
  const classes = Array.from({ length: all }, (_, label) => label);
  return Random.stream(seed, SUBSET_STREAM, 1).shuffle(classes).slice(0, count);
}
