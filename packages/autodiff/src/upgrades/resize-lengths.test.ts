import { describe, expect, it } from 'vitest';
import { withBatch } from '../batching/with-batch.ts';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import type { Dim, Model } from '../model/model.ts';
import { runModel } from '../testing/run.ts';
import { sample } from '../testing/samples.ts';
import { upgrade } from './upgrade.ts';

/** The gradient of sum(w y) by x for a network that is linear in x: all its elements at once, by the definition. */
async function expectLinearGradient(network: Model, dims: readonly number[]): Promise<void> {
  const b = GraphBuilder.from(network, { skip: 'outputs' });
  const z = b.op('Mul', ['y', b.op('Abs', ['y'])]);
  const [gradient] = differentiate(b, z, b.op('Expand', [b.scalar(1), b.op('Shape', [z])]), ['x']);
  b.op('Identity', [gradient!], {}, 'gradient');
  b.op('ReduceSum', [z], { keepdims: 0 }, 'total');
  for (const name of ['gradient', 'total']) b.output(name);
  const model = b.build();
  const x = sample(5, dims, 0.5, 1);
  const { gradient: ours } = await runModel(model, { x });
  const direction = sample(6, dims);
  const step = 2 ** -6;
  const at = async (by: number): Promise<number> => {
    const data = x.data.map((value, i) => value + by * direction.data[i]!);
    return (await runModel(model, { x: { dims, data } })).total!.data[0]!;
  };
  const along = ours!.data.reduce((sum, value, i) => sum + value * direction.data[i]!, 0);
  const norm = Math.hypot(...ours!.data);
  expect(Math.abs(along - ((await at(step)) - (await at(-step))) / (2 * step))).toBeLessThan(2e-3 * norm);
}

describe('Resize by scales whose product with a length is whole in float32 only', () => {
  it.each([
    [10, 0.7],
    [100, 0.29],
    [25, 0.04],
    [10, 2.3],
  ] as const)('%i times %f', async (length, scale) => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 1, length, 4]);
    const scales = b.constant({ type: 'float32', dims: [4], data: Float32Array.of(1, 1, scale, 1) });
    b.output(b.op('Resize', [x, '', scales], { mode: 'linear' }, 'y'));
    await expectLinearGradient(upgrade(b.build()), [2, 1, length, 4]);
  });
});

describe('Resize of a region to sizes that name the batch', () => {
  const region = [0, 0, 0.1, 0.2, 1, 1, 0.9, 0.7];
  const cropped = (batch: Dim, roi: readonly number[]): Model => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', [batch, 3, 8, 8]);
    const front = b.op('Slice', [b.op('Shape', [x]), b.ints([0]), b.ints([2])]);
    const sizes = b.op('Concat', [front, b.ints([5, 5])], { axis: 0 });
    const places = b.constant({ type: 'float32', dims: [roi.length], data: Float32Array.from(roi) });
    const attributes = { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize' };
    b.output(b.op('Resize', [x, places, '', sizes], attributes, 'y'));
    return b.build();
  };

  it('any number of images', () => expectLinearGradient(upgrade(cropped('N', region)), [2, 3, 8, 8]));
  it('one image, opened to any number', () => expectLinearGradient(withBatch(cropped(1, region)), [2, 3, 8, 8]));
  it('gives the same numbers after the upgrade', async () => {
    const x = sample(1, [2, 3, 8, 8]);
    const model = cropped('N', region);
    expect((await runModel(upgrade(model), { x })).y).toEqual((await runModel(model, { x })).y);
  });
  it('keeps an axis of open length whose region is cut', () => {
    const roi = [0, 0, 0.1, 0.2, 0.5, 1, 0.9, 0.7];
    expect(upgrade(cropped('N', roi)).graph.nodes.at(-1)!.attributes.has('axes')).toBe(false);
    expect(() => withBatch(cropped(1, roi))).toThrow(/it cuts a region out/);
  });
});
