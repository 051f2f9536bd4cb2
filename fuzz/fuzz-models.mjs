/** @file Changes models, and loads each in a process of its own. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LimitedProcess } from '../packages/cli/dist/vetting/limited-process.js';
import { SEEDS, seedModel } from './model-seeds.mjs';
import { mutateModel } from './mutate-model.mjs';

const WORKER = fileURLToPath(new URL('./load-model.mjs', import.meta.url));

/**
 * @typedef {object} Report
 * @property {number} count of models
 * @property {Record<string, number>} kinds how often each thing came of it
 * @property {{ seed: number, index: number, kind: string, what: string }[]} escapes what no model may bring about
 */

/**
 * @param {object} options
 * @param {number} options.seed of the random numbers; with the index of a model it says which one it is
 * @param {number} options.count of models
 * @param {number} [options.from] the first index
 * @param {{ seconds: number, bytes: number }} options.limits
 * @param {number} [options.processes]
 * @param {string} [options.worker] the module that loads a model
 * @param {string} [options.folder] where the models that escape are written
 * @param {(text: string) => void} [options.print]
 * @returns {Promise<Report>}
 */
export async function fuzzModels({
  seed,
  count,
  from = 0,
  limits,
  processes = 2,
  folder,
  worker = WORKER,
  print = () => {},
}) {
  const report = { count, kinds: {}, escapes: [] };
  let next = from;
  const work = async () => {
    const child = new LimitedProcess(worker);
    try {
      while (next < from + count) {
        const index = next++;
        const bytes = mutantOf(seed, index);
        const { kind, what } = toldBy(await child.run(bytes, limits));
        report.kinds[kind] = (report.kinds[kind] ?? 0) + 1;
        if (kind === 'refused' || kind === 'loaded') continue;
        report.escapes.push({ seed, index, kind, what });
        print(`${kind} (seed ${seed}, model ${index}): ${what.split('\n').slice(0, 4).join(' | ')}`);
        if (folder === undefined) continue;
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, `${seed}-${index}-${kind.replaceAll(' ', '-')}.onnx`), bytes);
      }
    } finally {
      child.dispose();
    }
  };
  await Promise.all(Array.from({ length: processes }, work));
  return report;
}

/** The model of a seed and an index: always the same. */
export function mutantOf(seed, index) {
  const draw = drawOf(seed * 0x1000193 + index);
  return mutateModel(seedModel(SEEDS[draw(SEEDS.length)]), draw);
}

function toldBy(outcome) {
  if (outcome.kind === 'answer') {
    const { kind, message = '' } = outcome.value;
    // One line, which a terminal can show.
    const isBad = kind === 'refused' && (/[\p{Cc}]/u.test(message) || message.length > 2000);
    return { kind: isBad ? 'unclear sentence' : kind, what: message };
  }
  const what = outcome.kind === 'crash' ? `${outcome.signal ?? outcome.code} ${outcome.said}` : JSON.stringify(outcome);
  return { kind: outcome.kind, what };
}

/** Whole numbers below a bound, from a seed (mulberry32 by Tommy Ettinger). */
function drawOf(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
