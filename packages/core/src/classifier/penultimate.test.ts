import { readFileSync } from 'node:fs';
import { GraphBuilder, type Model, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { drawDigits } from '../dataset/index.ts';
import { lenet } from '../network/lenet.ts';
import { mlp } from '../network/mlp.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { OnnxClassifier } from './onnx-classifier.ts';
import { penultimateValue } from './penultimate.ts';

const options = { runtime: nodeRuntime(), device: 'cpu', threads: 1, where: 'net.onnx' } as const;

const shape = { channels: 1, height: 28, width: 28 } as const;

function product(): Model {
  const b = new GraphBuilder('product');
  const flat = b.op('Flatten', [b.input('image', 'float32', ['N', 1, 2, 2])], {}, 'flat');
  const weight = b.initializer('weight', { type: 'float32', dims: [4, 3], data: new Float32Array(12) });
  const bias = b.initializer('bias', { type: 'float32', dims: [3], data: new Float32Array(3) });
  b.output(b.op('Add', [bias, b.op('MatMul', [flat, weight])], {}, 'logits'));
  return b.build();
}

describe('the value before the last layer', () => {
  it.each([
    ['LeNet', lenet(shape, 10, 1), 'relu1'],
    ['a perceptron', mlp(shape, [7, 5], 10, 1), 'relu2'],
    ['a product and a bias', product(), 'flat'],
  ])('of %s is what its last product is taken of', (_, model, expected) => {
    expect(penultimateValue(model, 'logits')).toBe(expected);
  });

  it('is not there where the network ends in something else', () => {
    const b = new GraphBuilder('pool');
    b.output(b.op('GlobalAveragePool', [b.input('image', 'float32', ['N', 3, 4, 4])], {}, 'logits'));
    expect(penultimateValue(b.build(), 'logits')).toBeUndefined();
  });

  it('is not there where two branches are added at the end', () => {
    const b = GraphBuilder.from(product(), { skip: 'outputs' });
    b.output(b.op('Add', ['logits', b.op('ReduceMax', ['flat', b.ints([1])])], {}, 'sum'));
    expect(penultimateValue(b.build(), 'sum')).toBeUndefined();
  });
});

it('features of the embedded LeNet are 500 numbers from 0 up, and its logits follow from them', async () => {
  const bytes = new Uint8Array(readFileSync(new URL('../../assets/lenet-digits.onnx', import.meta.url)));
  const classifier = await OnnxClassifier.load(bytes, options);
  const { images } = drawDigits(100, 1);
  const { width, data: values } = await classifier.features!(images);
  expect(width).toBe(500);
  expect(values.length).toBe(500 * images.count);
  expect(Math.min(...values)).toBe(0);
  const { initializers } = classifier.network.graph;
  const [weight, bias] = ['logits.weight', 'logits.bias'].map((name) => initializers.get(name)!.data as Float32Array);
  const { data } = await classifier.logits(images);
  for (const [row, label] of [
    [0, 0],
    [99, 7],
  ] as const) {
    let sum = bias![label]!;
    for (let i = 0; i < 500; i++) sum += weight![500 * label + i]! * values[500 * row + i]!;
    expect(sum).toBeCloseTo(data[10 * row + label]!, 3);
  }
  await classifier.dispose();
});

it('a network that ends in pooling shows no features', async () => {
  const b = new GraphBuilder('pool');
  const pooled = b.op('GlobalAveragePool', [b.input('image', 'float32', ['N', 3, 4, 4])]);
  b.output(b.op('Flatten', [pooled], { axis: 1 }, 'logits'));
  const classifier = await OnnxClassifier.load(writeModel(b.build()), options);
  expect(classifier.features).toBeUndefined();
  await classifier.dispose();
});
