import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FloatImages } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { parseCard } from './card.ts';
import { OnnxClassifier } from './onnx-classifier.ts';

const data = process.env.PAREIDOLIA_DATA ?? join(process.cwd(), '..', 'shared', 'data');
const folder = join(data, '..', 'cases', 'gradients');
const isThere = existsSync(folder);

interface Case {
  /** Images in one call of the file. */
  readonly count: number;
  readonly shape: readonly [1 | 3, number, number];
  readonly input: readonly number[];
  /** Of the logit of class 1, in float64; `null` where the file has none. */
  readonly gradient: readonly number[] | null;
  readonly card?: Record<string, unknown>;
}

const runtime = nodeRuntime();
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, `${name}.onnx`)));
const read = (name: string): Case => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Case;
const load = (name: string): Promise<OnnxClassifier> =>
  OnnxClassifier.load(bytesOf(name), {
    card: parseCard(read(name).card ?? {}),
    runtime,
    device: 'cpu',
    threads: 1,
    where: `${name}.onnx`,
  });

function imagesOf({ shape: [channels, height, width], input }: Case): FloatImages {
  const count = input.length / (channels * height * width);
  return { channels, height, width, count, data: Float32Array.from(input) };
}

/** The class whose logit is differentiated. */
const CLASS = 1;

async function gradientOf(classifier: OnnxClassifier, images: FloatImages): Promise<Float32Array> {
  const { numClasses } = classifier;
  const weights = new Float32Array(images.count * numClasses).map((_, i) => (i % numClasses === CLASS ? 1 : 0));
  return (await classifier.gradient(images, { kind: 'linear', weights })).gradient;
}

const names = isThere
  ? readdirSync(folder).flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []))
  : [];
const isCoupled = (name: string): boolean => name.includes('coupled');

describe.skipIf(!isThere)('networks of shared/cases/gradients', () => {
  it.each(names.filter((name) => read(name).gradient !== null))('%s: the gradient in float64', async (name) => {
    const given = read(name);
    const classifier = await load(name);
    const ours = await gradientOf(classifier, imagesOf(given));
    const theirs = given.gradient!;
    const difference = Math.hypot(...ours.map((value, i) => value - theirs[i]!));
    expect(difference / Math.hypot(...theirs)).toBeLessThan(1e-5);
    await classifier.dispose();
  });

  it.each(names.filter((name) => read(name).gradient === null && !isCoupled(name)))(
    '%s: the scores of the file, and the gradient of their differences',
    async (name) => {
      const images = imagesOf(read(name));
      const size = images.data.length / images.count;
      const classifier = await load(name);
      const { numClasses } = classifier;
      const file = await runtime.createSession(bytesOf(name), { device: 'cpu' });
      const batch = name.includes('batch_8') ? 8 : 1;
      const { data: logits } = await classifier.logits(images);
      for (let row = 0; row < images.count; row++) {
        const image = images.data.subarray(row * size, (row + 1) * size);
        const filled = new Float32Array(batch * size).map((_, i) => image[i % size]!);
        const dims = [batch, images.channels, images.height, images.width];
        const { z } = await file.run({ x: { type: 'float32', data: filled, dims } }, ['z']);
        const own = [...logits.subarray(row * numClasses, (row + 1) * numClasses)];
        const total = Math.log(own.reduce((sum, value) => sum + Math.exp(value), 0));
        own.forEach((value, k) => {
          const expected = (z!.data as Float32Array)[k]!;
          const said = name.includes('zipmap') ? Math.exp(value - total) : value;
          expect(said).toBeCloseTo(expected, 5);
        });
      }
      await file.dispose();

      const ours = await gradientOf(classifier, images);
      const random = Random.stream(1);
      const direction = images.data.map(() => (random.uniform() < 0.5 ? -1 : 1));
      const step = 2 ** -10;
      const at = async (by: number): Promise<Float32Array> => {
        const moved = images.data.map((value, i) => value + by * direction[i]!);
        return (await classifier.logits({ ...images, data: moved })).data;
      };
      const [above, below] = [await at(step), await at(-step)];
      for (let row = 0; row < images.count; row++) {
        const place = row * numClasses + CLASS;
        const part = ours.subarray(row * size, (row + 1) * size);
        const along = part.reduce((sum, value, i) => sum + value * direction[row * size + i]!, 0);
        const bound = 2e-2 * Math.hypot(...part) + 1e-3;
        expect(Math.abs(along - (above[place]! - below[place]!) / (2 * step))).toBeLessThan(bound);
      }
      await classifier.dispose();
    },
  );

  it.each(names.filter(isCoupled))('%s is run on one image at a time, and that is said', async (name) => {
    const classifier = await load(name);
    expect(classifier.notices.join()).toMatch(/scores an image by the images beside it.* one image at a time/);
    await classifier.dispose();
  });
});
