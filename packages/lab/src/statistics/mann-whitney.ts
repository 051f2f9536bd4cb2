import { errorFunction } from 'simple-statistics';

export interface MannWhitney {
  /** Pairs in which the first sample's value is larger; draws count half. */
  readonly u: number;
  /** U over the number of pairs: the probability that a value of the first sample is larger than one of the second. */
  readonly superiority: number;
  /** Two-sided, by the normal approximation with correction for ties and continuity. */
  readonly p: number;
}

/**
 * The test of Mann and Whitney (1947) for two samples, with ties.
 *
 * simple-statistics has no test that corrects for ties, and confidences saturate at 1.
 *
 * @param first at least one value, as `second`
 */
export function mannWhitney(first: readonly number[], second: readonly number[]): MannWhitney {
  const all = [...first.map((value) => ({ value, own: true })), ...second.map((value) => ({ value, own: false }))].sort(
    (a, b) => a.value - b.value,
  );
  const n = all.length;
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < n; ) {
    let to = from;
    while (to < n && all[to]!.value === all[from]!.value) to++;
    const rank = (from + 1 + to) / 2;
    for (let i = from; i < to; i++) if (all[i]!.own) rankSum += rank;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const [a, b] = [first.length, second.length];
  const u = rankSum - (a * (a + 1)) / 2;
  const middle = (a * b) / 2;
  const deviation = Math.sqrt(((a * b) / 12) * (n + 1 - ties / (n * (n - 1))));
  const z = deviation === 0 ? 0 : Math.max(0, Math.abs(u - middle) - 0.5) / deviation;
  return { u, superiority: u / (a * b), p: Math.min(1, 2 * upperTail(z)) };
}

/** P(Z > z). The error function of simple-statistics is good to 1e-7; far out the asymptotic expansion is better. */
function upperTail(z: number): number {
  if (z < 4) return (1 - errorFunction(z / Math.SQRT2)) / 2;
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return (density / z) * (1 - 1 / z ** 2 + 3 / z ** 4 - 15 / z ** 6);
}
