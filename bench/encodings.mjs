/**
 * @file Evaluations that searches need by encoding: until every class has an image of 99 % and of 99.99 % on two networks of digits.
 * Confidences are those of 8-bit images; the gradient of an image counts as three evaluations. Settings by the environment:
 * PAREIDOLIA_BENCH_SEEDS (10) and PAREIDOLIA_BENCH_EVALUATIONS (20000); PAREIDOLIA_BENCH_ONLY names searches and
 * PAREIDOLIA_BENCH_NETWORKS files of networks, by commas. The thousand classes of SqueezeNet are the bench `imagenet`.
 */

import { openSearch, resolveSearch } from '@pareidolia/core';
import { dataFolder, loadClassifier } from './models.mjs';

const number = (name, usual) => Number(process.env[`PAREIDOLIA_BENCH_${name}`] ?? usual);

const DIGITS = ['mnist-lenet-nguyen2015.onnx', 'mnist-lenet5-pyribs.onnx'];
const BOUNDS = [0.99, 0.9999];

const SEARCHES = [
  { encoding: 'cppn', emitter: 'mutation' },
  { encoding: 'cppn', emitter: 'least-certain' },
  { encoding: 'cppn', emitter: 'cppn-gradient' },
  { encoding: 'neat', emitter: 'neat' },
  { encoding: 'direct', emitter: 'mutation' },
  { encoding: 'growing', emitter: 'mutation' },
  { encoding: 'fourier', emitter: 'mutation' },
  { encoding: 'dct', emitter: 'mutation' },
  { encoding: 'fourier', emitter: 'iso-line' },
  { encoding: 'dct', emitter: 'iso-line' },
];

export async function bench(print) {
  if (dataFolder === undefined) return print('skipped: PAREIDOLIA_DATA is not set');
  const only = process.env.PAREIDOLIA_BENCH_ONLY?.split(',');
  const searches = SEARCHES.filter(({ encoding, emitter }) => only?.includes(`${encoding}/${emitter}`) ?? true);
  const [seeds, evaluations] = [number('SEEDS', 10), number('EVALUATIONS', 20_000)];
  const networks = process.env.PAREIDOLIA_BENCH_NETWORKS?.split(',') ?? DIGITS;
  for (const name of networks) {
    print(`${name}: evaluations until every class has the confidence, at most ${evaluations}; ${seeds} seeds`);
    const classifier = await loadClassifier(name);
    for (const search of searches) {
      const start = performance.now();
      const runs = [];
      for (let seed = 1; seed <= seeds; seed++) runs.push(await untilSure(classifier, search, seed, evaluations));
      const seconds = (performance.now() - start) / 1000 / seeds;
      const columns = BOUNDS.map((bound, i) => `${bound}: ${quartiles(runs.map(({ reached }) => reached[i]))}`);
      print(
        `  ${`${search.encoding} by ${search.emitter}`.padEnd(24)} ${columns.join('   ')}   ` +
          `worst class at the end ${middle(runs.map(({ worst }) => worst)).toFixed(6)}   ${seconds.toFixed(1)} s a seed`,
      );
    }
    await classifier.dispose();
  }
}

function open(classifier, request, seed, classIndices) {
  const spec = resolveSearch({ ...request, generations: 1_000_000 }, classifier.shape);
  return openSearch(spec, { scorer: classifier, classIndices, seed });
}

async function untilSure(classifier, request, seed, most) {
  const all = Array.from({ length: classifier.numClasses }, (_, i) => i);
  const search = open(classifier, request, seed, all);
  const reached = BOUNDS.map(() => undefined);
  let last;
  // A search that has nothing left to do asks for no more.
  for (let before = -1; before !== last?.evaluations && reached.at(-1) === undefined; ) {
    before = last?.evaluations;
    const step = await search.scheduler.step();
    if (step.evaluations > most) break;
    last = step;
    for (const [i, bound] of BOUNDS.entries()) if (last.worst >= bound) reached[i] ??= last.evaluations;
  }
  await search.dispose();
  return { reached, worst: last.worst };
}

function middle(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Median (lower and upper quartile) and how many there are; a seed that never reached it counts as more than all others. */
function quartiles(values) {
  const found = values.filter((value) => value !== undefined).length;
  const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const at = (share) => {
    const value = sorted[Math.min(sorted.length - 1, Math.round(share * (sorted.length - 1)))];
    return Number.isFinite(value) ? String(value) : 'never';
  };
  return `${at(0.5)} (${at(0.25)} to ${at(0.75)}), ${found} of ${values.length}`;
}
