/** @file Times that stand up on a shared machine: the alternatives take turns, and the best of many rounds counts. */

/** How the benches open ONNX Runtime: as the classifiers of @pareidolia/core do, on two threads. */
export const SESSION_OPTIONS = {
  intraOpNumThreads: 2,
  logSeverityLevel: 3,
  extra: { session: { force_spinning_stop: '1' } },
};

/**
 * Runs alternatives in turn and gives each one's smallest time.
 *
 * @param {Record<string, () => unknown>} alternatives each may return a promise
 * @param {{ rounds?: number, seconds?: number }} options at most so many rounds, one at least, and as good as no more seconds
 * @returns {Promise<Record<string, number>>} milliseconds
 */
export async function race(alternatives, { rounds = 5, seconds = 20 } = {}) {
  const best = Object.fromEntries(Object.keys(alternatives).map((name) => [name, Number.POSITIVE_INFINITY]));
  const end = performance.now() + seconds * 1000;
  for (const run of Object.values(alternatives)) await run();
  for (let round = 0; round === 0 || (round < rounds && performance.now() < end); round++) {
    for (const [name, run] of Object.entries(alternatives)) {
      const start = performance.now();
      await run();
      best[name] = Math.min(best[name], performance.now() - start);
    }
  }
  return best;
}
