import { readFileSync } from 'node:fs';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawDigits } from '../dataset/index.ts';
import { type FloatImages, type Images, toFloat } from '../image/images.ts';
import { nodeRuntime } from '../runtime/node.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Objective } from './objective.ts';
import { OnnxClassifier } from './onnx-classifier.ts';

const lenet = new Uint8Array(readFileSync(new URL('../../assets/lenet-digits.onnx', import.meta.url)));

function load(bytes: Uint8Array, batch?: number, runtime: Runtime = nodeRuntime()): Promise<OnnxClassifier> {
  return OnnxClassifier.load(bytes, {
    runtime,
    device: 'cpu',
    threads: 1,
    where: 'net.onnx',
    ...(batch === undefined ? {} : { batch }),
  });
}

/** The runtime, with the number of images in each call written down. */
function observed(calls: number[]): Runtime {
  const runtime = nodeRuntime();
  return {
    ...runtime,
    async createSession(model, options) {
      const session = await runtime.createSession(model, options);
      return {
        inputNames: session.inputNames,
        outputNames: session.outputNames,
        run: (feeds, outputs) => {
          calls.push(Object.values(feeds)[0]!.dims[0]!);
          return session.run(feeds, outputs);
        },
        dispose: () => session.dispose(),
      };
    },
  };
}

describe('a batch that is cut into parts', () => {
  const COUNT = 37;
  const { images } = drawDigits(COUNT, 3);
  const floats = toFloat(images);
  const classIndices = Int32Array.from({ length: COUNT }, (_, row) => row % 10);
  const targets = classIndices.map((label) => (label + 3) % 10);
  const weights = Float32Array.from({ length: 10 * COUNT }, (_, i) => Math.sin(i));
  const objectives: readonly Objective[] = [
    { kind: 'log-probability', classIndices },
    { kind: 'margin', classIndices },
    { kind: 'dlr', classIndices },
    { kind: 'targeted-dlr', classIndices, targets },
    { kind: 'linear', weights },
  ];
  let whole: OnnxClassifier;
  const cut = new Map<number, OnnxClassifier>();

  beforeAll(async () => {
    whole = await load(lenet, COUNT);
  });
  afterAll(async () => {
    for (const classifier of [whole, ...cut.values()]) await classifier.dispose();
  });
  const cutInto = async (batch: number): Promise<OnnxClassifier> => {
    const known = cut.get(batch) ?? (await load(lenet, batch));
    cut.set(batch, known);
    return known;
  };

  it('gives the same bytes as the whole batch: probabilities, logits of bytes and floats, features', async () => {
    const ask = async (classifier: OnnxClassifier) => [
      (await classifier.predict(images)).data,
      (await classifier.logits(images)).data,
      (await classifier.logits(floats)).data,
      (await classifier.features!(images)).data,
    ];
    const expected = await ask(whole);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: COUNT }), async (batch) => {
        expect(await ask(await cutInto(batch))).toEqual(expected);
      }),
      { numRuns: 12 },
    );
  });

  // ONNX Runtime multiplies small matrices by other kernels, which add in another order: the last bits of gradients differ.
  it.each(objectives)('gives the same gradient of $kind but for rounding', async (objective) => {
    const expected = await whole.gradient(floats, objective);
    const scale = expected.gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const batch of [1, 5, 16]) {
      const { logits, value, gradient } = await (await cutInto(batch)).gradient(floats, objective);
      expect(logits).toEqual(expected.logits);
      value.forEach((own, row) => {
        expect(Math.abs(own - expected.value[row]!)).toBeLessThanOrEqual(1e-5 * (1 + Math.abs(own)));
      });
      const away = gradient.reduce((most, own, i) => Math.max(most, Math.abs(own - expected.gradient[i]!)), 0);
      expect(away).toBeLessThanOrEqual(1e-5 * scale);
    }
  });

  it('says between two parts how many images are done', async () => {
    const classifier = await cutInto(10);
    const done: number[] = [];
    const note = (count: number): void => {
      done.push(count);
    };
    await classifier.predict(images, note);
    expect(done).toEqual([9, 18, 27]);
    await (await cutInto(COUNT)).predict(images, note);
    expect(done.length).toBe(3);
  });

  it('ends where it is told to between two parts, with the same error', async () => {
    const calls: number[] = [];
    const classifier = await load(lenet, 10, observed(calls));
    calls.length = 0;
    const stop = new Error('stop');
    await expect(
      classifier.logits(images, (done) => {
        if (done > 9) throw stop;
      }),
    ).rejects.toBe(stop);
    expect(calls).toEqual([9, 9]);
    await classifier.dispose();
  });

  it('may be empty', async () => {
    const nothing: Images = { ...images, count: 0, data: new Uint8Array(0) };
    const empty: FloatImages = toFloat(nothing);
    expect((await whole.predict(nothing)).data.length).toBe(0);
    expect((await whole.gradient(empty, { kind: 'linear', weights: new Float32Array(0) })).gradient.length).toBe(0);
  });
});

describe('the size of a part', () => {
  /** A convolution to many planes, then a mean of each: 64 x 256 x 256 values and little else. */
  function wide(): Uint8Array {
    const b = new GraphBuilder('wide');
    const kernel = new Float32Array(64).map((_, i) => i / 64);
    const planes = b.op('Conv', [
      b.input('x', 'float32', ['N', 1, 256, 256]),
      b.initializer('kernel', { type: 'float32', dims: [64, 1, 1, 1], data: kernel }),
    ]);
    b.output(b.op('Flatten', [b.op('GlobalAveragePool', [planes])], { axis: 1 }, 'scores'));
    return writeModel(b.build());
  }

  it('follows from what the network computes for an image, not from the image', async () => {
    const calls: number[] = [];
    const classifier = await load(wide(), undefined, observed(calls));
    calls.length = 0;
    const images: Images = { ...classifier.shape, count: 20, data: new Uint8Array(20 * 65_536) };
    await classifier.predict(images);
    // 4.3 million values an image, of 16 million: three at a time.
    expect(calls).toEqual([2, 3, 3, 3, 3, 3, 3]);
    await classifier.dispose();
  });

  it('must be a whole number of images', async () => {
    await expect(load(lenet, 0)).rejects.toThrow('net.onnx: a batch of 0 images');
  });
});
