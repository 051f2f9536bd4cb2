import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../builder/builder.ts';
import { differentiate } from '../../differentiate.ts';
import type { Model } from '../../model/model.ts';
import { targetWithLayout } from '../../testing/layout.ts';
import { runModel } from '../../testing/run.ts';
import { sample } from '../../testing/samples.ts';
import { lower } from '../lower.ts';

/** `undefined` where ONNX Runtime has no such layout on this processor. */
const target = await targetWithLayout();

interface Geometry {
  readonly transposed: boolean;
  readonly batch: number;
  readonly open: boolean;
  /** Channels of the first input, and of the output. */
  readonly channels: readonly [number, number];
  readonly size: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly bias: boolean;
}

/** A convolution with its gradients by image, kernel and bias, all of which are fed. */
function graphOf(geometry: Geometry): {
  readonly model: Model;
  readonly feeds: Record<string, ReturnType<typeof sample>>;
} {
  const { transposed, batch, open, channels, size, kernel, strides, dilations, pads, bias } = geometry;
  const [ins, outs] = channels;
  const operands = {
    x: sample(1, [batch, ins, ...size]),
    w: sample(2, [...(transposed ? [ins, outs] : [outs, ins]), ...kernel]),
    ...(bias ? { bias: sample(3, [outs]) } : {}),
  };
  const b = new GraphBuilder();
  for (const [name, { dims }] of Object.entries(operands)) {
    b.input(name, 'float32', name === 'x' && open ? ['N', ...dims.slice(1)] : dims);
  }
  const attributes = { kernel_shape: kernel, strides, dilations, pads };
  const y = b.op(transposed ? 'ConvTranspose' : 'Conv', Object.keys(operands), attributes, 'y');
  b.output(y);
  const cotangent = b.input('g', 'float32', b.shape(y));
  const wrt = Object.keys(operands);
  for (const [index, gradient] of differentiate(b, y, cotangent, wrt).entries()) {
    b.output(b.op('Identity', [gradient], {}, `by ${wrt[index]}`));
  }
  const dims = b.shape(y).map((dim) => (typeof dim === 'number' ? dim : batch));
  return { model: b.build(), feeds: { ...operands, g: sample(4, dims) } };
}

async function expectSame(geometry: Geometry): Promise<void> {
  const { model, feeds } = graphOf(geometry);
  const plain = await runModel(model, feeds, { kind: 'plain' });
  const found = await runModel(model, feeds, target);
  for (const [name, { data, dims }] of Object.entries(plain)) {
    expect(found[name]!.dims, name).toEqual(dims);
    const limit = 1e-5 * data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const furthest = data.reduce((most, value, i) => Math.max(most, Math.abs(value - found[name]!.data[i]!)), 0);
    expect(furthest, name).toBeLessThanOrEqual(limit);
  }
}

const along = (min: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength: 2, maxLength: 2 });

const geometries: fc.Arbitrary<Geometry> = fc
  .record({
    transposed: fc.boolean(),
    batch: fc.integer({ min: 1, max: 20 }),
    open: fc.boolean(),
    channels: fc.tuple(fc.constantFrom(3, 16, 32), fc.constantFrom(16, 16, 32, 20)),
    kernel: along(1, 4),
    strides: along(1, 3),
    dilations: fc.oneof(fc.constant([1, 1]), along(1, 2)),
    before: along(0, 3),
    after: along(0, 3),
    room: along(0, 4),
    bias: fc.boolean(),
  })
  .map(({ before, after, room, ...rest }) => ({
    ...rest,
    pads: [...before, ...after],
    // Large enough that a transposed convolution has something left between its pads.
    size: rest.kernel.map((size, axis) => (size - 1) * rest.dilations[axis]! + 3 + room[axis]!),
  }))
  .filter(({ transposed, size, kernel, strides, pads }) =>
    size.every(
      (length, axis) => !transposed || strides[axis]! * (length - 1) + kernel[axis]! > pads[axis]! + pads[axis + 2]!,
    ),
  );

describe.skipIf(target === undefined)('convolutions with computed kernels, in the operators of the layout', () => {
  it('are those of the plain lowering, with their gradients, whatever the geometry', () =>
    fc.assert(fc.asyncProperty(geometries, expectSame), { numRuns: 60, seed: 5 }));

  const dcgan = {
    batch: 24,
    channels: [32, 64],
    size: [14, 14],
    kernel: [4, 4],
    strides: [2, 2],
    dilations: [1, 1],
    pads: [1, 1, 1, 1],
    bias: true,
  } as const;

  it.each([
    ['a convolution', { ...dcgan, transposed: false }],
    ['a transposed convolution', { ...dcgan, transposed: true, channels: [64, 32], size: [7, 7] }],
  ] as const)('%s of DCGAN and both its gradients are, with open batch and with a known one', async (_, geometry) => {
    for (const open of [true, false]) {
      await expectSame({ ...geometry, open });
      const { nodes } = lower(graphOf({ ...geometry, open }).model, target!).graph;
      expect(nodes.filter(({ opType }) => /^Conv(Transpose)?$/.test(opType))).toEqual([]);
      // A transposed convolution of stride 2 is one for each of four phases.
      const count = nodes.filter(({ opType }) => opType === 'com.microsoft.nchwc.Conv').length;
      expect(count).toBe(1 + 1 + 4);
    }
  });

  it('a value that several convolutions take is brought into the layout once', () => {
    const { model } = graphOf({ ...dcgan, transposed: false, open: false });
    const { nodes } = lower(model, target!).graph;
    // Image, cotangent, and the image with batch and channels exchanged.
    expect(nodes.filter(({ opType }) => opType === 'com.microsoft.nchwc.ReorderInput')).toHaveLength(3);
  });

  it('kernels that come of constants are left to the runtime, as those of a quantized network', () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [1, 16, 4, 4]);
    const whole = b.constant({ type: 'int8', dims: [16, 16, 1, 1], data: new Int8Array(256).fill(3) });
    const kernel = b.op('DequantizeLinear', [whole, b.scalar(0.5)]);
    b.output(b.op('Conv', ['x', kernel], { kernel_shape: [1, 1] }));
    expect(lower(b.build(), target!).graph.nodes.map(({ opType }) => opType)).toEqual(['DequantizeLinear', 'Conv']);
  });

  it('constant kernels are left to the runtime', () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [1, 16, 4, 4]);
    const kernel = b.constant({ type: 'float32', dims: [16, 16, 1, 1], data: new Float32Array(256) });
    b.output(b.op('Conv', ['x', kernel], { kernel_shape: [1, 1] }));
    expect(lower(b.build(), target!).graph.nodes.map(({ opType }) => opType)).toEqual(['Conv']);
  });
});
