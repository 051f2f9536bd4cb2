import { GraphBuilder, type Model, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { lenet } from '../network/lenet.ts';
import { mlp } from '../network/mlp.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { findLevels } from './levels.ts';
import { OnnxClassifier } from './onnx-classifier.ts';

const shape = { channels: 1, height: 28, width: 28 } as const;
const find = (model: Model) => findLevels(GraphBuilder.from(model), model, model.graph.inputs[0]!.name);

/** A convolution of single places that doubles the image and turns it round, and a layer behind it. */
function small(): Model {
  const b = new GraphBuilder('small');
  const image = b.input('image', 'float32', ['N', 1, 2, 2]);
  const weight = b.initializer('first', { type: 'float32', dims: [2, 1, 1, 1], data: Float32Array.of(2, -1) });
  const maps = b.op('Conv', [image, weight], {}, 'maps');
  const flat = b.op('Flatten', [maps], { axis: 1 }, 'flat');
  const last = b.initializer('last', { type: 'float32', dims: [8, 2], data: new Float32Array(16).fill(0.5) });
  const kernel = b.initializer('second', { type: 'float32', dims: [1, 2, 2, 2], data: new Float32Array(8) });
  const none = b.op('Flatten', [b.op('Conv', [maps, kernel])], { axis: 1 });
  b.output(b.op('Add', [b.op('MatMul', [flat, last]), none], {}, 'logits'));
  return b.build();
}

describe('what layers take in', () => {
  it('is found behind the first layer, by channels of maps or by numbers', () => {
    const found = find(lenet(shape, 10, 1));
    expect(found.map(({ axis, places, width }) => ({ axis, places, width }))).toEqual([
      { axis: 1, places: [2, 3], width: 40 },
      { axis: 1, places: [], width: 64 },
      { axis: 1, places: [], width: 64 },
    ]);
    expect(find(mlp(shape, [7, 5], 10, 1)).map(({ value, width }) => `${value} ${width}`)).toEqual([
      'relu1 7',
      'relu2 5',
    ]);
  });

  it('is not the image', () => {
    expect(find(mlp(shape, [], 10, 1))).toEqual([]);
  });

  it('of many channels or layers is an even part, the first and the last among them', () => {
    const wide = find(mlp(shape, Array(20).fill(200), 10, 1));
    expect(wide).toHaveLength(12);
    expect([wide[0]!.value, wide[11]!.value]).toEqual(['relu1', 'relu20']);
    const { channels, isWhole } = wide[0]!;
    expect([channels.length, channels[0], channels[63], isWhole]).toEqual([64, 0, 199, false]);
  });

  it('is summed up as means and root mean squares', async () => {
    const classifier = await OnnxClassifier.load(writeModel(small()), {
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: 'small.onnx',
    });
    const images = { channels: 1, height: 2, width: 2, count: 1, data: Uint8Array.of(0, 255, 255, 51) } as const;
    const { levels, features } = await classifier.observe(images, { levels: true });
    // Pixels 0, 1, 1 and .2: mean .55, mean square .51; then the eight numbers behind them.
    const root = Math.sqrt(0.51);
    const expected = [1.1, -0.55, 2 * root, root, 0, 2, 2, 0.4, 0, -1, -1, -0.2];
    expect(levels!.width).toBe(12);
    const own = [...levels!.data];
    const sorted = (values: number[]): number[] => [...values].sort((one, other) => one - other);
    expect(sorted(own)).toEqual(sorted(expected).map((value) => expect.closeTo(value, 5)));
    expect(features?.width).not.toBe(12);
    expect((await classifier.observe(images)).levels).toBeUndefined();
    await classifier.dispose();
  });
});
