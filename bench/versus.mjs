/**
 * @file Times our graphs, and PyTorch beside them: each alone, with no other session alive, and alternating, with all of them
 * alive. Alone is what a program of one purpose sees; alternating, sessions meet each other's memory and threads.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { race } from './timing.mjs';

/** Seconds that a measurement may take; `PAREIDOLIA_BENCH_SECONDS` sets another number, such as 1 to try a bench out. */
const SECONDS = Number(process.env.PAREIDOLIA_BENCH_SECONDS ?? 15);

const TURNS = 6;

/**
 * The smallest times.
 *
 * @param {Record<string, () => Promise<{ run: () => unknown, release: () => unknown }>>} graphs opens each of our sessions;
 *   PyTorch is asked to run the same names
 * @param {{ ask: (request: object) => Promise<number> } | undefined} torch with its model loaded
 * @returns {Promise<{ alone: Times, alternating: Times }>} `Times` are milliseconds by name, `ours` and `theirs`; `theirs`
 *   is empty without PyTorch
 */
export async function versus(graphs, torch) {
  const alone = { ours: {}, theirs: {} };
  const names = Object.keys(graphs);
  for (const name of names) await measure(alone, { [name]: graphs[name] }, torch, SECONDS / names.length);
  if (names.length === 1) return { alone, alternating: alone };
  const alternating = { ours: {}, theirs: {} };
  await measure(alternating, graphs, torch, SECONDS);
  return { alone, alternating };
}

/** Threads that have worked spin for a while, so each side waits for the other's to rest. */
async function measure({ ours, theirs }, graphs, torch, seconds) {
  const open = {};
  for (const [name, make] of Object.entries(graphs)) open[name] = await make();
  const runs = Object.fromEntries(Object.entries(open).map(([name, { run }]) => [name, run]));
  const end = performance.now() + 1000 * seconds;
  for (let turn = 0; turn < TURNS && (turn === 0 || performance.now() < end); turn++) {
    const times = await race(runs, { rounds: 5, seconds: seconds / TURNS });
    for (const [name, time] of Object.entries(times)) note(ours, name, time);
    if (torch === undefined) continue;
    await sleep(50);
    for (let round = 0; round < 3; round++) {
      for (const name of Object.keys(graphs)) note(theirs, name, await torch.ask({ run: name }));
    }
    await sleep(50);
  }
  for (const { release } of Object.values(open)) await release();
}

function note(best, name, time) {
  best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, time);
}

/** The mean of ratios. */
export function geometricMean(ratios) {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}
