import { readFileSync } from 'node:fs';
import { GraphBuilder, type Model, writeModel } from '@pareidolia/autodiff';
import { describe, expect, it } from 'vitest';
import { drawDigits } from '../dataset/index.ts';
import { lenet } from '../network/lenet.ts';
import { mlp } from '../network/mlp.ts';
import { nodeRuntime } from '../runtime/node.ts';
import { OnnxClassifier } from './onnx-classifier.ts';
import { findPenultimate } from './penultimate.ts';

const options = { runtime: nodeRuntime(), device: 'cpu', threads: 1, where: 'net.onnx' } as const;

const shape = { channels: 1, height: 28, width: 28 } as const;

function product(): Model {
  const b = new GraphBuilder('product');
  const flat = b.op('Flatten', [b.input('image', 'float32', ['N', 1, 2, 2])], {}, 'flat');
  const weight = b.initializer('weight', {
    type: 'float32',
    dims: [4, 3],
    data: Float32Array.from({ length: 12 }, (_, i) => i),
  });
  const bias = b.initializer('bias', { type: 'float32', dims: [3], data: Float32Array.of(5, 6, 7) });
  b.output(b.op('Add', [bias, b.op('MatMul', [flat, weight])], {}, 'logits'));
  return b.build();
}

/** The end of SqueezeNet: a convolution of single places, and the mean over these. */
function pooledConvolution(kernel: number, isBent: boolean): Model {
  const b = new GraphBuilder('pooled');
  const image = b.input('image', 'float32', ['N', 2, 4, 4]);
  const weight = b.initializer('weight', {
    type: 'float32',
    dims: [3, 2, kernel, kernel],
    data: Float32Array.from({ length: 6 * kernel * kernel }, (_, i) => i),
  });
  const bias = b.initializer('bias', { type: 'float32', dims: [3], data: Float32Array.of(5, 6, 7) });
  const maps = b.op('Conv', [b.op('Relu', [image], {}, 'relu'), weight, bias]);
  const pooled = b.op('GlobalAveragePool', [isBent ? b.op('Relu', [maps]) : maps]);
  b.output(b.op('Flatten', [pooled], { axis: 1 }, 'logits'));
  return b.build();
}

const find = (model: Model, logits = 'logits', given?: string) =>
  findPenultimate(GraphBuilder.from(model), model, logits, given);

describe('the value before the last layer', () => {
  it.each([
    ['LeNet', lenet(shape, 10, 1), 'relu1'],
    ['a perceptron', mlp(shape, [7, 5], 10, 1), 'relu2'],
    ['a product and a bias', product(), 'flat'],
    ['a pooled convolution of single places', pooledConvolution(1, false), 'relu'],
  ])('of %s is what its last product is taken of', (_, model, expected) => {
    const found = find(model);
    expect(found.value).toBe(expected);
    expect(found.why).toContain(`${expected}, the input of the last`);
  });

  it('comes with the layer: weights in rows of classes, and its bias', () => {
    expect(find(product())).toMatchObject({
      isPooled: false,
      layer: {
        numClasses: 3,
        width: 4,
        weight: Float32Array.of(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11),
        bias: Float32Array.of(5, 6, 7),
      },
    });
    expect(find(pooledConvolution(1, false))).toMatchObject({
      isPooled: true,
      layer: { numClasses: 3, width: 2, weight: Float32Array.of(0, 1, 2, 3, 4, 5), bias: Float32Array.of(5, 6, 7) },
    });
  });

  it('comes without a layer where something nonlinear follows it', () => {
    const found = find(pooledConvolution(1, true));
    expect(found).toMatchObject({ value: 'relu', isPooled: true });
    expect(found).not.toHaveProperty('layer');
    expect(found.why).toContain('a nonlinear operator stands between');
  });

  it('is that of the card, where it names one', () => {
    expect(find(lenet(shape, 10, 1), 'logits', 'relu1').why).toContain('as the card says');
    expect(find(lenet(shape, 10, 1), 'logits', 'nothing')).toEqual({
      why: 'the card names features nothing, which the graph does not have',
    });
  });

  it('is not there where the network ends in something else', () => {
    const b = new GraphBuilder('pool');
    b.output(b.op('GlobalAveragePool', [b.input('image', 'float32', ['N', 3, 4, 4])], {}, 'logits'));
    expect(find(b.build())).toEqual({ why: 'no penultimate features were found: image is an input' });
    expect(find(pooledConvolution(3, false)).why).toContain('sees more than one place');
  });

  it('is not there where two branches are added at the end', () => {
    const b = GraphBuilder.from(product(), { skip: 'outputs' });
    b.output(b.op('Add', ['logits', b.op('ReduceMax', ['flat', b.ints([1])])], {}, 'sum'));
    expect(find(b.build(), 'sum').value).toBeUndefined();
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
