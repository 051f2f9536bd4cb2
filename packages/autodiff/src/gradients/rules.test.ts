import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differentiate } from '../differentiate.ts';
import { GraphBuilder } from '../graph/builder.ts';
import { runModel } from '../testing/run.ts';

/** Builds one operator on inputs of given shapes; gradients are checked for all of them. */
interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly build: (b: GraphBuilder, inputs: readonly string[]) => string;
  /** Where inputs are drawn from. */
  readonly from?: readonly [number, number];
}

const unary = (opType: string, from: readonly [number, number] = [-2, 2], attributes = {}): Case => ({
  shapes: [[2, 3, 4]],
  from,
  build: (b, [x]) => b.op(opType, [x!], attributes),
});

const binary = (
  opType: string,
  left: readonly number[],
  right: readonly number[],
  from: readonly [number, number] = [0.5, 2],
): Case => ({
  shapes: [left, right],
  from,
  build: (b, inputs) => b.op(opType, inputs),
});

const moving = (build: (b: GraphBuilder, x: string) => string, shape = [2, 3, 4]): Case => ({
  shapes: [shape],
  build: (b, [x]) => build(b, x!),
});

const reducing = (opType: string, axes: readonly number[], keepdims: number): Case =>
  moving((b, x) => b.op(opType, [x, b.ints(axes)], { keepdims }));

const CASES: Readonly<Record<string, Case>> = {
  Relu: unary('Relu'),
  Sigmoid: unary('Sigmoid'),
  Tanh: unary('Tanh'),
  Exp: unary('Exp'),
  Neg: unary('Neg'),
  Abs: unary('Abs'),
  Erf: unary('Erf'),
  Softplus: unary('Softplus'),
  LeakyRelu: unary('LeakyRelu', [-2, 2], { alpha: 0.2 }),
  Identity: unary('Identity'),
  Log: unary('Log', [0.5, 2]),
  Sqrt: unary('Sqrt', [0.5, 2]),
  Reciprocal: unary('Reciprocal', [0.5, 2]),
  Softmax: unary('Softmax', [-2, 2], { axis: 1 }),
  LogSoftmax: unary('LogSoftmax', [-2, 2], { axis: -1 }),
  Clip: moving((b, x) => b.op('Clip', [x, b.scalar(-0.5), b.scalar(0.75)])),
  'Clip above alone': moving((b, x) => b.op('Clip', [x, '', b.scalar(0.3)])),
  'Clip to 0 .. 6': {
    shapes: [[2, 3, 4]],
    from: [-4, 10],
    build: (b, [x]) => b.op('Clip', [x!, b.scalar(0), b.scalar(6)]),
  },
  Pow: { shapes: [[2, 3]], from: [0.5, 2], build: (b, [x]) => b.op('Pow', [x!, b.scalar(2.5)]) },
  Add: binary('Add', [2, 3, 4], [3, 1]),
  Sub: binary('Sub', [3, 1], [2, 3, 4]),
  Mul: binary('Mul', [2, 1, 4], [3, 4]),
  Div: binary('Div', [4], [2, 3, 4]),
  Sum: binary('Sum', [2, 3], [3]),
  MatMul: binary('MatMul', [3, 4], [4, 2], [-1, 1]),
  'MatMul, batched': binary('MatMul', [2, 1, 3, 4], [5, 4, 2], [-1, 1]),
  Gemm: {
    shapes: [[4, 3], [2, 4], [2]],
    build: (b, i) => b.op('Gemm', i, { transA: 1, transB: 1, alpha: 0.5, beta: 2 }),
  },
  Reshape: moving((b, x) => b.op('Reshape', [x, b.ints([0, -1, 2])])),
  Flatten: moving((b, x) => b.op('Flatten', [x], { axis: 2 })),
  Transpose: moving((b, x) => b.op('Transpose', [x], { perm: [2, 0, 1] })),
  Squeeze: moving((b, x) => b.op('Squeeze', [x, b.ints([1])]), [2, 1, 4]),
  Unsqueeze: moving((b, x) => b.op('Unsqueeze', [x, b.ints([0, 3])])),
  Concat: {
    shapes: [
      [2, 3],
      [2, 4],
    ],
    build: (b, i) => b.op('Concat', [...i, i[0]!], { axis: 1 }),
  },
  Slice: moving((b, x) => b.op('Slice', [x, b.ints([1, -1]), b.ints([3, -4]), b.ints([1, 2]), b.ints([1, -2])])),
  Pad: moving((b, x) => b.op('Pad', [x, b.ints([0, 1, 2, 0, 0, 1])])),
  ReduceSum: reducing('ReduceSum', [0, 2], 0),
  ReduceMean: reducing('ReduceMean', [1], 1),
  ReduceL2: reducing('ReduceL2', [2], 0),
  ReduceSumSquare: reducing('ReduceSumSquare', [0], 1),
  ReduceMax: reducing('ReduceMax', [1], 0),
  ReduceMin: reducing('ReduceMin', [2], 1),
  GlobalAveragePool: moving((b, x) => b.op('GlobalAveragePool', [x]), [2, 3, 4, 5]),
  BatchNormalization: moving(
    (b, x) => {
      const per = (...values: number[]): string =>
        b.constant({ type: 'float32', dims: [3], data: Float32Array.from(values) });
      return b.op('BatchNormalization', [x, per(1, 2, -1), per(0, 1, 2), per(0.5, 0, -1), per(1, 2, 0.25)]);
    },
    [2, 3, 2, 2],
  ),
  'Convolution after normalisation': moving(
    (b, x) => {
      const per = (...values: number[]): string =>
        b.constant({ type: 'float32', dims: [values.length], data: Float32Array.from(values) });
      const kernel = b.constant({
        type: 'float32',
        dims: [2, 3, 2, 2],
        data: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
      });
      const y = b.op('Conv', [x, kernel], { strides: [2, 1], pads: [1, 0, 0, 1] });
      return b.op('BatchNormalization', [y, per(1, -2), per(0, 1), per(0.5, 0), per(1, 2)]);
    },
    [2, 3, 5, 4],
  ),
};

test.each(Object.entries(CASES))('%s: the gradient equals finite differences', async (_, item) => {
  await checkAgainstDifferences(item, 3);
});

test('Convolution: equals finite differences in image, weights and bias, for any geometry', async () => {
  const geometry = fc.record({
    channels: fc.integer({ min: 1, max: 3 }),
    outs: fc.integer({ min: 1, max: 10 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    pads: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
    more: fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })),
  });
  await fc.assert(
    fc.asyncProperty(geometry, async ({ channels, outs, kernel, strides, dilations, pads, more }) => {
      const size = kernel.map((k, axis) => (k - 1) * dilations[axis]! + 1 + more[axis]!);
      await checkAgainstDifferences(
        {
          shapes: [[2, channels, ...size], [outs, channels, ...kernel], [outs]],
          build: (b, inputs) => b.op('Conv', inputs, { kernel_shape: kernel, strides, dilations, pads }),
        },
        1,
      );
    }),
    { numRuns: 25 },
  );
});

test('AveragePool: equals finite differences for any windows', async () => {
  const geometry = fc.record({
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pads: fc.boolean(),
    countPads: fc.boolean(),
    more: fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })),
  });
  await fc.assert(
    fc.asyncProperty(geometry, async ({ kernel, strides, pads, countPads, more }) => {
      const pad = kernel.map((k) => (pads ? Math.floor(k / 2) : 0));
      await checkAgainstDifferences(
        moving(
          (b, x) =>
            b.op('AveragePool', [x], {
              kernel_shape: kernel,
              strides,
              pads: [...pad, ...pad],
              count_include_pad: Number(countPads),
            }),
          [2, 3, ...kernel.map((k, axis) => k + more[axis]!)],
        ),
        1,
      );
    }),
    { numRuns: 20 },
  );
});

/** Compares along random directions; values near a kink are recognised by step sizes that disagree, and passed over. */
async function checkAgainstDifferences({ shapes, build, from = [-1, 1] }: Case, tries: number): Promise<void> {
  const b = new GraphBuilder();
  const names = shapes.map((shape, index) => b.input(`x${index}`, 'float32', shape));
  const y = build(b, names);
  b.input('g', 'float32', b.shape(y));
  const gradients = differentiate(b, y, 'g', names);
  b.output(y);
  for (const gradient of gradients) b.output(gradient);
  const model = b.build();
  let state = 12345;
  const uniform = (low: number, high: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * state) / 2 ** 32;
  };
  const draw = (dims: readonly number[], low: number, high: number) => ({
    data: Float32Array.from({ length: dims.reduce((a, n) => a * n, 1) }, () => uniform(low, high)),
    dims,
  });
  for (let attempt = 0; attempt < tries; attempt++) {
    const g = draw(b.shape(y) as readonly number[], -1, 1);
    const at = shapes.map((shape) => draw(shape, from[0], from[1]));
    const direction = shapes.map((shape) => draw(shape, -1, 1));
    const run = async (step: number) => {
      const inputs = at.map(({ data, dims }, i) => ({
        data: data.map((v, j) => v + step * direction[i]!.data[j]!),
        dims,
      }));
      return runModel(model, { g, ...Object.fromEntries(names.map((name, i) => [name, inputs[i]!])) });
    };
    const objective = (results: Awaited<ReturnType<typeof run>>): number =>
      results[y]!.data.reduce((sum, value, i) => sum + value * g.data[i]!, 0);
    const slope = async (h: number): Promise<number> => (objective(await run(h)) - objective(await run(-h))) / (2 * h);
    const [coarse, fine] = [await slope(2e-2), await slope(1e-2)];
    const results = await run(0);
    let expected = 0;
    let size = 1;
    gradients.forEach((name, i) => {
      expect(results[name]!.dims).toEqual(shapes[i]);
      results[name]!.data.forEach((value, j) => {
        expected += value * direction[i]!.data[j]!;
        size += Math.abs(value);
      });
    });
    if (Math.abs(coarse - fine) > 2e-3 * size) continue;
    expect(Math.abs(fine - expected) / size).toBeLessThan(3e-3);
  }
}
