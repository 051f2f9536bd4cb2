/**
 * @file How fast emitters fool all thousand classes of SqueezeNet 1.1: the median class over evaluations, a gradient counted as three,
 * each confidence that of the 8-bit image; dogs and cats (ImageNet's classes 151 to 285, which the paper reports apart) beside the
 * others. `PAREIDOLIA_SEARCHES` chooses (`encoding:emitter`, by commas), `PAREIDOLIA_SEEDS` the seeds (by commas) and
 * `PAREIDOLIA_LIMIT` the evaluations; `PAREIDOLIA_EMITTERS_OUT` names a file for the curves, one JSON object a line.
 */

import { appendFile } from 'node:fs/promises';
import { openSearch, resolveSearch } from '@pareidolia/core';
import { dataFolder, loadClassifier } from './models.mjs';

/** ImageNet's domestic dogs and cats. */
const isDogOrCat = (classIndex) => (classIndex >= 151 && classIndex <= 268) || (classIndex >= 281 && classIndex <= 285);

const MILESTONES = [10_000, 20_000, 40_000, 60_000, 75_000, 100_000, 150_000, 200_000];

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** What an archive of one elite for each class holds; an empty class counts as 0. */
export function summary({ elites, classIndices }) {
  const all = elites.map((elite) => elite?.confidence ?? 0);
  const share = (least) => all.filter((confidence) => confidence >= least).length / all.length;
  const pets = all.filter((_, cell) => isDogOrCat(classIndices[cell]));
  const others = all.filter((_, cell) => !isDogOrCat(classIndices[cell]));
  return {
    median: median(all),
    mean: all.reduce((sum, each) => sum + each, 0) / all.length,
    over90: share(0.9),
    over99: share(0.99),
    dogsAndCats: median(pets),
    others: median(others),
    distinct: new Set(elites.filter(Boolean).map(({ id }) => id)).size,
  };
}

/** One search, summed up at each milestone. */
export async function* climb(scorer, { encoding, emitter, seed, limit, settings }) {
  const spec = resolveSearch({ emitter, encoding, generations: 10_000_000, ...settings }, scorer.shape);
  const classIndices = Array.from({ length: scorer.numClasses }, (_, i) => i);
  const search = openSearch(spec, { scorer, classIndices, seed });
  const start = performance.now();
  const milestones = [...MILESTONES.filter((each) => each < limit), limit];
  for (let next = 0; next < milestones.length; ) {
    const { evaluations } = await search.scheduler.step();
    if (evaluations < milestones[next]) continue;
    next = milestones.findIndex((each) => each > evaluations);
    const seconds = (performance.now() - start) / 1000;
    yield {
      encoding,
      emitter,
      seed,
      evaluations,
      seconds,
      ...summary(search.scheduler.archive),
      accounts: search.emitter.accounts,
    };
    if (next < 0) break;
  }
  await search.dispose();
}

export async function bench(print) {
  if (dataFolder === undefined) return print('imagenet: skipped, PAREIDOLIA_DATA is not set');
  const searches = (process.env.PAREIDOLIA_SEARCHES ?? 'cppn:auto,cppn:mutation').split(',');
  const seeds = (process.env.PAREIDOLIA_SEEDS ?? '1,2,3').split(',').map(Number);
  const limit = Number(process.env.PAREIDOLIA_LIMIT ?? 150_000);
  const out = process.env.PAREIDOLIA_EMITTERS_OUT;
  const scorer = await loadClassifier('squeezenet1.1.onnx', Number(process.env.PAREIDOLIA_THREADS ?? 2));
  for (const each of searches) {
    const [encoding, emitter] = each.split(':');
    for (const seed of seeds) {
      for await (const row of climb(scorer, { encoding, emitter, seed, limit })) {
        print(
          `${encoding}, ${emitter}, seed ${seed}, ${row.evaluations} evaluations, ${row.seconds.toFixed(0)} s: median ` +
            `${(100 * row.median).toFixed(3)} %, mean ${(100 * row.mean).toFixed(2)} %, ` +
            `${(100 * row.over99).toFixed(1)} % of classes at 99 %, dogs and cats ${(100 * row.dogsAndCats).toFixed(2)} %, ` +
            `others ${(100 * row.others).toFixed(2)} %, ${row.distinct} images`,
        );
        if (out !== undefined) await appendFile(out, `${JSON.stringify(row)}\n`);
      }
    }
  }
  await scorer.dispose();
}
