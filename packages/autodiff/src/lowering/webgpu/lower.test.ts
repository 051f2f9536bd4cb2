import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../builder/builder.ts';
import { unitStep } from '../../builder/composites.ts';
import { differentiate } from '../../differentiate.ts';
import { targetedDlrObjective } from '../../losses/margin.ts';
import { crossEntropyObjective } from '../../losses/probability.ts';
import type { Model } from '../../model/model.ts';
import { tinyLenet } from '../../testing/lenet.ts';
import { type Results, runModel } from '../../testing/run.ts';
import { type Sample, sample } from '../../testing/samples.ts';
import { lowerForWebGpu } from './lower.ts';

/** Numbers on both sides of each threshold, and at it. */
const EDGES: Sample = {
  dims: [2, 12],
  data: Float32Array.of(
    ...[-6, 6, 0, -0, 1e-30, -1e-30, 6.0000005, 5.9999995, -6.0000005, -5.9999995, 1e30, -1e30],
    ...[1, -1, 2, -2, 0.5, -0.5, 3, -3, 7, -7, 100, -100],
  ),
};

/** Outputs of a graph on x, as it is and lowered, both on the CPU; and the operators of the lowered graph. */
async function both(build: (b: GraphBuilder) => string, x: Sample = EDGES) {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['N', ...x.dims.slice(1)]);
  b.op('Identity', [build(b)], {}, 'y');
  b.output('y');
  const model = b.build();
  const lowered = lowerForWebGpu(model);
  const [before, after] = [await runModel(model, { x }), await runModel(lowered, { x })];
  return { before: before.y!, after: after.y!, operators: operators(lowered) };
}

const operators = (model: Model): string[] => [...new Set(model.graph.nodes.map(({ opType }) => opType))].sort();

describe('lowered for WebGPU', () => {
  it.each<[string, (b: GraphBuilder) => string]>([
    ['Sum of three', (b) => b.op('Sum', ['x', 'x', b.scalar(3)])],
    ['Sum of one', (b) => b.op('Sum', ['x'])],
    ['Sign', (b) => b.op('Sign', ['x'])],
    ['a step at 0', (b) => unitStep(b, 'x')],
    ['the largest of each row, marked', (b) => hot(b, b.op('ArgMax', ['x'], { axis: 1, keepdims: 0 }), 12)],
    ['Mean', (b) => b.op('Mean', ['x', b.scalar(1)])],
    ['LogSoftmax', (b) => b.op('LogSoftmax', [b.op('Clip', ['x', b.scalar(-50), b.scalar(50)])], { axis: 1 })],
  ])('%s is what it was, in other words', async (name, build) => {
    const { before, after, operators: words } = await both(build);
    expect(after.dims).toEqual(before.dims);
    after.data.forEach((value, i) => {
      const size = Math.max(Math.abs(before.data[i]!), 1e-30);
      expect(Math.abs(value - before.data[i]!) / size, `${name} at ${EDGES.data[i]}`).toBeLessThan(2e-6);
    });
    for (const word of ['Sum', 'Sign', 'HardSigmoid', 'OneHot', 'Mean', 'LogSoftmax'])
      expect(words).not.toContain(word);
  });

  it("a HardSigmoid that is no step stays one, and so does a network's own one-hot of other values", async () => {
    const soft = await both((b) => b.op('HardSigmoid', ['x'], { alpha: 0.2, beta: 0.5 }));
    expect(soft.operators).toEqual(['HardSigmoid', 'Identity']);
    const other = await both((b) => hot(b, b.op('ArgMax', ['x'], { axis: 1, keepdims: 0 }), 12, [-1, 1]));
    expect(other.operators).toContain('OneHot');
  });

  it('the gradient of Clip is 1 at its bounds and 0 beyond, as on the processor', async () => {
    const gradient = (b: GraphBuilder): string => {
      const y = b.op('Clip', ['x', b.scalar(-6), b.scalar(6)]);
      const one = b.op('Expand', [b.scalar(1), b.op('Shape', ['x'])]);
      return differentiate(b, y, one, ['x'])[0]!;
    };
    const { after, operators: words } = await both(gradient);
    expect([...after.data]).toEqual([...EDGES.data].map((x) => (x >= -6 && x <= 6 ? 1 : 0)));
    expect(words).not.toContain('HardSigmoid');
  });

  it('a MaxPool loses indices that nobody uses, and keeps those that somebody does', () => {
    const pool = (indices: boolean): Model => {
      const b = new GraphBuilder();
      b.input('x', 'float32', [1, 1, 4, 4]);
      for (const output of b.ops('MaxPool', ['x'], 2, { kernel_shape: [2, 2] }).slice(0, indices ? 2 : 1))
        b.output(output);
      return lowerForWebGpu(b.build());
    };
    expect(pool(false).graph.nodes.map(({ outputs }) => outputs.length)).toEqual([1]);
    expect(pool(true).graph.nodes.map(({ outputs }) => outputs.length)).toEqual([2]);
  });

  it('whole numbers keep their Sign and their type', async () => {
    const b = new GraphBuilder();
    b.input('x', 'int64', [3]);
    b.output(b.op('Sign', ['x'], {}, 'y'));
    const results = await runModel(lowerForWebGpu(b.build()), {
      x: { dims: [3], data: BigInt64Array.of(-5n, 0n, 7n) },
    });
    expect([...results.y!.data]).toEqual([-1, 0, 1]);
  });

  it('a gradient graph gives the same gradient, and lowering it twice changes nothing more', async () => {
    const b = GraphBuilder.from(tinyLenet());
    b.input('classes', 'int64', ['N']);
    b.input('targets', 'int64', ['N']);
    const entropy = crossEntropyObjective(b, 'logits', 'classes');
    const ratio = targetedDlrObjective(b, 'logits', 'classes', 'targets');
    const both = b.op('Sum', [entropy.cotangent, ratio.cotangent]);
    b.output(b.op('Identity', differentiate(b, 'logits', both, ['images']), {}, 'gradient'));
    b.output(entropy.value);
    const model = b.build();
    const feeds = {
      images: sample(1, [3, 1, 8, 8]),
      classes: { dims: [3], data: BigInt64Array.of(1n, 4n, 0n) },
      targets: { dims: [3], data: BigInt64Array.of(2n, 0n, 3n) },
    };
    const lowered = lowerForWebGpu(model);
    const [before, after]: Results[] = [await runModel(model, feeds), await runModel(lowered, feeds)];
    for (const [name, { data }] of Object.entries(before!)) {
      const size = Math.max(...data.map(Math.abs));
      data.forEach((value, i) => {
        expect(Math.abs(after![name]!.data[i]! - value), name).toBeLessThan(1e-6 * size);
      });
    }
    expect(lowerForWebGpu(lowered)).toEqual(lowered);
  });
});

function hot(b: GraphBuilder, indices: string, depth: number, values: readonly [number, number] = [0, 1]): string {
  const length = b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(depth)) });
  const pair = b.constant({ type: 'float32', dims: [2], data: Float32Array.from(values) });
  return b.op('OneHot', [indices, length, pair], { axis: -1 });
}
