import {
  argmax,
  type Classifier,
  type FloatImages,
  type Images,
  imageSize,
  Random,
  scoresOf,
  toBytes,
} from '@pareidolia/core';
import type { Finding, Skipped } from '../finding/finding.ts';
import type { Picture } from '../finding/gallery.ts';
import { formatPercent, formatQuartiles } from '../format/format.ts';
import { quartiles } from '../statistics/quartiles.ts';
import { atBudget, type Workbench } from '../workbench/workbench.ts';
import type { Claim } from './claim.ts';
import { rayVerdict } from './rubbish-verdict.ts';

const WORK = { tiny: 60, small: 1000, paper: 10_000 } as const;

const RUBBISH_STREAM = 11;

/** Kinds of noise; the 8-bit image is what the network sees. */
const NOISES = {
  'N(0, I), clipped to the box': (random: Random, size: number) => fill(size, () => random.normal()),
  'grey, deviation 0.25': (random: Random, size: number) => fill(size, () => 0.5 + 0.25 * random.normal()),
  uniform: (random: Random, size: number) => fill(size, () => random.uniform()),
} as const;

function fill(size: number, draw: () => number): Float32Array {
  return Float32Array.from({ length: size }, draw);
}

/** Lengths of a ray from a data point, in multiples of the box's side. */
const RAY = [0, 0.5, 1, 2, 4, 8, 16, 32, 64] as const;

interface Row {
  readonly kind: string;
  readonly confidences: Float32Array;
  readonly example: Uint8Array;
}

async function run(bench: Workbench): Promise<Finding | Skipped> {
  const count = atBudget(bench, WORK);
  const networks = [
    { name: "the paper's LeNet", network: await bench.network('mnist-lenet-nguyen2015') },
    { name: 'LeNet5 (Advertorch)', network: await bench.network('mnist-lenet5-clean') },
    { name: 'our LeNet (drawn digits)', network: await bench.network('digits') },
  ].flatMap(({ name, network }) => (network === undefined ? [] : [{ name, network }]));
  const results: {
    readonly name: string;
    readonly network: Classifier;
    readonly rows: readonly Row[];
    readonly ray: readonly number[];
    readonly far: readonly number[];
  }[] = [];
  for (const [index, { name, network }] of networks.entries()) {
    const rows: Row[] = [];
    for (const kind of [...Object.keys(NOISES), 'low-pass noise']) {
      await bench.pause();
      bench.progress(index / networks.length, `${name}: ${kind}`);
      rows.push({ kind, ...(await bench.unit(`${network.where}/${kind}`, () => scoreNoise(network, kind, count))) });
    }
    const data = await bench.data('digits');
    const ray = await bench.unit(`${network.where}/rays and their ends`, () =>
      alongRays(network, data!.test.images, Math.min(200, count)),
    );
    results.push({ name, network, rows, ray: ray.medians, far: ray.far });
  }
  const worst = results.flatMap(({ rows }) => rows.map(({ confidences }) => shareAbove(confidences, 0.5)));
  const ends = results.map(({ ray }) => ray.at(-1)!);
  return {
    ...rayVerdict(results),
    ours: `Up to ${formatPercent(Math.max(...worst))} of noise images get more than 50 % confidence. Along rays from digits, at ${RAY.at(-1)} times the side of the box, the median confidence is ${ends.map((value, i) => `${formatPercent(value)} (${results[i]!.name})`).join(', ')}.`,
    rule: 'Reproduced if the median confidence of every network is at least 99 % at the far end of the rays; partly if that of some is. Inconclusive where other rays might change it (95 % interval).',
    caveats: [
      "Goodfellow's figures are for softmax regression and maxout networks; these are convolutional networks.",
      'Noise is clipped to [0, 1] and rounded to 8 bits, as in a file; rays leave the box in floating point.',
    ],
    tables: [
      {
        title: 'Confidence on noise',
        caption: `${count} images of each kind; median and quartiles of the largest class probability, and the share above 50 % and 99 %.`,
        head: ['network', 'noise', 'confidence', 'above 50 %', 'above 99 %'],
        rows: results.flatMap(({ name, rows }) =>
          rows.map(({ kind, confidences }) => [
            name,
            kind,
            formatQuartiles(quartiles([...confidences]), formatPercent),
            formatPercent(shareAbove(confidences, 0.5)),
            formatPercent(shareAbove(confidences, 0.99)),
          ]),
        ),
      },
    ],
    charts: [
      {
        title: 'Confidence along rays',
        caption:
          'Median confidence along straight rays from digits in random directions, in multiples of the side of the box [0, 1].',
        spec: {
          data: {
            values: results.flatMap(({ name, ray }) =>
              ray.map((value, i) => ({ distance: RAY[i], value, network: name })),
            ),
          },
          mark: { type: 'line', point: true },
          encoding: {
            x: { field: 'distance', type: 'quantitative', title: 'length of the ray', scale: { type: 'symlog' } },
            y: {
              field: 'value',
              type: 'quantitative',
              title: 'median confidence',
              axis: { format: '%' },
              scale: { domain: [0, 1] },
            },
            color: { field: 'network', type: 'nominal', title: null },
          },
        },
      },
    ],
    galleries: [
      {
        title: 'The noise with the highest confidence',
        caption: 'One of each kind for each network.',
        pictures: results.flatMap(({ name, network, rows }) =>
          rows.map(
            ({ kind, confidences, example }): Picture => ({
              shape: network.shape,
              planes: example,
              label: kind,
              note: `${formatPercent(Math.max(...confidences))}, ${name}`,
            }),
          ),
        ),
      },
    ],
  };
}

function shareAbove(values: Float32Array, bound: number): number {
  return values.reduce((sum, value) => sum + Number(value > bound), 0) / values.length;
}

/** The largest class probability of each of many noise images, and the image of the largest. */
async function scoreNoise(network: Classifier, kind: string, count: number) {
  const { shape } = network;
  const size = imageSize(shape);
  const confidences = new Float32Array(count);
  const data = new Uint8Array(count * size);
  for (let row = 0; row < count; row++) {
    const random = Random.stream(1, RUBBISH_STREAM, row);
    data.set(toBytes({ ...shape, count: 1, data: noise(kind, random, network) }).data, row * size);
  }
  const scores = await network.predict({ ...shape, count, data });
  for (let row = 0; row < count; row++) confidences[row] = Math.max(...scoresOf(scores, row));
  const best = argmax(confidences);
  return { confidences, example: data.slice(best * size, (best + 1) * size) };
}

function noise(kind: string, random: Random, { shape }: Classifier): Float32Array {
  const size = imageSize(shape);
  if (kind !== 'low-pass noise') return NOISES[kind as keyof typeof NOISES](random, size);
  // The mean of uniform noise over 5 x 5 pixels, stretched to the whole range of grey.
  const raw = fill(size, () => random.uniform());
  const soft = new Float32Array(size);
  const { height, width } = shape;
  for (let i = 0; i < size; i++) {
    const plane = i - (i % (height * width));
    const [y, x] = [Math.floor((i - plane) / width), i % width];
    let [sum, weight] = [0, 0];
    for (let dy = -2; dy <= 2; dy++) {
      for (let dx = -2; dx <= 2; dx++) {
        const [r, c] = [y + dy, x + dx];
        if (r < 0 || c < 0 || r >= height || c >= width) continue;
        sum += raw[plane + r * width + c]!;
        weight++;
      }
    }
    soft[i] = sum / weight;
  }
  const [low, high] = [Math.min(...soft), Math.max(...soft)];
  return soft.map((value) => (value - low) / (high - low));
}

/** The median confidence at each length of rays from images in random directions, and that of each at its end; in floating point. */
async function alongRays(network: Classifier, images: Images, count: number) {
  const size = imageSize(network.shape);
  const medians: number[] = [];
  let far: readonly number[] = [];
  for (const distance of RAY) {
    const data = new Float32Array(count * size);
    for (let row = 0; row < count; row++) {
      const random = Random.stream(2, RUBBISH_STREAM, row);
      const direction = fill(size, () => random.normal());
      const norm = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
      for (let i = 0; i < size; i++) {
        // As long as the diagonal of so many boxes.
        const step = (distance * Math.sqrt(size) * direction[i]!) / norm;
        data[row * size + i] = images.data[(row % images.count) * size + i]! / 255 + step;
      }
    }
    const floats: FloatImages = { ...network.shape, count, data };
    const { data: logits, numClasses } = await network.logits(floats);
    const values = Array.from({ length: count }, (_, row) =>
      softmaxTop(logits.subarray(row * numClasses, (row + 1) * numClasses)),
    );
    medians.push(quartiles(values).median);
    far = values;
  }
  return { medians, far };
}

function softmaxTop(logits: Float32Array): number {
  const top = Math.max(...logits);
  return 1 / logits.reduce((sum, value) => sum + Math.exp(value - top), 0);
}

export const rubbish: Claim = {
  name: 'rubbish',
  title: 'Confidence on noise, and far from all data',
  claim: 'Networks are certain of noise, and their confidence grows with the distance from the data.',
  published:
    "N(0, I) as 'rubbish': softmax regression is wrong on 59.8 % at 70.8 % confidence, a maxout network on 98.35 % at 92.8 % (Goodfellow); a ReLU network is arbitrarily certain along almost every ray (Hein, theorem 3.1)",
  source:
    'Goodfellow, Shlens and Szegedy 2015, section 10 (arXiv 1412.6572); Hein, Andriushchenko and Bitterwolf 2019 (arXiv 1812.05720)',
  papers: ['goodfellow2015explaining', 'hein2019relu'],
  seconds: { tiny: 29 },
  run,
};
