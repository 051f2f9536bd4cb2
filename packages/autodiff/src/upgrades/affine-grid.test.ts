import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { int64s } from '../model/tensor.ts';
import { expectGradient } from '../testing/finite-differences.ts';
import { runModel } from '../testing/run.ts';
import { sample } from '../testing/samples.ts';
import { addUpgraded, modelOf, writtenNode } from '../testing/upgraded.ts';
import { upgrade } from './upgrade.ts';

const node = (corners: number) =>
  writtenNode('AffineGrid', ['theta', 'size'], ['grid'], { align_corners: ['int', corners] });

describe('AffineGrid', () => {
  it.each([
    [[2, 1, 3, 4], 0],
    [[2, 1, 3, 4], 1],
    [[1, 3, 1, 5], 0],
    [[1, 3, 1, 5], 1],
    [[2, 1, 2, 3, 4], 0],
    [[1, 1, 3, 2, 4], 1],
  ])('of size %j, align_corners %d, gives what ONNX Runtime gives', async (size, corners) => {
    const axes = size.length - 2;
    const theta = sample(1, [size[0]!, axes, axes + 1]);
    const inputs = [{ name: 'theta', type: 'float32', shape: theta.dims } as const];
    const model = modelOf(node(corners), inputs, { size: int64s(size) }, 20);
    const upgraded = upgrade(model);
    expect(upgraded.graph.nodes.map(({ opType }) => opType)).not.toContain('AffineGrid');
    const [before, after] = [await runModel(model, { theta }), await runModel(upgraded, { theta })];
    expect(after.grid!.dims).toEqual(before.grid!.dims);
    expect(GraphBuilder.from(upgraded).shape('grid')).toEqual(before.grid!.dims);
    before.grid!.data.forEach((value, i) => {
      expect(after.grid!.data[i]).toBeCloseTo(value, 6);
    });
  });

  it('of an open batch, behind a GridSample, has the gradient that differences show', () =>
    expectGradient(
      {
        operands: { x: sample(1, [2, 2, 4, 4]), theta: sample(2, [2, 2, 3], -0.4, 0.4) },
        open: ['x', 'theta'],
        opset: 20,
        build: (b) => {
          // The first length, that of the batch, is not looked at.
          const size = b.ints([1, 2, 3, 2]);
          const [grid = ''] = addUpgraded(b, { ...node(0), inputs: ['theta', size] }, [], 20);
          return b.op('GridSample', ['x', grid], { mode: 'linear' });
        },
      },
      3,
    ));

  it('of a size that is fed stays as it is', () => {
    const inputs = [
      { name: 'theta', type: 'float32', shape: [1, 2, 3] },
      { name: 'size', type: 'int64', shape: [4] },
    ] as const;
    const { graph } = upgrade(modelOf(node(0), inputs, {}, 20));
    expect(graph.nodes.map(({ opType }) => opType)).toEqual(['AffineGrid']);
  });
});
