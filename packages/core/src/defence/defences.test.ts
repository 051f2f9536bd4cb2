import { GraphBuilder, type Model, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { OnnxClassifier } from '../classifier/onnx-classifier.ts';
import { scoresOf } from '../classifier/scores.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { drawDigits } from '../dataset/digits/digits.ts';
import { InputError } from '../errors.ts';
import { binaryNoise } from '../garbage/binary-noise.ts';
import { lowPassNoise } from '../garbage/low-pass-noise.ts';
import { uniformNoise } from '../garbage/uniform-noise.ts';
import { type FloatImages, type Images, toFloat } from '../image/images.ts';
import { mlp } from '../network/mlp.ts';
import { train } from '../network/trainer.ts';
import type { TrainingOptions } from '../network/training.ts';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { resolveSettings } from '../settings/settings.ts';
import { type ChosenDefence, defendedLoss } from './defended-batches.ts';
import { ImageMover, type Movement } from './moved-images.ts';
import { generatedOutliers } from './outliers/generated.ts';
import { imageOutliers } from './outliers/images.ts';
import { smoothedNoise } from './outliers/smoothed-noise.ts';
import { mixedOutliers } from './outliers/source.ts';
import { DEFENCES, defenceNamed } from './registry.ts';

const runtime = nodeRuntime();
const session = { device: 'cpu', threads: 1 } as const;

const shape = { channels: 1, height: 2, width: 3 } as const;
const size = 6;
const classes = 3;

const random = Random.stream(7);
const weight = Float32Array.from({ length: classes * size }, () => 2 * random.uniform() - 1);
const bias = Float32Array.of(0.2, -0.1, 0.05);

/** Softmax regression on images of 2 x 3. */
function regression(): Model {
  const b = new GraphBuilder('regression');
  b.input('image', 'float32', ['N', 1, 2, 3]);
  b.initializer('weight', { type: 'float32', dims: [classes, size], data: weight });
  b.initializer('bias', { type: 'float32', dims: [classes], data: bias });
  b.output(b.op('Gemm', [b.op('Flatten', ['image'], { axis: 1 }), 'weight', 'bias'], { transB: 1 }, 'logits'));
  return b.build();
}

/** log p of one image, in double precision. */
function logProbabilities(pixels: ArrayLike<number>, from = 0): number[] {
  const logits = Array.from(bias, (start, c) => {
    let sum = start;
    for (let i = 0; i < size; i++) sum += weight[c * size + i]! * pixels[from + i]!;
    return sum;
  });
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  return logits.map((logit) => logit - total);
}

function someImages(count: number, seed: number): Images {
  const source = Random.stream(seed);
  return { ...shape, count, data: Uint8Array.from({ length: count * size }, () => source.integer(256)) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The mean over images of a function of their log-probabilities. */
function meanOver(images: FloatImages, of: (logs: readonly number[], index: number) => number): number {
  return mean(Array.from({ length: images.count }, (_, i) => of(logProbabilities(images.data, i * size), i)));
}

const dataset: Dataset = {
  name: 'noise',
  classNames: ['a', 'b', 'c'],
  images: someImages(8, 3),
  labels: Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1),
};
const examples = toFloat(dataset.images);
/** All outliers are this one, so that it does not matter which are drawn. */
const outlier = someImages(1, 4);
const outlierLogs = logProbabilities(toFloat(outlier).data);

/** The loss of the first step, in which all examples are. */
async function firstLoss(defences: readonly ChosenDefence[]): Promise<number> {
  let first = Number.NaN;
  const { needsOutliers } = defendedLoss(defences);
  await train({
    model: regression(),
    dataset,
    runtime,
    session,
    epochs: 1,
    batch: 8,
    seed: 1,
    optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 },
    learningRate: { kind: 'cosine', base: 0.1 },
    defences,
    ...(needsOutliers ? { outliers: imageOutliers('one', outlier) } : {}),
    onStep: ({ loss }) => {
      first = loss;
    },
  });
  return first;
}

const crossEntropy = meanOver(examples, (logs, i) => -logs[dataset.labels[i]!]!);
const uniform = -mean(outlierLogs);

describe('the loss of a step is that of the paper', () => {
  it.each<[string, readonly ChosenDefence[], number]>([
    [
      'label smoothing',
      [{ name: 'label-smoothing', settings: { smoothing: 0.2 } }],
      0.8 * crossEntropy + 0.2 * meanOver(examples, (logs) => -mean(logs)),
    ],
    ['outlier exposure', [{ name: 'outlier-exposure', settings: {} }], crossEntropy + 0.5 * uniform],
    ['CEDA', [{ name: 'ceda', settings: { weight: 2 } }], crossEntropy + 2 * Math.max(...outlierLogs)],
    [
      'label smoothing and outlier exposure together',
      [
        { name: 'label-smoothing', settings: { smoothing: 0.2 } },
        { name: 'outlier-exposure', settings: { weight: 1 } },
      ],
      0.8 * crossEntropy + 0.2 * meanOver(examples, (logs) => -mean(logs)) + uniform,
    ],
    // A ball so small that nothing in it differs.
    ['ACET', [{ name: 'acet', settings: { epsilon: 1e-6, steps: 2 } }], crossEntropy + Math.max(...outlierLogs)],
    ['TRADES', [{ name: 'trades', settings: { epsilon: 1e-6, steps: 2 } }], crossEntropy],
    ['adversarial training', [{ name: 'adversarial-training', settings: { epsilon: 1e-6, steps: 2 } }], crossEntropy],
  ])('%s', async (_, defences, expected) => {
    expect(await firstLoss(defences)).toBeCloseTo(expected, 4);
  });

  it('of outlier exposure, TRADES and ACET together is more where the balls are larger', async () => {
    const chosen = (epsilon: number): ChosenDefence[] => [
      { name: 'outlier-exposure', settings: {} },
      { name: 'trades', settings: { epsilon, steps: 5, stepSize: Math.min(1, epsilon) } },
      { name: 'acet', settings: { epsilon, steps: 5 } },
    ];
    const still = await firstLoss(chosen(1e-6));
    expect(still).toBeCloseTo(crossEntropy + 0.5 * uniform + Math.max(...outlierLogs), 4);
    expect(await firstLoss(chosen(0.3))).toBeGreaterThan(still + 0.1);
  });
});

describe('images are moved', () => {
  const epsilon = 0.2;
  const weights = {
    weight: { type: 'float32', dims: [classes, size], data: weight },
    bias: { type: 'float32', dims: [classes], data: bias },
  } as const;

  async function moved(movement: Pick<Movement, 'objective' | 'start'>, seed = 1): Promise<FloatImages> {
    const whole: Movement = { ...movement, epsilon, steps: 20, stepSize: 0.05 };
    const mover = await ImageMover.open(whole, regression(), ['weight', 'bias'], runtime, session);
    const found = await mover.move(examples, dataset.labels, weights, Random.stream(seed));
    await mover.dispose();
    expect(found.data.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
    found.data.forEach((pixel, i) => {
      expect(Math.abs(pixel - examples.data[i]!)).toBeLessThanOrEqual(epsilon + 1e-6);
    });
    return found;
  }

  /** The corners of the ball and box around an image. */
  function corners(index: number): number[][] {
    const ends = Array.from({ length: size }, (_, i) => {
      const pixel = examples.data[index * size + i]!;
      return [Math.max(0, pixel - epsilon), Math.min(1, pixel + epsilon)];
    });
    return ends.reduce<number[][]>((all, two) => all.flatMap((one) => two.map((end) => [...one, end])), [[]]);
  }

  it('to where the network is as certain as anywhere in the ball: it is convex, so that this is a corner', async () => {
    const found = await moved({ objective: 'confidence', start: 'image' });
    let best = 0;
    for (let i = 0; i < examples.count; i++) {
      const ours = Math.max(...logProbabilities(found.data, i * size));
      const most = Math.max(...corners(i).map((corner) => Math.max(...logProbabilities(corner))));
      expect(ours).toBeGreaterThan(Math.max(...logProbabilities(examples.data, i * size)));
      expect(ours).toBeLessThanOrEqual(most + 1e-5);
      if (ours > most - 1e-4) best++;
    }
    // Another class may be the best one of the ball; ascent stays with the one that it began with.
    expect(best).toBeGreaterThanOrEqual(5);
  });

  it('to answers that differ from those to the images themselves', async () => {
    const divergence = (other: ArrayLike<number>, index: number, from = 0): number => {
      const [p, q] = [logProbabilities(examples.data, index * size), logProbabilities(other, from)];
      return p.reduce((sum, log, c) => sum + Math.exp(log) * (log - q[c]!), 0);
    };
    const found = await moved({ objective: 'divergence', start: 'beside' });
    let best = 0;
    for (let i = 0; i < examples.count; i++) {
      const ours = divergence(found.data, i, i * size);
      const most = Math.max(...corners(i).map((corner) => divergence(corner, i)));
      expect(ours).toBeLessThanOrEqual(most + 1e-5);
      expect(ours).toBeGreaterThan(0.1 * most);
      if (ours > most - 1e-4) best++;
    }
    // The divergence has several maxima in a ball; from where it begins, the ascent finds one of them.
    expect(best).toBeGreaterThanOrEqual(1);
    expect(await moved({ objective: 'divergence', start: 'beside' })).toEqual(found);
  });
});

const digits = drawDigits(1500, 1);
const options: TrainingOptions = {
  model: mlp({ channels: 1, height: 28, width: 28 }, [48], 10, 1),
  dataset: digits,
  runtime,
  session,
  epochs: 3,
  batch: 50,
  seed: 1,
  optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
  learningRate: { kind: 'cosine', base: 0.003 },
};
const digitShape = { channels: 1, height: 28, width: 28 } as const;
const noise = smoothedNoise(digitShape, digits.images);

describe('a trained network', () => {
  /** The mean confidence in images. */
  async function confidence(model: Model, images: Images): Promise<number> {
    const classifier = await OnnxClassifier.load(writeModel(model), { runtime, ...session, where: 'trained' });
    const scores = await classifier.predict(images);
    await classifier.dispose();
    return mean(Array.from({ length: images.count }, (_, row) => Math.max(...scoresOf(scores, row))));
  }

  it.each<[string, ChosenDefence]>([
    ['outlier exposure', { name: 'outlier-exposure', settings: {} }],
    ['CEDA', { name: 'ceda', settings: {} }],
    ['ACET', { name: 'acet', settings: { epsilon: 0.1, steps: 3 } }],
  ])('is uncertain of noise after %s, and not of digits', async (_, defence) => {
    const images = lowPassNoise.make(digitShape, 200, Random.stream(9));
    const plain = await train(options);
    const defended = await train({ ...options, defences: [defence], outliers: noise });
    expect(await confidence(plain.model, images)).toBeGreaterThan(0.4);
    expect(await confidence(defended.model, images)).toBeLessThan(0.2);
    expect(await confidence(defended.model, drawDigits(200, 2).images)).toBeGreaterThan(0.4);
  });

  it('has the same bytes when the training is interrupted and resumed', async () => {
    const short: TrainingOptions = {
      ...options,
      dataset: drawDigits(120, 1),
      epochs: 2,
      defences: [
        { name: 'trades', settings: { steps: 2, stepSize: 0.1, epsilon: 0.1 } },
        { name: 'acet', settings: { steps: 2 } },
      ],
      outliers: mixedOutliers([noise, generatedOutliers(binaryNoise, digitShape, digits.images)]),
    };
    const whole = writeModel((await train(short)).model);
    const signal = { aborted: false };
    const onStep = ({ step }: { readonly step: number }): void => {
      signal.aborted = step === 4;
    };
    const interrupted = await train({ ...short, signal, onStep });
    expect(interrupted.state.step).toBe(4);
    const resumed = await train({ ...short, resume: interrupted.state });
    expect(Buffer.compare(writeModel(resumed.model), whole)).toBe(0);
  });

  it('keeps the constants that are not trained', async () => {
    const { model } = await train({ ...options, epochs: 1, trainable: ['logits.weight', 'logits.bias'] });
    const before = options.model.graph.initializers;
    for (const [name, { data }] of model.graph.initializers) {
      expect(Buffer.from(data.buffer).equals(Buffer.from(before.get(name)!.data.buffer)), name).toBe(
        !name.startsWith('logits'),
      );
    }
  });
});

describe('outliers', () => {
  it('of several sources come from all of them, the same from the same seed', () => {
    const one = imageOutliers('black', { ...shape, count: 1, data: new Uint8Array(size) });
    const other = imageOutliers('white', { ...shape, count: 1, data: new Uint8Array(size).fill(255) });
    const mixed = mixedOutliers([one, other]);
    const drawn = mixed.draw(100, Random.stream(1));
    expect(drawn.data.length).toBe(100 * size);
    const white = drawn.data.filter((level) => level === 255).length / size;
    // Binomial: five standard deviations around 50.
    expect(Math.abs(white - 50)).toBeLessThan(25);
    expect(mixed.draw(100, Random.stream(1))).toEqual(drawn);
  });

  it('of noise reach from black to white, and neighbours are alike', () => {
    const { data } = noise.draw(20, Random.stream(1));
    for (let i = 0; i < 20; i++) {
      const image = data.subarray(i * 784, (i + 1) * 784);
      expect([Math.min(...image), Math.max(...image)]).toEqual([0, 255]);
      const steps = mean(Array.from(image.subarray(1), (level, j) => Math.abs(level - image[j]!)));
      expect(steps).toBeLessThan(40);
    }
  });
});

describe('the registry', () => {
  it.each(DEFENCES.map((defence) => [defence.name, defence] as const))('%s is sound', (name, defence) => {
    expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(defenceNamed(name)).toBe(defence);
    expect(defence.summary).toMatch(/\d{4}\)/);
    const { rows = [], terms = [] } = defence.parts(resolveSettings(name, defence.settings, {}));
    for (const row of rows) expect(row.name).toBe(name);
    expect(defendedLoss([{ name, settings: {} }]).needsOutliers).toBe(defence.needsOutliers);
    expect(terms.every(({ weight }) => weight > 0)).toBe(true);
  });
});

describe('bad input is refused with one sentence', () => {
  const outliers = imageOutliers('uniform', uniformNoise.make(digitShape, 4, Random.stream(1)));
  it.each<[string, Partial<TrainingOptions>, string]>([
    [
      'an unknown defence',
      { defences: [{ name: 'prayer', settings: {} }] },
      'There is no defence "prayer"; choose one of',
    ],
    [
      'an unknown setting',
      { defences: [{ name: 'trades', settings: { weight: 1 } }] },
      'trades has no setting weight; it has beta, epsilon, steps, stepSize',
    ],
    [
      'a setting out of range',
      { defences: [{ name: 'trades', settings: { epsilon: 8 } }] },
      'epsilon of trades is 8; give a number above 0 and at most 1',
    ],
    [
      'a defence twice',
      {
        defences: [
          { name: 'trades', settings: {} },
          { name: 'trades', settings: {} },
        ],
      },
      'The defence trades is named twice',
    ],
    ['no outliers', { defences: [{ name: 'ceda', settings: {} }] }, 'images that show none of the classes; give some'],
    ['outliers for nothing', { defences: [{ name: 'trades', settings: {} }], outliers }, 'No defence learns from the'],
    ['outliers and no defence', { outliers }, 'No defence learns from the outliers'],
    [
      'outliers of another size',
      { defences: [{ name: 'ceda', settings: {} }], outliers: imageOutliers('small', outlier) },
      'The outliers small are 1x2x3, the network is trained on 1x28x28',
    ],
    [
      'adversarial training twice',
      { defences: [{ name: 'trades', settings: {} }], adversarial: { kind: 'fgsm', epsilon: 0.1 } },
      'Adversarial training is given twice',
    ],
  ])('%s', async (_, changes, message) => {
    const failure = train({ ...options, ...changes });
    await expect(failure).rejects.toThrow(InputError);
    await expect(failure).rejects.toThrow(message);
  });

  it('a source without an image', () => {
    expect(() => imageOutliers('empty', { ...shape, count: 0, data: new Uint8Array() })).toThrow(
      'The outliers empty are no image at all',
    );
  });
});
