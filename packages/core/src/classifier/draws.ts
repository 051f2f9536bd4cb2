/**
 * @file What a random network says of an image in expectation: means over several draws (Athalye et al. 2018, arXiv 1707.07397).
 * Each draw is a call of its own, since noise may be the same for all images of a call.
 */

/**
 * Asks as often as there are draws.
 *
 * @param between called between two draws
 * @param ask the same question again
 */
export async function drawn<T>(
  draws: number,
  between: (() => void | Promise<void>) | undefined,
  ask: () => Promise<T>,
): Promise<readonly T[]> {
  const answers = [await ask()];
  while (answers.length < draws) {
    await between?.();
    answers.push(await ask());
  }
  return answers;
}

/** The mean of arrays of the same length. */
export function meanOf(arrays: readonly Float32Array[]): Float32Array {
  const mean = new Float64Array(arrays[0]!.length);
  for (const array of arrays) for (let i = 0; i < mean.length; i++) mean[i]! += array[i]!;
  return Float32Array.from(mean, (sum) => sum / arrays.length);
}

/** Puts together, row by row, what draws say: `N x width` each. */
export function joinRows(
  arrays: readonly Float32Array[],
  width: number,
  join: (rows: readonly Float32Array[]) => ArrayLike<number>,
): Float32Array {
  const all = new Float32Array(arrays[0]!.length);
  for (let at = 0; at < all.length; at += width) {
    all.set(join(arrays.map((array) => array.subarray(at, at + width))), at);
  }
  return all;
}

/** Logits of mean softmaxes: log mean_d softmax(Z_d), taken through logarithms since a probability may be too small. */
export function logMeanSoftmax(rows: readonly ArrayLike<number>[]): Float64Array {
  const logs = rows.map((row) => {
    const total = logSumExp(row);
    return Array.from(row, (z) => z - total);
  });
  return Float64Array.from(logs[0]!, (_, k) => logMeanExp(logs.map((row) => row[k]!)));
}

/** Logits of mean sigmoids: log m - log (1 - m) with m = mean_d sigmoid(Z_d), for each class. */
export function logitMeanSigmoid(rows: readonly ArrayLike<number>[]): Float64Array {
  const logSigmoid = (z: number): number => (z < 0 ? z - Math.log1p(Math.exp(z)) : -Math.log1p(Math.exp(-z)));
  return Float64Array.from(rows[0]!, (_, k) => {
    const column = rows.map((row) => row[k]!);
    return logMeanExp(column.map(logSigmoid)) - logMeanExp(column.map((z) => logSigmoid(-z)));
  });
}

/** log sum_i exp(v_i). */
export function logSumExp(values: ArrayLike<number>): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (values[i]! > top) top = values[i]!;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - top);
  return top + Math.log(sum);
}

function logMeanExp(values: readonly number[]): number {
  return logSumExp(values) - Math.log(values.length);
}
