import { describe, expect, it } from 'vitest';
import { type Attributes, GraphBuilder } from '../builder/builder.ts';
import { NoGradientError } from '../errors.ts';
import { constant, quantizedGraph, quantizedStep, scoredAndDifferentiated } from '../testing/quantized-network.ts';
import { sample } from '../testing/samples.ts';
import { straightThrough } from '../upgrades/quantized/straight-through.ts';

const row = (...values: number[]) => ({ dims: [1, values.length], data: Float32Array.from(values) });

/** Scales are powers of two, so that all quotients are exact. */
const STEP = 0.125;

describe('quantizing and back has the derivative 1 inside the range and 0 where it saturates', () => {
  it.each([
    ['int8', 18, -128, 127],
    ['uint8', 18, 0, 255],
    ['int16', 21, -32768, 32767],
    ['uint16', 21, 0, 65535],
    ['int4', 21, -8, 7],
    ['uint4', 21, 0, 15],
  ] as const)('%s', async (type, opset, low, high) => {
    const b = new GraphBuilder('pair', opset);
    const scaling = [b.scalar(STEP), constant(b, type, 3)];
    const integers = b.op('QuantizeLinear', [b.input('x', 'float32', [1, 6]), ...scaling]);
    b.op('DequantizeLinear', [integers, ...scaling], {}, 'y');
    b.output('y');
    // In steps from the zero point: what rounds to the last number of the range is inside. Halves round to even.
    const steps = [low - 3 - 0.6, low - 3 - 0.4, 0.25, 1, high - 3 + 0.4, high - 3 + 0.6];
    const x = row(...steps.map((value) => value * STEP));
    const { scored, real, gradient, gradientKind } = await scoredAndDifferentiated(
      b.build(),
      x,
      Float32Array.of(1, 2, 3, 4, 5, 6),
    );
    expect(gradientKind).toBe('straight-through');
    expect(scored).toEqual([low - 3, low - 3, 0, 1, high - 3, high - 3].map((value) => value * STEP));
    expect(real).toEqual(scored);
    expect(gradient).toEqual([0, 2, 3, 4, 5, 0]);
  });

  it('with a scale and a zero point for each channel', async () => {
    const b = new GraphBuilder('channels');
    const scaling = [constant(b, 'float32', [0.5, 0.25]), constant(b, 'int8', [0, 100])];
    const integers = b.op('QuantizeLinear', [b.input('x', 'float32', ['N', 2, 2]), ...scaling], { axis: 1 });
    b.op('DequantizeLinear', [integers, ...scaling], { axis: -2 }, 'y');
    b.output('y');
    const x = { dims: [1, 2, 2], data: Float32Array.of(63.5, 64, 6.75, 7) };
    const { scored, real, gradient } = await scoredAndDifferentiated(b.build(), x);
    expect(scored).toEqual([63.5, 63.5, 6.75, 6.75]);
    expect(real).toEqual(scored);
    expect(gradient).toEqual([1, 0, 1, 0]);
  });

  it('through operators that move or choose integers', async () => {
    const model = quantizedGraph([1, 1, 2, 4], STEP, 0, (b, integers, scaling) => {
      const padded = b.op('Pad', [integers, b.ints([0, 0, 0, 0, 0, 0, 0, 2]), constant(b, 'uint8', 9)]);
      const most = b.op('MaxPool', [padded], { kernel_shape: [2, 2], strides: [2, 2] });
      const rows = [most, b.op('Transpose', [most])].map((value, i) =>
        b.op('Flatten', [value], { axis: i === 0 ? 1 : 0 }),
      );
      const flat = b.op('Concat', [rows[0]!, b.op('Reshape', [rows[1]!, b.ints([1, 3])])], { axis: 1 });
      return b.op('DequantizeLinear', [flat, ...scaling]);
    });
    const x = { dims: [1, 1, 2, 4], data: Float32Array.of(1, 2, 3, 4, 5, 6, 40, 8) };
    const { scored, real, gradient } = await scoredAndDifferentiated(model, x, Float32Array.of(1, 2, 3, 10, 20, 30));
    expect(scored).toEqual([6, 31.875, 1.125, 6, 31.875, 1.125]);
    expect(real).toEqual(scored);
    // 40 is saturated.
    expect(gradient).toEqual([0, 0, 0, 0, 0, 11, 0, 0]);
  });
});

/** The values of x after quantization. */
const coarse = (x: ArrayLike<number>, scale: number, zeroPoint: number): number[] =>
  Array.from(x, (value) => (Math.min(255, Math.max(0, Math.round(value / scale) + zeroPoint)) - zeroPoint) * scale);

describe('operators on quantized numbers have the derivatives of those on real numbers, at the quantized values', () => {
  const x = row(-1, -0.5, 0.25, 0.5, 1, 1.5);
  const at = coarse(x.data, STEP, 128);
  const other = [16, 32, 48, 64, 80, 96].map((value) => (value - 64) / 32);
  const withOther = (b: GraphBuilder, scaling: readonly [string, string]): string[] => [
    ...scaling,
    constant(b, 'uint8', [16, 32, 48, 64, 80, 96], [1, 6]),
    b.scalar(1 / 32),
    constant(b, 'uint8', 64),
  ];
  const own = (_: GraphBuilder, scaling: readonly [string, string]) => scaling;
  const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
  const total = at.reduce((sum, value) => sum + Math.exp(value), 0);
  const p = at.map((value) => Math.exp(value) / total);

  /** The identity in steps of 1/64. */
  const diagonal = at.flatMap((_, i) => at.map((__, j) => (i === j ? 64 : 0)));
  const withDiagonal = (b: GraphBuilder, scaling: readonly [string, string]): string[] => [
    ...scaling,
    constant(b, 'int8', diagonal, [6, 6]),
    b.scalar(1 / 64),
    constant(b, 'int8', 0),
  ];
  /** The sum of (1 + j) p_j (delta_ij - p_i) over j, in terms of the slope for a cotangent of 1 + i. */
  const softmaxSlope = (i: number): number =>
    (p[i]! * (1 + i - p.reduce((sum, each, j) => sum + each * (1 + j), 0))) / (1 + i);

  interface Case {
    readonly opType: string;
    readonly more?: typeof withOther;
    readonly result: readonly [scale: number, zeroPoint: number];
    readonly attributes?: Attributes;
    readonly value: (v: number, i: number) => number;
    readonly slope: (v: number, i: number) => number;
  }
  const cases: readonly Case[] = [
    {
      opType: 'com.microsoft.QLinearAdd',
      more: withOther,
      result: [1 / 16, 128],
      value: (v, i) => v + other[i]!,
      slope: () => 1,
    },
    {
      opType: 'com.microsoft.QLinearMul',
      more: withOther,
      result: [1 / 16, 128],
      value: (v, i) => v * other[i]!,
      slope: (_, i) => other[i]!,
    },
    {
      opType: 'com.microsoft.QLinearLeakyRelu',
      result: [1 / 64, 128],
      attributes: { alpha: 0.25 },
      value: (v) => (v < 0 ? v / 4 : v),
      slope: (v) => (v < 0 ? 0.25 : 1),
    },
    {
      opType: 'com.microsoft.QLinearSigmoid',
      result: [1 / 256, 0],
      value: sigmoid,
      slope: (v) => sigmoid(v) * (1 - sigmoid(v)),
    },
    {
      opType: 'com.microsoft.QLinearSoftmax',
      result: [1 / 256, 0],
      attributes: { axis: -1, opset: 13 },
      value: (_, i) => p[i]!,
      slope: (_, i) => softmaxSlope(i),
    },
    { opType: 'QLinearMatMul', more: withDiagonal, result: [1 / 64, 128], value: (v) => v, slope: () => 1 },
  ];

  it.each(cases)('$opType', async ({ opType, more = own, result, attributes, value, slope }) => {
    const model = quantizedGraph(['N', 6], STEP, 128, quantizedStep(opType, more, result, attributes));
    const cotangent = Float32Array.from(at, (_, i) => 1 + i);
    const { scored, real, gradient } = await scoredAndDifferentiated(model, x, cotangent);
    for (const [i, v] of at.entries()) {
      // Half a step of the result, and that much again where kernels round halves differently.
      expect(Math.abs(scored[i]! - value(v, i))).toBeLessThanOrEqual(result[0]);
      expect(Math.abs(real[i]! - scored[i]!)).toBeLessThanOrEqual(result[0]);
      expect(gradient[i]).toBeCloseTo(slope(v, i) * (1 + i), 5);
    }
  });

  it('QLinearConcat', async () => {
    const model = quantizedGraph(['N', 6], STEP, 128, (b, integers, scaling) => {
      const own = [b.scalar(0.25), constant(b, 'uint8', 128)];
      const parts = [integers, ...scaling, integers, ...scaling];
      return b.op('DequantizeLinear', [b.op('com.microsoft.QLinearConcat', [...own, ...parts], { axis: 1 }), ...own]);
    });
    const cotangent = Float32Array.from({ length: 12 }, (_, i) => 1 + i);
    const { scored, real, gradient } = await scoredAndDifferentiated(model, x, cotangent);
    expect(scored).toEqual([...at, ...at]);
    expect(real).toEqual(scored);
    expect(gradient).toEqual([8, 10, 12, 14, 16, 18]);
  });

  it('QLinearAveragePool and QLinearGlobalAveragePool', async () => {
    const image = { dims: [1, 1, 2, 4], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
    const pool = quantizedStep('com.microsoft.QLinearAveragePool', own, [1 / 8, 0], {
      kernel_shape: [2, 2],
      strides: [2, 2],
    });
    const pooled = await scoredAndDifferentiated(
      quantizedGraph(['N', 1, 2, 4], 1 / 8, 0, pool),
      image,
      Float32Array.of(4, 8),
    );
    expect(pooled.scored).toEqual([3.5, 5.5]);
    expect(pooled.real).toEqual(pooled.scored);
    expect(pooled.gradient).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
    const global = quantizedStep('com.microsoft.QLinearGlobalAveragePool', own, [1 / 8, 0]);
    const one = await scoredAndDifferentiated(
      quantizedGraph(['N', 1, 2, 4], 1 / 8, 0, global),
      image,
      Float32Array.of(8),
    );
    expect(one.scored).toEqual([4.5]);
    expect(one.real).toEqual(one.scored);
    expect(one.gradient).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });
});

/** 2 x 3 weights, their scales for each of the 3 columns, and the gradient of the cotangent through them. */
const WEIGHTS = [2, -3, 4, 5, 1, -1];
const COLUMN_SCALES = [0.5, 0.25, 0.125];
const through = (g: readonly number[]): number[] =>
  [0, 1].map((i) => g.reduce((sum, value, j) => sum + value * WEIGHTS[3 * i + j]! * COLUMN_SCALES[j]!, 0));

describe('products of integers', () => {
  const x = row(1, -0.5);
  const cotangent = Float32Array.of(1, 2, -4);
  const product = [1 * 1 - 0.5 * 2.5, 1 * -0.75 - 0.5 * 0.25, 1 * 0.5 - 0.5 * -0.125];

  it('MatMulInteger with Cast and Mul, as the dynamic quantizer writes it', async () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['N', 2]);
    const [integers, scale, zeroPoint] = b.ops('DynamicQuantizeLinear', ['x'], 3) as [string, string, string];
    const weights = constant(b, 'int8', WEIGHTS, [2, 3]);
    const sums = b.op('MatMulInteger', [integers, weights, zeroPoint, constant(b, 'int8', [0, 0, 0])]);
    const factors = b.op('Mul', [scale, constant(b, 'float32', COLUMN_SCALES)]);
    b.op('Mul', [b.op('Cast', [sums], { to: 1 }), factors], {}, 'y');
    b.output('y');
    const { scored, real, gradient, gradientKind } = await scoredAndDifferentiated(b.build(), x, cotangent);
    expect(gradientKind).toBe('straight-through');
    expect(real).toEqual(scored);
    for (const [i, value] of scored.entries()) expect(value).toBeCloseTo(product[i]!, 1);
    for (const [i, value] of gradient.entries()) expect(value).toBeCloseTo(through([...cotangent])[i]!, 5);
  });

  it.each(['DynamicQuantizeMatMul', 'MatMulIntegerToFloat'])('%s', async (opType) => {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['N', 2]);
    const weights = constant(b, 'int8', WEIGHTS, [2, 3]);
    const [scales, zeros] = [constant(b, 'float32', COLUMN_SCALES), constant(b, 'int8', [0, 0, 0])];
    const bias = constant(b, 'float32', [1, 2, 3]);
    if (opType === 'DynamicQuantizeMatMul') {
      b.op('com.microsoft.DynamicQuantizeMatMul', ['x', weights, scales, zeros, bias], {}, 'y');
    } else {
      const [integers, scale, zeroPoint] = b.ops('DynamicQuantizeLinear', ['x'], 3) as [string, string, string];
      b.op('com.microsoft.MatMulIntegerToFloat', [integers, weights, scale, scales, zeroPoint, zeros, bias], {}, 'y');
    }
    b.output('y');
    const { scored, real, gradient } = await scoredAndDifferentiated(b.build(), x, cotangent);
    for (const [i, value] of scored.entries()) {
      expect(value).toBeCloseTo(product[i]! + 1 + i, 1);
      expect(real[i]).toBeCloseTo(value, 5);
    }
    for (const [i, value] of gradient.entries()) expect(value).toBeCloseTo(through([...cotangent])[i]!, 5);
  });

  it('QGemm, to integers and to floats', async () => {
    for (const toFloat of [false, true]) {
      const model = quantizedGraph(['N', 2], 1 / 8, 128, (b, integers, scaling) => {
        const turned = [0, 1, 2].flatMap((j) => [WEIGHTS[j]!, WEIGHTS[3 + j]!]);
        const weights = [
          constant(b, 'int8', turned, [3, 2]),
          constant(b, 'float32', COLUMN_SCALES),
          constant(b, 'int8', [0, 0, 0]),
        ];
        // In steps of scale of x times scale of the column.
        const bias = constant(b, 'int32', [16, 64, 192]);
        const own = [b.scalar(1 / 64), constant(b, 'uint8', 10)];
        const inputs = [integers, ...scaling, ...weights, bias];
        const y = b.op('com.microsoft.QGemm', toFloat ? inputs : [...inputs, ...own], { transB: 1, alpha: 1 });
        return toFloat ? y : b.op('DequantizeLinear', [y, ...own]);
      });
      const { scored, real, gradient } = await scoredAndDifferentiated(model, x, cotangent);
      const whole = product.map((value, j) => value + 1 + j);
      // The last value is beyond 245 / 64 unless the result is a float.
      expect(scored).toEqual(toFloat ? whole : whole.map((value) => Math.min(value, 245 / 64)));
      expect(real).toEqual(scored);
      expect(gradient).toEqual(through([...cotangent]));
    }
  });
});

describe('convolutions of integers', () => {
  const image = sample(3, [2, 3, 6, 6], -1, 1);
  const kernel = sample(4, [4, 3, 3, 3], -100, 100).data.map(Math.round);
  const scales = [1 / 64, 1 / 128, 1 / 256, 1 / 512];
  const geometry = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 1, 1] };

  /** Gradients of the convolution with the real kernel, by its own definition. */
  const gradientBy = (mask: (i: number) => number, outHeight: number, outWidth: number): number[] => {
    const result = new Array<number>(image.data.length).fill(0);
    let place = 0;
    for (let n = 0; n < 2; n++)
      for (let o = 0; o < 4; o++)
        for (let oy = 0; oy < outHeight; oy++)
          for (let ox = 0; ox < outWidth; ox++, place++)
            for (let c = 0; c < 3; c++)
              for (let ky = 0; ky < 3; ky++)
                for (let kx = 0; kx < 3; kx++) {
                  const [y, x] = [2 * oy + ky - 1, 2 * ox + kx];
                  if (y < 0 || y >= 6 || x < 0 || x >= 6) continue;
                  const weight = kernel[((o * 3 + c) * 3 + ky) * 3 + kx]! * scales[o]!;
                  result[((n * 3 + c) * 6 + y) * 6 + x]! += mask(place) * weight;
                }
    return result;
  };

  it('QLinearConv: values to the bit, gradients where the result is within its range', async () => {
    const model = quantizedGraph(['N', 3, 6, 6], 1 / 127, 128, (b, integers, scaling) => {
      const weights = [
        constant(b, 'int8', [...kernel], [4, 3, 3, 3]),
        constant(b, 'float32', scales),
        constant(b, 'int8', [0, 0, 0, 0]),
      ];
      const own = [b.scalar(1 / 40), constant(b, 'uint8', 100)];
      const y = b.op(
        'QLinearConv',
        [integers, ...scaling, ...weights, ...own, constant(b, 'int32', [100, -200, 300, 0])],
        geometry,
      );
      return b.op('DequantizeLinear', [y, ...own]);
    });
    const { scored, real, gradient } = await scoredAndDifferentiated(model, image);
    expect(real).toEqual(scored);
    const ends = [-100 / 40, 155 / 40].map(Math.fround);
    const isSaturated = (i: number): boolean => ends.some((end) => Math.abs(scored[i]! - end) < 1e-6);
    expect(scored.filter((_, i) => isSaturated(i)).length).toBeGreaterThan(2);
    const expected = gradientBy((i) => (isSaturated(i) ? 0 : 1), 3, 3);
    for (const [i, value] of gradient.entries()) expect(value).toBeCloseTo(expected[i]!, 3);
  });

  it('ConvInteger with Cast and Mul', async () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['N', 3, 6, 6]);
    const [integers, scale, zeroPoint] = b.ops('DynamicQuantizeLinear', ['x'], 3) as [string, string, string];
    const weights = constant(b, 'uint8', kernel.map((value) => value + 128) as unknown as number[], [4, 3, 3, 3]);
    const sums = b.op('ConvInteger', [integers, weights, zeroPoint, constant(b, 'uint8', 128)], geometry);
    const factors = b.op('Mul', [scale, constant(b, 'float32', scales, [1, 4, 1, 1])]);
    b.op('Mul', [b.op('Cast', [sums], { to: 1 }), factors], {}, 'y');
    b.output('y');
    const { scored, real, gradient } = await scoredAndDifferentiated(b.build(), image);
    expect(real).toEqual(scored);
    const expected = gradientBy(() => 1, 3, 3);
    for (const [i, value] of gradient.entries()) expect(value).toBeCloseTo(expected[i]!, 3);
  });
});

/** ONNX Runtime may round what such weights are multiplied with to 8 bits (session.qdq_matmulnbits_accuracy_level). */
const NEAR = 1 / 256;

describe('a network whose weights alone are quantized has an exact gradient', () => {
  const x = row(1, -0.5, 2, 3);
  const cotangent = Float32Array.of(1, -2);
  /** 4 x 2. */
  const integers = [1, -2, 3, -4, 5, -6, 7, -8];
  const expected = (scaleAt: (i: number, j: number) => number): number[] =>
    [0, 1, 2, 3].map((i) => [0, 1].reduce((sum, j) => sum + integers[2 * i + j]! * scaleAt(i, j) * cotangent[j]!, 0));

  const weightOnly = (opset: number, weights: (b: GraphBuilder) => string) => {
    const b = new GraphBuilder('weights', opset);
    b.op('MatMul', [b.input('x', 'float32', ['N', 4]), weights(b)], {}, 'y');
    b.output('y');
    return scoredAndDifferentiated(b.build(), x, cotangent);
  };

  it.each(['int8', 'int16', 'int32'] as const)('%s', async (type) => {
    const { gradient, gradientKind, real, scored } = await weightOnly(21, (b) =>
      b.op('DequantizeLinear', [constant(b, type, integers, [4, 2]), constant(b, 'float32', [0.5, 0.25])], { axis: 1 }),
    );
    expect(gradientKind).toBe('exact');
    for (const [i, value] of real.entries()) expect(Math.abs(value - scored[i]!)).toBeLessThan(NEAR * Math.abs(value));
    expect(gradient).toEqual(expected((_, j) => [0.5, 0.25][j]!));
  });

  it('int4 with a scale for each block of two rows', async () => {
    const scales = [0.5, 0.25, 1, 2];
    const { gradient, gradientKind, real, scored } = await weightOnly(21, (b) =>
      b.op('DequantizeLinear', [constant(b, 'int4', integers, [4, 2]), constant(b, 'float32', scales, [2, 2])], {
        axis: 0,
        block_size: 2,
      }),
    );
    expect(gradientKind).toBe('exact');
    for (const [i, value] of real.entries()) expect(Math.abs(value - scored[i]!)).toBeLessThan(NEAR * Math.abs(value));
    expect(gradient).toEqual(expected((i, j) => scales[2 * (i >> 1) + j]!));
  });

  it('weights quantized inside the graph, as quantization-aware training exports them', async () => {
    const { gradient, gradientKind } = await weightOnly(18, (b) => {
      const scaling = [b.scalar(0.5), constant(b, 'int8', 0)];
      const floats = constant(
        b,
        'float32',
        integers.map((value) => value / 2 + 0.2),
        [4, 2],
      );
      return b.op('DequantizeLinear', [b.op('QuantizeLinear', [floats, ...scaling]), ...scaling]);
    });
    expect(gradientKind).toBe('exact');
    expect(gradient).toEqual(expected(() => 0.5));
  });

  it.each([4, 8])('MatMulNBits of %i bits', async (bits) => {
    const b = new GraphBuilder();
    // Two columns of one block of 16, of which 4 rows are used; the zero point is the middle of the range.
    const middle = 2 ** (bits - 1);
    const bytes = new Uint8Array((2 * 16 * bits) / 8);
    for (const j of [0, 1]) {
      for (const i of [0, 1, 2, 3]) {
        const bit = (16 * j + i) * bits;
        bytes[bit >> 3]! |= (integers[2 * i + j]! + middle) << (bit & 7);
      }
    }
    const packed = b.constant({ type: 'uint8', dims: [2, 1, 2 * bits], data: bytes });
    const scales = constant(b, 'float32', [0.5, 0.25]);
    const shape = { K: 4, N: 2, bits, block_size: 16 };
    b.op('com.microsoft.MatMulNBits', [b.input('x', 'float32', ['N', 4]), packed, scales], shape, 'y');
    b.output('y');
    const { gradient, gradientKind, real, scored } = await scoredAndDifferentiated(b.build(), x, cotangent);
    expect(gradientKind).toBe('exact');
    for (const [i, value] of real.entries()) expect(value).toBeCloseTo(scored[i]!, 5);
    expect(gradient).toEqual(expected((_, j) => [0.5, 0.25][j]!));
  });
});

describe('what has no gradient is named', () => {
  it('an operator that is not known here', () => {
    const b = new GraphBuilder();
    b.output(b.op('com.microsoft.QAttention', [b.input('x', 'float32', [1, 2])], {}, 'y'));
    expect(() => straightThrough(b.build())).toThrow(NoGradientError);
    expect(() => straightThrough(b.build())).toThrow(
      'No gradient flows through com.microsoft.QAttention (node com.microsoft.QAttention__0: this quantized operator has no gradient here)',
    );
  });
});
