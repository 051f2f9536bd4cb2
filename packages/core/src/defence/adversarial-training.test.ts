import { type Model, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { pgd } from '../attack/algorithms/projected-gradient.ts';
import { attackImages } from '../attack/run.ts';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { drawDigits } from '../dataset/digits/digits.ts';
import { InputError } from '../errors.ts';
import { type FloatImages, toFloat } from '../image/images.ts';
import { mlp } from '../network/mlp.ts';
import { train } from '../network/trainer.ts';
import type { TrainingOptions } from '../network/training.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import type { Tensor, Tensors } from '../runtime/runtime.ts';
import { type AdversarialTraining, Adversary } from './adversarial-training.ts';
import { usualStepSize } from './moved-images.ts';

const runtime = nodeRuntime();
const session = { device: 'cpu', threads: 1 } as const;
const shape = { channels: 1, height: 3, width: 4 } as const;
const regression = mlp(shape, [], 2, 1);
const epsilon = 0.2;

/** The weights of softmax regression with two classes, times a factor. */
function weightsOf(factor: number): Tensors {
  return Object.fromEntries(
    ['logits.weight', 'logits.bias'].map((name): [string, Tensor] => {
      const { dims, data } = regression.graph.initializers.get(name)!;
      return [
        name,
        { type: 'float32', dims, data: Float32Array.from(data as Float32Array, (value) => factor * value) },
      ];
    }),
  );
}

function someImages(count: number): { readonly images: FloatImages; readonly labels: Int32Array } {
  const random = Random.stream(3);
  const data = Float32Array.from({ length: 12 * count }, () => random.uniform());
  return { images: { ...shape, count, data }, labels: Int32Array.from({ length: count }, () => random.integer(2)) };
}

/** With two classes the loss grows along the difference of their weights, everywhere: its maximum in ball and box. */
function worst({ images, labels }: ReturnType<typeof someImages>, weights: Tensors): number[] {
  const { data } = weights['logits.weight']!;
  return Array.from(images.data, (pixel, i) => {
    const own = labels[Math.floor(i / 12)]!;
    const slope = Number(data[12 * (1 - own) + (i % 12)]) - Number(data[12 * own + (i % 12)]);
    return Math.fround(Math.min(1, Math.max(0, pixel + epsilon * Math.sign(slope))));
  });
}

/** The mean of -log p(class) under softmax regression with the weights as they were. */
function crossEntropy(pixels: readonly number[], labels: Int32Array): number {
  const { data } = weightsOf(1)['logits.weight']!;
  const logit = (row: number, k: number): number =>
    Array.from({ length: 12 }, (_, i) => pixels[12 * row + i]! * Number(data[12 * k + i])).reduce((sum, v) => sum + v);
  const losses = Array.from(labels, (own, row) => Math.log(1 + Math.exp(logit(row, 1 - own) - logit(row, own))));
  return losses.reduce((sum, loss) => sum + loss) / losses.length;
}

async function openAdversary(method: AdversarialTraining): Promise<Adversary> {
  return Adversary.open(method, regression, ['logits.weight', 'logits.bias'], runtime, session);
}

describe('adversarial examples of softmax regression', () => {
  const given = someImages(5);

  it.each([
    ['the weights as they were', 1],
    ['weights that have turned round since', -1],
  ])(
    'by the fast gradient sign are the worst images in the ball, behind the images themselves, for %s',
    async (_, factor) => {
      const adversary = await openAdversary({ kind: 'fgsm', epsilon });
      const { images, labels } = await adversary.examples(given, weightsOf(factor), Random.stream(1));
      expect([...labels]).toEqual([...given.labels, ...given.labels]);
      expect(images.data.slice(0, 60)).toEqual(given.images.data);
      const expected = worst(given, weightsOf(factor));
      expected.forEach((pixel, i) => {
        expect(images.data[60 + i]).toBeCloseTo(pixel, 6);
      });
      await adversary.dispose();
    },
  );

  it('by projected gradient descent are the same from every start that the steps can cross the ball from', async () => {
    const adversary = await openAdversary({ kind: 'pgd', epsilon, steps: 5, stepSize: usualStepSize(epsilon, 5) });
    for (const seed of [1, 2]) {
      const { images, labels } = await adversary.examples(given, weightsOf(1), Random.stream(seed));
      expect(labels).toEqual(given.labels);
      worst(given, weightsOf(1)).forEach((pixel, i) => {
        expect(images.data[i]).toBeCloseTo(pixel, 6);
      });
    }
    await adversary.dispose();
  });

  it('begin at a random place inside ball and box', async () => {
    const adversary = await openAdversary({ kind: 'pgd', epsilon, steps: 1, stepSize: 1e-4 });
    const made = async (seed: number) => (await adversary.examples(given, weightsOf(1), Random.stream(seed))).images;
    const [first, again, other] = [await made(1), await made(1), await made(2)];
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    first.data.forEach((pixel, i) => {
      expect(pixel >= 0 && pixel <= 1).toBe(true);
      expect(Math.abs(pixel - given.images.data[i]!)).toBeLessThanOrEqual(epsilon + 1e-6);
    });
    const spread = first.data.reduce((sum, pixel, i) => sum + Math.abs(pixel - given.images.data[i]!), 0) / 60;
    expect(spread).toBeGreaterThan(epsilon / 4);
    await adversary.dispose();
  });

  it('leave the images that they are made of as they are', async () => {
    const adversary = await openAdversary({ kind: 'pgd', epsilon, steps: 2, stepSize: 0.1 });
    const before = given.images.data.slice();
    await adversary.examples(given, weightsOf(1), Random.stream(1));
    expect(given.images.data).toEqual(before);
    await adversary.dispose();
  });
});

const options: TrainingOptions = {
  model: mlp({ channels: 1, height: 28, width: 28 }, [64], 10, 1),
  dataset: drawDigits(2000, 1),
  runtime,
  session,
  epochs: 6,
  batch: 50,
  seed: 1,
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
  learningRate: { kind: 'cosine', base: 0.05 },
};

describe('training on adversarial examples', () => {
  const digits = drawDigits(300, 2);

  /** The share of digits that is read right whatever PGD does to them within a radius. */
  async function accuracyUnderAttack(model: Model, radius: number): Promise<number> {
    const where = 'trained.onnx';
    const classifier = await OnnxClassifier.load(writeModel(model), { runtime, ...session, where });
    const results = await attackImages(classifier, pgd, digits.images, digits.labels, {
      norm: 'linf',
      epsilons: [radius],
      settings: { steps: 10, relativeStep: 0.25 },
      seed: 1,
      batch: 100,
      quantize: false,
    });
    await classifier.dispose();
    return results.filter(({ success, initiallyWrong }) => !success && !initiallyWrong).length / digits.images.count;
  }

  it('makes a perceptron stand where the same one, trained on the images alone, falls', async () => {
    const radius = 0.1;
    const adversarial = { kind: 'pgd', epsilon: radius, steps: 5, stepSize: usualStepSize(radius, 5) } as const;
    const plain = await accuracyUnderAttack((await train(options)).model, radius);
    const hardened = await accuracyUnderAttack((await train({ ...options, adversarial })).model, radius);
    expect(plain).toBeLessThan(0.3);
    expect(hardened).toBeGreaterThan(plain + 0.2);
  });

  it('by PGD gives the same bytes when it is interrupted and resumed', async () => {
    const short: TrainingOptions = {
      ...options,
      dataset: drawDigits(200, 1),
      epochs: 2,
      adversarial: { kind: 'pgd', epsilon: 0.1, steps: 2, stepSize: 0.05 },
    };
    const whole = writeModel((await train(short)).model);
    const signal = { aborted: false };
    const interrupted = await train({
      ...short,
      signal,
      onStep: ({ step }) => {
        signal.aborted = step === 5;
      },
    });
    expect(interrupted.state.step).toBe(5);
    const resumed = await train({ ...short, resume: interrupted.state });
    expect(Buffer.compare(writeModel(resumed.model), whole)).toBe(0);
  });

  it('by the fast gradient sign has half the loss of the images and half that of their examples', async () => {
    const random = Random.stream(4);
    const bytes = Uint8Array.from({ length: 12 * 20 }, () => random.integer(256));
    const dataset: Dataset = {
      name: 'noise',
      classNames: ['a', 'b'],
      images: { ...shape, count: 20, data: bytes },
      labels: Int32Array.from({ length: 20 }, () => random.integer(2)),
    };
    let loss = Number.NaN;
    await train({
      ...options,
      model: regression,
      dataset,
      epochs: 1,
      adversarial: { kind: 'fgsm', epsilon },
      onStep: (progress) => {
        loss = progress.loss;
      },
    });
    const given = { images: toFloat(dataset.images), labels: dataset.labels };
    const [clean, adversarial] = [Array.from(given.images.data), worst(given, weightsOf(1))].map((pixels) =>
      crossEntropy(pixels, dataset.labels),
    ) as [number, number];
    expect(adversarial).toBeGreaterThan(clean + 0.05);
    expect(loss).toBeCloseTo((clean + adversarial) / 2, 5);
  });

  it.each<[string, AdversarialTraining, string]>([
    ['an epsilon of zero', { kind: 'fgsm', epsilon: 0 }, 'Adversarial training has epsilon 0; pixels are in [0, 1]'],
    ['an epsilon in grey levels', { kind: 'pgd', epsilon: 8, steps: 5, stepSize: 0.1 }, 'has epsilon 8; pixels are in'],
    ['half a step', { kind: 'pgd', epsilon: 0.1, steps: 0.5, stepSize: 0.1 }, 'has 0.5 steps; give a whole number'],
    ['steps of no number', { kind: 'pgd', epsilon: 0.1, steps: 5, stepSize: Number.NaN }, 'has steps of NaN; give'],
  ])('with %s is refused with one sentence', async (_, adversarial, message) => {
    const failure = train({ ...options, adversarial });
    await expect(failure).rejects.toThrow(InputError);
    await expect(failure).rejects.toThrow(message);
  });
});
