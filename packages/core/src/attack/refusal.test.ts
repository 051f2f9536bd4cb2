import { GraphBuilder, lower, writeModel } from '@pareidolia/autodiff';
import { afterEach, describe, expect, it } from 'vitest';
import { parseCard } from '../classifier/card.ts';
import type { Objective } from '../classifier/objective.ts';
import { objectiveOfRow } from '../classifier/objective-row.ts';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { argmax } from '../classifier/scores.ts';
import { guardedAnswers } from '../detector/guarded-answers.ts';
import type { FloatImages } from '../image/images.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { dual, length, type Norm } from './norm.ts';
import { attackNamed } from './registry.ts';
import { isRobust } from './result.ts';
import { attackImages } from './run.ts';

const SHAPE = { channels: 1, height: 4, width: 5 } as const;
const SIZE = 20;

/** Three logits and a score that are linear in the pixels. */
interface Guarded {
  readonly model: OnnxClassifier;
  readonly image: FloatImages;
  /** For each rival of the label: what of the pixels is to grow, and by how much. */
  readonly rivals: readonly { readonly weights: Float64Array; readonly lacks: number }[];
  /** The same of the score, for the image to be accepted. */
  readonly score: { readonly weights: Float64Array; readonly lacks: number };
}

let open: OnnxClassifier[] = [];
afterEach(async () => {
  for (const each of open) await each.dispose();
  open = [];
});

/**
 * An image of class 0, and a guarded linear network whose planes lie at about 0.1 from it.
 *
 * @param tilt how much the score falls towards the rivals
 * @param slack how far the score of the image is above the threshold
 */
async function guardedLinear(seed: number, tilt: number, slack: number, behindGuard = true): Promise<Guarded> {
  const random = Random.stream(seed);
  const normal = (): Float64Array => Float64Array.from({ length: SIZE }, () => Math.fround(random.normal()));
  const x = Float32Array.from({ length: SIZE }, () => Math.round(255 * (0.4 + 0.2 * random.uniform())) / 255);
  const dot = (w: ArrayLike<number>): number => x.reduce((sum, value, i) => sum + value * w[i]!, 0);
  const w = [normal(), normal(), normal()];
  const noise = normal();
  const v = noise.map((value, i) => Math.fround(0.5 * value - tilt * (w[1]![i]! + w[2]![i]! - 2 * w[0]![i]!)));
  const lacks = [0.45, 0.5];
  const bias = [-dot(w[0]!), -dot(w[1]!) - lacks[0]!, -dot(w[2]!) - lacks[1]!].map(Math.fround);
  const threshold = Math.fround(dot(v) - slack);
  const b = new GraphBuilder('guarded');
  const rows = b.op('Flatten', [b.input('image', 'float32', ['N', 1, 4, 5])], { axis: 1 });
  const product = (columns: readonly Float64Array[]): string => {
    const data = Float32Array.from(
      { length: SIZE * columns.length },
      (_, i) => columns[i % columns.length]![Math.floor(i / columns.length)]!,
    );
    return b.op('MatMul', [rows, b.constant({ type: 'float32', dims: [SIZE, columns.length], data })]);
  };
  const shift = b.constant({ type: 'float32', dims: [3], data: Float32Array.from(bias) });
  const logits = b.op('Add', [product(w), shift], {}, 'logits');
  const score = b.op('Squeeze', [product([v]), b.ints([1])]);
  b.op('Identity', [guardedAnswers(b, logits, score, { threshold, scale: 1 })], {}, 'answers');
  for (const output of ['logits', 'answers']) b.output(output);
  const guard = { score: 'score', accept: 'accept', answers: 'answers', detector: 'energy', threshold, tpr: 0.95 };
  const model = await OnnxClassifier.load(writeModel(lower(b.build(), { kind: 'plain' })), {
    runtime: nodeRuntime(),
    device: 'cpu',
    threads: 1,
    where: 'guarded',
    card: parseCard({ color: 'grey', output: 'logits', outputName: 'logits', classNames: ['a', 'b', 'c'], guard }),
    behindGuard,
  });
  open.push(model);
  return {
    model,
    image: { ...SHAPE, count: 1, data: x },
    rivals: [1, 2].map((k) => ({ weights: w[k]!.map((value, i) => value - w[0]![i]!), lacks: lacks[k - 1]! })),
    score: { weights: v, lacks: -slack },
  };
}

/**
 * The length of the least change d with a d >= alpha and c d >= gamma, by duality: the largest of
 * (l alpha + (1 - l) gamma) / |l a + (1 - l) c| in the dual norm, over l in [0, 1].
 */
function leastChange(norm: Exclude<Norm, 'l0'>, first: Guarded['score'], second: Guarded['score']): number {
  let most = 0;
  for (let step = 0; step <= 20_000; step++) {
    const l = step / 20_000;
    const mixed = Float32Array.from(first.weights, (value, i) => l * value + (1 - l) * second.weights[i]!);
    const steepest = length(mixed, dual(norm));
    if (steepest > 0) most = Math.max(most, (l * first.lacks + (1 - l) * second.lacks) / steepest);
  }
  return most;
}

const NOTHING = { weights: new Float64Array(SIZE), lacks: 0 };

describe('attacks on a classifier that refuses', () => {
  const label = Int32Array.of(0);

  /** Tilts and slacks of networks whose detector is in the way of the nearest adversarial image. */
  const guards = [
    [0.2, 0.05],
    [0.5, 0.1],
    [1.5, 0.1],
  ] as const;

  it.each([
    ['l2', 'fab', 2],
    ['linf', 'fab', 5],
  ] as const)(
    'in %s come near the least change that is accepted as a wrong class, and no nearer: %s',
    async (norm, name, most) => {
      for (const [place, [tilt, slack]] of guards.entries()) {
        const { model, image, rivals, score } = await guardedLinear(place + 1, tilt, slack);
        const least = Math.min(...rivals.map((rival) => leastChange(norm, rival, score)));
        const alone = Math.min(...rivals.map((rival) => leastChange(norm, rival, NOTHING)));
        expect(least).toBeGreaterThan(1.1 * alone);
        const [result] = await attackImages(model, attackNamed(name), image, label, {
          norm,
          seed: 7,
          batch: 1,
          quantize: false,
        });
        expect(result).toMatchObject({ success: true, initiallyRefused: false });
        expect([1, 2]).toContain(result!.decision);
        expect(result!.distances![norm]).toBeGreaterThan(least * (1 - 1e-4));
        expect(result!.distances![norm]).toBeLessThan(least * most);
      }
    },
  );

  it('in a ball in L2 AutoAttack finds what is accepted as a wrong class where there is something, and nothing else', async () => {
    for (const [place, [tilt, slack]] of guards.entries()) {
      const { model, image, rivals, score } = await guardedLinear(place + 1, tilt, slack);
      const least = Math.min(...rivals.map((rival) => leastChange('l2', rival, score)));
      const results = await attackImages(model, attackNamed('autoattack'), image, label, {
        norm: 'l2',
        epsilons: [0.99 * least, 1.3 * least],
        seed: 7,
        batch: 1,
        quantize: false,
      });
      expect(results.map(({ success }) => success)).toEqual([false, true]);
      expect(isRobust(results[0]!)).toBe(true);
    }
  });

  it.each(['pgd', 'autoattack', 'square', 'uap'])('count no refusal as success: %s', async (name) => {
    // The score falls by more towards each rival than is left to the threshold.
    const { model, image, rivals, score } = await guardedLinear(4, 3, 0.1);
    const attack = attackNamed(name);
    const norm = attack.norms[0] as 'linf' | 'l2';
    const least = Math.min(...rivals.map((rival) => leastChange(norm, rival, score)));
    const alone = Math.min(...rivals.map((rival) => leastChange(norm, rival, NOTHING)));
    expect(least).toBeGreaterThan(1.5 * alone);
    const options = { epsilons: [1.2 * alone], seed: 7, batch: 1, quantize: false };
    const [behind] = await attackImages(model, attack, image, label, options);
    expect(behind).toMatchObject({ success: false, initiallyWrong: false });
    const plain = await guardedLinear(4, 3, 0.1, false);
    const [network] = await attackImages(plain.model, attack, image, label, options);
    expect(network).toMatchObject({ success: true });
  });

  it('cross what is refused between two classes: of two classes and the largest softmax the least change is known', async () => {
    const random = Random.stream(12);
    // Steep, so that the change stays away from the ends of the box.
    const slope = Float32Array.from({ length: SIZE }, () => 8 * random.normal());
    const x = Float32Array.from({ length: SIZE }, () => Math.round(255 * (0.4 + 0.2 * random.uniform())) / 255);
    const [gap, threshold] = [6, 0.9];
    const b = new GraphBuilder('guarded');
    const rows = b.op('Flatten', [b.input('image', 'float32', ['N', 1, 4, 5])], { axis: 1 });
    const product = b.op('MatMul', [rows, b.constant({ type: 'float32', dims: [SIZE, 1], data: slope })]);
    const at = x.reduce((sum, value, i) => sum + value * slope[i]!, 0);
    const logits = b.op('Pad', [b.op('Sub', [product, b.scalar(at + gap)]), b.ints([0, 1, 0, 0])], {}, 'logits');
    const score = b.op('ReduceMax', [b.op('Softmax', [logits], { axis: 1 }), b.ints([1])], { keepdims: 0 });
    b.op('Identity', [guardedAnswers(b, logits, score, { threshold, scale: 0.002 })], {}, 'answers');
    for (const output of ['logits', 'answers']) b.output(output);
    const guard = { score: 'score', accept: 'accept', answers: 'answers', detector: 'energy', threshold, tpr: 0.95 };
    const model = await OnnxClassifier.load(writeModel(lower(b.build(), { kind: 'plain' })), {
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: 'guarded',
      card: parseCard({ color: 'grey', output: 'logits', outputName: 'logits', classNames: ['a', 'b'], guard }),
    });
    open.push(model);
    // The logit of class b is at -gap, and has to be at ln(t / (1 - t)).
    const lacks = gap + Math.log(threshold / (1 - threshold));
    for (const norm of ['linf', 'l2'] as const) {
      const least = lacks / length(slope, dual(norm));
      for (const name of ['pgd', 'apgd-ce']) {
        const results = await attackImages(model, attackNamed(name), { ...SHAPE, count: 1, data: x }, label, {
          norm,
          epsilons: [0.98 * least, 1.05 * least],
          seed: 2,
          batch: 1,
          quantize: false,
        });
        expect(
          results.map(({ success }) => success),
          `${name} ${norm}`,
        ).toEqual([false, true]);
      }
    }
  });

  it('leave alone what is refused as it is, which is neither a success nor robust', async () => {
    const { model, image } = await guardedLinear(5, 0.2, -0.2);
    for (const name of ['pgd', 'ddn', 'uap']) {
      const [result] = await attackImages(model, attackNamed(name), image, label, {
        epsilons: [0.3],
        seed: 1,
        batch: 1,
        quantize: false,
      });
      const { success, initiallyWrong, initiallyRefused, predicted, stop } = result!;
      expect({ success, initiallyWrong, initiallyRefused, predicted, stop }).toEqual({
        success: false,
        initiallyWrong: true,
        initiallyRefused: true,
        predicted: 3,
        stop: 'initially refused',
      });
      expect(isRobust(result!)).toBe(false);
    }
  });

  it('aim at a class, with the least change that is accepted as it, and never at refusal', async () => {
    const { model, image, rivals, score } = await guardedLinear(6, 0.2, 0.3);
    const least = leastChange('l2', rivals[1]!, score);
    const options = { norm: 'l2', seed: 3, batch: 1, quantize: false } as const;
    const [result] = await attackImages(model, attackNamed('ddn'), image, label, {
      ...options,
      targets: Int32Array.of(2),
    });
    expect(result).toMatchObject({ success: true, decision: 2 });
    expect(result!.distances!.l2).toBeGreaterThan(least * (1 - 1e-4));
    await expect(
      attackImages(model, attackNamed('ddn'), image, label, { ...options, targets: Int32Array.of(3) }),
    ).rejects.toThrow('to be refused, which is no class');
    await expect(attackImages(model, attackNamed('ddn'), image, Int32Array.of(3), options)).rejects.toThrow(
      'Image 0 has the label 3, the model has the classes 0 to 2',
    );
  });

  const classIndices = Int32Array.of(0, 1, 2, 0);
  const objectives: readonly Objective[] = [
    { kind: 'log-probability', classIndices },
    { kind: 'margin', classIndices },
    { kind: 'dlr', classIndices },
    { kind: 'linear', weights: Float32Array.from({ length: 12 }, (_, i) => i - 4) },
  ];

  it.each(objectives)('follow the gradient of finite differences of the objective $kind', async (objective) => {
    for (const slack of [1, -0.8]) {
      const { model } = await guardedLinear(8, 0.4, slack);
      const draw = Random.stream(33);
      const data = Float32Array.from({ length: 4 * SIZE }, () => 0.35 + 0.3 * draw.uniform());
      const images = { ...SHAPE, count: 4, data };
      const asked = { ...objective, refusedAs: Int32Array.of(0, 2, 1, 2) };
      const { logits, value, gradient } = await model.gradient(images, asked);
      expect(logits).toHaveLength(16);
      // The twin in plain arithmetic, of the logits that the network gives of changed images.
      const valueAt = async (changed: Float32Array, row: number): Promise<number> => {
        const all = await model.logits({ ...images, data: changed });
        return objectiveOfRow([...all.data.subarray(4 * row, 4 * row + 4)], asked, row).value;
      };
      for (let row = 0; row < 4; row++) {
        expect(value[row]).toBeCloseTo(await valueAt(data, row), 4);
        for (const i of [0, 7, 13]) {
          const at = row * SIZE + i;
          const [up, down] = [data.slice(), data.slice()];
          up[at]! += 2e-3;
          down[at]! -= 2e-3;
          const slope = ((await valueAt(up, row)) - (await valueAt(down, row))) / (up[at]! - down[at]!);
          expect(Math.abs(gradient[at]! - slope)).toBeLessThan(0.03 * (1 + Math.abs(slope)));
        }
      }
      const decisions = [0, 1, 2, 3].map((row) => argmax(logits.subarray(4 * row, 4 * row + 4)));
      expect(decisions.some((decision) => (decision === 3) === slack < 0)).toBe(true);
    }
  });
});
