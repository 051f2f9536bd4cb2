import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { OnnxError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { runModel } from '../testing/run.ts';
import { sample } from '../testing/samples.ts';
import { withBatch } from './with-batch.ts';

/** A network exported for one image: its Reshape has a 1 for the batch, and constants pass through another Reshape. */
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

describe('a quantized model exported for one image', () => {
  const uint8 = (b: GraphBuilder, values: readonly number[], dims: readonly number[]): string =>
    b.constant({ type: 'uint8', dims, data: Uint8Array.from(values) });

  /** x of 1 x 4, quantized. */
  const quantized = (compute: (b: GraphBuilder, q: string, scaling: readonly [string, string]) => string): Model => {
    const b = new GraphBuilder();
    const scaling = [b.scalar(0.125), uint8(b, [128], [])] as const;
    const q = b.op('QuantizeLinear', [b.input('x', 'float32', [1, 4]), ...scaling]);
    b.op('DequantizeLinear', [compute(b, q, scaling), ...scaling], {}, 'y');
    b.output('y');
    return b.build();
  };

  it.each<[string, Parameters<typeof quantized>[0]]>([
    [
      'QLinearMatMul',
      (b, q, s) => b.op('QLinearMatMul', [q, ...s, uint8(b, [...sample(1, [16], 0, 255).data], [4, 4]), ...s, ...s]),
    ],
    [
      'QLinearAdd',
      (b, q, s) => b.op('com.microsoft.QLinearAdd', [q, ...s, uint8(b, [1, 90, 200, 130], [1, 4]), ...s, ...s]),
    ],
    ['QLinearConcat', (b, q, s) => b.op('com.microsoft.QLinearConcat', [...s, q, ...s, q, ...s], { axis: 1 })],
    ['QLinearSoftmax', (b, q, s) => b.op('com.microsoft.QLinearSoftmax', [q, ...s, ...s], { axis: -1, opset: 13 })],
    [
      'Reshape and Transpose of integers',
      (b, q) =>
        b.op('Reshape', [
          b.op('Transpose', [b.op('Reshape', [q, b.ints([1, 2, 2])])], { perm: [0, 2, 1] }),
          b.ints([1, 4]),
        ]),
    ],
  ])('%s: each image is told as alone', async (_, compute) => {
    const model = quantized(compute);
    const images = sample(5, [3, 4], -3, 3);
    const { y } = await runModel(withBatch(model), { x: images });
    const alone: number[] = [];
    for (let i = 0; i < 3; i++) {
      const one = await runModel(model, { x: { dims: [1, 4], data: images.data.slice(4 * i, 4 * i + 4) } });
      alone.push(...one.y!.data);
    }
    expect([...y!.data]).toEqual(alone);
  });

  it.each<[string, Parameters<typeof quantized>[0]]>([
    [
      'its scales differ along the axis of the images',
      (b, q, s) => {
        const two = b.constant({ type: 'float32', dims: [2], data: Float32Array.of(0.125, 0.25) });
        const pairs = b.op('Reshape', [b.op('DequantizeLinear', [q, ...s]), b.ints([2, 2])]);
        return b.op('QuantizeLinear', [
          b.op('DequantizeLinear', [b.op('QuantizeLinear', [pairs, two], { axis: 0 }), two], { axis: 0 }),
          ...s,
        ]);
      },
    ],
    [
      'it goes along the axis of the images',
      (b, q, s) => b.op('com.microsoft.QLinearConcat', [...s, q, ...s, q, ...s], { axis: 0 }),
    ],
    [
      'a parameter differs along the axis of the images',
      (b, q, s) =>
        b.op('com.microsoft.QLinearConcat', [...s, q, ...s, uint8(b, [1, 2, 3, 4, 5, 6, 7, 8], [2, 4]), ...s], {
          axis: 1,
        }),
    ],
    [
      'the range of the numbers is taken over the images',
      (b, q, s) => b.ops('DynamicQuantizeLinear', [b.op('DequantizeLinear', [q, ...s])], 3)[0]!,
    ],
  ])('is refused where %s', (why, compute) => {
    expect(() => withBatch(quantized(compute))).toThrow(why);
  });
});

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
    const kept = [...model.graph.initializers].filter(([name]) => initializers.has(name));
    expect(kept.length).toBeGreaterThan(2);
    for (const [name, value] of kept) expect(initializers.get(name)).toBe(value);
  });
});

it('a model that takes batches stays as it is', () => {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['batch', 4]);
  b.output(b.op('Relu', ['x']));
  const model = b.build();
  expect(withBatch(model)).toBe(model);
});

/** Parts of networks as they are exported for one image x of 3 x 4 x 4. */
const FOR_ONE: Readonly<Record<string, (b: GraphBuilder) => string>> = {
  'convolution, pool, batch normalization': (b) => {
    const normal = b.op('BatchNormalization', ['x', ...[1, 2, 3, 4].map((seed) => weight(b, seed, [3], 0.5, 2))]);
    const convolved = b.op('Conv', [normal, weight(b, 5, [5, 3, 3, 3])], { strides: [2, 2], pads: [1, 1, 1, 1] });
    return b.op('Reshape', [b.op('GlobalAveragePool', [convolved]), b.ints([1, 5])]);
  },
  'channels last, turned first': (b) => {
    const turned = b.op('Transpose', ['x'], { perm: [0, 2, 3, 1] });
    return b.op('ReduceMean', [b.op('MatMul', [turned, weight(b, 1, [3, 5])]), b.ints([1, 2])], { keepdims: 0 });
  },
  'Flatten from another axis': (b) => b.op('Flatten', ['x'], { axis: 2 }),
  'a batch axis that is squeezed away at the end': (b) => {
    const scores = b.op('Gemm', [b.op('Flatten', ['x']), weight(b, 1, [48, 5])]);
    return b.op('Squeeze', [scores]);
  },
  'a softmax after the batch axis is gone': (b) => {
    const scores = b.op('Squeeze', [b.op('Gemm', [b.op('Flatten', ['x']), weight(b, 1, [48, 5])]), b.ints([0])]);
    return b.op('Softmax', [b.op('Add', [scores, weight(b, 2, [5])])], { axis: 0 });
  },
  'a class token in front of patches, then taken out again': (b) => {
    const patches = b.op('Transpose', [b.op('Reshape', ['x', b.ints([1, 3, 16])])], { perm: [0, 2, 1] });
    const joined = b.op('Concat', [weight(b, 1, [1, 1, 3]), patches], { axis: 1 });
    const placed = b.op('Add', [joined, weight(b, 2, [1, 17, 3])]);
    const first = b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(0n) });
    return b.op(
      'Gather',
      [b.op('LayerNormalization', [placed, weight(b, 3, [3]), weight(b, 4, [3])], { axis: 2 }), first],
      {
        axis: 1,
      },
    );
  },
  'a class token that was stretched to one image': (b) => {
    const patches = b.op('Transpose', [b.op('Reshape', ['x', b.ints([1, 3, 16])])], { perm: [0, 2, 1] });
    return b.op('Concat', [b.op('Expand', [weight(b, 1, [1, 1, 3]), b.ints([1, 1, 3])]), patches], { axis: 1 });
  },
  'attention with heads, tokens first': (b) => {
    const tokens = b.op('Transpose', [b.op('Reshape', ['x', b.ints([1, 6, 8])])], { perm: [1, 0, 2] });
    const heads = (value: string): string =>
      b.op('Transpose', [b.op('Reshape', [value, b.ints([6, 2, 4])])], { perm: [1, 0, 2] });
    const [q, k, v] = [1, 2, 3].map((seed) => heads(b.op('MatMul', [tokens, weight(b, seed, [8, 8])])));
    const scores = b.op('MatMul', [q!, b.op('Transpose', [k!], { perm: [0, 2, 1] })]);
    const mixed = b.op('MatMul', [b.op('Softmax', [scores], { axis: -1 }), v!]);
    const back = b.op('Reshape', [b.op('Transpose', [mixed], { perm: [1, 0, 2] }), b.ints([6, 8])]);
    const out = b.op('Reshape', [b.op('Gemm', [back, weight(b, 4, [8, 8])]), b.ints([6, 1, 8])]);
    return b.op('ReduceMean', [out, b.ints([0])], { keepdims: 0 });
  },
  'windows of a shifted transformer, with a bias for each': (b) => {
    const split = b.op('Reshape', ['x', b.ints([1, 3, 2, 2, 2, 2])]);
    const windows = b.op('Reshape', [b.op('Transpose', [split], { perm: [0, 2, 4, 3, 5, 1] }), b.ints([4, 4, 3])]);
    const biased = b.op('Add', [windows, weight(b, 1, [4, 1, 1])]);
    const scores = b.op('Softmax', [b.op('MatMul', [biased, b.op('Transpose', [biased], { perm: [0, 2, 1] })])]);
    return b.op('Reshape', [scores, b.ints([1, 64])]);
  },
  'a picture that is scaled to sizes': (b) => b.op('Resize', ['x', '', '', b.ints([1, 3, 7, 8])], { mode: 'linear' }),
  'a picture that is scaled by factors that are joined': (b) => {
    const scales = [1, 2].map((value) =>
      b.constant({ type: 'float32', dims: [2], data: Float32Array.of(value, value) }),
    );
    const options = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    return b.op('Resize', ['x', '', b.op('Concat', scales, { axis: 0 })], options);
  },
  'shapes that are computed': (b) => {
    const at = (axis: number): string =>
      b.op('Gather', [
        b.op('Shape', ['x']),
        b.constant({ type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(axis)) }),
      ]);
    return b.op('Reshape', ['x', b.op('Concat', [at(0), b.op('Mul', [at(1), at(2)]), at(3)], { axis: 0 })]);
  },
  'the first image taken out and put back': (b) => {
    const first = b.op('Gather', ['x', b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(0n) })]);
    return b.op('Unsqueeze', [b.op('Relu', [first]), b.ints([0])]);
  },
  'parts of channels, shuffled and padded': (b) => {
    const [a, c] = b.ops('Split', ['x', b.ints([1, 2])], 2, { axis: 1 });
    const padded = b.op('Pad', [b.op('Concat', [c!, a!], { axis: 1 }), b.ints([0, 0, 1, 0, 0, 0, 0, 2])]);
    return b.op('Slice', [padded, b.ints([0, 1]), b.ints([1, 4]), b.ints([0, 2])]);
  },
  'an Einsum': (b) => b.op('Einsum', ['x', weight(b, 1, [3, 5])], { equation: 'bchw,cd->bhwd' }),
  'an Einsum of diagonals': (b) => b.op('Einsum', ['x'], { equation: 'bcii->bci' }),
  'a spatial transformer': (b) => {
    const grid = b.op('Reshape', [b.op('Tanh', ['x']), b.ints([1, 6, 4, 2])]);
    return b.op('GridSample', ['x', grid], { padding_mode: 'border' });
  },
  'images at the same places': (b) => b.op('GridSample', ['x', weight(b, 1, [1, 3, 2, 2])], { mode: 'nearest' }),
  'a map, read where the image says': (b) => {
    const grid = b.op('Reshape', [b.op('Tanh', ['x']), b.ints([1, 6, 4, 2])]);
    return b.op('GridSample', [weight(b, 1, [1, 2, 5, 3]), grid], { padding_mode: 'reflection' });
  },
  'a mean of everything that stays one axis': (b) => b.op('ReduceMean', ['x'], { keepdims: 1 }),
};

const weight = (b: GraphBuilder, seed: number, dims: readonly number[], low = -1, high = 1): string =>
  b.initializer(b.unique('weight'), { type: 'float32', ...sample(seed, dims, low, high) });

function exported(build: (b: GraphBuilder) => string): Model {
  const b = new GraphBuilder();
  b.input('x', 'float32', [1, 3, 4, 4]);
  b.output(b.op('Neg', [build(b)], {}, 'y'));
  return b.build();
}

describe('each image of a batch is told as alone: no other has an influence', () => {
  it.each(Object.entries(FOR_ONE))('%s', async (_, build) => {
    const model = exported(build);
    const batched = withBatch(model);
    const images = sample(6, [3, 3, 4, 4]);
    const { y } = await runModel(batched, { x: images });
    const size = y!.data.length / 3;
    expect(y!.dims[0]).toBe(3);
    expect(GraphBuilder.from(batched).shape('y')[0]).toBe('N');
    for (let i = 0; i < 3; i++) {
      const one = { dims: [1, 3, 4, 4], data: images.data.slice(48 * i, 48 * i + 48) };
      const alone = await runModel(model, { x: one });
      expect(alone.y!.data).toHaveLength(size);
      const batchOfOne = await runModel(batched, { x: one });
      alone.y!.data.forEach((value, j) => {
        expect(y!.data[size * i + j]).toBeCloseTo(value, 5);
        expect(batchOfOne.y!.data[j]).toBeCloseTo(value, 5);
      });
    }
  });
});

describe('where images would mix, the operator is named', () => {
  const cases: Readonly<Record<string, readonly [RegExp, (b: GraphBuilder) => string]>> = {
    'a softmax over the batch': [
      /Softmax \(node .*goes along the axis of the images/,
      (b) => b.op('Softmax', ['x'], { axis: 0 }),
    ],
    'images added up': [/ReduceL2 \(node/, (b) => b.op('ReduceL2', ['x', b.ints([0, 1])])],
    'images beside each other': [/Concat \(node/, (b) => b.op('Concat', ['x', 'x'], { axis: 0 })],
    'a product over images': [
      /MatMul \(node .*sums over the images/,
      (b) => b.op('MatMul', [b.op('Reshape', ['x', b.ints([48, 1])]), b.op('Reshape', ['x', b.ints([1, 48])])]),
    ],
    'statistics of the batch': [
      /BatchNormalization \(node .*statistics over the images/,
      (b) =>
        b.op('BatchNormalization', ['x', ...[1, 2, 3, 4].map((seed) => weight(b, seed, [3], 0.5, 2))], {
          training_mode: 1,
        }),
    ],
    'an operator that could do anything': [
      /NonZero \(node .*not known to keep/,
      (b) => b.op('Cast', [b.op('NonZero', ['x'])], { to: 1 }),
    ],
  };
  it.each(Object.entries(cases))('%s', (_, [message, build]) => {
    expect(() => withBatch(exported(build))).toThrow(OnnxError);
    expect(() => withBatch(exported(build))).toThrow(message);
  });
});
