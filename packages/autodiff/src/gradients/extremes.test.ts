import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import { runModel } from '../testing/run.ts';
import { upgrade } from '../upgrades/upgrade.ts';

/** The gradient of sum(cotangent * y) at x, both `1 x n`. */
async function gradientAt(
  x: readonly number[],
  build: (b: GraphBuilder) => string,
  cotangent: readonly number[] = x.map(() => 1),
  opset = 20,
): Promise<number[]> {
  const forward = new GraphBuilder('forward', opset);
  forward.input('x', 'float32', [1, x.length]);
  const y = build(forward);
  forward.output(y);
  const b = GraphBuilder.from(upgrade(forward.build()), { skip: 'outputs' });
  b.input('g', 'float32', [1, x.length]);
  b.op('Identity', [differentiate(b, y, 'g', ['x'])[0]!], {}, 'gradient');
  b.output('gradient');
  const row = (values: readonly number[]) => ({ dims: [1, values.length], data: Float32Array.from(values) });
  return [...(await runModel(b.build(), { x: row(x), g: row(cotangent) })).gradient!.data];
}

describe('numbers whose squares overflow', () => {
  const far = [-3e38, -1e20, -100, 100, 1e20, 3e38];
  const step = [0, 0, 0, 1, 1, 1];

  it.each(['none', 'tanh'])('Gelu, %s', async (approximate) => {
    expect(await gradientAt(far, (b) => b.op('Gelu', ['x'], { approximate }))).toEqual(step);
  });
  it('FastGelu and QuickGelu of ONNX Runtime', async () => {
    expect(await gradientAt(far, (b) => fused(b, 'com.microsoft.FastGelu'))).toEqual(step);
    expect(await gradientAt(far.slice(1, 5), (b) => fused(b, 'com.microsoft.QuickGelu'))).toEqual(step.slice(1, 5));
  });
  it.each(['Mish', 'Softplus', 'HardSwish', 'Selu', 'Celu', 'Elu', 'Softsign', 'Tanh', 'Sigmoid', 'Erf'])(
    '%s is finite',
    async (opType) => {
      expect((await gradientAt(far, (b) => b.op(opType, ['x']))).every(Number.isFinite)).toBe(true);
    },
  );
  it('Swish whose argument overflows', async () => {
    expect(await gradientAt(far, (b) => b.op('Swish', ['x'], { alpha: 2 }), undefined, 24)).toEqual(step);
  });

  it.each([1e-30, 1, 1e25])('LpNormalization of (3, 4) times %f', async (size) => {
    // y = x / |x|: the derivative of y_0 by x is (1 - y_0^2, -y_0 y_1) / |x|, with y = (0.6, 0.8).
    const [a, b] = await gradientAt(
      [3 * size, 4 * size],
      (g) => g.op('LpNormalization', ['x'], { axis: 1, p: 2 }),
      [1, 0],
    );
    expect(a! * 5 * size).toBeCloseTo(0.64, 5);
    expect(b! * 5 * size).toBeCloseTo(-0.48, 5);
  });
  it('LpNormalization of zeros', async () => {
    expect(await gradientAt([0, 0], (b) => b.op('LpNormalization', ['x'], { axis: 1, p: 2 }))).toEqual([0, 0]);
  });
});

describe('infinite numbers', () => {
  const minusInfinity = (b: GraphBuilder): string => b.scalar(Number.NEGATIVE_INFINITY);
  const mask = (b: GraphBuilder, values: readonly number[]): string =>
    b.constant({ type: 'bool', dims: [1, values.length], data: Uint8Array.from(values) });
  /** Softmax of (0, log 3) is (1/4, 3/4), and its derivative p (g - sum(g p)). */
  const x = [0, Math.log(3), 7];

  it.each([
    ['by a choice', (b: GraphBuilder) => b.op('Where', [mask(b, [1, 1, 0]), 'x', minusInfinity(b)])],
    [
      'by a sum',
      (b: GraphBuilder) =>
        b.op('Add', [
          'x',
          b.constant({ type: 'float32', dims: [3], data: Float32Array.of(0, 0, Number.NEGATIVE_INFINITY) }),
        ]),
    ],
  ] as const)('attention that is masked %s', async (_, masked) => {
    const gradient = await gradientAt(x, (b) => b.op('Softmax', [masked(b)], { axis: 1 }), [1, 0, 5]);
    [3 / 16, -3 / 16, 0].forEach((expected, i) => {
      expect(gradient[i]).toBeCloseTo(expected, 6);
    });
  });
  it('a row of attention that is masked as a whole', async () => {
    const build = (b: GraphBuilder): string => {
      const p = b.op('Softmax', [b.op('Where', [mask(b, [0, 0, 0]), 'x', minusInfinity(b)])], { axis: 1 });
      return b.op('Where', [b.op('IsNaN', [p]), b.scalar(0), p]);
    };
    expect(await gradientAt(x, build)).toEqual([0, 0, 0]);
  });
  it.each(['Max', 'Min'])('%s with an infinite operand', async (opType) => {
    const other = opType === 'Max' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    expect(await gradientAt(x, (b) => b.op(opType, ['x', b.scalar(other)]))).toEqual([1, 1, 1]);
  });
  it.each(['ReduceMax', 'TopK'])('%s beside infinite elements', async (opType) => {
    const build = (b: GraphBuilder): string => {
      const masked = b.op('Where', [mask(b, [1, 1, 0]), 'x', minusInfinity(b)]);
      const most =
        opType === 'TopK'
          ? b.ops('TopK', [masked, b.ints([1])], 2, { axis: 1 })[0]!
          : b.op('ReduceMax', [masked, b.ints([1])], { keepdims: 1 });
      return b.op('Mul', [most, b.constant({ type: 'float32', dims: [1, 3], data: Float32Array.of(1, 1, 1) })]);
    };
    expect(await gradientAt(x, build)).toEqual([0, 3, 0]);
  });
  it('the largest logarithm of a softmax', async () => {
    const build = (b: GraphBuilder): string =>
      b.op('LogSoftmax', [b.op('Where', [mask(b, [1, 1, 0]), 'x', minusInfinity(b)])], { axis: 1 });
    const gradient = await gradientAt(x, build, [1, 0, 0]);
    [3 / 4, -3 / 4, 0].forEach((expected, i) => {
      expect(gradient[i]).toBeCloseTo(expected, 6);
    });
  });
});

/** An operator of ONNX Runtime's own, as a node of the model. */
function fused(b: GraphBuilder, opType: string): string {
  const node = b.node(opType, ['x'], ['y']);
  b.add(node);
  b.describe('y', { type: 'float32', shape: b.shape('x') });
  return 'y';
}

describe('powers with exponents of another type', () => {
  it.each(['int64', 'int32', 'float32'] as const)('%s', async (type) => {
    const build = (b: GraphBuilder): string => {
      const data = { int64: BigInt64Array.of(3n), int32: Int32Array.of(3), float32: Float32Array.of(3) }[type];
      return b.op('Pow', ['x', b.constant({ type, dims: [1], data } as never)]);
    };
    const gradient = await gradientAt([-2, 0, 0.5], build);
    [12, 0, 0.75].forEach((expected, i) => {
      expect(gradient[i]).toBeCloseTo(expected, 5);
    });
  });
});
