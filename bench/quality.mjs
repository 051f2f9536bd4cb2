/**
 * @file Quality of the search on the paper's own LeNet: 200 generations of 200, five seeds. Aims (median of the seeds):
 * direct: median over classes >= 99.99 % by generation 100 and worst class >= 99.99 % by 200; CPPN: median >= 99.99 % by
 * 100 and worst >= 99.9 % by 200.
 */

import { openSearch, resolveSearch } from '@pareidolia/core';
import { dataFolder, loadClassifier } from './models.mjs';

const SEEDS = [1, 2, 3, 4, 5];
const ENCODINGS = ['direct', 'cppn'];

export async function bench(print) {
  if (dataFolder === undefined) return print('skipped: PAREIDOLIA_DATA is not set');
  const classifier = await loadClassifier('mnist-lenet-nguyen2015.onnx');
  for (const encoding of ENCODINGS) {
    const runs = [];
    for (const seed of SEEDS) {
      const classIndices = Array.from({ length: 10 }, (_, i) => i);
      const search = openSearch(resolveSearch({ encoding }, classifier.shape), {
        scorer: classifier,
        classIndices,
        seed,
      });
      const history = [];
      while (!search.isDone) history.push(await search.scheduler.step());
      runs.push({
        medianAt100: history[100].median,
        worstAt200: history[200].worst,
        generationOfMedian: history.findIndex((report) => report.median >= 0.9999),
        replacements: history[200].replacements,
      });
    }
    const middle = (key) => runs.map((run) => run[key]).sort((a, b) => a - b)[SEEDS.length >> 1];
    print(
      `${encoding}: median class ${percent(middle('medianAt100'))} at generation 100 ` +
        `(99.99 % reached at ${runs.map((run) => run.generationOfMedian).join(', ')}); ` +
        `worst class ${percent(middle('worstAt200'))} at 200; replacements ${runs.map((run) => run.replacements).join(', ')}`,
    );
  }
  await classifier.dispose();
}

const percent = (share) => `${(100 * share).toFixed(4)} %`;
