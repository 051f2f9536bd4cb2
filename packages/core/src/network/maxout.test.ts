import { writeModel } from '@pareidolia/autodiff';
import { expect, test } from 'vitest';
import { Random } from '../random/random.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { MAXOUT, maxout } from './maxout.ts';

const shape = { channels: 1, height: 2, width: 3 } as const;

test("Goodfellow's maxout network for MNIST has 784 x 1200 + 240 x 1200 + 240 x 10 weights, and a bias for each sum", () => {
  const { initializers } = maxout({ channels: 1, height: 28, width: 28 }, MAXOUT, 10, 1).graph;
  const parameters = [...initializers.values()].filter(({ type }) => type === 'float32');
  const count = parameters.reduce((sum, { data }) => sum + data.length, 0);
  expect(count).toBe(784 * 1200 + 1200 + 240 * 1200 + 1200 + 240 * 10 + 10);
});

test('a maxout unit is the largest of its pieces', async () => {
  const model = maxout(shape, { hidden: [4], pieces: 3 }, 2, 1);
  const random = Random.stream(2);
  const image = Float32Array.from({ length: 6 }, () => random.uniform());
  const values = (name: string): number[] => Array.from(model.graph.initializers.get(name)!.data, Number);
  const weights = values('hidden1.weight');
  const sums = Array.from({ length: 12 }, (_, row) => image.reduce((sum, x, i) => sum + x * weights[6 * row + i]!, 0));
  const units = [0, 1, 2, 3].map((unit) => Math.max(...sums.slice(3 * unit, 3 * unit + 3)));
  const out = values('logits.weight');
  const session = await nodeRuntime().createSession(writeModel(model), { device: 'cpu', threads: 1 });
  const { logits } = await session.run({ image: { type: 'float32', data: image, dims: [1, 1, 2, 3] } });
  await session.dispose();
  for (const k of [0, 1]) {
    const expected = units.reduce((sum, unit, i) => sum + unit * out[4 * k + i]!, 0);
    expect(Number(logits!.data[k])).toBeCloseTo(expected, 5);
  }
});
