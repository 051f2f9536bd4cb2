import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Attributes, GraphBuilder } from '../builder/builder.ts';
import { computed } from '../testing/computed.ts';
import { CASES } from '../testing/finite-differences.ts';
import { inferredAsMade } from '../testing/inferred-shapes.ts';
import { sample } from '../testing/samples.ts';

const size = fc.integer({ min: 1, max: 5 });

const ints = (b: GraphBuilder, numbers: readonly number[], dims: readonly number[]): string =>
  b.constant({ type: 'int64', dims, data: BigInt64Array.from(numbers, BigInt) });
const floats = (b: GraphBuilder, numbers: readonly number[]): string =>
  b.constant({ type: 'float32', dims: [numbers.length], data: Float32Array.from(numbers) });

describe('the inferred shape is what ONNX Runtime makes', () => {
  it('operators that take, put and name elements by their places', () =>
    inferredAsMade([3, 4, 2], (b) => {
      const rows = b.constant({ type: 'float32', ...sample(2, [2, 4, 2]) });
      return [
        b.op('GatherND', ['x', ints(b, [0, 1, 2, 3], [2, 2])]),
        b.op('GatherND', ['x', ints(b, [0, 1, 2], [3, 1])], { batch_dims: 1 }),
        b.op('ScatterND', ['x', ints(b, [2, 0], [2, 1]), rows]),
        ...b.ops('TopK', ['x', b.ints([2])], 2, { axis: 1 }),
        b.op('Range', [ints(b, [7], []), ints(b, [-2], []), ints(b, [-2], [])]),
        b.op('EyeLike', [b.op('Squeeze', [b.op('Slice', ['x', b.ints([0]), b.ints([1]), b.ints([2])]), b.ints([2])])]),
      ];
    }));

  it('NonZero, which says how many axes there are', async () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2, 3]);
    expect(b.typeOf(b.op('NonZero', ['x']))).toEqual({ type: 'int64', shape: [2, '?'] });
  });

  it('Shape of some axes, Trilu, ReverseSequence and CastLike', () =>
    inferredAsMade([3, 3, 2], (b) => [
      b.op('Shape', ['x'], { start: -2 }),
      b.op('Shape', ['x'], { start: 1, end: -1 }),
      b.op('Shape', ['x'], { start: 2, end: 1 }),
      b.op('Trilu', ['x']),
      b.op('ReverseSequence', ['x', b.ints([1, 2, 3])]),
      b.op('CastLike', ['x', b.ints([1])]),
    ]));

  it('Expand and Split as a graph computes them leave only those axes open', () =>
    inferredAsMade(
      [2, 1, 6],
      (b) => {
        const wide = b.op('Expand', ['x', computed(b, [5, 2, 3, 1])]);
        const narrow = b.op('Expand', ['x', computed(b, [4, 6])]);
        const [part] = b.ops('Split', ['x', computed(b, [2, 4])], 2, { axis: 2 });
        expect([wide, narrow, part!].map((value) => b.shape(value))).toEqual([
          ['?', 2, '?', 6],
          [2, '?', 6],
          [2, 1, '?'],
        ]);
        b.describe(wide, { type: 'float32', shape: [5, 2, 3, 6] });
        b.describe(narrow, { type: 'float32', shape: [2, 4, 6] });
        b.describe(part!, { type: 'float32', shape: [2, 1, 2] });
        return [wide, narrow, part!];
      },
      false,
    ));

  it('Einsum of every form', () =>
    fc.assert(
      fc.asyncProperty(fc.tuple(size, size, size), ([n, i, j]) =>
        inferredAsMade([n, i, j], (b) => {
          const weights = b.constant({ type: 'float32', ...sample(2, [j, 3]) });
          return [
            b.op('Einsum', ['x'], { equation: 'nij->jni' }),
            b.op('Einsum', ['x'], { equation: 'nij->' }),
            b.op('Einsum', ['x', weights], { equation: 'nij,jk' }),
            b.op('Einsum', ['x', weights], { equation: '...j,jk->k...' }),
            b.op('Einsum', ['x', 'x'], { equation: '...ij,...kj' }),
          ];
        }),
      ),
      CASES,
    ));

  it('Resize by scales and by sizes, of all axes or some, whatever the proportions', () =>
    fc.assert(
      fc.asyncProperty(
        fc.tuple(size, size, size, size),
        fc.tuple(size, size),
        fc.tuple(fc.float({ min: Math.fround(0.3), max: 3, noNaN: true }), fc.constantFrom(0.7, 1.3, 2)),
        (dims, [height, width], scales) => {
          // ONNX Runtime rejects a scale that leaves no elements.
          fc.pre(scales.every((scale, axis) => scale * dims[axis + 2]! >= 1.01));
          return inferredAsMade(dims, (b) => {
            const sized = (attributes: Attributes): string =>
              b.op('Resize', ['x', '', '', b.ints([height, width])], { axes: [2, 3], mode: 'linear', ...attributes });
            return [
              sized({}),
              sized({ keep_aspect_ratio_policy: 'not_larger' }),
              sized({ keep_aspect_ratio_policy: 'not_smaller' }),
              b.op('Resize', ['x', '', floats(b, [1, 1, ...scales])]),
              b.op('Resize', ['x', '', floats(b, scales)], { axes: [2, 3] }),
            ];
          });
        },
      ),
      { ...CASES, numRuns: 30 },
    ));

  it.each([
    ['has neither scales nor sizes', (b: GraphBuilder) => b.op('Resize', ['x'])],
    ['has 2 sizes for 3 axes', (b: GraphBuilder) => b.op('Resize', ['x', '', '', b.ints([2, 2])])],
    ['has 2 scales for 3 axes', (b: GraphBuilder) => b.op('Resize', ['x', '', floats(b, [2, 2])])],
  ])('a Resize that %s is refused', (message, build) => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2, 3, 4]);
    expect(() => build(b)).toThrow(message);
  });
});
