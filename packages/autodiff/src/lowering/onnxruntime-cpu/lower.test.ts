import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../builder/builder.ts';
import { differentiate } from '../../differentiate.ts';
import { runModel } from '../../testing/run.ts';

describe('the mask of a Relu in front of a max pool', () => {
  const dims = [1, 1, 2, 4];
  const x = { data: Float32Array.of(-1, -3, 2, 4, -2, -4, 1, 3), dims };
  const raised = (b: GraphBuilder, value: string, by: number): string =>
    b.op('Relu', [b.op('Add', [value, b.scalar(by)])]);

  /** By the pooled value and by `x`, which goes through another Relu before. */
  it.each([
    ['', (b: GraphBuilder, h: string) => raised(b, h, 5)],
    [
      'behind a Concat',
      (b: GraphBuilder, h: string) => b.op('Concat', [raised(b, h, 5), raised(b, h, 3)], { axis: 1 }),
    ],
  ])('does not stand for that of a Relu further in front %s', async (_, body) => {
    const b = new GraphBuilder();
    const h = b.op('Relu', [b.input('x', 'float32', dims)]);
    const pooled = b.op('MaxPool', [body(b, h)], { kernel_shape: [2, 2], strides: [2, 2] });
    const y = b.op('ReduceSum', [pooled]);
    const [gradient = ''] = differentiate(b, y, b.scalar(1), ['x']);
    b.output(gradient);
    const { data } = (await runModel(b.build(), { x }))[gradient]!;
    const maxima = Number(b.shape(pooled)[1]);
    // All of the first window is 0 behind the first Relu; in the second window 4 is the maximum of each channel.
    expect([...data]).toEqual([0, 0, 0, maxima, 0, 0, 0, 0]);
  });
});

it.each([
  ['stride 1', [1, 1]],
  ['stride 2', [2, 2]],
])(
  'a cotangent that is spread over channels by their factors goes back through a convolution of %s',
  async (_, strides) => {
    const channels = 8;
    const dims = [1, channels, 3, 3];
    const b = new GraphBuilder();
    b.input('x', 'float32', dims);
    const twice = Float32Array.from({ length: channels ** 2 }, (_, i) => (i % (channels + 1) === 0 ? 2 : 0));
    const weight = b.constant({ type: 'float32', dims: [channels, channels, 1, 1], data: twice });
    const y = b.op('Conv', ['x', weight], { kernel_shape: [1, 1], strides });
    const [rows = 0, columns = 0] = b.shape(y).slice(2).map(Number);
    b.input('z', 'float32', [1, 1, rows, columns]);
    const factors = Float32Array.from({ length: channels }, (_, channel) => channel + 1);
    const cotangent = b.op('Mul', ['z', b.constant({ type: 'float32', dims: [1, channels, 1, 1], data: factors })]);
    const [gradient = ''] = differentiate(b, y, cotangent, ['x']);
    b.output(gradient);
    const z = Float32Array.from({ length: rows * columns }, (_, i) => i - 2);
    const { data } = (
      await runModel(b.build(), {
        z: { data: z, dims: [1, 1, rows, columns] },
        x: { data: new Float32Array(72), dims },
      })
    )[gradient]!;
    const [stride = 1] = strides;
    const expected = Array.from({ length: 72 }, (_, at) => {
      const [channel, row, column] = [Math.floor(at / 9), Math.floor(at / 3) % 3, at % 3];
      if (row % stride > 0 || column % stride > 0) return 0;
      return 2 * (channel + 1) * z[(row / stride) * columns + column / stride]!;
    });
    expect([...data]).toEqual(expected);
  },
);
