import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Attributes, GraphBuilder } from '../builder/builder.ts';
import { OnnxError } from '../errors.ts';
import type { Dim } from '../model/model.ts';
import { CASES } from '../testing/finite-differences.ts';
import { type Build, inferredAsMade } from '../testing/inferred-shapes.ts';
import { sample } from '../testing/samples.ts';

const size = fc.integer({ min: 1, max: 5 });
const shapes = (minLength: number, maxLength = 4): fc.Arbitrary<number[]> => fc.array(size, { minLength, maxLength });

const one =
  (opType: string, more: (b: GraphBuilder) => readonly string[] = () => [], attributes: Attributes = {}): Build =>
  (b) => [b.op(opType, ['x', ...more(b)], attributes)];

/** Operators on x alone, which may have any shape of at least one axis. */
const ANY_SHAPE: Readonly<Record<string, (dims: readonly number[], pick: (n: number) => number) => Build>> = {
  ArgMax: (dims, pick) =>
    one('ArgMax', undefined, { axis: pick(dims.length) - pick(2) * dims.length, keepdims: pick(2) }),
  BitShift: () => (b) => {
    const two = b.constant({ type: 'uint8', dims: [2, 1, 1, 1, 1], data: Uint8Array.of(1, 2) });
    return [b.op('Cast', [b.op('BitShift', [b.op('Cast', ['x'], { to: 2 }), two], { direction: 'LEFT' })], { to: 7 })];
  },
  'Bitwise operators': () => (b) => {
    const whole = b.op('Cast', ['x'], { to: 7 });
    const two = b.constant({ type: 'int64', dims: [2, 1, 1, 1, 1], data: BigInt64Array.of(1n, 2n) });
    const logic = ['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((opType) => b.op(opType, [two, whole]));
    return [...logic, b.op('BitwiseNot', [whole])];
  },
  Cast: () => one('Cast', undefined, { to: 7 }),
  Clip: () => one('Clip', (b) => ['', b.scalar(1)]),
  Concat: (dims, pick) => (b) => [b.op('Concat', ['x', 'x', 'x'], { axis: pick(dims.length) - pick(2) * dims.length })],
  Dropout: () => (b) => b.ops('Dropout', ['x'], 2),
  Equal: () => (b) => [b.op('Equal', ['x', b.scalar(1)])],
  Expand: (dims, pick) => one('Expand', (b) => [b.ints([3, ...dims.map((dim) => (pick(2) === 0 ? dim : 1))])]),
  Flatten: (dims, pick) => one('Flatten', undefined, { axis: pick(dims.length + 1) }),
  Gather: (dims, pick) => (b) => {
    const places = { type: 'int64', dims: [1, 2], data: BigInt64Array.of(0n, 0n) } as const;
    return [b.op('Gather', ['x', b.constant(places)], { axis: pick(dims.length) })];
  },
  GatherElements: (dims, pick) => (b) => {
    const cut = dims.map(() => 1);
    const places = { type: 'int64', dims: cut, data: BigInt64Array.of(0n) } as const;
    return [b.op('GatherElements', ['x', b.constant(places)], { axis: pick(dims.length) })];
  },
  OneHot: (dims, pick) => (b) => {
    const values = b.constant({ type: 'float32', dims: [2], data: Float32Array.of(0, 1) });
    const depth = b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(4n) });
    return [b.op('OneHot', [b.op('Cast', ['x'], { to: 7 }), depth, values], { axis: pick(dims.length + 2) - 1 })];
  },
  Pad: (dims, pick) => one('Pad', (b) => [b.ints([...dims, ...dims].map(() => pick(3)))]),
  ReduceProd: (dims, pick) =>
    one('ReduceProd', (b) => [b.ints([pick(dims.length) - dims.length])], { keepdims: pick(2) }),
  ReduceSum: (dims, pick) =>
    one('ReduceSum', pick(2) === 0 ? undefined : (b) => [b.ints([pick(dims.length)])], { keepdims: pick(2) }),
  Round: () => one('Round'),
  Shape: () => one('Shape'),
  Size: () => one('Size'),
  Slice: (dims, pick) =>
    one('Slice', (b) => [
      b.ints([pick(9) - 4]),
      b.ints([pick(13) - 6]),
      b.ints([pick(dims.length)]),
      b.ints([pick(2) * 4 - 2]),
    ]),
  Softmax: (dims, pick) => one('Softmax', undefined, { axis: pick(dims.length) }),
  Tile: (dims, pick) => one('Tile', (b) => [b.ints(dims.map(() => 1 + pick(3)))]),
  Transpose: () => one('Transpose'),
  Unsqueeze: (dims, pick) => one('Unsqueeze', (b) => [b.ints([-1 - pick(dims.length + 1)])]),
  Where: () => (b) => [b.op('Where', [b.op('Greater', ['x', b.scalar(1)]), 'x', b.scalar(0)])],
};

describe('the inferred shape is what ONNX Runtime makes', () => {
  it.each(Object.entries(ANY_SHAPE))('%s', (_, build) =>
    fc.assert(
      fc.asyncProperty(shapes(1), fc.infiniteStream(fc.nat(1000)), (dims, stream) => {
        // The same choices for both ways of building.
        const choices = Array.from({ length: 20 }, () => stream.next().value);
        let at = 0;
        return inferredAsMade(
          dims,
          build(dims, (n) => choices[at++ % choices.length]! % n),
        );
      }),
      CASES,
    ),
  );

  const windows = fc.record({
    kernel: fc.tuple(size, size),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    pads: fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
    room: fc.tuple(fc.nat(6), fc.nat(6)),
    ceil: fc.nat(1),
  });

  it('Conv and ConvTranspose of any geometry', () =>
    fc.assert(
      fc.asyncProperty(windows, ({ kernel, strides, dilations, pads, room }) => {
        const lengths = kernel.map((k, axis) => (k - 1) * dilations[axis]! + 1 + room[axis]!);
        return inferredAsMade([2, 3, ...lengths], (b) => {
          const weight = (dims: readonly number[]): string => b.constant({ type: 'float32', ...sample(2, dims) });
          const geometry = { kernel_shape: kernel, strides, dilations };
          return [
            b.op('Conv', ['x', weight([4, 3, ...kernel])], { ...geometry, pads }),
            b.op('ConvTranspose', ['x', weight([3, 2, ...kernel])], {
              ...geometry,
              output_padding: strides.map((s) => s - 1),
            }),
          ];
        });
      }),
      { ...CASES, numRuns: 30 },
    ));

  it('MaxPool with its indices and AveragePool of any geometry', () =>
    fc.assert(
      fc.asyncProperty(windows, ({ kernel, strides, dilations, pads, room, ceil }) => {
        const lengths = kernel.map((k, axis) => (k - 1) * dilations[axis]! + 1 + room[axis]!);
        const within = pads.map((pad, index) => Math.min(pad, kernel[index % 2]! - 1));
        const geometry = { kernel_shape: kernel, strides, pads: within, ceil_mode: ceil };
        return inferredAsMade([1, 2, ...lengths], (b) => [
          ...b.ops('MaxPool', ['x'], 2, { ...geometry, dilations }),
          b.op('AveragePool', ['x'], geometry),
          b.op('GlobalAveragePool', ['x']),
          b.op('GlobalMaxPool', ['x']),
        ]);
      }),
      { ...CASES, numRuns: 40 },
    ));

  it.each(['SAME_UPPER', 'SAME_LOWER', 'VALID', undefined])(
    'ConvTranspose with auto_pad %s, or an output_shape',
    (autoPad) =>
      fc.assert(
        fc.asyncProperty(windows, fc.nat(2), ({ kernel, strides, dilations, room }, shorter) => {
          const lengths = room.map((length) => length + 1);
          const geometry = {
            strides,
            dilations,
            auto_pad: autoPad,
            output_padding: strides.map((s) => s - 1),
            group: 2,
          };
          const natural = lengths.map(
            (length, axis) => strides[axis]! * length + (kernel[axis]! - 1) * dilations[axis]!,
          );
          return inferredAsMade(
            [1, 4, ...lengths],
            (b) => {
              const weight = b.constant({ type: 'float32', ...sample(2, [4, 3, ...kernel]) });
              const output_shape = natural.map((length) => Math.max(1, length - shorter));
              return [
                b.op('ConvTranspose', ['x', weight], geometry),
                b.op('ConvTranspose', ['x', weight], { ...geometry, output_shape }),
              ];
            },
            false,
          );
        }),
        CASES,
      ),
  );

  it('LpPool of any geometry, and pools over the whole image', () =>
    fc.assert(
      fc.asyncProperty(windows, ({ kernel, strides, dilations, pads, room }) => {
        const lengths = kernel.map((k, axis) => (k - 1) * dilations[axis]! + 1 + room[axis]!);
        const within = pads.map((pad, index) => Math.min(pad, kernel[index % 2]! - 1));
        return inferredAsMade([1, 2, ...lengths], (b) => [
          b.op('LpPool', ['x'], { kernel_shape: kernel, strides, dilations, pads: within }),
          b.op('GlobalLpPool', ['x']),
          b.op('GlobalMaxPool', ['x']),
        ]);
      }),
      CASES,
    ));

  it('random numbers', () =>
    inferredAsMade([2, 3], (b) => [
      b.op('RandomNormalLike', ['x']),
      b.op('RandomUniformLike', ['x']),
      b.op('Bernoulli', [b.op('Sigmoid', ['x'])]),
      b.op('RandomNormal', [], { shape: [3, 1, 2] }),
      b.op('RandomUniform', [], { shape: [4] }),
    ]));

  it('normalizations, with the statistics that some give besides', () =>
    fc.assert(
      fc.asyncProperty(size, size, size, fc.nat(3), (batch, height, width, axis) =>
        inferredAsMade([batch, 4, height, width], (b) => {
          const ones = (dims: readonly number[]): string => b.constant({ type: 'float32', ...sample(2, dims, 1, 2) });
          const channels = ones([4]);
          const rest = [batch, 4, height, width].slice(axis);
          const statistics = axis === 0 ? [] : b.ops('LayerNormalization', ['x', ones(rest)], 3, { axis });
          return [
            ...statistics,
            ...b.ops('BatchNormalization', ['x', ...new Array<string>(4).fill(channels)], 3, { training_mode: 1 }),
            b.op('InstanceNormalization', ['x', channels, channels]),
            b.op('GroupNormalization', ['x', ones([2]), ones([2])], { num_groups: 2 }),
            b.op('LpNormalization', ['x'], { axis }),
            b.op('MeanVarianceNormalization', ['x']),
            b.op('LRN', ['x'], { size: 3 }),
            b.op('Hardmax', ['x'], { axis }),
          ];
        }),
      ),
      CASES,
    ));

  it('bounds of slices and pads that are computed leave their axes open', () =>
    inferredAsMade(
      [2, 4, 6],
      (b) => {
        const at = b.op('Add', [b.op('Cast', [b.op('ReduceMin', ['x'], { keepdims: 0 })], { to: 7 }), b.ints([1])]);
        const far = b.op('Mul', [at, b.ints([2])]);
        return ['Slice', 'Pad'].map((opType) => {
          const computed = opType === 'Slice' ? [at, far] : [b.op('Concat', [at, far], { axis: 0 }), b.scalar(0)];
          const output = b.op(opType, ['x', ...computed, b.ints([1])]);
          expect(b.shape(output)[1]).toBe('?');
          b.describe(output, { type: 'float32', shape: [2, opType === 'Slice' ? 1 : 7, 6] });
          return output;
        });
      },
      false,
    ));

  it.each(['SAME_UPPER', 'SAME_LOWER', 'VALID'])('windows with auto_pad %s', (autoPad) =>
    fc.assert(
      fc.asyncProperty(windows, ({ kernel, strides, room }) => {
        const steps = strides.map((stride, axis) => Math.min(stride, kernel[axis]!));
        const lengths = kernel.map((k, axis) => k + room[axis]!);
        return inferredAsMade([1, 3, ...lengths], (b) => {
          const weight = b.constant({ type: 'float32', ...sample(2, [4, 3, ...kernel]) });
          const geometry = { kernel_shape: kernel, strides: steps, auto_pad: autoPad };
          return [
            b.op('Conv', ['x', weight], geometry),
            b.op('MaxPool', ['x'], geometry),
            b.op('AveragePool', ['x'], geometry),
          ];
        });
      }),
      CASES,
    ),
  );

  it('DepthToSpace and SpaceToDepth', () =>
    inferredAsMade([2, 8, 4, 6], (b) => [
      b.op('DepthToSpace', ['x'], { blocksize: 2 }),
      b.op('SpaceToDepth', ['x'], { blocksize: 2 }),
    ]));

  it('Split, evenly with a short last part', () =>
    inferredAsMade([2, 7], (b) => b.ops('Split', ['x'], 3, { axis: 1, num_outputs: 3 })));

  it('MatMul with vectors, matrices and stacks', () =>
    fc.assert(
      fc.asyncProperty(shapes(1), shapes(0, 1), (dims, columns) =>
        inferredAsMade(
          dims,
          (b) => {
            const inner = dims.at(-1)!;
            return [b.op('MatMul', ['x', b.constant({ type: 'float32', ...sample(2, [inner, ...columns]) })])];
          },
          dims.length > 1,
        ),
      ),
      CASES,
    ));
});

describe('an open batch axis keeps its name', () => {
  const shapeAfter = (build: (b: GraphBuilder) => string): readonly Dim[] => {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['N', 3, 4, 4]);
    return b.shape(build(b));
  };
  it.each([
    ['Flatten', (b: GraphBuilder) => b.op('Flatten', ['x']), ['N', 48]],
    ['Reshape with -1 in front', (b: GraphBuilder) => b.op('Reshape', ['x', b.ints([-1, 48])]), ['N', 48]],
    ['Reshape with 0 in front', (b: GraphBuilder) => b.op('Reshape', ['x', b.ints([0, -1])]), ['N', 48]],
    ['Reshape to more axes', (b: GraphBuilder) => b.op('Reshape', ['x', b.ints([-1, 3, 2, 2, 4])]), ['N', 3, 2, 2, 4]],
    ['Reshape that mixes it with others', (b: GraphBuilder) => b.op('Reshape', ['x', b.ints([-1, 5])]), ['?', 5]],
    ['Transpose', (b: GraphBuilder) => b.op('Transpose', ['x'], { perm: [1, 0, 2, 3] }), [3, 'N', 4, 4]],
    ['broadcasting', (b: GraphBuilder) => b.op('Add', ['x', b.scalar(1)]), ['N', 3, 4, 4]],
    ['a pool', (b: GraphBuilder) => b.op('MaxPool', ['x'], { kernel_shape: [2, 2] }), ['N', 3, 3, 3]],
    ['a mean over the rest', (b: GraphBuilder) => b.op('ReduceMean', ['x', b.ints([1, 2, 3])], { keepdims: 0 }), ['N']],
    [
      'Slice of the whole axis',
      (b: GraphBuilder) => b.op('Slice', ['x', b.ints([0]), b.ints([2 ** 40])]),
      ['N', 3, 4, 4],
    ],
  ])('through %s', (_, build, shape) => {
    expect(shapeAfter(build)).toEqual(shape);
  });
});

describe('inputs that do not fit are refused with operator and node', () => {
  const refused = (build: (b: GraphBuilder) => string, message: string | RegExp): void => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2, 3, 4, 4]);
    b.input('rows', 'float32', [2, 5]);
    expect(() => build(b)).toThrow(OnnxError);
    const again = new GraphBuilder();
    again.input('x', 'float32', [2, 3, 4, 4]);
    again.input('rows', 'float32', [2, 5]);
    expect(() => build(again)).toThrow(message);
  };
  it.each<[string, (b: GraphBuilder) => string, string | RegExp]>([
    [
      'sums',
      (b) => b.op('Add', ['x', 'rows']),
      'Add (node Add__0) has inputs of shapes [2, 3, 4, 4] and [2, 5], which do not fit',
    ],
    ['products', (b) => b.op('MatMul', ['rows', 'rows']), 'multiplies [2, 5] and [2, 5], which do not fit'],
    ['layers', (b) => b.op('Gemm', ['x', 'rows']), 'multiplies [2, 3, 4, 4] and [2, 5], not matrices'],
    ['windows', (b) => b.op('MaxPool', ['x'], { kernel_shape: [5, 5] }), 'has windows larger than its input [4, 4]'],
    ['windows of other axes', (b) => b.op('MaxPool', ['x'], { kernel_shape: [2] }), /has windows \[2\] and an input/],
    ['shapes', (b) => b.op('Reshape', ['x', b.ints([7, 7])]), 'which has another number of elements'],
    [
      'axes',
      (b) => b.op('Softmax', [b.op('Transpose', ['x'], { perm: [0, 1, 2, 9] })]),
      'has 9 as the attribute perm, where 0 to 3 is allowed',
    ],
    ['inputs', (b) => b.op('Add', ['x', '']), 'lacks input 2'],
    [
      'channels',
      (b) => b.op('Conv', ['x', b.constant({ type: 'float32', ...sample(1, [4, 2, 3, 3]) })]),
      'has 3 channels, but its weights are for 2',
    ],
    [
      'channels of the way up',
      (b) => b.op('ConvTranspose', ['x', b.constant({ type: 'float32', ...sample(1, [2, 4, 3, 3]) })]),
      'has 3 channels, but its weights are for 2',
    ],
    [
      'statistics',
      (b) => {
        const numbers = b.initializer('numbers', { type: 'float32', ...sample(1, [2]) });
        return b.op('InstanceNormalization', ['x', numbers, numbers]);
      },
      'has 3 channels, but numbers has the shape [2]',
    ],
    [
      'groups',
      (b) => {
        const numbers = b.constant({ type: 'float32', ...sample(1, [3]) });
        return b.op('GroupNormalization', ['x', numbers, numbers], { num_groups: 2 });
      },
      'has 3 channels for 2 groups',
    ],
    [
      'numbers',
      (b) => b.op('Reshape', ['x', b.constant({ type: 'float32', dims: [1], data: Float32Array.of(-1) })]),
      'has float32 numbers as input 2, where whole ones belong',
    ],
  ])('%s', (_, build, message) => refused(build, message));
});
