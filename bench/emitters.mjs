/**
 * @file What each emitter needs: evaluations until all ten digits are fooled at 99 % and at 99.99 %, on three networks, directly and by
 * CPPNs, over some seeds; and what an emitter costs beside scoring. Evaluations count images shown to the network, a gradient as
 * three. Every confidence is that of the 8-bit image.
 *
 * `PAREIDOLIA_EMITTERS` (names, or all), `PAREIDOLIA_ENCODINGS`, `PAREIDOLIA_NETWORKS` and `PAREIDOLIA_SEEDS` (default 10) choose;
 * `PAREIDOLIA_EMITTERS_OUT` names a file for the runs, one JSON object a line. The sphere benchmark of pyribs is `sphere`.
 */

import { appendFile, readFile } from 'node:fs/promises';
import { readModel } from '@pareidolia/autodiff';
import {
  CmaEs,
  EMITTERS,
  gatherCard,
  OnnxClassifier,
  openSearch,
  Random,
  resolveSearch,
  searchChoices,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { dataFolder } from './models.mjs';
import { race } from './timing.mjs';

const LIMIT = 20_000;

/** The networks: where they are, and what their card says. */
const NETWORKS = {
  digits: { file: new URL('../packages/core/assets/lenet-digits.onnx', import.meta.url), card: {} },
  pyribs: { data: 'mnist-lenet5-pyribs.onnx', card: { mean: [0.1307], deviation: [0.3081] } },
  lenet: { data: 'mnist-lenet-nguyen2015.onnx', card: {} },
};

const asked = (name, usual) => process.env[name]?.split(',') ?? usual;

async function load(name) {
  const { file, data, card } = NETWORKS[name];
  if (file === undefined && dataFolder === undefined) return undefined;
  const bytes = new Uint8Array(await readFile(file ?? `${dataFolder}/models/${data}`));
  const found = gatherCard({ where: name, model: readModel(bytes), remedy: '' }).card;
  return OnnxClassifier.load(bytes, {
    card: { ...found, ...card },
    runtime: nodeRuntime(),
    device: 'cpu',
    threads: 1,
    where: name,
  });
}

/** One search until every class is certain to 99.99 %, or the limit is reached. */
export async function searchToTarget(scorer, { emitter, encoding, seed, limit = LIMIT }) {
  const { channels, height, width } = scorer.shape;
  const spec = resolveSearch({ emitter, encoding, generations: 1_000_000 }, { channels, height, width });
  const classIndices = Array.from({ length: scorer.numClasses }, (_, i) => i);
  const search = openSearch(spec, { scorer, classIndices, seed });
  const curve = [];
  let [to99, to9999, idle] = [null, null, 0];
  for (let before = 0; to9999 === null && idle < 20; ) {
    const { evaluations, worst, median } = await search.scheduler.step();
    if (evaluations > limit) break;
    curve.push([evaluations, worst, median]);
    if (worst >= 0.99) to99 ??= evaluations;
    if (worst >= 0.9999) to9999 ??= evaluations;
    idle = evaluations === before ? idle + 1 : 0;
    before = evaluations;
  }
  const accounts = search.emitter.accounts ?? [];
  await search.dispose();
  return { emitter, encoding, seed, to99, to9999, worst: curve.at(-1)[1], median: curve.at(-1)[2], curve, accounts };
}

/** Median and quartiles, between runs by interpolation; runs that did not get there count as later than any. */
function quartiles(values) {
  const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const at = (share) => {
    const place = share * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    if (!Number.isFinite(high)) return `> ${LIMIT}`;
    return Math.round(low + (high - low) * (place % 1));
  };
  return `${at(0.5)} (${at(0.25)} to ${at(0.75)})`;
}

export async function bench(print) {
  const seeds = Number(process.env.PAREIDOLIA_SEEDS ?? 10);
  const emitters = asked(
    'PAREIDOLIA_EMITTERS',
    EMITTERS.map(({ name }) => name).filter((name) => name !== 'gradient-ascent'),
  );
  const out = process.env.PAREIDOLIA_EMITTERS_OUT;
  for (const network of asked('PAREIDOLIA_NETWORKS', Object.keys(NETWORKS))) {
    const scorer = await load(network);
    if (scorer === undefined) {
      print(`${network}: skipped, PAREIDOLIA_DATA is not set`);
      continue;
    }
    for (const encoding of asked('PAREIDOLIA_ENCODINGS', ['direct', 'cppn'])) {
      for (const emitter of emitters) {
        if (!searchChoices().some((choice) => choice.emitter === emitter && choice.encoding === encoding)) continue;
        const runs = [];
        for (let seed = 1; seed <= seeds; seed++) {
          const run = await searchToTarget(scorer, { emitter, encoding, seed });
          runs.push(run);
          if (out !== undefined) await appendFile(out, `${JSON.stringify({ network, ...run })}\n`);
        }
        const reached = runs.filter(({ to9999 }) => to9999 !== null).length;
        const worst = runs.map((run) => run.worst).sort((a, b) => a - b)[seeds >> 1];
        print(
          `${network}, ${encoding}, ${emitter}: all at 99 % after ${quartiles(runs.map(({ to99 }) => to99))} evaluations, ` +
            `at 99.99 % after ${quartiles(runs.map(({ to9999 }) => to9999))}, in ${reached} of ${seeds} seeds; ` +
            `worst class at the end ${(100 * worst).toFixed(4)} % (median of seeds)`,
        );
      }
    }
    await scorer.dispose();
  }
  await cost(print);
}

/** The separable CMA-ES of 784 dimensions, and whole generations without their scoring, beside scoring the paper's LeNet, all for 200 images. */
async function cost(print) {
  const scorer = await load('lenet');
  if (scorer === undefined) return print('cost: skipped, PAREIDOLIA_DATA is not set');
  const batch = 200;
  const es = new CmaEs({ mean: new Float64Array(784).fill(0.5), sigma: 0.1, batch, isSeparable: true, bounds: [0, 1] });
  const random = Random.stream(1);
  const order = Array.from({ length: batch }, (_, i) => i);
  const data = Uint8Array.from({ length: batch * 784 }, (_, i) => (i * 7919) % 256);
  const searches = ['cma-me', 'mutation'].map((emitter) => searchWithoutScoring(scorer.shape, emitter, batch));
  const best = await race(
    {
      scoring: () => scorer.predict({ ...scorer.shape, count: batch, data }),
      emitter: () => es.tell(es.ask(random), order, batch >> 1),
      cma: () => searches[0].scheduler.step(),
      mutation: () => searches[1].scheduler.step(),
    },
    { rounds: 60, seconds: 20 },
  );
  const share = (time) => `${time.toFixed(2)} ms (${((100 * time) / best.scoring).toFixed(1)} %)`;
  print(
    `cost: for 200 images on one thread, beside ${best.scoring.toFixed(2)} ms for scoring them on the paper's LeNet: separable CMA-ES of 784 ` +
      `dimensions ${share(best.emitter)}; a generation without scoring of cma-me ${share(best.cma)}, of mutation ${share(best.mutation)}`,
  );
  for (const search of searches) await search.dispose();
  await scorer.dispose();
}

/** A search of pixels whose scores cost nothing: images are as likely to be of a class as their pixel of its number is bright. */
function searchWithoutScoring({ channels, height, width }, emitter, batch) {
  const shape = { channels, height, width };
  const size = channels * height * width;
  const scorer = {
    shape,
    origin: [0],
    predict: async ({ count, data }) => ({
      count,
      numClasses: 10,
      data: Float32Array.from({ length: 10 * count }, (_, at) => data[Math.floor(at / 10) * size + (at % 10)] / 256),
    }),
  };
  const spec = resolveSearch({ emitter, encoding: 'direct', generations: 1_000_000, batch }, shape);
  return openSearch(spec, { scorer, classIndices: Array.from({ length: 10 }, (_, i) => i), seed: 1 });
}
