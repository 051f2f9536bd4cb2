import { describe, expect, it } from 'vitest';
import { runModel } from '../testing/run.ts';
import { sample } from '../testing/samples.ts';
import { withBatch } from './batch.ts';
import { GraphBuilder } from './builder.ts';
import type { Model } from './model.ts';

/** A network exported for one image: its Reshape says 1 where the batch is, and constants pass through another one. */
function forOne(target: readonly number[]): Model {
  const b = new GraphBuilder();
  b.input('x', 'float32', [1, 2, 3, 3]);
  const flat = b.op('Reshape', ['x', b.ints(target)]);
  const weight = b.constant({ type: 'float32', ...sample(2, [1, 72]) });
  const matrix = b.op('Reshape', [weight, b.ints([18, 4])]);
  const scale = b.op('Reshape', [b.constant({ type: 'float32', ...sample(3, [4]) }), b.ints([1, 4])]);
  b.output(b.op('Mul', [b.op('MatMul', [flat, matrix]), scale], {}, 'y'));
  return b.build();
}

describe('a model exported for one image', () => {
  it.each([[[1, 18]], [[1, -1]]])('takes batches, reshaped to %j: each image is told as alone', async (target) => {
    const model = forOne(target);
    const batched = withBatch(model);
    expect(batched.graph.inputs[0]?.shape).toEqual(['N', 2, 3, 3]);
    expect(GraphBuilder.from(batched).shape('y')).toEqual(['N', 4]);
    const images = sample(5, [3, 2, 3, 3]);
    const { y } = await runModel(batched, { x: images });
    for (let i = 0; i < 3; i++) {
      const alone = await runModel(model, { x: { dims: [1, 2, 3, 3], data: images.data.slice(18 * i, 18 * i + 18) } });
      alone.y!.data.forEach((value, j) => {
        expect(y!.data[4 * i + j]).toBeCloseTo(value, 6);
      });
    }
  });

  it('keeps the constants that others use as they were', () => {
    const model = forOne([1, 18]);
    const { initializers } = withBatch(model).graph;
    for (const [name, value] of model.graph.initializers) expect(initializers.get(name)).toBe(value);
  });
});

it('a model that takes batches stays as it is', () => {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['batch', 4]);
  b.output(b.op('Relu', ['x']));
  const model = b.build();
  expect(withBatch(model)).toBe(model);
});
