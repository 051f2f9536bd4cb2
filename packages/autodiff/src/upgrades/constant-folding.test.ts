import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../builder/builder.ts';
import { OnnxError } from '../errors.ts';
import type { Dim, Graph, Model, Node } from '../model/model.ts';
import { runModel } from '../testing/run.ts';
import { type Sample, sample } from '../testing/samples.ts';
import { upgrade } from './upgrade.ts';

/** A graph from x of a given shape to y. */
function model(shape: readonly Dim[], build: (b: GraphBuilder) => string): Model {
  const b = new GraphBuilder();
  b.input('x', 'float32', shape);
  b.output(b.op('Neg', [build(b)], {}, 'y'));
  return b.build();
}

/** Folds, checks that outputs are equal bit by bit, and returns the remaining operators and the folded model. */
async function folded(written: Model, x: Sample): Promise<{ readonly operators: string[]; readonly model: Model }> {
  const after = upgrade(written);
  expect(await runModel(after, { x })).toEqual(await runModel(written, { x }));
  return { operators: after.graph.nodes.map(({ opType }) => opType), model: after };
}

const constantOf = ({ graph }: Model, opType: string, input: number): number[] => {
  const node = graph.nodes.find((each) => each.opType === opType)!;
  return Array.from(graph.initializers.get(node.inputs[input]!)!.data, Number);
};

/** One element of a shape, as PyTorch exports `x.size(axis)`. */
const length = (b: GraphBuilder, value: string, axis: number): string =>
  b.op('Gather', [
    b.op('Shape', [value]),
    b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(axis)) }),
  ]);
const joined = (b: GraphBuilder, parts: readonly string[]): string => {
  const vectors = parts.map((part) => (b.shape(part).length === 0 ? b.op('Unsqueeze', [part, b.ints([0])]) : part));
  return b.op('Concat', vectors, { axis: 0 });
};

const x = sample(1, [2, 3, 4, 4]);

describe('shape arithmetic becomes constants', () => {
  const view = (b: GraphBuilder): string => b.op('Reshape', ['x', joined(b, [length(b, 'x', 0), b.ints([-1])])]);
  it('x.view(x.size(0), -1), also where the batch is open', async () => {
    for (const shape of [x.dims, ['N', 3, 4, 4]]) {
      const { operators, model: after } = await folded(model(shape, view), x);
      expect(operators).toEqual(['Reshape', 'Neg']);
      expect(constantOf(after, 'Reshape', 1)).toEqual(shape[0] === 'N' ? [0, -1] : [2, -1]);
    }
  });

  it('a target that multiplies known lengths beside an open batch', async () => {
    const { operators, model: after } = await folded(
      model(['N', 3, 4, 4], (b) => {
        const pixels = b.op('Mul', [length(b, 'x', 2), length(b, 'x', 3)]);
        return b.op('Reshape', ['x', joined(b, [length(b, 'x', 0), length(b, 'x', 1), pixels])]);
      }),
      x,
    );
    expect(operators).toEqual(['Reshape', 'Neg']);
    expect(constantOf(after, 'Reshape', 1)).toEqual([0, 0 + 3, 16]);
  });

  it('the batch moved to another axis, as the axis that is left over', async () => {
    const { model: after } = await folded(
      model(['N', 3, 4, 4], (b) => {
        const turned = b.op('Transpose', ['x'], { perm: [1, 0, 2, 3] });
        return b.op('Reshape', [turned, joined(b, [b.ints([3]), length(b, 'x', 0), b.ints([16])])]);
      }),
      x,
    );
    expect(constantOf(after, 'Reshape', 1)).toEqual([3, 0, 16]);
  });

  it('pads as PyTorch writes them: from the last axis, turned round by a slice down to 1 - 2^63', async () => {
    const { operators, model: after } = await folded(
      model(['N', 3, 4, 4], (b) => {
        const zeros = b.op('ConstantOfShape', [b.ints([4])], {
          value: { type: 'int64', dims: [1], data: BigInt64Array.of(0n) },
        });
        const pairs = b.op('Reshape', [b.op('Concat', [b.ints([1, 2, 3, 0]), zeros], { axis: 0 }), b.ints([-1, 2])]);
        const end = b.constant({ type: 'int64', dims: [1], data: BigInt64Array.of(1n - 2n ** 63n) });
        const reversed = b.op('Slice', [pairs, b.ints([-1]), end, b.ints([0]), b.ints([-1])]);
        const pads = b.op('Reshape', [b.op('Transpose', [reversed], { perm: [1, 0] }), b.ints([-1])]);
        return b.op('Pad', ['x', b.op('Cast', [pads], { to: 7 })], { mode: 'constant' });
      }),
      x,
    );
    expect(operators).toEqual(['Pad', 'Neg']);
    expect(constantOf(after, 'Pad', 1)).toEqual([0, 0, 3, 1, 0, 0, 0, 2]);
  });

  it('the sizes that a picture is scaled to', async () => {
    const scaled = (b: GraphBuilder, axis: number): string => {
      const factor = b.constant({ type: 'float32', dims: [], data: Float32Array.of(1.75) });
      const real = b.op('Mul', [b.op('Cast', [length(b, 'x', axis)], { to: 1 }), factor]);
      return b.op('Cast', [b.op('Floor', [real])], { to: 7 });
    };
    const { operators, model: after } = await folded(
      model(['N', 3, 4, 4], (b) => {
        const front = b.op('Slice', [b.op('Shape', ['x']), b.ints([0]), b.ints([2]), b.ints([0])]);
        const sizes = joined(b, [front, joined(b, [scaled(b, 2), scaled(b, 3)])]);
        return b.op('Resize', ['x', '', '', sizes], { mode: 'nearest' });
      }),
      x,
    );
    expect(operators).toEqual(['Resize', 'Neg']);
    expect(constantOf(after, 'Resize', 3)).toEqual([7, 7]);
  });

  it('scales that come out of lengths', async () => {
    const { operators } = await folded(
      model(x.dims, (b) => {
        const wanted = b.op('Cast', [b.ints([6, 8])], { to: 1 });
        const own = b.op('Cast', [b.op('Slice', [b.op('Shape', ['x']), b.ints([2]), b.ints([4])])], { to: 1 });
        const ones = b.op('Cast', [b.ints([1, 1])], { to: 1 });
        return b.op('Resize', ['x', '', b.op('Concat', [ones, b.op('Div', [wanted, own])], { axis: 0 })]);
      }),
      x,
    );
    expect(operators).toEqual(['Resize', 'Neg']);
  });
});

describe('lengths that stay open', () => {
  it('are known by name behind an Expand, in the form of PyTorch', async () => {
    const written = model(['N', 3, 4, 4], (b) => {
      const token = b.initializer('token', { type: 'float32', ...sample(2, [1, 1, 5]) });
      const wanted = joined(b, [length(b, 'x', 0), b.ints([-1]), b.ints([-1])]);
      const ones = b.op('ConstantOfShape', [b.op('Shape', [wanted])], {
        value: { type: 'int64', dims: [1], data: BigInt64Array.of(1n) },
      });
      const kept = b.op('Equal', [
        wanted,
        b.op('Mul', [ones, b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(-1n) })]),
      ]);
      return b.op('Expand', [token, b.op('Where', [kept, ones, wanted])]);
    });
    const { model: after } = await folded(written, x);
    expect(GraphBuilder.from(after).shape('y')).toEqual(['N', 1, 5]);
  });
});

describe('what is not folded', () => {
  it('is calculated from weights, so that each weight can be asked about; copies of weights are the weights', async () => {
    const { operators, model: after } = await folded(
      model(['N', 3, 4, 4], (b) => {
        const weight = b.initializer('weight', { type: 'float32', ...sample(3, [4, 5]) });
        const scale = b.initializer('scale', { type: 'float32', dims: [], data: Float32Array.of(0.5) });
        const product = b.op('MatMul', ['x', b.op('Identity', [weight])]);
        return b.op('Mul', [product, b.op('Exp', [b.op('Mul', [scale, b.scalar(2)])])]);
      }),
      x,
    );
    expect(operators).toEqual(['MatMul', 'Mul', 'Exp', 'Mul', 'Neg']);
    expect(after.graph.nodes[0]?.inputs).toEqual(['x', 'weight']);
  });

  it('is an output', () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2, 3]);
    b.output(b.op('Shape', ['x'], {}, 'shape'));
    expect(upgrade(b.build()).graph.nodes).toHaveLength(1);
  });
});

describe('branches', () => {
  const branch = (nodes: readonly Node[], output: string): Graph => ({
    name: 'branch',
    inputs: [],
    outputs: [{ name: output, type: 'float32', shape: undefined }],
    nodes,
    initializers: new Map([['inner', { type: 'float32', dims: [], data: Float32Array.of(3) }]]),
  });
  const node = (opType: string, inputs: string[], outputs: string[]): Node => ({
    name: `the ${opType}`,
    opType,
    inputs,
    outputs,
    attributes: new Map(),
  });
  /** Removes the second axis if it has length 1, as PyTorch exports `squeeze(1)`. */
  const squeezed = (shape: readonly Dim[], condition?: (b: GraphBuilder) => string): Model =>
    model(shape, (b) => {
      const one = b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(1n) });
      const asked = condition?.(b) ?? b.op('Equal', [length(b, 'x', 1), one]);
      b.add({
        ...node('If', [asked], ['chosen']),
        attributes: new Map([
          [
            'then_branch',
            {
              kind: 'graph',
              value: branch([node('Mul', ['x', 'inner'], ['h']), node('Squeeze', ['h'], ['out'])], 'out'),
            },
          ],
          ['else_branch', { kind: 'graph', value: branch([node('Add', ['x', 'inner'], ['out'])], 'out') }],
        ]),
      });
      return 'chosen';
    });
  it.each([
    [
      [2, 1, 4],
      ['Mul', 'Squeeze', 'Neg'],
    ],
    [
      ['N', 3, 4],
      ['Add', 'Neg'],
    ],
  ])('whose condition is known take the place of If, for x of %j', async (shape, left) => {
    const dims = shape.map((dim) => (typeof dim === 'number' ? dim : 2));
    const { operators } = await folded(squeezed(shape), sample(4, dims));
    expect(operators).toEqual(left);
  });
  it('whose condition is computed are refused', () => {
    const written = squeezed([2, 1, 4], (b) =>
      b.op('Greater', [b.op('ReduceSum', ['x'], { keepdims: 0 }), b.scalar(0)]),
    );
    expect(() => upgrade(written)).toThrow(OnnxError);
    expect(() => upgrade(written)).toThrow('If (node the If) chooses by a value that is computed');
  });
});

describe('random arithmetic on shapes is what ONNX Runtime makes of it', () => {
  const step = fc.record({
    operator: fc.constantFrom(
      'Add',
      'Sub',
      'Mul',
      'Div',
      'Mod',
      'Max',
      'Min',
      'Neg',
      'Abs',
      'Concat',
      'Gather',
      'Slice',
      'Tile',
      'Where',
      'ReduceProd',
      'ReduceSum',
      'ReduceMax',
      'Transpose',
      'Expand',
      'Split',
      'Range',
      'Cast',
      'Unsqueeze',
      'Squeeze',
    ),
    a: fc.nat(100),
    b: fc.nat(100),
    number: fc.integer({ min: -3, max: 4 }),
  });

  /** Adds an operator on existing values, which are all int64 vectors. */
  function grow(
    b: GraphBuilder,
    values: string[],
    { operator, a, b: other, number }: { operator: string; a: number; b: number; number: number },
  ): string {
    const [left, right] = [values[a % values.length]!, values[other % values.length]!];
    const wholes = (...data: number[]): string => b.ints(data);
    const tail = (value: string): string => b.op('Slice', [value, wholes(0), wholes(1)]);
    switch (operator) {
      case 'Neg':
      case 'Abs':
        return b.op(operator, [left]);
      case 'Div':
      case 'Mod':
        return b.op(operator, [left, wholes(number === 0 ? 3 : number)]);
      case 'Concat':
        return b.op('Concat', [left, right], { axis: 0 });
      case 'Gather':
        return b.op('Gather', [left, wholes(0, -1, 0)]);
      case 'Slice':
        return b.op('Slice', [left, wholes(number), wholes(-number * 4), wholes(0), wholes(number < 0 ? -1 : 1)]);
      case 'Tile':
        return b.op('Tile', [left, wholes(2)]);
      case 'Where':
        return b.op('Where', [b.op('Less', [left, wholes(number)]), wholes(number), left]);
      case 'ReduceProd':
      case 'ReduceSum':
      case 'ReduceMax':
        return b.op(operator, [b.op('Concat', [left, wholes(number)], { axis: 0 }), wholes(0)]);
      case 'Transpose':
        return b.op('Reshape', [
          b.op('Transpose', [b.op('Reshape', [b.op('Tile', [left, wholes(6)]), wholes(2, -1)])]),
          wholes(-1),
        ]);
      case 'Expand':
        return b.op('Reshape', [
          b.op('Expand', [b.op('Concat', [left, wholes(number)], { axis: 0 }), wholes(2, 1)]),
          wholes(-1),
        ]);
      case 'Split':
        return b.ops('Split', [b.op('Tile', [left, wholes(2)])], 2, { axis: 0, num_outputs: 2 })[1]!;
      case 'Range': {
        const scalar = (value: number): string =>
          b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(value)) });
        return b.op('Range', [scalar(number), scalar(5), scalar(2)]);
      }
      case 'Cast':
        return b.op('Cast', [b.op('Cast', [b.op('Cast', [left], { to: 1 })], { to: 6 })], { to: 7 });
      case 'Unsqueeze':
      case 'Squeeze':
        return b.op('Squeeze', [b.op('Unsqueeze', [left, wholes(0)]), wholes(0)]);
      default:
        return b.op(operator, [left, tail(b.op('Concat', [right, wholes(number)], { axis: 0 }))]);
    }
  }

  it.each([[[2, 3, 4]], [['N', 3, 4]]])('of x of %j', (shape) =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 7 }), async (steps) => {
        const b = new GraphBuilder();
        b.input('x', 'float32', shape);
        const values = [b.op('Shape', ['x']), b.ints([2, -1])];
        for (const each of steps) {
          const value = grow(b, values, each);
          // Only vectors, and not too long ones.
          if (Number(b.entriesOf(value)?.data.length ?? 0) <= 24 && b.entriesOf(value) !== undefined)
            values.push(value);
        }
        values.forEach((value, index) => {
          b.output(b.op('Identity', [b.op('Add', [value, b.ints([0])])], {}, `y${index}`));
        });
        const written = b.build();
        const feeds = { x: sample(1, [2, 3, 4]) };
        const before = await runModel(written, feeds);
        expect(await runModel(upgrade(written), feeds)).toEqual(before);
        // What is known is correct.
        values.forEach((value, index) => {
          b.entriesOf(value)?.data.forEach((entry, at) => {
            if (entry !== '?') expect(before[`y${index}`]!.data[at]).toBe(entry === 'N' ? 2 : entry);
          });
        });
      }),
      { seed: 2015, numRuns: 150 },
    ),
  );
});
