import type { Model } from '@pareidolia/autodiff';
import { writeModel } from '@pareidolia/autodiff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { lenet } from './lenet.ts';
import { mlp } from './mlp.ts';

const MNIST = { channels: 1, height: 28, width: 28 } as const;

function parameterCount(model: Model): number {
  return [...model.graph.initializers.values()]
    .filter(({ type }) => type === 'float32')
    .reduce((sum, { data }) => sum + data.length, 0);
}

function weights(model: Model, name: string): Float32Array {
  return model.graph.initializers.get(name)!.data as Float32Array;
}

async function outputDims(model: Model, dims: readonly number[]): Promise<readonly number[]> {
  const session = await nodeRuntime().createSession(writeModel(model), { device: 'cpu', threads: 1 });
  const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
  const { logits } = await session.run({ image: { type: 'float32', data, dims } });
  await session.dispose();
  return logits!.dims;
}

describe("Caffe's LeNet", () => {
  test('has 431,080 parameters and fits into 2 MB', () => {
    const model = lenet(MNIST, 10, 1);
    expect(parameterCount(model)).toBe(431_080);
    expect(writeModel(model).length).toBeLessThan(2_000_000);
  });

  test('gives a logit for every class and image', async () => {
    expect(await outputDims(lenet(MNIST, 10, 1), [3, 1, 28, 28])).toEqual([3, 10]);
    expect(await outputDims(lenet({ channels: 3, height: 32, width: 17 }, 7, 1), [2, 3, 32, 17])).toEqual([2, 7]);
  });

  test("begins within the bounds of Caffe's xavier filler, with their variance, and without bias", () => {
    const model = lenet(MNIST, 10, 5);
    const fanIns = { conv1: 25, conv2: 500, ip1: 800, logits: 500 };
    for (const [name, fanIn] of Object.entries(fanIns)) {
      const values = weights(model, `${name}.weight`);
      const limit = Math.sqrt(3 / fanIn);
      expect(values.every((value) => Math.abs(value) <= limit)).toBe(true);
      // Uniform on +-limit has variance limit^2 / 3 = 1 / fanIn.
      const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      expect(Math.abs(variance * fanIn - 1)).toBeLessThan(4 / Math.sqrt(values.length));
      expect(weights(model, `${name}.bias`).every((value) => value === 0)).toBe(true);
    }
  });

  test('is the same for the same seed and another for another', () => {
    expect(Buffer.compare(writeModel(lenet(MNIST, 10, 1)), writeModel(lenet(MNIST, 10, 1)))).toBe(0);
    expect(Buffer.compare(writeModel(lenet(MNIST, 10, 1)), writeModel(lenet(MNIST, 10, 2)))).not.toBe(0);
  });

  test('refuses images that its poolings use up', () => {
    expect(() => lenet({ channels: 1, height: 15, width: 28 }, 10, 1)).toThrow(InputError);
  });
});

test('a perceptron has (inputs + 1) x outputs parameters in each layer', async () => {
  const shape = { channels: 3, height: 2, width: 5 } as const;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 3 }), async (hidden) => {
      const model = mlp(shape, hidden, 4, 1);
      const sizes = [30, ...hidden, 4];
      const expected = sizes.slice(1).reduce((sum, size, layer) => sum + size * (sizes[layer]! + 1), 0);
      expect(parameterCount(model)).toBe(expected);
      expect(await outputDims(model, [6, 3, 2, 5])).toEqual([6, 4]);
    }),
    { numRuns: 10 },
  );
});
