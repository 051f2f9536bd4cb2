import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder/builder.ts';
import { OnnxError } from './errors.ts';
import { bernoulliCrossEntropy, divergenceFromNormal } from './losses/variational.ts';
import type { Model } from './model/model.ts';
import { openModel, runModel } from './testing/run.ts';
import { type Sample, sample, signs } from './testing/samples.ts';
import { DECODER, ENCODER, variationalStep } from './variational-step.ts';

const BATCH = 5;
const LATENT = 2;

function constants(b: GraphBuilder, values: Readonly<Record<string, readonly number[]>>, seed: number): void {
  Object.entries(values).forEach(([name, dims], index) => {
    const { data } = sample(seed + index, dims);
    // Variances are positive.
    b.initializer(name, { type: 'float32', dims, data: name === 'variance' ? data.map((v) => 1 + v * v) : data });
  });
}

/** 1 x 3 x 3 to two rows of numbers; normalized, and smooth, so that differences say what the gradient is. */
function encoder(): Model {
  const b = new GraphBuilder('encoder');
  b.input('image', 'float32', ['N', 1, 3, 3]);
  constants(
    b,
    { scale: [1], shift: [1], mean: [1], variance: [1], first: [9, 4], where: [4, LATENT], wide: [4, LATENT] },
    10,
  );
  const normal = b.op('BatchNormalization', ['image', 'scale', 'shift', 'mean', 'variance']);
  const hidden = b.op('Tanh', [b.op('MatMul', [b.op('Flatten', [normal]), 'first'])]);
  b.output(b.op('MatMul', [hidden, 'where']));
  b.output(b.op('MatMul', [hidden, 'wide']));
  return b.build();
}

function decoder(): Model {
  const b = new GraphBuilder('decoder');
  b.input('z', 'float32', ['N', LATENT]);
  constants(b, { first: [LATENT, 4], pixels: [4, 9] }, 30);
  const pixels = b.op('MatMul', [b.op('Tanh', [b.op('MatMul', ['z', 'first'])]), 'pixels']);
  b.output(b.op('Reshape', [pixels, b.ints([0, 1, 3, 3])]));
  return b.build();
}

/** The step with plain gradient descent, so that what a parameter moves by is its gradient. */
function stepOf() {
  const networks = { [ENCODER]: encoder(), [DECODER]: decoder() };
  const step = variationalStep(networks[ENCODER]!, networks[DECODER]!, {
    optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 },
  });
  const start: Record<string, Sample> = {};
  for (const { name, dims } of [...step.parameters, ...step.statistics]) {
    const prefix = name.startsWith(ENCODER) ? ENCODER : DECODER;
    const value = networks[prefix]!.graph.initializers.get(name.slice(prefix.length))!;
    start[name] = { dims, data: value.data as Float32Array };
  }
  const batch = {
    [step.images]: sample(70, [BATCH, 1, 3, 3], 0, 1),
    [step.noise]: sample(71, [BATCH, LATENT]),
  };
  return { step, start, batch };
}

describe('a step of a variational autoencoder', () => {
  it('moves both networks against the differences that the loss shows', async () => {
    const { step, start, batch } = stepOf();
    const session = await openModel(step.model);
    const run = (values: Readonly<Record<string, Sample>>) =>
      session.run({ ...values, ...batch, [step.learningRate]: { dims: [], data: Float32Array.of(1) } });
    const moved = await run(start);
    expect(step.parameters).toHaveLength(7);
    for (const { name, next, dims } of step.parameters) {
      const gradient = start[name]!.data.map((v, i) => v - moved[next]!.data[i]!);
      const direction = signs(7, gradient.length);
      const slopes: number[] = [];
      for (const h of [2 ** -6, 2 ** -9]) {
        const at = async (side: number): Promise<number> => {
          const data = start[name]!.data.map((v, i) => v + side * h * direction[i]!);
          return (await run({ ...start, [name]: { dims, data } }))[step.loss]!.data[0]!;
        };
        slopes.push(((await at(1)) - (await at(-1))) / (2 * h));
      }
      const expected = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0);
      const error = Math.min(...slopes.map((slope) => Math.abs(slope - expected)));
      expect(error, `${name}: ${slopes} and ${expected}`).toBeLessThan(0.01 * Math.hypot(...gradient) + 1e-4);
    }
    await session.close();
  });

  it('tells a loss that is the sum of its parts, and lets the statistics follow the batch', async () => {
    const { step, start, batch } = stepOf();
    const results = await runModel(step.model, {
      ...start,
      ...batch,
      [step.learningRate]: { dims: [], data: Float32Array.of(0) },
    });
    const [loss, reconstruction, divergence] = [step.loss, step.reconstruction, step.divergence].map(
      (name) => results[name]!.data[0]!,
    );
    expect(loss).toBeCloseTo(reconstruction! + divergence!, 5);
    const images = batch[step.images]!.data;
    const mean = images.reduce((sum, value) => sum + value, 0) / images.length;
    expect(results[`${ENCODER}mean.next`]!.data[0]).toBeCloseTo(
      0.9 * start[`${ENCODER}mean`]!.data[0]! + 0.1 * mean,
      5,
    );
  });

  it('refuses networks that do not fit each other', () => {
    expect(() =>
      variationalStep(decoder(), encoder(), { optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 } }),
    ).toThrow(OnnxError);
  });
});

it('the divergence from N(0, I) is the integral that it stands for', async () => {
  const means = [0, 1.5, -0.3, 0.7];
  const logVariances = [0, -2, 0.8, 0];
  const b = new GraphBuilder('divergence');
  b.input('mean', 'float32', ['N', 1]);
  b.input('log_variance', 'float32', ['N', 1]);
  const value = divergenceFromNormal(b, 'mean', 'log_variance');
  b.output(value);
  const results = await runModel(b.build(), {
    mean: { data: Float32Array.from(means), dims: [4, 1] },
    log_variance: { data: Float32Array.from(logVariances), dims: [4, 1] },
  });
  means.forEach((mean, row) => {
    const deviation = Math.exp(logVariances[row]! / 2);
    const log = (x: number, m: number, s: number) =>
      -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
    let integral = 0;
    const width = 1e-3 * deviation;
    for (let x = mean - 10 * deviation; x < mean + 10 * deviation; x += width) {
      integral += Math.exp(log(x, mean, deviation)) * (log(x, mean, deviation) - log(x, 0, 1)) * width;
    }
    const closed = 0.5 * (mean ** 2 + deviation ** 2 - 1 - 2 * Math.log(deviation));
    expect(results[value]!.data[row]).toBeCloseTo(closed, 5);
    expect(results[value]!.data[row]).toBeCloseTo(integral, 4);
  });
});

it('the cross-entropy is -x log p - (1 - x) log(1 - p), and finite for any logits', async () => {
  const b = new GraphBuilder('cross-entropy');
  b.input('logits', 'float32', ['N', 1, 1, 2]);
  b.input('values', 'float32', ['N', 1, 1, 2]);
  const value = bernoulliCrossEntropy(b, 'logits', 'values');
  b.output(value);
  const logits = [0.3, -2, 1, 4, 200, -200];
  const values = [0, 0.25, 1, 0.5, 0, 1];
  const results = await runModel(b.build(), {
    logits: { data: Float32Array.from(logits), dims: [3, 1, 1, 2] },
    values: { data: Float32Array.from(values), dims: [3, 1, 1, 2] },
  });
  const each = logits.map((logit, i) => {
    const p = 1 / (1 + Math.exp(-logit));
    return -(values[i]! * Math.log(p) + (1 - values[i]!) * Math.log(1 - p));
  });
  expect(results[value]!.data[0]).toBeCloseTo(each[0]! + each[1]!, 5);
  expect(results[value]!.data[1]).toBeCloseTo(each[2]! + each[3]!, 5);
  expect(results[value]!.data[2]).toBeCloseTo(400, 3);
});
