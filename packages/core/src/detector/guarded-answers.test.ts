import { GraphBuilder, lower, writeModel } from '@pareidolia/autodiff';
import { afterEach, describe, expect, it } from 'vitest';
import { parseCard } from '../classifier/card.ts';
import { REFUSED_CLASS } from '../classifier/guarded-card.ts';
import { type ClassifierOptions, OnnxClassifier } from '../classifier/onnx-classifier.ts';
import type { FloatImages } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { guardedAnswers } from './guarded-answers.ts';

const SHAPE = { channels: 1, height: 3, width: 3 } as const;
const random = Random.stream(31);
const weights = Float32Array.from({ length: 36 }, () => random.normal());

/** Three logits and a score, linear in nine pixels, with the answers of both. */
async function guarded(
  threshold: number,
  scale: number,
  options: Partial<ClassifierOptions> = {},
): Promise<OnnxClassifier> {
  const b = new GraphBuilder('guarded');
  const image = b.input('image', 'float32', ['N', 1, 3, 3]);
  const rows = b.op('Flatten', [image], { axis: 1 });
  const product = (from: number, count: number): string => {
    const data = Float32Array.from(
      { length: 9 * count },
      (_, i) => weights[Math.floor(i / count) * 4 + from + (i % count)]!,
    );
    return b.op('MatMul', [rows, b.constant({ type: 'float32', dims: [9, count], data })]);
  };
  const score = b.op('Squeeze', [product(3, 1), b.ints([1])]);
  b.output(b.op('Identity', [guardedAnswers(b, product(0, 3), score, { threshold, scale })], {}, 'answers'));
  return OnnxClassifier.load(writeModel(lower(b.build(), { kind: 'plain' })), {
    runtime: nodeRuntime(),
    device: 'cpu',
    where: 'guarded',
    card: parseCard({ output: 'logits', color: 'grey', classNames: ['a', 'b', 'c', REFUSED_CLASS] }),
    ...options,
  });
}

/** By the definition, in double precision. */
function definition(pixels: ArrayLike<number>, threshold: number, scale: number): { p: number[]; isRefused: boolean } {
  const z = [0, 1, 2, 3].map((k) => {
    let sum = 0;
    for (let i = 0; i < 9; i++) sum += weights[i * 4 + k]! * pixels[i]!;
    return sum;
  });
  const sum = z.slice(0, 3).reduce((total, each) => total + Math.exp(each), 0);
  const isRefused = z[3]! < threshold;
  const left = isRefused ? Math.exp((z[3]! - threshold) / scale) / 2 : 1;
  return { p: [...z.slice(0, 3).map((each) => (left * Math.exp(each)) / sum), 1 - left], isRefused };
}

let open: OnnxClassifier | undefined;
afterEach(async () => {
  await open?.dispose();
  open = undefined;
});

describe('the answers of network and detector', () => {
  it('are the network’s where it accepts, and refusal with at least one half where it does not', async () => {
    const [threshold, scale] = [0.2, 0.7];
    open = await guarded(threshold, scale);
    const count = 40;
    const draw = Random.stream(32);
    const data = Uint8Array.from({ length: 9 * count }, () => draw.integer(256));
    const scores = await open.predict({ ...SHAPE, count, data });
    let refused = 0;
    for (let row = 0; row < count; row++) {
      const own = definition(
        [...data.subarray(9 * row, 9 * row + 9)].map((level) => level / 255),
        threshold,
        scale,
      );
      const said = [...scores.data.subarray(4 * row, 4 * row + 4)];
      for (let k = 0; k < 4; k++) expect(said[k]).toBeCloseTo(own.p[k]!, 5);
      expect(said[3]! >= 0.5 - 1e-6).toBe(own.isRefused);
      if (own.isRefused) refused++;
    }
    expect(refused).toBeGreaterThan(5);
    expect(refused).toBeLessThan(35);
  });

  it.each([
    ['accepts', -100],
    ['refuses', 3],
  ])('have the gradient of finite differences where the detector %s', async (_, threshold) => {
    const scale = 0.9;
    open = await guarded(threshold, scale);
    const draw = Random.stream(33);
    const images: FloatImages = { ...SHAPE, count: 4, data: Float32Array.from({ length: 36 }, () => draw.uniform()) };
    const classIndices = Int32Array.of(0, 1, 2, 0);
    const { gradient } = await open.gradient(images, { kind: 'log-confidence', classIndices });
    for (let at = 0; at < 36; at++) {
      const [row, i] = [Math.floor(at / 9), at % 9];
      const log = (change: number): number => {
        const pixels = Float64Array.from(images.data.subarray(9 * row, 9 * row + 9));
        pixels[i]! += change;
        return Math.log(definition(pixels, threshold, scale).p[classIndices[row]!]!);
      };
      expect(gradient[at]).toBeCloseTo((log(1e-5) - log(-1e-5)) / 2e-5, 4);
    }
  });

  it('are a class more where the card knows of a detector, also where the classes have no names', async () => {
    const guard = { score: 'score', accept: 'accept', answers: 'answers', detector: 'energy', threshold: 0, tpr: 0.95 };
    const card = parseCard({ color: 'grey', guard });
    open = await guarded(0, 1, { card });
    expect(open.refusedClass).toBe(3);
    expect(open.classNames).toEqual(['class 0', 'class 1', 'class 2', REFUSED_CLASS]);
    await open.dispose();
    const named = parseCard({ color: 'grey', guard, classNames: ['a', 'b', 'c'] });
    open = await guarded(0, 1, { card: named });
    expect(open.classNames).toEqual(['a', 'b', 'c', REFUSED_CLASS]);
    await open.dispose();
    open = await guarded(0, 1, { card, behindGuard: false });
    expect(open.refusedClass).toBeUndefined();
    expect(open.classNames).toHaveLength(4);
  });
});
