import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphBuilder, type Model, readModel, tensor, writeModel } from '@pareidolia/autodiff';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pgd } from '../attack/algorithms/projected-gradient.ts';
import { checkTarget } from '../attack/engine/reliability.ts';
import { attackImages } from '../attack/run.ts';
import { drawDigits } from '../dataset/digits/digits.ts';
import { sliceImages, toFloat } from '../image/images.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { quantizedNetwork, rangesOf } from '../testing/quantized-lenet.ts';
import { parseCard } from './card.ts';
import { OnnxClassifier } from './onnx-classifier.ts';

const runtime = nodeRuntime();
const bytes = new Uint8Array(readFileSync(new URL('../../assets/lenet-digits.onnx', import.meta.url)));
const float = readModel(bytes);
const { images, labels } = drawDigits(200, 20_001);
const floats = toFloat(images);
/** As a classifier makes them of 8-bit images. */
const pixels = Float32Array.from(images.data, (value) => value * Math.fround(1 / 255));
const COUNT = images.count;
const SIZE = 784;

const load = (model: Model | Uint8Array): Promise<OnnxClassifier> =>
  OnnxClassifier.load(model instanceof Uint8Array ? model : writeModel(model), {
    card: parseCard({}),
    runtime,
    device: 'cpu',
    threads: 1,
    where: 'quantized.onnx',
  });

/** The scores that ONNX Runtime gives for the file, some images at a time. */
async function runAlone(model: Model, at: number, pixels: Float32Array): Promise<Float32Array> {
  const session = await runtime.createSession(writeModel(model), { device: 'cpu', threads: 1 });
  const scores: number[] = [];
  for (let from = 0; from < COUNT; from += at) {
    const data = pixels.slice(from * SIZE, (from + at) * SIZE);
    const results = await session.run({ image: { type: 'float32', data, dims: [at, 1, 28, 28] } }, ['logits']);
    scores.push(...(results.logits!.data as Float32Array));
  }
  await session.dispose();
  return Float32Array.from(scores);
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

const bestOf = (logits: Float32Array, row: number): number => {
  const own = logits.subarray(10 * row, 10 * row + 10);
  return own.indexOf(Math.max(...own));
};

describe.each(['QDQ', 'QOperator', 'dynamic'] as const)('the embedded network, quantized as %s', (format) => {
  let model: Model;
  let quantized: OnnxClassifier;
  let original: OnnxClassifier;

  beforeAll(async () => {
    const calibration = { type: 'float32', data: floats.data, dims: [COUNT, 1, 28, 28] } as const;
    model = quantizedNetwork(float, await rangesOf(float, calibration, runtime), format);
    [quantized, original] = [await load(model), await load(bytes)];
  });
  afterAll(() => Promise.all([quantized.dispose(), original.dispose()]));

  it('is scored to the bit as ONNX Runtime runs the file', async () => {
    const [own, alone] = [
      await quantized.logits(images),
      await runAlone(model, format === 'dynamic' ? 1 : COUNT, pixels),
    ];
    expect(own.data).toEqual(alone);
    const same = labels.filter((_, row) => bestOf(own.data, row) === labels[row]).length;
    expect(same / COUNT).toBeGreaterThanOrEqual(0.98);
  });

  it('has an estimated gradient that points where that of the float network does', async () => {
    expect(quantized.gradientKind).toBe('straight-through');
    const objective = { kind: 'log-probability', classIndices: labels } as const;
    const [ours, theirs] = [await quantized.gradient(floats, objective), await original.gradient(floats, objective)];
    const cosines = Array.from({ length: COUNT }, (_, row) => {
      const [from, to] = [row * SIZE, (row + 1) * SIZE];
      return cosine(ours.gradient.subarray(from, to), theirs.gradient.subarray(from, to));
    }).sort((a, b) => a - b);
    expect(cosines[COUNT / 2]).toBeGreaterThan(0.9);
    // Sums of integers are exact in the gradient's graph; pairs around float operators may round a half the other way.
    const scored = await quantized.logits(floats);
    const others = ours.logits.filter((value, i) => value !== scored.data[i]).length;
    // What the runtime makes of a dynamic quantization is not the same on processors with VNNI and without.
    if (format === 'dynamic') return;
    expect(others / scored.data.length).toBeLessThanOrEqual(format === 'QDQ' ? 0.01 : 0);
  });

  it('falls to projected gradient descent, and the flags say that gradients are estimates', async () => {
    const few = sliceImages(images, 0, 20);
    const results = await attackImages(quantized, pgd, few, labels.subarray(0, 20), {
      norm: 'linf',
      epsilons: [0.3],
      seed: 1,
      batch: 20,
      quantize: true,
    });
    const fallen = results.filter(({ success, initiallyWrong }) => success && !initiallyWrong);
    expect(fallen.length).toBeGreaterThanOrEqual(15);
    const flags = await checkTarget(quantized, few, labels.subarray(0, 20));
    expect(flags.map(({ kind }) => kind)).toContain('estimated gradient');
  });
});

describe('a network that was exported for one image', () => {
  it.each(['QDQ', 'QOperator', 'dynamic'] as const)(
    'and quantized as %s scores many as it scores each',
    async (format) => {
      const calibration = { type: 'float32', data: floats.data, dims: [COUNT, 1, 28, 28] } as const;
      const model = quantizedNetwork(float, await rangesOf(float, calibration, runtime), format, 1);
      const classifier = await load(model);
      const together = await classifier.logits(images);
      expect(together.data).toEqual(await runAlone(model, 1, pixels));
      await classifier.dispose();
    },
  );
});

describe('a network that ends in a quantized softmax', () => {
  const weights = tensor('float32', [2, 3], Float32Array.of(4, -2, 1, 0, 3, -5));

  it.each(['QDQ', 'QOperator'] as const)('as %s has the logits before it', async (format) => {
    const b = new GraphBuilder('softmax');
    const x = b.op('Flatten', [b.input('x', 'float32', ['N', 1, 1, 2])]);
    const uint8 = (value: number): string => b.constant(tensor('uint8', [], Uint8Array.of(value)));
    const [inner, outer] = [
      [b.scalar(1 / 16), uint8(128)],
      [b.scalar(1 / 256), uint8(0)],
    ];
    const integers = b.op('QuantizeLinear', [b.op('MatMul', [x, b.constant(weights)]), ...inner]);
    const p =
      format === 'QOperator'
        ? b.op('com.microsoft.QLinearSoftmax', [integers, ...inner, ...outer], { axis: -1, opset: 13 })
        : b.op('QuantizeLinear', [
            b.op('Softmax', [b.op('DequantizeLinear', [integers, ...inner])], { axis: -1 }),
            ...outer,
          ]);
    b.output(b.op('DequantizeLinear', [p, ...outer], {}, 'p'));
    const classifier = await load(b.build());
    const image = { channels: 1, height: 1, width: 2, count: 1 } as const;
    // 1 and 0.5 times the weights.
    const logits = [4, -0.5, -1.5];
    const { data } = await classifier.logits({ ...image, data: Float32Array.of(1, 0.5) });
    expect([...data]).toEqual(logits);
    const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
    const truth = logits.map((z) => Math.exp(z) / total);
    const scores = await classifier.predict({ ...image, data: Uint8Array.of(255, 128) });
    for (const [k, value] of scores.data.entries()) expect(Math.abs(value - truth[k]!)).toBeLessThanOrEqual(1 / 256);
    // d log p_y / dx = sum over k of ([k = y] - p_k) w_k.
    const { gradient } = await classifier.gradient(
      { ...image, data: Float32Array.of(1, 0.5) },
      { kind: 'log-probability', classIndices: Int32Array.of(2) },
    );
    for (const [i, value] of gradient.entries()) {
      const slope = truth.reduce((sum, pk, k) => sum + (Number(k === 2) - pk) * Number(weights.data[3 * i + k]), 0);
      expect(value).toBeCloseTo(slope, 4);
    }
    await classifier.dispose();
  });
});

const cases = join(process.env.PAREIDOLIA_DATA ?? join(process.cwd(), '..', 'shared', 'data'), '..', 'cases', 'models');

describe.skipIf(!existsSync(cases))('small quantized models', () => {
  const shape = { channels: 1, height: 12, width: 12, count: 1 } as const;
  const data = Float32Array.from({ length: 144 }, (_, i) => i / 144);
  const weights = Float32Array.from({ length: 12 }, (_, k) => k);

  it.each([
    ['refused-qdq-input', 'W', 'straight-through'],
    ['refused-weight-only-int8', 'Wq', 'exact'],
  ])('%s has a gradient', async (name, matrix, kind) => {
    const bytes = new Uint8Array(readFileSync(join(cases, `${name}.onnx`)));
    const classifier = await load(bytes);
    expect(classifier.gradientKind).toBe(kind);
    const { gradient } = await classifier.gradient({ ...shape, data }, { kind: 'linear', weights });
    // The weights have the scale 1.
    const rows = readModel(bytes).graph.initializers.get(matrix)!.data as Float32Array | Int8Array;
    expect([...gradient]).toEqual(
      Array.from(data, (_, i) => weights.reduce((sum, weight, k) => sum + weight * rows[12 * i + k]!, 0)),
    );
    await classifier.dispose();
  });
});
