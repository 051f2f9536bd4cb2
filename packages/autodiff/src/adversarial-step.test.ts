import { describe, expect, it } from 'vitest';
import { adversarialStep, DISCRIMINATOR, GENERATOR } from './adversarial-step.ts';
import { inTrainingMode } from './batch-statistics.ts';
import { GraphBuilder } from './builder/builder.ts';
import { NoGradientError, OnnxError } from './errors.ts';
import { nonSaturating } from './losses/adversarial-loss.ts';
import type { Model } from './model/model.ts';
import { type OpenModel, openModel, type Results } from './testing/run.ts';
import { type Sample, sample, signs } from './testing/samples.ts';

const BATCH = 5;
const LATENT = 3;

/** Parameters are samples, so that nothing is symmetric. */
function constants(b: GraphBuilder, values: Readonly<Record<string, readonly number[]>>, seed: number): void {
  Object.entries(values).forEach(([name, dims], index) => {
    const { data } = sample(seed + index, dims);
    // Variances are positive.
    b.initializer(name, { type: 'float32', dims, data: name.endsWith('variance') ? data.map((v) => 1 + v * v) : data });
  });
}

/**
 * 3 numbers to images of 1 x 8 x 8, by transposed convolutions; normalized, and by class where that is asked for. Smooth, so that
 * differences say what the gradient is.
 */
function generator(conditional: boolean): Model {
  const b = new GraphBuilder('generator');
  b.input('z', 'float32', ['N', LATENT]);
  if (conditional) b.input('label', 'int64', ['N']);
  constants(
    b,
    {
      'project.weight': [LATENT, 12],
      scale: [3],
      shift: [3],
      mean: [3],
      variance: [3],
      'up1.weight': [3, 2, 4, 4],
      'up2.weight': [2, 1, 4, 4],
      'up2.bias': [1],
      ...(conditional ? { 'class.weight': [2, 12] } : {}),
    },
    10,
  );
  const plain = b.op('MatMul', ['z', 'project.weight']);
  const first = conditional ? b.op('Add', [plain, b.op('Gather', ['class.weight', 'label'])]) : plain;
  const image = b.op('Reshape', [first, b.ints([0, 3, 2, 2])]);
  const normal = b.op('BatchNormalization', [image, 'scale', 'shift', 'mean', 'variance'], { momentum: 0.9 });
  const windows = { kernel_shape: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1] };
  const up1 = b.op('ConvTranspose', [b.op('Sigmoid', [normal]), 'up1.weight'], windows);
  b.output(b.op('Tanh', [b.op('ConvTranspose', [up1, 'up2.weight', 'up2.bias'], windows)]));
  return b.build();
}

/** 1 x 8 x 8 to a logit; normalized or not. */
function discriminator(conditional: boolean, normalized: boolean): Model {
  const b = new GraphBuilder('discriminator');
  b.input('image', 'float32', ['N', 1, 8, 8]);
  if (conditional) b.input('label', 'int64', ['N']);
  constants(
    b,
    {
      'down1.weight': [2, 1, 4, 4],
      'down1.bias': [2],
      'down2.weight': [4, 2, 4, 4],
      ...(normalized ? { scale: [4], shift: [4], mean: [4], variance: [4] } : {}),
      'out.weight': [16, 1],
      ...(conditional ? { 'class.weight': [2, 1] } : {}),
    },
    40,
  );
  const windows = { kernel_shape: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1] };
  const down1 = b.op('Conv', ['image', 'down1.weight', 'down1.bias'], windows);
  let value = b.op('Conv', [b.op('Softplus', [down1]), 'down2.weight'], windows);
  if (normalized) value = b.op('BatchNormalization', [value, 'scale', 'shift', 'mean', 'variance']);
  const flat = b.op('Flatten', [b.op('Softplus', [value])]);
  const plain = b.op('MatMul', [flat, 'out.weight']);
  b.output(conditional ? b.op('Add', [plain, b.op('Gather', ['class.weight', 'label'])]) : plain);
  return b.build();
}

const CASES = [
  ['plain', false, true, undefined],
  ['by class', true, true, undefined],
  ['with R1', false, false, 2],
  ['by class with R1', true, false, 0.5],
] as const;

/** The step with plain gradient descent, so that what a parameter moves by is its gradient. */
function stepOf(conditional: boolean, normalized: boolean, gradientPenalty: number | undefined) {
  const networks = { generator: generator(conditional), discriminator: discriminator(conditional, normalized) };
  const step = adversarialStep(networks.generator, networks.discriminator, {
    optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 },
    loss: nonSaturating(0.9),
    ...(gradientPenalty === undefined ? {} : { gradientPenalty }),
  });
  const start: Record<string, Sample> = {};
  for (const [prefix, { graph }] of [
    [GENERATOR, networks.generator],
    [DISCRIMINATOR, networks.discriminator],
  ] as const) {
    for (const { name, dims } of [...step.parameters, ...step.statistics]) {
      if (!name.startsWith(prefix)) continue;
      const value = graph.initializers.get(name.slice(prefix.length))!;
      start[name] = { dims, data: value.data as Float32Array };
    }
  }
  const batch = {
    [step.latent]: sample(70, [BATCH, LATENT]),
    [step.images]: sample(71, [BATCH, 1, 8, 8]),
    ...(step.labels === undefined
      ? {}
      : { [step.labels]: { dims: [BATCH], data: BigInt64Array.of(0n, 1n, 1n, 0n, 1n) } }),
  };
  const run = (session: OpenModel, values: Readonly<Record<string, Sample>>, rate: number): Promise<Results> =>
    session.run({ ...values, ...batch, [step.learningRate]: { dims: [], data: Float32Array.of(rate) } });
  return { step, start, run };
}

describe.each(CASES)('a step of two networks, %s', (_, conditional, normalized, penalty) => {
  it('moves each network against the differences that its own loss shows', async () => {
    const { step, start, run } = stepOf(conditional, normalized, penalty);
    const session = await openModel(step.model);
    const moved = await run(session, start, 1);
    for (const [prefix, loss] of [
      [DISCRIMINATOR, step.discriminatorLoss],
      [GENERATOR, step.generatorLoss],
    ] as const) {
      // The generator is judged by the discriminator after its update: at a rate of 1 for the gradients, at 0 for none.
      const rate = prefix === GENERATOR ? 1 : 0;
      const own = step.parameters.filter(({ name }) => name.startsWith(prefix));
      const gradient = new Map(
        own.map(({ name, next }) => [name, start[name]!.data.map((v, i) => v - moved[next]!.data[i]!)]),
      );
      for (const { name, dims } of own) {
        const direction = signs(
          7,
          dims.reduce((product, length) => product * length, 1),
        );
        const slopes: number[] = [];
        for (const h of [2 ** -6, 2 ** -9]) {
          const at = async (side: number): Promise<number> => {
            const data = start[name]!.data.map((v, i) => v + side * h * direction[i]!);
            // Only where the generator's weights move does the discriminator's update change: it is held at its own.
            const values = { ...start, [name]: { dims, data } };
            const results = await run(
              session,
              prefix === GENERATOR ? frozen(values) : values,
              prefix === GENERATOR ? 0 : rate,
            );
            return results[loss]!.data[0]!;
          };
          slopes.push(((await at(1)) - (await at(-1))) / (2 * h));
        }
        const expected = gradient.get(name)!.reduce((sum, g, i) => sum + g * direction[i]!, 0);
        const norm = Math.hypot(...gradient.get(name)!);
        const error = Math.min(...slopes.map((slope) => Math.abs(slope - expected)));
        expect(error, `${name}: ${slopes} and ${expected}`).toBeLessThan(0.01 * norm + 1e-4);
      }
    }
    await session.close();

    /** The discriminator as it is after its update, which the generator's loss is of. */
    function frozen(values: Readonly<Record<string, Sample>>): Record<string, Sample> {
      const after = { ...values };
      for (const { name, next, dims } of step.parameters) {
        if (name.startsWith(DISCRIMINATOR)) after[name] = { dims, data: Float32Array.from(moved[next]!.data) };
      }
      return after;
    }
  });
});

it('the statistics of each network follow all batches that it has seen, each by itself', async () => {
  const { step, start, run } = stepOf(false, true, undefined);
  const session = await openModel(step.model);
  // At a rate of 0 the discriminator sees the generated images twice with the same weights.
  const results = await run(session, start, 0);
  await session.close();
  const name = `${DISCRIMINATOR}mean`;
  const { next } = step.statistics.find((slot) => slot.name === name)!;
  const of = async (images: Sample): Promise<readonly number[]> => channelMeans(await convolved(images));
  const [real, fake] = [await of(sample(71, [BATCH, 1, 8, 8])), await of(await generated())];
  start[name]!.data.forEach((before, channel) => {
    const expected = [real, fake, fake].reduce((mean, batch) => 0.9 * mean + 0.1 * batch[channel]!, before);
    expect(results[next]!.data[channel]).toBeCloseTo(expected, 5);
  });

  async function generated(): Promise<Sample> {
    const made = generator(false);
    const { nodes } = inTrainingMode(made.graph);
    const session = await openModel({ ...made, graph: { ...made.graph, nodes } });
    const out = await session.run({ z: sample(70, [BATCH, LATENT]) });
    await session.close();
    const { data, dims } = out[made.graph.outputs[0]!.name]!;
    return { data: Float32Array.from(data), dims };
  }

  /** What the discriminator normalizes. */
  async function convolved(images: Sample): Promise<Results[string]> {
    const judge = discriminator(false, true);
    const input = judge.graph.nodes.find(({ opType }) => opType === 'BatchNormalization')!.inputs[0]!;
    const outputs = [{ name: input, type: 'float32', shape: undefined }] as const;
    const session = await openModel({ ...judge, graph: { ...judge.graph, outputs } });
    const out = await session.run({ image: images });
    await session.close();
    return out[input]!;
  }

  function channelMeans({ data, dims }: Results[string]): number[] {
    const [count = 0, channels = 0, height = 0, width = 0] = dims;
    const sums = new Array<number>(channels).fill(0);
    data.forEach((value, i) => {
      sums[Math.floor(i / (height * width)) % channels]! += value;
    });
    return sums.map((sum) => sum / (count * height * width));
  }
});

describe('refused is', () => {
  const options = { optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 }, loss: nonSaturating(1) } as const;

  it('a pair of which one takes classes alone', () => {
    expect(() => adversarialStep(generator(true), discriminator(false, true), options)).toThrow(OnnxError);
  });

  it('a penalty on the gradient of a discriminator that normalizes by the batch', () => {
    const ask = () => adversarialStep(generator(false), discriminator(false, true), { ...options, gradientPenalty: 1 });
    expect(ask).toThrow(NoGradientError);
    expect(ask).toThrow('its running statistics have no gradient');
  });
});
