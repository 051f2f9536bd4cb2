import { Random } from '../random/random.ts';

const SAMPLE_STREAM = 0x73747261;

/**
 * Places of examples, of every class nearly as many: one of each class after the other, as long as it has some.
 *
 * @param labels the class of each example
 * @param count examples at most
 * @returns places in ascending order; the same ones for the same seed
 */
export function stratifiedSample(labels: ArrayLike<number>, count: number, seed: number): number[] {
  const order = Uint32Array.from({ length: labels.length }, (_, place) => place);
  const byClass = new Map<number, number[]>();
  for (const place of Random.stream(seed, SAMPLE_STREAM).shuffle(order)) {
    const own = byClass.get(labels[place]!) ?? [];
    byClass.set(labels[place]!, own);
    own.push(place);
  }
  const chosen: number[] = [];
  for (let round = 0; chosen.length < Math.min(count, labels.length); round++) {
    for (const own of byClass.values()) {
      if (round < own.length && chosen.length < count) chosen.push(own[round]!);
    }
  }
  return chosen.sort((a, b) => a - b);
}
