import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withBatch } from '../batching/with-batch.ts';
import { GraphBuilder } from '../builder/builder.ts';
import { int64s, type TensorValue } from '../model/tensor.ts';
import { computed } from '../testing/computed.ts';
import { CASES, expectGradient } from '../testing/finite-differences.ts';
import { runModel } from '../testing/run.ts';
import { sample } from '../testing/samples.ts';
import { addUpgraded, modelOf, writtenNode } from '../testing/upgraded.ts';
import { upgrade } from './upgrade.ts';

const axesAndSizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }).chain((dims) =>
  fc.tuple(
    fc.constant(dims),
    fc.subarray(
      dims.map((_, axis) => axis),
      { minLength: 1 },
    ),
    fc.array(fc.integer({ min: 1, max: 7 }), { minLength: dims.length, maxLength: dims.length }),
    fc.boolean(),
  ),
);

const node = (axes: readonly number[] | undefined) =>
  writtenNode('CenterCropPad', ['x', 'sizes'], ['y'], axes === undefined ? {} : { axes: ['ints', axes] });

describe('CenterCropPad', () => {
  it('gives what ONNX Runtime gives, in the shape that is inferred', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(2 ** 30),
        axesAndSizes,
        fc.constantFrom('int32', 'int64'),
        async (seed, [dims, axes, sizes, all], type) => {
          const wanted = all ? sizes : sizes.slice(0, axes.length);
          const given: TensorValue =
            type === 'int64' ? int64s(wanted) : { type: 'int32', dims: [wanted.length], data: Int32Array.from(wanted) };
          const named = all ? undefined : axes.map((axis, index) => (index % 2 === 0 ? axis : axis - dims.length));
          const modelWith = (value: TensorValue) =>
            modelOf(node(named), [{ name: 'x', type: 'float32', shape: dims }], { sizes: value });
          const upgraded = upgrade(modelWith(given));
          expect(upgraded.graph.nodes.map(({ opType }) => opType)).toEqual(['Pad']);
          const x = sample(seed, dims);
          // ONNX Runtime takes int64 alone, though the standard allows both.
          const before = await runModel(modelWith(int64s(wanted)), { x });
          expect(await runModel(upgraded, { x })).toEqual(before);
          expect(GraphBuilder.from(upgraded).shape('y')).toEqual(before.y!.dims);
        },
      ),
      { ...CASES, numRuns: 40 },
    ));

  it('to sizes that are computed, of axes of open length', async () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['N', 3, 'H', 'W']);
    const sizes = computed(b, [6, 2]);
    b.add({ ...node([2, -1]), inputs: ['x', sizes] });
    b.output('y');
    const model = b.build();
    const x = sample(1, [2, 3, 3, 5]);
    expect(await runModel(upgrade(model), { x })).toEqual(await runModel(model, { x }));
  });

  it('has the gradient that differences show', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(2 ** 30), axesAndSizes, (seed, [dims, axes, sizes]) =>
        expectGradient(
          {
            operands: { x: sample(seed, dims) },
            open: axes.includes(0) ? [] : ['x'],
            build: (b) => {
              const inputs = ['x', b.ints(sizes.slice(0, axes.length))];
              const [y = ''] = addUpgraded(b, { ...node(axes), inputs });
              return b.op('Mul', [y, y]);
            },
          },
          seed,
        ),
      ),
      { ...CASES, numRuns: 30 },
    ));

  it('of one image gives the same for each image of a batch', async () => {
    const model = modelOf(node([2, 3]), [{ name: 'x', type: 'float32', shape: [1, 2, 3, 5] }], {
      sizes: int64s([5, 2]),
    });
    const x = sample(1, [3, 2, 3, 5]);
    const { y } = await runModel(withBatch(model), { x });
    expect(y!.dims).toEqual([3, 2, 5, 2]);
    const last = await runModel(model, { x: { dims: [1, 2, 3, 5], data: x.data.slice(60) } });
    expect([...y!.data.slice(40)]).toEqual([...last.y!.data]);
  });

  it('refuses sizes that do not fit its axes', () => {
    const model = modelOf(node([2]), [{ name: 'x', type: 'float32', shape: [1, 2, 3, 5] }], { sizes: int64s([5, 2]) });
    expect(() => upgrade(model)).toThrow(
      'CenterCropPad (node the CenterCropPad) has sizes for 2 axes where 1 are named; export the model again',
    );
  });
});
