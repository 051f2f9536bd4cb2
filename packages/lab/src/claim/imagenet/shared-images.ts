import { Random } from '@pareidolia/core';

/** Classes that one image holds. */
export interface SharedImage {
  readonly id: number;
  /** Places in the list of cells, ascending. */
  readonly cells: readonly number[];
}

/** The images that hold several cells, the one with the most first. */
export function sharedImages(ids: readonly number[]): readonly SharedImage[] {
  const holders = new Map<number, number[]>();
  ids.forEach((id, cell) => {
    if (id >= 0) holders.set(id, [...(holders.get(id) ?? []), cell]);
  });
  return [...holders]
    .map(([id, cells]) => ({ id, cells }))
    .filter(({ cells }) => cells.length > 1)
    .sort((a, b) => b.cells.length - a.cells.length || a.id - b.id);
}

export interface Nearness {
  /** Mean distance of two classes that share an image, in places of the order. */
  readonly observed: number;
  /** The same where the classes are dealt out at random. */
  readonly expected: number;
  /** Share of random deals that are as near or nearer, the real one counted with them. */
  readonly p: number;
}

const SHARING_STREAM = 16;

/**
 * A permutation test: are classes that share an image nearer to each other than chance has it?
 *
 * @param order for each cell its class; ImageNet's are ordered by kinds
 * @returns nothing where no image is shared
 */
export function nearnessOfSharing(
  ids: readonly number[],
  order: readonly number[],
  deals = 2000,
): Nearness | undefined {
  const shared = sharedImages(ids);
  if (shared.length === 0) return undefined;
  const random = Random.stream(1, SHARING_STREAM);
  const places = Int32Array.from(order);
  const observed = meanDistance(shared, places);
  let [sum, asNear] = [0, 1];
  for (let deal = 0; deal < deals; deal++) {
    const distance = meanDistance(shared, random.shuffle(places));
    sum += distance;
    if (distance <= observed) asNear++;
  }
  return { observed, expected: sum / deals, p: asNear / (deals + 1) };
}

function meanDistance(shared: readonly SharedImage[], places: Int32Array): number {
  let [sum, pairs] = [0, 0];
  for (const { cells } of shared) {
    for (let i = 0; i < cells.length; i++) {
      for (let j = i + 1; j < cells.length; j++) {
        sum += Math.abs(places[cells[i]!]! - places[cells[j]!]!);
        pairs++;
      }
    }
  }
  return sum / pairs;
}
