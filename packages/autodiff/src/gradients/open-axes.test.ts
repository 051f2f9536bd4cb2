import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { differentiate } from '../differentiate.ts';
import { broadcast } from '../model/dims.ts';
import type { Dim } from '../model/model.ts';
import { typeCode } from '../model/tensor.ts';
import { type Array32, runModel } from '../testing/run.ts';

const floats = (dims: readonly number[], data: readonly number[]): Array32 => ({ dims, data: Float32Array.from(data) });

/** The gradient of sum(cotangent * y) by each input, where inputs have open axes. */
async function gradientOf(
  shapes: Readonly<Record<string, readonly Dim[]>>,
  build: (b: GraphBuilder) => string,
  feeds: Readonly<Record<string, Array32>>,
  cotangent: Array32,
): Promise<Record<string, { readonly dims: readonly number[]; readonly data: readonly number[] }>> {
  const b = new GraphBuilder();
  for (const [name, shape] of Object.entries(shapes)) b.input(name, 'float32', shape);
  const y = build(b);
  b.input('cotangent', 'float32', b.shape(y));
  const names = Object.keys(shapes);
  differentiate(b, y, 'cotangent', names).forEach((gradient, i) => {
    b.output(b.op('Identity', [gradient], {}, `by_${names[i]}`));
  });
  const results = await runModel(b.build(), { ...feeds, cotangent });
  return Object.fromEntries(
    names.map((name) => {
      const { dims, data } = results[`by_${name}`]!;
      return [name, { dims, data: [...data] }];
    }),
  );
}

describe('shapes of broadcast values', () => {
  it.each([
    [[['?'], ['?']], ['?']],
    [[['N'], ['N']], ['N']],
    [[['N'], ['M']], ['?']],
    [[['N'], ['?']], ['?']],
    [[['?'], [5]], [5]],
    [
      [
        ['N', 1],
        [1, 'M'],
      ],
      ['N', 'M'],
    ],
    [[['N'], ['M'], [3]], [3]],
  ] as const)('%j is %j', (shapes, result) => {
    expect(broadcast(shapes)).toEqual(result);
  });
});

describe('a Slice that begins at 0 along an open axis', () => {
  /** Both halves of cat([x, 2 x]), with the first half times 3 and the second times 5: the gradient is 3 + 2 * 5. */
  const halves = (b: GraphBuilder, indexType: 'int64' | 'int32'): string => {
    const both = b.op('Concat', ['x', b.op('Mul', ['x', b.scalar(2)])], { axis: 0 });
    const ints = (value: number): string =>
      indexType === 'int64' ? b.ints([value]) : b.constant({ type: 'int32', dims: [1], data: Int32Array.of(value) });
    const length = b.op('Slice', [b.op('Shape', ['x']), b.ints([0]), b.ints([1])]);
    const count = indexType === 'int64' ? length : b.op('Cast', [length], { to: typeCode('int32') });
    const first = b.op('Slice', [both, ints(0), count, ints(0)]);
    const second = b.op('Slice', [both, count, ints(2 ** 31 - 1), ints(0)]);
    return b.op('Add', [b.op('Mul', [first, b.scalar(3)]), b.op('Mul', [second, b.scalar(5)])]);
  };

  it.each([
    [1, 'int64'],
    [3, 'int64'],
    [2, 'int32'],
  ] as const)('%i rows, bounds of %s', async (count, type) => {
    const x = Array.from({ length: 2 * count }, (_, i) => i);
    const { x: gradient } = await gradientOf(
      { x: ['N', 2] },
      (b) => halves(b, type),
      { x: floats([count, 2], x) },
      floats([count, 2], x),
    );
    expect(gradient).toEqual({ dims: [count, 2], data: x.map((g) => 13 * g) });
  });

  it('is cut although an output of the model gives both axes one name', async () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['N']);
    b.op('Slice', ['x', b.ints([0]), b.ints([2])], {}, 'y');
    b.output('y');
    const model = b.build();
    const outputs = [{ name: 'y', type: 'float32' as const, shape: ['N'] }];
    const again = GraphBuilder.from({ ...model, graph: { ...model.graph, outputs } }, { skip: 'outputs' });
    again.input('g', 'float32', [2]);
    const [gradient] = differentiate(again, 'y', 'g', ['x']);
    again.output(again.op('Identity', [gradient!], {}, 'gradient'));
    const results = await runModel(again.build(), { x: floats([5], [1, 2, 3, 4, 5]), g: floats([2], [7, 8]) });
    expect([...results.gradient!.data]).toEqual([7, 8, 0, 0, 0]);
  });

  it('costs nothing where it ends at the length of the axis', () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [1, 'L']);
    const end = b.op('Slice', [b.op('Shape', ['x']), b.ints([1]), b.ints([2])]);
    const y = b.op('Slice', ['x', b.ints([0]), end, b.ints([1])]);
    b.input('g', 'float32', b.shape(y));
    expect(differentiate(b, y, 'g', ['x'])).toEqual(['g']);
  });
});

describe('operands with an open axis that has length 1 when the graph runs', () => {
  const b3 = floats([3], [2, 3, 4]);
  const g = floats([3], [1, 10, 100]);

  it.each([
    ['Add', [111], [1, 10, 100]],
    ['Sub', [111], [-1, -10, -100]],
    ['Mul', [2 + 30 + 400], [5, 50, 500]],
    ['Max', [1 + 10 + 100], [0, 0, 0]],
  ] as const)('%s', async (opType, byA, byB) => {
    const build = (b: GraphBuilder): string => b.op(opType, ['a', 'b']);
    const gradients = await gradientOf({ a: ['A'], b: ['B'] }, build, { a: floats([1], [5]), b: b3 }, g);
    expect(gradients.a).toEqual({ dims: [1], data: byA });
    expect(gradients.b).toEqual({ dims: [3], data: byB });
  });

  it('beside a constant, whose length is known', async () => {
    const build = (b: GraphBuilder): string =>
      b.op('Mul', ['a', b.constant({ type: 'float32', dims: [3], data: Float32Array.of(2, 3, 4) })]);
    for (const [count, expected] of [
      [1, [432]],
      [3, [2, 30, 400]],
    ] as const) {
      const a = floats([count], new Array(count).fill(1));
      expect((await gradientOf({ a: ['A'] }, build, { a }, g)).a).toEqual({ dims: [count], data: expected });
    }
  });

  it('Where and Expand', async () => {
    const condition = (b: GraphBuilder): string =>
      b.constant({ type: 'bool', dims: [3], data: Uint8Array.of(1, 0, 1) });
    const chosen = await gradientOf(
      { a: ['A'], b: ['B'] },
      (b) => b.op('Where', [condition(b), 'a', 'b']),
      { a: floats([1], [5]), b: b3 },
      g,
    );
    expect(chosen.a).toEqual({ dims: [1], data: [101] });
    expect(chosen.b).toEqual({ dims: [3], data: [0, 10, 0] });
    for (const [count, expected] of [
      [1, [111]],
      [3, [1, 10, 100]],
    ] as const) {
      const a = floats([count], new Array(count).fill(1));
      const build = (b: GraphBuilder): string => b.op('Expand', ['a', b.ints([3])]);
      expect((await gradientOf({ a: ['A'] }, build, { a }, g)).a).toEqual({ dims: [count], data: expected });
    }
  });

  it('stacks of matrices', async () => {
    // y = a b with 1 x 1 matrices, of which a has one and b three.
    const { a, b } = await gradientOf(
      { a: ['A', 1, 1], b: ['B', 1, 1] },
      (builder) => builder.op('MatMul', ['a', 'b']),
      { a: floats([1, 1, 1], [5]), b: floats([3, 1, 1], [2, 3, 4]) },
      floats([3, 1, 1], [1, 10, 100]),
    );
    expect(a).toEqual({ dims: [1, 1, 1], data: [432] });
    expect(b).toEqual({ dims: [3, 1, 1], data: [5, 50, 500] });
  });

  it('axes in front that the other operand lacks', async () => {
    const { a, b } = await gradientOf(
      { a: ['N', 2], b: ['M'] },
      (builder) => builder.op('Mul', ['a', 'b']),
      { a: floats([2, 2], [1, 2, 3, 4]), b: floats([1], [10]) },
      floats([2, 2], [1, 1, 1, 1]),
    );
    expect(a!.data).toEqual([10, 10, 10, 10]);
    expect(b).toEqual({ dims: [1], data: [10] });
  });
});
