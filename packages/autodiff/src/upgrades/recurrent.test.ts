import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withBatch } from '../batching/with-batch.ts';
import { GraphBuilder } from '../builder/builder.ts';
import { readModel } from '../model/read.ts';
import type { TensorValue } from '../model/tensor.ts';
import { writeModel } from '../model/write.ts';
import { type OpenModel, openModel, type Results, runModel } from '../testing/run.ts';
import { type Sample, sample } from '../testing/samples.ts';
import { modelOf, type Written, writtenNode } from '../testing/upgraded.ts';
import { upgrade } from './upgrade.ts';

const GATES = { GRU: 3, LSTM: 4, RNN: 1 } as const;
type Cell = keyof typeof GATES;
const CELLS = Object.keys(GATES) as Cell[];

interface Layer {
  readonly cell: Cell;
  readonly direction: string;
  readonly steps: number;
  readonly batch: number;
  readonly size: number;
  readonly hidden: number;
  readonly bias: boolean;
  readonly states: boolean;
  readonly peepholes: boolean;
  /** The weights lie between its negative and itself. */
  readonly reach?: number;
  readonly more: Written;
}

const directionsOf = ({ direction }: Layer): number => (direction === 'bidirectional' ? 2 : 1);

/** The operands of a layer, by input. */
function operandsOf(layer: Layer, seed: number): readonly (Sample | undefined)[] {
  const { cell, steps, batch, size, hidden } = layer;
  const [count, directions, reach] = [GATES[cell] * hidden, directionsOf(layer), layer.reach ?? 1];
  const state = (at: number): Sample | undefined =>
    layer.states ? sample(seed + at, [directions, batch, hidden]) : undefined;
  return [
    sample(seed, [steps, batch, size]),
    sample(seed + 1, [directions, count, size], -reach, reach),
    sample(seed + 2, [directions, count, hidden], -reach, reach),
    layer.bias ? sample(seed + 3, [directions, 2 * count]) : undefined,
    undefined,
    state(4),
    ...(cell === 'LSTM'
      ? [state(5), layer.peepholes ? sample(seed + 6, [directions, 3 * hidden], -reach, reach) : undefined]
      : []),
  ];
}

function modelOfLayer(layer: Layer, operands: readonly (Sample | undefined)[], outputs = ['y', 'h', 'c']) {
  const names = operands.map((operand, index) => (operand === undefined ? '' : `in${index}`));
  const node = writtenNode(layer.cell, names, outputs.slice(0, layer.cell === 'LSTM' ? 3 : 2), {
    hidden_size: ['int', layer.hidden],
    direction: ['string', layer.direction],
    ...layer.more,
  });
  const inputs = operands.flatMap((operand, index) =>
    operand === undefined ? [] : [{ name: `in${index}`, type: 'float32' as const, shape: operand.dims }],
  );
  const feeds = Object.fromEntries(
    operands.flatMap((operand, index) => (operand === undefined ? [] : [[`in${index}`, operand] as const])),
  );
  return { model: modelOf(node, inputs), feeds };
}

function expectClose(actual: Results, expected: Results, within = 2e-6): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, { data, dims }] of Object.entries(expected)) {
    expect(actual[name]!.dims, name).toEqual(dims);
    const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[name]!.data[i]!)), 0);
    expect(worst, name).toBeLessThanOrEqual(within);
  }
}

/** Asserts that ONNX Runtime's own operator gives the same as the unrolled one. */
async function meansTheSame(layer: Layer, seed: number, outputs?: string[]): Promise<void> {
  const { model, feeds } = modelOfLayer(layer, operandsOf(layer, seed), outputs);
  const unrolled = upgrade(readModel(writeModel(model)));
  expect(unrolled.graph.nodes.map(({ opType }) => opType)).not.toContain(layer.cell);
  expectClose(await runModel(unrolled, feeds), await runModel(model, feeds));
  const b = GraphBuilder.from(unrolled);
  const open: OpenModel = await openModel(unrolled);
  const results = await open.run(feeds);
  await open.close();
  for (const [name, { dims }] of Object.entries(results)) expect(b.shape(name)).toEqual(dims);
}

const layers = (cell: Cell, more: Written = {}): fc.Arbitrary<Layer> =>
  fc.record({
    cell: fc.constant(cell),
    direction: fc.constantFrom('forward', 'reverse', 'bidirectional'),
    steps: fc.integer({ min: 1, max: 5 }),
    batch: fc.integer({ min: 1, max: 3 }),
    size: fc.integer({ min: 1, max: 4 }),
    hidden: fc.integer({ min: 1, max: 4 }),
    bias: fc.boolean(),
    states: fc.boolean(),
    peepholes: fc.boolean(),
    more: fc.constant(more),
  });

const plain: Layer = {
  cell: 'LSTM',
  direction: 'bidirectional',
  steps: 4,
  batch: 2,
  size: 3,
  hidden: 5,
  bias: true,
  states: true,
  peepholes: true,
  more: {},
};

describe('recurrent layers, unrolled, give what ONNX Runtime gives', () => {
  it.each([
    ['GRU', {}],
    ['GRU', { linear_before_reset: ['int', 1] }],
    ['LSTM', {}],
    ['LSTM', { input_forget: ['int', 1] }],
    ['RNN', {}],
  ] as [Cell, Written][])('%s %j', (cell, more) =>
    fc.assert(
      fc.asyncProperty(fc.nat(2 ** 30), layers(cell, more), (seed, layer) => meansTheSame(layer, seed)),
      { seed: 1997, numRuns: 15 },
    ),
  );

  it.each([[['', 'h', 'c']], [['y', '', 'c']], [['y', '', '']], [['', '', 'c']]])(
    'with the outputs %j only',
    (outputs) => meansTheSame(plain, 1, outputs),
  );

  const activations = 'Relu Tanh Sigmoid Affine LeakyRelu ThresholdedRelu ScaledTanh HardSigmoid Elu Softsign Softplus';
  const parameters: Readonly<Record<string, { readonly alpha?: number; readonly beta?: number }>> = {
    Affine: { alpha: 0.7, beta: 0.2 },
    LeakyRelu: { alpha: 0.3 },
    ThresholdedRelu: { alpha: 0.4 },
    ScaledTanh: { alpha: 0.8, beta: 0.6 },
    HardSigmoid: { alpha: 0.3, beta: 0.4 },
    Elu: { alpha: 0.9 },
  };
  /** With the parameters of those functions that have them. */
  const withParameters = (names: readonly string[]): Written => ({
    activations: ['strings', names],
    activation_alpha: ['floats', names.flatMap((name) => parameters[name]?.alpha ?? [])],
    activation_beta: ['floats', names.flatMap((name) => parameters[name]?.beta ?? [])],
  });

  describe.each(CELLS)('%s', (cell) => {
    it.each(activations.split(' '))('with %s', async (name) => {
      const count = { GRU: 2, LSTM: 3, RNN: 1 }[cell];
      // Weights with which states stay small, also where activations are not bounded.
      const layer = { ...plain, cell, direction: 'reverse', steps: 3, reach: 0.25 };
      await meansTheSame({ ...layer, more: withParameters(new Array<string>(count).fill(name)) }, 3);
      const mixed = ['Sigmoid', name, 'Tanh'].slice(0, count);
      await meansTheSame({ ...layer, more: withParameters(cell === 'RNN' ? [name] : mixed) }, 4);
    });
    it.each('Relu LeakyRelu HardSigmoid Elu'.split(' '))('with %s by default', async (name) => {
      const count = { GRU: 2, LSTM: 3, RNN: 1 }[cell];
      const names = new Array<string>(count).fill(name);
      const more: Written = { activations: ['strings', names] };
      await meansTheSame({ ...plain, cell, direction: 'forward', steps: 3, reach: 0.25, more }, 5);
    });
  });

  it('with other activations in each direction', () =>
    meansTheSame(
      {
        ...plain,
        more: withParameters(['HardSigmoid', 'Tanh', 'LeakyRelu', 'Sigmoid', 'ScaledTanh', 'HardSigmoid']),
      },
      6,
    ));

  it('with sequences of full length', async () => {
    const { model, feeds } = modelOfLayer(plain, operandsOf(plain, 1));
    const [node] = model.graph.nodes;
    const inputs = node!.inputs.with(4, 'lengths');
    const lengths: TensorValue = { type: 'int32', dims: [2], data: Int32Array.of(4, 4) };
    const graph = { ...model.graph, nodes: [{ ...node!, inputs }], initializers: new Map([['lengths', lengths]]) };
    const unrolled = upgrade({ ...model, graph });
    expect(unrolled.graph.nodes.map(({ opType }) => opType)).not.toContain('LSTM');
    expectClose(await runModel(unrolled, feeds), await runModel({ ...model, graph }, feeds));
  });

  // ONNX Runtime has no layout 1; by the standard it is layout 0 with batch and sequence exchanged.
  it.each(CELLS)('%s with the batch in front', (cell) =>
    fc.assert(
      fc.asyncProperty(fc.nat(2 ** 30), layers(cell), async (seed, layer) => {
        const operands = operandsOf(layer, seed);
        const exchanged = operands.map((operand, index) =>
          operand !== undefined && [0, 5, 6].includes(index) ? turned(operand) : operand,
        );
        const { model, feeds } = modelOfLayer(layer, operands);
        const other = modelOfLayer({ ...layer, more: { layout: ['int', 1] } }, exchanged);
        const [expected, actual] = [await runModel(model, feeds), await runModel(upgrade(other.model), other.feeds)];
        const outputs = Object.entries(expected).map(([name, { data, dims }]) => {
          // [sequence, directions, batch, hidden] and [directions, batch, hidden].
          const order = name === 'y' ? [2, 0, 1, 3] : [1, 0, 2];
          return [name, transposed(data, dims, order)] as const;
        });
        expectClose(actual, Object.fromEntries(outputs));
      }),
      { seed: 2014, numRuns: 8 },
    ),
  );

  const swap = (b: GraphBuilder, x: string): string => b.op('Transpose', [x], { perm: [1, 0, 2] });
  it.each(CELLS)('%s of one image gives the same for each image of a batch', async (cell) => {
    const layer = { ...plain, cell, batch: 1, peepholes: false };
    const [, weights, recurrence, bias, , h0, c0] = operandsOf(layer, 1);
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', [1, 4, 3]);
    const constants = [weights, recurrence, bias, undefined, h0, ...(cell === 'LSTM' ? [c0] : [])].map((operand) =>
      operand === undefined ? '' : b.constant({ type: 'float32', ...operand }),
    );
    const [all, last] = b.ops(cell, [swap(b, x), ...constants], 2, { hidden_size: 5, direction: 'bidirectional' });
    const sum = b.op('Add', [b.op('ReduceMean', [all!, b.ints([0])], { keepdims: 0 }), last!]);
    b.output(b.op('Transpose', [sum], { perm: [1, 0, 2] }, 'out'));
    const model = b.build();
    const images = sample(7, [3, 4, 3]);
    const together = (await runModel(withBatch(model), { x: images })).out!;
    expect(together.dims).toEqual([3, 2, 5]);
    const alone = await openModel(model);
    for (let image = 0; image < 3; image++) {
      const { out } = await alone.run({ x: { dims: [1, 4, 3], data: images.data.slice(image * 12, image * 12 + 12) } });
      const own = together.data.slice(image * 10, image * 10 + 10);
      expectClose({ out: { dims: out!.dims, data: own } }, { out: out! });
    }
    await alone.close();
  });
});

describe('recurrent layers that stay as they are', () => {
  it.each([
    ['are clipped', { clip: ['float', 0.5] }],
    ['have an unknown activation', { activations: ['strings', ['Sigmoid', 'Gelu', 'Tanh']] }],
    ['have too few activations', { activations: ['strings', ['Sigmoid']] }],
    ['have an activation without its parameter', { activations: ['strings', ['Sigmoid', 'ThresholdedRelu', 'Tanh']] }],
  ] as [string, Written][])('because they %s', (_, more) => {
    const { model } = modelOfLayer(
      { ...plain, direction: 'forward', more },
      operandsOf({ ...plain, direction: 'forward' }, 1),
    );
    expect(upgrade(model).graph.nodes.map(({ opType }) => opType)).toEqual(['LSTM']);
  });

  it('keep their shapes, where sequences are of open length', () => {
    const operands = operandsOf({ ...plain, peepholes: false }, 1);
    const { model } = modelOfLayer(plain, operands);
    const inputs = model.graph.inputs.map((input) => (input.name === 'in0' ? { ...input, shape: ['T', 2, 3] } : input));
    const upgraded = upgrade({ ...model, graph: { ...model.graph, inputs } });
    const b = GraphBuilder.from(upgraded);
    expect(b.shape('y')).toEqual(['T', 2, 2, 5]);
    expect(b.shape('h')).toEqual([2, 2, 5]);
    expect(b.shape('c')).toEqual([2, 2, 5]);
  });
});

/** Exchanges the first two axes. */
function turned({ data, dims }: Sample): Sample {
  const result = transposed(Float64Array.from(data), dims, [1, 0, 2]);
  return { dims: result.dims, data: Float32Array.from(result.data) };
}

function transposed(data: Float64Array, dims: readonly number[], order: readonly number[]) {
  const to = order.map((axis) => dims[axis]!);
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((product, length) => product * length, 1));
  const result = data.map((_, index) => {
    let rest = index;
    let from = 0;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += (rest % to[axis]!) * strides[order[axis]!]!;
      rest = Math.floor(rest / to[axis]!);
    }
    return data[from]!;
  });
  return { data: result, dims: to };
}
