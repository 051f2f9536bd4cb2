import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import type { Model } from '../model/model.ts';
import { CASES } from '../testing/finite-differences.ts';
import { runModel } from '../testing/run.ts';
import { sample } from '../testing/samples.ts';
import { upgrade } from './upgrade.ts';

interface Pool {
  readonly opType: 'AveragePool' | 'LpPool' | 'MaxPool';
  readonly length: number;
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
  readonly includePad: boolean;
}

/** A pool with `ceil_mode` along rows, of one channel. */
function pooled({ opType, length, kernel, stride, before, after, includePad }: Pool): Model {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 1, length]);
  b.op(
    opType,
    [x],
    {
      kernel_shape: [kernel],
      strides: [stride],
      pads: [before, after],
      ceil_mode: 1,
      count_include_pad: opType === 'AveragePool' ? Number(includePad) : undefined,
    },
    'y',
  );
  b.output('y');
  return b.build();
}

const pools: fc.Arbitrary<Pool> = fc
  .record({
    opType: fc.constantFrom('AveragePool' as const, 'LpPool' as const, 'MaxPool' as const),
    length: fc.integer({ min: 4, max: 9 }),
    kernel: fc.integer({ min: 2, max: 4 }),
    stride: fc.integer({ min: 2, max: 4 }),
    before: fc.nat(3),
    after: fc.nat(3),
    includePad: fc.boolean(),
  })
  .filter(({ kernel, before, after }) => before < kernel && after < kernel);

describe('pools with ceil_mode', () => {
  it('give the same numbers after the upgrade', () =>
    fc.assert(
      fc.asyncProperty(pools, fc.nat(1000), async (pool, seed) => {
        const x = sample(seed, [2, 1, pool.length], 0.5, 1);
        const [before, after] = [await runModel(pooled(pool), { x }), await runModel(upgrade(pooled(pool)), { x })];
        expect(after.y!.dims).toEqual(before.y!.dims);
        after.y!.data.forEach((value, i) => {
          expect(value).toBeCloseTo(before.y!.data[i]!, 5);
        });
      }),
      { ...CASES, numRuns: 200 },
    ));

  it.each([
    ['AveragePool', false],
    ['AveragePool', true],
    ['LpPool', false],
  ] as const)(
    '%s that drops a window in front of a convolution has the gradient of its differences (%s)',
    async (opType, includePad) => {
      const pool: Pool = { opType, length: 7, kernel: 2, stride: 2, before: 1, after: 1, includePad };
      const b = GraphBuilder.from(upgrade(pooled(pool)), { skip: 'outputs' });
      const kernel = b.constant({ type: 'float32', dims: [1, 1, 2], data: Float32Array.of(0.5, -2) });
      const z = b.op('Tanh', [b.op('Conv', ['y', kernel], { kernel_shape: [2] })]);
      const total = b.op('ReduceSum', [z], { keepdims: 0 }, 'total');
      const [gradient] = differentiate(b, z, b.op('Expand', [b.scalar(1), b.op('Shape', [z])]), ['x']);
      b.op('Identity', [gradient!], {}, 'gradient');
      b.output(total);
      b.output('gradient');
      const model = b.build();
      const x = sample(3, [1, 1, 7], 0.5, 1);
      const results = await runModel(model, { x });
      for (let i = 0; i < 7; i++) {
        const at = async (by: number): Promise<number> => {
          const data = x.data.map((value, k) => (k === i ? value + by : value));
          return (await runModel(model, { x: { ...x, data } })).total!.data[0]!;
        };
        const step = 2 ** -7;
        expect(results.gradient!.data[i]).toBeCloseTo(((await at(step)) - (await at(-step))) / (2 * step), 3);
      }
    },
  );
});
