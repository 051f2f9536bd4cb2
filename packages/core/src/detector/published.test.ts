/** @file Against the logs of Hendrycks, Mazeika and Dietterich 2019 of the very networks, averages of ten draws of 2,000 outliers. */

import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { readModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { gatherCard } from '../classifier/card-source/gather-card.ts';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { scoresOf } from '../classifier/scores.ts';
import { binaryNoise } from '../garbage/binary-noise.ts';
import { gaussianNoise } from '../garbage/gaussian-noise.ts';
import type { Images } from '../image/images.ts';
import { auroc, averagePrecision, falsePositives } from '../metric/ranking.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';

const data = process.env.PAREIDOLIA_DATA ?? '';
const SHAPE = { channels: 1, height: 28, width: 28 } as const;

/** Test images of a folder in MNIST's format. */
function testImages(folder: string): Images {
  const pixels = gunzipSync(readFileSync(`${data}/${folder}/t10k-images-idx3-ubyte.gz`)).subarray(16);
  return { ...SHAPE, count: pixels.length / 784, data: new Uint8Array(pixels) };
}

/** CIFAR-10 at 28 x 28 as Pillow resizes it (a triangle as wide as 8/7 pixels to each side), then in grey, as theirs is. */
function cifarImages(): Images {
  const bytes = readFileSync(`${data}/cifar10/test_first1000.bin`);
  const count = bytes.length / 3073;
  const images: Images = { ...SHAPE, count, data: new Uint8Array(count * 784) };
  const scale = 32 / 28;
  const taps = Array.from({ length: 28 }, (_, i) => {
    const middle = (i + 0.5) * scale;
    const weights = Array.from({ length: 32 }, (_, at) => Math.max(0, 1 - Math.abs(at + 0.5 - middle) / scale));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.flatMap((weight, at) => (weight > 0 ? [[at, weight / sum] as const] : []));
  });
  for (let image = 0; image < count; image++) {
    for (let i = 0; i < 784; i++) {
      let grey = 0;
      for (const [channel, share] of [0.299, 0.587, 0.114].entries()) {
        const plane = image * 3073 + 1 + channel * 1024;
        for (const [y, down] of taps[Math.floor(i / 28)]!) {
          for (const [x, across] of taps[i % 28]!) grey += share * down * across * bytes[plane + y * 32 + x]!;
        }
      }
      images.data[image * 784 + i] = Math.round(grey);
    }
  }
  return images;
}

/** Outliers and their names in the logs; notMNIST, Icons-50 and their part of Omniglot are not at hand. */
const OUTLIERS: readonly (readonly [string, (real: Images) => Images])[] = [
  ['Gaussian Noise (mu = sigma = 0.5)', () => gaussianNoise.make(SHAPE, 10_000, Random.stream(1))],
  ['Bernoulli Noise', () => binaryNoise.make(SHAPE, 10_000, Random.stream(2))],
  ['CIFAR-10', cifarImages],
  ['Fashion-MNIST', () => testImages('fashion-mnist')],
  ['Negative MNIST', (real) => ({ ...real, data: real.data.map((level) => 255 - level) })],
];

/** A number of the section of a log, in percent. */
function logged(log: string, section: string, figure: string): number {
  const at = log.indexOf(`${section} Detection`);
  return Number(new RegExp(`${figure}:\\s*([\\d.]+)`).exec(log.slice(at))![1]);
}

describe.skipIf(!existsSync(`${data}/published`))('outlier exposure on MNIST (PAREIDOLIA_DATA)', () => {
  it.each([
    ['mnist-oe-baseline', 'oe-mnist-baseline'],
    ['mnist-oe-scratch', 'oe-mnist-oe_scratch'],
  ])('%s has the areas and false positives of its log', async (name, file) => {
    const bytes = new Uint8Array(readFileSync(`${data}/models/${name}.onnx`));
    const { card } = gatherCard({ where: name, model: readModel(bytes), remedy: '' });
    const classifier = await OnnxClassifier.load(bytes, { card, runtime: nodeRuntime(), device: 'cpu', where: name });
    const confidences = async (images: Images): Promise<Float64Array> => {
      const scores = await classifier.predict(images);
      return Float64Array.from({ length: images.count }, (_, row) => Math.max(...scoresOf(scores, row)));
    };
    const log = readFileSync(`${data}/published/${file}.txt`, 'utf8');
    const real = testImages('mnist');
    const known = await confidences(real);
    for (const [section, make] of OUTLIERS) {
      const others = await confidences(make(real));
      // In the logs outliers are the positives; the area is the same from both sides.
      const area = auroc(known, others);
      const passed = falsePositives(
        others.map((score) => -score),
        known.map((score) => -score),
      );
      expect(Math.abs(area - logged(log, section, 'AUROC') / 100), `${section} AUROC ${area}`).toBeLessThan(0.003);
      expect(
        Math.abs(passed.share - logged(log, section, 'FPR95') / 100),
        `${section} FPR95 ${passed.share}`,
      ).toBeLessThan(0.01);
      // Precision depends on how many outliers there are: theirs are 2,000 to 10,000 known images.
      const some = others.subarray(0, 2000);
      if (some.length < 2000) continue;
      const precision = averagePrecision(
        some.map((score) => -score),
        known.map((score) => -score),
      );
      expect(Math.abs(precision - logged(log, section, 'AUPR') / 100), `${section} AUPR ${precision}`).toBeLessThan(
        0.01,
      );
    }
    await classifier.dispose();
  });
});
