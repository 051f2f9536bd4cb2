/**
 * Probabilities of several tests, adjusted for their number (Holm 1979): those at most alpha are shown, and the chance that any
 * of them is wrong is at most alpha, however the tests depend on each other.
 *
 * @param probabilities in [0, 1]
 * @returns as many, in the same order, in [0, 1]
 */
export function holmAdjusted(probabilities: readonly number[]): readonly number[] {
  const count = probabilities.length;
  const order = [...probabilities.keys()].sort((a, b) => probabilities[a]! - probabilities[b]!);
  const adjusted = new Array<number>(count);
  let largest = 0;
  order.forEach((place, rank) => {
    largest = Math.max(largest, Math.min(1, (count - rank) * probabilities[place]!));
    adjusted[place] = largest;
  });
  return adjusted;
}
