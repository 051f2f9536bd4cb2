/**
 * @file What detectors are worth: on clean outliers, on outliers moved inside a ball, and against searches that know them.
 *
 *   PAREIDOLIA_DATA=... node bench/guards.mjs <network> [--fit 2000] [--real 500] [--outliers 100] [--epsilon 0.1] [--steps 100]
 *     [--seeds 3] [--questions 5000] [--detectors a,b] [--only ranking|attack|search] --out guards.jsonl
 *
 * Networks: mnist-*, fashion-* and cifar10-* of the data folder. Each measured figure is a line of --out; a line that is there
 * is not measured again. The summary is printed as Markdown.
 */

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { readModel } from '@pareidolia/autodiff';
import {
  auroc,
  DETECTORS,
  falsePositives,
  GARBAGE,
  gatherCard,
  OnnxClassifier,
  openFitSource,
  openGuarded,
  openScoreAsLogit,
  Random,
  raiseScores,
  selectImages,
  sliceImages,
  thresholdAtRate,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { AUDIT_SEARCHES, searchesAgainstGuards } from '@pareidolia/lab';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    fit: { type: 'string', default: '2000' },
    real: { type: 'string', default: '500' },
    outliers: { type: 'string', default: '100' },
    epsilon: { type: 'string', default: '' },
    steps: { type: 'string', default: '100' },
    seeds: { type: 'string', default: '3' },
    questions: { type: 'string', default: '5000' },
    detectors: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    out: { type: 'string' },
  },
});
const [name] = positionals;
if (name === undefined || values.out === undefined) {
  console.error('usage: node bench/guards.mjs <network> --out <file>; see the head of the file');
  process.exit(2);
}
const folder = process.env.PAREIDOLIA_DATA;
const family = name.split('-')[0];
/** A level of 8 bits is .0039; .3 is the ball of MNIST's attacks, 8/255 that of CIFAR-10's. */
const epsilon = values.epsilon === '' ? (family === 'cifar10' ? 8 / 255 : 0.3) : Number(values.epsilon);
const options = { runtime: nodeRuntime(), device: 'cpu', threads: 2 };

const known = new Map(
  existsSync(values.out)
    ? readFileSync(values.out, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
        .map((each) => [each.key, each.value])
    : [],
);
async function once(key, work) {
  const whole = `${name}/${key}`;
  if (known.has(whole)) return known.get(whole);
  const begun = performance.now();
  const value = await work();
  known.set(whole, value);
  appendFileSync(values.out, `${JSON.stringify({ key: whole, value, seconds: (performance.now() - begun) / 1000 })}\n`);
  console.error(`${whole}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return value;
}

function idx(file) {
  const bytes = gunzipSync(readFileSync(`${folder}/${file}`));
  return {
    channels: 1,
    height: 28,
    width: 28,
    count: (bytes.length - 16) / 784,
    data: new Uint8Array(bytes.subarray(16)),
  };
}
function idxLabels(file) {
  return Int32Array.from(gunzipSync(readFileSync(`${folder}/${file}`)).subarray(8));
}
function cifar() {
  const bytes = readFileSync(`${folder}/cifar10/test_first1000.bin`);
  const count = bytes.length / 3073;
  const data = new Uint8Array(count * 3072);
  for (let i = 0; i < count; i++) data.set(bytes.subarray(i * 3073 + 1, (i + 1) * 3073), i * 3072);
  return {
    images: { channels: 3, height: 32, width: 32, count, data },
    labels: Int32Array.from({ length: count }, (_, i) => bytes[i * 3073]),
  };
}
/** Grey images of 28 x 28 in color, with two black pixels around. */
function inColor(images) {
  const data = new Uint8Array(images.count * 3072);
  for (let i = 0; i < images.count; i++)
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < 28; y++)
        data.set(images.data.subarray(i * 784 + y * 28, i * 784 + y * 28 + 28), i * 3072 + c * 1024 + (y + 2) * 32 + 2);
  return { channels: 3, height: 32, width: 32, count: images.count, data };
}
function realImages() {
  if (family === 'cifar10') return cifar();
  const data = family === 'fashion' ? 'fashion-mnist' : 'mnist';
  return { images: idx(`${data}/t10k-images-idx3-ubyte.gz`), labels: idxLabels(`${data}/t10k-labels-idx1-ubyte.gz`) };
}

const bytes = new Uint8Array(await readFile(`${folder}/models/${name}.onnx`));
const { card } = gatherCard({ where: name, model: readModel(bytes), remedy: '' });
const classifier = await OnnxClassifier.load(bytes, { ...options, card, where: name });
const all = realImages();
const order = [...Random.stream(17).shuffle(Uint32Array.from({ length: all.images.count }, (_, i) => i))];
const [fitCount, realCount, outlierCount] = [values.fit, values.real, values.outliers].map(Number);
const realPlaces = order.slice(0, realCount);
const fitPlaces = order.slice(realCount, realCount + fitCount);
const fit = {
  images: selectImages(all.images, fitPlaces),
  labels: Int32Array.from(fitPlaces, (i) => all.labels[i]),
};
const real = selectImages(all.images, realPlaces);
const grey = family !== 'cifar10';
const others = grey
  ? {
      [family === 'fashion' ? 'MNIST' : 'Fashion-MNIST']: idx(
        `${family === 'fashion' ? 'mnist' : 'fashion-mnist'}/t10k-images-idx3-ubyte.gz`,
      ),
      KMNIST: idx('ood28/kmnist-t10k-images-idx3-ubyte.gz'),
    }
  : { 'Fashion-MNIST in color': inColor(idx('fashion-mnist/t10k-images-idx3-ubyte.gz')) };
for (const source of GARBAGE.filter((each) => ['uniform-noise', 'low-pass-noise', 'random-cppns'].includes(each.name)))
  others[source.title] = source.make(classifier.shape, outlierCount, Random.stream(23), { images: real });

const chosen = DETECTORS.filter(
  (detector) => values.detectors === '' || values.detectors.split(',').includes(detector.name),
);
const { source } = await openFitSource(
  classifier,
  async function* () {
    for (let from = 0; from < fit.images.count; from += 250) {
      const to = Math.min(fit.images.count, from + 250);
      yield { images: sliceImages(fit.images, from, to), labels: fit.labels.subarray(from, to) };
    }
  },
  { count: fit.images.count, seed: 1 },
);

/** Scores of the folded detector, in the order of the images. */
async function scoresOf(scored, images) {
  const out = [];
  for (let from = 0; from < images.count; from += 100) {
    const { data, numClasses } = await scored.logits(sliceImages(images, from, Math.min(images.count, from + 100)));
    for (let row = 0; row < data.length / numClasses; row++) out.push(data[row * numClasses + numClasses - 1]);
  }
  return out;
}

const guards = [];
for (const detector of chosen) {
  let fitted;
  try {
    fitted = await detector.fit(source);
    guards.push({
      fitted,
      name: detector.name,
      title: detector.title,
      scored: await openScoreAsLogit(classifier, fitted, options),
    });
  } catch (error) {
    console.error(`${detector.name}: ${error.message}`);
  }
}

// What was moved against one detector is tried against the others.
const place = classifier.numClasses;
for (const guard of guards) {
  guard.real = await scoresOf(guard.scored, real);
  // The threshold that keeps 95 %, and how far the lower half of the real scores reaches.
  guard.threshold = thresholdAtRate(guard.real, 0.95);
  const sorted = [...guard.real].sort((a, b) => a - b);
  const scale = Math.max(1e-6, (sorted[Math.floor(sorted.length / 2)] - guard.threshold) / 2);
  guard.guarded = await openGuarded(classifier, guard.fitted, { threshold: guard.threshold, scale }, options);
}
if (values.only === '' || values.only === 'ranking' || values.only === 'attack') {
  for (const [title, images] of Object.entries(others)) {
    const some = sliceImages(images, 0, Math.min(outlierCount, images.count));
    for (const guard of guards) {
      guard.clean ??= {};
      const scores = await scoresOf(guard.scored, some);
      guard.clean[title] = { auroc: auroc(guard.real, scores), fpr95: falsePositives(guard.real, scores, 0.95).share };
    }
  }
}
const ATTACKED = Object.keys(others)[0];
if (values.only === '' || values.only === 'attack') {
  const some = sliceImages(others[ATTACKED], 0, outlierCount);
  const moved = [];
  for (const guard of guards) {
    const key = `attack/${ATTACKED}/${epsilon}/${values.steps}/${outlierCount}/${fitCount}/${guard.name}`;
    const found = await once(key, async () => {
      const raised = await raiseScores(guard.scored, place, some, { epsilon, steps: Number(values.steps), seed: 5 });
      return { images: Buffer.from(raised.images.data).toString('base64'), unsound: raised.unsound };
    });
    moved.push({ ...some, data: new Uint8Array(Buffer.from(found.images, 'base64')) });
  }
  for (const guard of guards) {
    const best = new Float64Array(outlierCount).fill(-Infinity);
    for (const images of [some, ...moved]) {
      (await scoresOf(guard.scored, images)).forEach((score, i) => {
        best[i] = Math.max(best[i], score);
      });
    }
    guard.attacked = { aauc: auroc(guard.real, best), fpr95: falsePositives(guard.real, best, 0.95).share };
  }
}
if (values.only === '' || values.only === 'search') {
  const plan = {
    searches: AUDIT_SEARCHES,
    seeds: Array.from({ length: Number(values.seeds) }, (_, i) => Random.stream(31, i).uint32()),
    classes: Array.from({ length: classifier.numClasses }, (_, i) => i),
    questions: Number(values.questions),
    threshold: 0.9,
  };
  const results = await searchesAgainstGuards(classifier, guards, plan, {
    unit: (key, work) =>
      once(`${key}/${values.questions}/${fitCount}`, async () => {
        const { first, questions, ended, confidences, images } = await work({ value: undefined, offer() {} });
        return { first, questions, ended, confidences, images: Buffer.from(images).toString('base64') };
      }).then((value) => ({ ...value, images: new Uint8Array(Buffer.from(value.images, 'base64')) })),
    progress() {},
    async pause() {},
  });
  for (const { search, untold, guards: against } of results) {
    for (const each of against) {
      const guard = guards.find((other) => other.name === each.name);
      guard.searches ??= {};
      guard.searches[search] = { ...each, untold };
    }
  }
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const sources = Object.keys(others);
console.log(
  `\n${name}: fitted to ${fit.images.count} real images, ${real.count} others are the known ones; ${outlierCount} outliers of each kind.\n`,
);
if (guards[0]?.clean !== undefined) {
  console.log(
    `| detector | ${sources.map((each) => `${each} AUROC, FPR95`).join(' | ')} |\n|---|${sources.map(() => '---|').join('')}`,
  );
  for (const guard of guards)
    console.log(
      `| ${guard.title} | ${sources.map((each) => `${guard.clean[each].auroc.toFixed(4)}, ${percent(guard.clean[each].fpr95)}`).join(' | ')} |`,
    );
}
if (guards[0]?.attacked !== undefined) {
  console.log(
    `\n| detector | AUROC on ${ATTACKED} | under attack, Linf ${epsilon.toFixed(4)} | FPR95 | under attack |\n|---|---|---|---|---|`,
  );
  for (const { title, clean, attacked } of guards)
    console.log(
      `| ${title} | ${clean[ATTACKED].auroc.toFixed(4)} | ${attacked.aauc.toFixed(4)} | ${percent(clean[ATTACKED].fpr95)} | ${percent(attacked.fpr95)} |`,
    );
}
if (guards[0]?.searches !== undefined) {
  for (const search of Object.keys(guards[0].searches)) {
    const { untold } = guards[0].searches[search];
    const q = (value) => (Number.isFinite(value) ? String(value) : `> ${values.questions}`);
    console.log(
      `\n${search}: without a detector ${untold.found} of ${untold.of} (classes by seeds), ${q(untold.questions)} questions in the median.\n\n| detector | stops of these | found by a search that knows it | questions |\n|---|---|---|---|`,
    );
    for (const { title, searches } of guards) {
      const { stopped, of, told } = searches[search];
      console.log(`| ${title} | ${stopped} of ${of} | ${told.found} of ${told.of} | ${q(told.questions)} |`);
    }
  }
}
for (const { scored, guarded } of guards) {
  await scored.dispose();
  await guarded.dispose();
}
await classifier.dispose();
