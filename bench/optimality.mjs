/**
 * @file How near each attack comes to the best of all on the same images and network, with at most 1,000 passes forwards and as
 * many backwards: local optimality (AttackBench, Cinà et al. 2024, arXiv 2404.19460).
 *
 * Robust accuracy as a function of the distance encloses an area, from 0 to the largest of the best distances. An attack's
 * optimality is 1 where its area is that of the best distances of each image, and 0 where it finds nothing.
 *
 * `PAREIDOLIA_BENCH_IMAGES` is the number of images of each network, 10 when absent; `PAREIDOLIA_BENCH_NETWORKS` has names by
 * commas.
 */

import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { ATTACKS, attackImages, attackNamed } from '@pareidolia/core';
import { dataFolder, loadClassifier } from './models.mjs';

const NETWORKS = ['mnist-trades-smallcnn', 'mnist-kw-eps01', 'mnist-lenet5-clean'];
const NORMS = ['linf', 'l2', 'l1', 'l0'];
const QUERIES = 1000;

/** Every attack on single images, and those that have a better start with it. */
const ENTRIES = [
  ...ATTACKS.filter(({ kind }) => kind === 'minimal' || kind === 'fixed').map((attack) => ({
    label: attack.name,
    attack,
    settings: {},
  })),
  { label: 'fmn start=1', attack: attackNamed('fmn'), settings: { start: 1 } },
];

export async function bench(print) {
  if (dataFolder === undefined) return print('skipped: PAREIDOLIA_DATA is not set');
  const count = Number(process.env.PAREIDOLIA_BENCH_IMAGES ?? 10);
  const networks = process.env.PAREIDOLIA_BENCH_NETWORKS?.split(',') ?? NETWORKS;
  const tables = [];
  for (const network of networks) {
    const classifier = await loadClassifier(`${network}.onnx`, 1);
    const images = await digits(count);
    for (const quantize of [false, true]) {
      const table = await measure(classifier, images, quantize, (what) => print(`${network} ${what}`));
      tables.push(table);
      print(`\n${network}, ${count} images, ${quantize ? '8 bits' : 'floating point'}\n`);
      for (const line of markdown(table)) print(line);
    }
    await classifier.dispose();
  }
  for (const [place, what] of ['floating point', '8 bits'].entries()) {
    print(`\nmean of ${networks.join(', ')}, ${what}\n`);
    for (const line of markdown(mean(tables.filter((_, index) => index % 2 === place)))) print(line);
  }
}

/** Optimality by norm and attack, and the mean of the best distances. */
async function measure(classifier, { images, labels }, quantize, report) {
  const table = new Map();
  for (const norm of NORMS) {
    const found = new Map();
    for (const { label, attack, settings } of ENTRIES) {
      if (!attack.norms.includes(norm)) continue;
      const began = performance.now();
      const results = await attackImages(classifier, attack, images, labels, {
        norm,
        settings,
        seed: 1,
        batch: 50,
        quantize,
        budget: QUERIES,
        starts: images,
      });
      const seconds = (performance.now() - began) / 1000;
      for (const { queries } of results) {
        if (queries.forward > QUERIES || queries.backward > QUERIES) throw new Error(`${label} asked too often`);
      }
      found.set(
        label,
        results.map(({ success, distances }) => (success ? distances[norm] : Number.POSITIVE_INFINITY)),
      );
      report(`${norm} ${label} ${quantize ? '8 bits' : 'floats'}: ${seconds.toFixed(1)} s`);
    }
    table.set(norm, optimality(found));
  }
  return table;
}

/**
 * @param {Map<string, number[]>} found for each attack the distance of each image: 0 where it was wrong from the start, infinite
 *   where nothing was found
 */
export function optimality(found) {
  const all = [...found.values()];
  const best = all[0].map((_, image) => Math.min(...all.map((distances) => distances[image])));
  const farthest = Math.max(...best.filter(Number.isFinite));
  const clean = best.filter((distance) => distance > 0).length / best.length;
  const area = (distances) => distances.reduce((sum, d) => sum + Math.min(d, farthest), 0) / distances.length;
  const least = area(best);
  const room = clean * farthest - least;
  return new Map(
    [...found].map(([label, distances]) => [label, room > 0 ? 1 - (area(distances) - least) / room : Number.NaN]),
  );
}

function mean(tables) {
  const norms = [...tables[0].keys()];
  return new Map(
    norms.map((norm) => [
      norm,
      new Map(
        [...tables[0].get(norm).keys()].map((label) => [
          label,
          tables.reduce((sum, table) => sum + table.get(norm).get(label), 0) / tables.length,
        ]),
      ),
    ]),
  );
}

function markdown(table) {
  const labels = ENTRIES.map(({ label }) => label);
  const cell = (norm, label) => table.get(norm).get(label)?.toFixed(3) ?? '';
  return [
    `| attack | ${NORMS.join(' | ')} |`,
    `|---|${NORMS.map(() => '---').join('|')}|`,
    ...labels.map((label) => `| ${label} | ${NORMS.map((norm) => cell(norm, label)).join(' | ')} |`),
  ];
}

async function digits(count) {
  const images = gunzipSync(await readFile(`${dataFolder}/mnist/t10k-images-idx3-ubyte.gz`));
  const labels = gunzipSync(await readFile(`${dataFolder}/mnist/t10k-labels-idx1-ubyte.gz`));
  return {
    images: { channels: 1, height: 28, width: 28, count, data: new Uint8Array(images.subarray(16, 16 + count * 784)) },
    labels: Int32Array.from(labels.subarray(8, 8 + count)),
  };
}
