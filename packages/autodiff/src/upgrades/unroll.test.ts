import { describe, expect, it } from 'vitest';
import { withBatch } from '../batching/with-batch.ts';
import { GraphBuilder } from '../builder/builder.ts';
import { OnnxError, UnknownOperatorError } from '../errors.ts';
import type { Graph, Model, Node, ValueInfo } from '../model/model.ts';
import { readModel } from '../model/read.ts';
import { int64s, type TensorValue } from '../model/tensor.ts';
import { writeModel } from '../model/write.ts';
import { computed } from '../testing/computed.ts';
import { expectGradient } from '../testing/finite-differences.ts';
import { type Array32, runModel } from '../testing/run.ts';
import { sample } from '../testing/samples.ts';
import { addUpgraded, body, modelOf, type Written, writtenNode } from '../testing/upgraded.ts';
import { upgrade } from './upgrade.ts';

const whole = (value: number): TensorValue => ({ type: 'int64', dims: [], data: BigInt64Array.of(BigInt(value)) });
const flag = (value: boolean): TensorValue => ({ type: 'bool', dims: [], data: Uint8Array.of(Number(value)) });
const at = writtenNode;
const float = (name: string, shape: ValueInfo['shape']): ValueInfo => ({ name, type: 'float32', shape });

/** The body h <- tanh(h w + i x), where w is a constant around the loop; each h and its sum are put together. */
const recurrence: Graph = body(
  ['i', 'on', 'h'],
  [
    at('Cast', ['i'], ['number'], { to: ['int', 1] }),
    at('MatMul', ['h', 'w'], ['product']),
    at('Mul', ['x', 'number'], ['scaled']),
    at('Add', ['product', 'scaled'], ['sum']),
    at('Tanh', ['sum'], ['next']),
    at('ReduceSum', ['next', 'last'], ['total'], { keepdims: ['int', 0] }),
    at('Identity', ['on'], ['goes on']),
    at('Identity', ['next'], ['shown']),
  ],
  ['goes on', 'next', 'shown', 'total'],
  { last: int64s([-1]) },
  { i: 'int64', on: 'bool', 'goes on': 'bool' },
);
const loop = (graph: Graph, inputs: readonly string[], outputs: readonly string[]): Node =>
  at('Loop', inputs, outputs, { body: ['graph', graph] });

/** The model with some of its outputs. ONNX Runtime crashes where a loop leaves outputs without names. */
function only(model: Model, names: readonly string[]): Model {
  const outputs = model.graph.outputs.filter(({ name }) => names.includes(name));
  return { ...model, graph: { ...model.graph, outputs } };
}

async function meansTheSame(model: Model, feeds: Readonly<Record<string, Array32>>): Promise<Model> {
  const bytes = writeModel(model);
  const upgraded = upgrade(readModel(bytes));
  expect(upgraded.graph.nodes.filter(({ opType }) => ['If', 'Loop', 'Scan'].includes(opType))).toEqual([]);
  const [before, after] = [await runModel(bytes, feeds), await runModel(upgraded, feeds)];
  expect(Object.keys(after)).toEqual(Object.keys(before));
  const b = GraphBuilder.from(upgraded);
  for (const [name, { data, dims }] of Object.entries(before)) {
    expect(after[name]!.dims).toEqual(dims);
    expect(b.shape(name)).toEqual(dims);
    data.forEach((value, i) => {
      expect(after[name]!.data[i]).toBeCloseTo(value, 5);
    });
  }
  return upgraded;
}

const x = sample(1, [2, 3]);
const start = sample(2, [2, 3]);
const w: TensorValue = { type: 'float32', ...sample(3, [3, 3]) };
const given = [float('x', [2, 3]), float('h0', [2, 3])];

describe('Loop', () => {
  it.each([
    ['a number and a condition', ['trips', 'true', 'h0']],
    ['a number alone', ['trips', '', 'h0']],
  ])('of %s gives what ONNX Runtime gives', (_, inputs) =>
    meansTheSame(
      modelOf(loop(recurrence, inputs, ['h', 'all', 'sums']), given, { trips: whole(4), true: flag(true), w }),
      {
        x,
        h0: start,
      },
    ).then(() => undefined),
  );

  it('of a single iteration', () =>
    meansTheSame(modelOf(loop(recurrence, ['trips', '', 'h0'], ['h', 'all', 'sums']), given, { trips: whole(1), w }), {
      x,
      h0: start,
    }).then(() => undefined));

  it('leaves out outputs that have no name', async () => {
    const constants = { trips: whole(3), w };
    const some = upgrade(modelOf(loop(recurrence, ['trips', '', 'h0'], ['', 'all']), given, constants));
    const every = modelOf(loop(recurrence, ['trips', '', 'h0'], ['h', 'all', 'sums']), given, constants);
    const [actual, expected] = [await runModel(some, { x, h0: start }), await runModel(every, { x, h0: start })];
    expect(Object.keys(actual)).toEqual(['all']);
    expected.all!.data.forEach((value, i) => {
      expect(actual.all!.data[i]).toBeCloseTo(value, 6);
    });
  });

  it.each([
    ['iterates never', 0, true],
    ['has a condition that is false from the start', 5, false],
  ])('that %s passes its values on', (_, trips, condition) => {
    const values = { trips: whole(trips), condition: flag(condition), w };
    return meansTheSame(
      only(modelOf(loop(recurrence, ['trips', 'condition', 'h0'], ['h', 'all', 'sums']), given, values), ['h']),
      {
        x,
        h0: start,
      },
    ).then(() => undefined);
  });

  /** h <- h + x, n <- n + 2, as long as n + 2 < bound. */
  const counting = body(
    ['i', 'on', 'h', 'n'],
    [
      at('Add', ['h', 'x'], ['more']),
      at('Add', ['n', 'two'], ['m']),
      at('Sin', ['more'], ['shown']),
      at('Less', ['m', 'bound'], ['again']),
    ],
    ['again', 'more', 'm', 'shown'],
    { two: whole(2) },
    { i: 'int64', on: 'bool', n: 'int64', m: 'int64', again: 'bool' },
  );
  it.each([1, 7, 10])('goes on while a counter is below %d', (bound) =>
    meansTheSame(
      only(
        modelOf(loop(counting, ['', 'true', 'h0', 'zero'], ['h', 'counter', 'all']), given, {
          true: flag(true),
          zero: whole(0),
          bound: whole(bound),
        }),
        ['h', 'all'],
      ),
      { x, h0: start },
    ).then(() => undefined),
  );

  it('in a loop, with a branch inside that uses what is around both', async () => {
    const branch = (opType: string): Graph =>
      body(
        [],
        [at(opType, ['h'], [opType]), at('Add', [opType, 'state'], [`${opType} and more`])],
        [`${opType} and more`],
      );
    const inner = body(
      ['j', 'on', 'h'],
      [
        at('Equal', ['j', 'zero'], ['isFirst']),
        at('If', ['isFirst'], ['turned'], {
          then_branch: ['graph', branch('Sin')],
          else_branch: ['graph', branch('Cos')],
        }),
        at('Add', ['turned', 'x'], ['h2']),
        at('Mul', ['h2', 'c'], ['h3']),
      ],
      ['on', 'h3', 'turned'],
      { c: { type: 'float32', dims: [], data: Float32Array.of(0.5) }, zero: whole(0) },
      { j: 'int64', on: 'bool' },
    );
    const outer = body(
      ['i', 'going', 'state'],
      [at('Mul', ['state', 'd'], ['doubled']), loop(inner, ['two', '', 'doubled'], ['result', 'each'])],
      ['going', 'result', 'each'],
      { d: { type: 'float32', dims: [], data: Float32Array.of(2) }, two: whole(2) },
      { i: 'int64', going: 'bool' },
    );
    await meansTheSame(modelOf(loop(outer, ['trips', '', 'h0'], ['h', 'all']), given, { trips: whole(3) }), {
      x,
      h0: start,
    });
  });

  it('takes values along that grow with each iteration', () => {
    const growing = body(
      ['i', 'on', 'h'],
      [at('Concat', ['h', 'x'], ['longer'], { axis: ['int', 0] })],
      ['on', 'longer'],
      {},
      {
        i: 'int64',
        on: 'bool',
      },
    );
    return meansTheSame(modelOf(loop(growing, ['trips', '', 'h0'], ['h']), given, { trips: whole(3) }), {
      x,
      h0: start,
    }).then(() => undefined);
  });

  it('passes constants on, and puts copies of them together; a constant of its body is there once', async () => {
    const graph = body(
      ['i', 'on', 'h'],
      [at('Mul', ['x', 'table'], ['next']), at('Identity', ['table'], ['copy']), at('Identity', ['i'], ['number'])],
      ['on', 'next', 'copy', 'number'],
      { table: { type: 'float32', ...sample(9, [2, 3]) } },
      { i: 'int64', on: 'bool', number: 'int64' },
    );
    const model = modelOf(loop(graph, ['trips', '', 'h0'], ['h', 'copies', 'numbers']), given, { trips: whole(3) });
    const outputs = model.graph.outputs.map((output) =>
      output.name === 'numbers' ? { ...output, type: 'int64' as const } : output,
    );
    const upgraded = await meansTheSame({ ...model, graph: { ...model.graph, outputs } }, { x, h0: start });
    const floats = [...upgraded.graph.initializers.values()].filter(({ type }) => type === 'float32');
    expect(floats).toHaveLength(1);
  });

  it('of an old opset has the operators of its body upgraded', () => {
    const graph = body(
      ['i', 'on', 'h'],
      [
        at('Clip', ['h'], ['clipped'], { min: ['float', -0.25], max: ['float', 0.5] }),
        at('Add', ['clipped', 'x'], ['next']),
      ],
      ['on', 'next'],
      {},
      { i: 'int64', on: 'bool' },
    );
    return meansTheSame(modelOf(loop(graph, ['trips', '', 'h0'], ['h']), given, { trips: whole(2) }, 9), {
      x,
      h0: start,
    }).then(() => undefined);
  });

  it('has the gradient that differences show, by what is passed in, and by what it takes from around', () =>
    expectGradient(
      {
        operands: { x, h0: start, w: sample(3, [3, 3]) },
        open: ['x', 'h0'],
        build: (b) => {
          const trips = b.constant(whole(3));
          const [h = '', all = ''] = addUpgraded(b, loop(recurrence, [trips, '', 'h0'], ['h', 'all', 'sums']), [
            'x',
            'w',
          ]);
          return b.op('Mul', [all, h]);
        },
      },
      1,
    ));

  it('of one image gives the same for each image of a batch', async () => {
    const one = [float('x', [1, 3]), { ...float('h0', [1, 3]) }];
    const constants = { trips: whole(3), w };
    const model = only(modelOf(loop(recurrence, ['trips', '', 'h0'], ['h', 'all', 'sums']), one, constants), ['h']);
    const { h } = await runModel(withBatch(model), { x, h0: start });
    const second = { x: { dims: [1, 3], data: x.data.slice(3) }, h0: { dims: [1, 3], data: start.data.slice(3) } };
    const alone = await runModel(model, second);
    alone.h!.data.forEach((value, i) => {
      expect(h!.data[3 + i]).toBeCloseTo(value, 6);
    });
  });

  it.each([
    ['never, though what it puts together is used', ['never', '', 'h0'], 'iterates never, but its output all is used'],
    ['more often than can be unrolled', ['many', '', 'h0'], 'would become more than 6000 operators'],
    ['without end', ['', '', 'h0'], 'would become more than 6000 operators'],
    ['by a number that is fed', ['n', '', 'h0'], 'iterates by a number that is computed'],
    ['while a condition holds that is fed', ['', 'asked', 'h0'], 'iterates while a condition holds that is computed'],
    ['with values that the body does not take', ['trips', '', 'h0', 'h0'], 'passes 2 values to a body of 3 inputs'],
  ])('is refused where it iterates %s', (_, inputs, message) => {
    const fed: ValueInfo[] = [
      { name: 'n', type: 'int64', shape: [] },
      { name: 'asked', type: 'bool', shape: [] },
    ];
    const values = { trips: whole(3), never: whole(0), many: whole(5000), w };
    const model = modelOf(loop(recurrence, inputs, ['h', 'all', 'sums']), [...given, ...fed], values);
    expect(() => upgrade(model)).toThrow(OnnxError);
    expect(() => upgrade(model)).toThrow(`Loop (node the Loop) ${message}`);
  });

  it('is refused where the condition depends on what it computes', () => {
    const until = body(
      ['i', 'on', 'h'],
      [
        at('Mul', ['h', 'h'], ['next']),
        at('ReduceSum', ['next'], ['sum'], { keepdims: ['int', 0] }),
        at('Greater', ['sum', 'sum'], ['more']),
      ],
      ['more', 'next'],
    );
    const model = modelOf(loop(until, ['trips', '', 'h0'], ['h']), given, { trips: whole(3) });
    expect(() => upgrade(model)).toThrow('iterates while a condition holds that is computed');
  });

  it('is refused where loops within loops are too many', () => {
    const nest = (depth: number): Graph =>
      body(
        ['i', 'on', 'h'],
        [depth === 0 ? at('Sin', ['h'], ['next']) : loop(nest(depth - 1), ['trips', '', 'h'], ['next'])],
        ['on', 'next'],
      );
    const model = modelOf(loop(nest(4), ['trips', '', 'h0'], ['h']), given, { trips: whole(50) });
    expect(() => upgrade(model)).toThrow('would become more than 6000 operators');
  });

  it('is refused where its body has operators that nobody knows', () => {
    const strange = body(['i', 'on', 'h'], [at('Strange', ['h'], ['next'])], ['on', 'next']);
    const model = modelOf(loop(strange, ['trips', '', 'h0'], ['h']), given, { trips: whole(1) });
    expect(() => upgrade(model)).toThrow(UnknownOperatorError);
  });
});

describe('Scan', () => {
  /** h <- tanh(h + s t^T); the outputs are h and h s. */
  const steps = body(
    ['h', 's', 't'],
    [
      at('Unsqueeze', ['s', 'last'], ['column']),
      at('Unsqueeze', ['t', 'first'], ['row']),
      at('MatMul', ['column', 'row'], ['product']),
      at('Mul', ['product', 'factor'], ['scaled']),
      at('Add', ['h', 'scaled'], ['sum']),
      at('Tanh', ['sum'], ['next']),
      at('Add', ['next', 'column'], ['other']),
      at('Cos', ['t'], ['vector']),
    ],
    ['next', 'other', 'vector'],
    { last: int64s([1]), first: int64s([0]) },
  );
  const [s, t, h0] = [sample(1, [4, 2]), sample(2, [3, 4]), sample(3, [2, 3])];
  const factor = { dims: [], data: Float32Array.of(0.75) };
  const inputs = [float('h0', [2, 3]), float('s', [4, 2]), float('t', [3, 4]), float('factor', [])];
  const scan = (more: Written = {}): Node =>
    at('Scan', ['h0', 's', 't'], ['h', 'all', 'vectors'], {
      body: ['graph', steps],
      num_scan_inputs: ['int', 2],
      scan_input_axes: ['ints', [0, 1]],
      ...more,
    });
  const directions: [string, Written][] = [
    ['forwards', {}],
    ['backwards', { scan_input_directions: ['ints', [1, 1]] }],
    ['in unlike directions', { scan_input_directions: ['ints', [0, 1]] }],
    ['with outputs in unlike directions', { scan_output_directions: ['ints', [1, 0]] }],
    ['with outputs along other axes', { scan_output_axes: ['ints', [1, -1]], scan_input_directions: ['ints', [1, 0]] }],
    ['along axes counted from the end', { scan_input_axes: ['ints', [-2, -1]], scan_output_axes: ['ints', [-1, 1]] }],
  ];

  it.each(directions)('%s gives what ONNX Runtime gives', (_, more) =>
    meansTheSame(modelOf(scan(more), inputs), { h0, s, t, factor }).then(() => undefined),
  );

  it.each(directions)('%s has the gradient that differences show', (_, more) =>
    expectGradient(
      {
        operands: { h0, s, t, factor },
        build: (b) => {
          const [h = '', all = '', vectors = ''] = addUpgraded(b, scan(more), ['factor']);
          const sum = (value: string): string => b.op('ReduceSum', [b.op('Mul', [value, value])], { keepdims: 0 });
          return b.op('Add', [b.op('Mul', [h, sum(all)]), sum(vectors)]);
        },
      },
      1,
    ),
  );

  it('of a single step', () => {
    const one = [float('h0', [2, 3]), float('s', [1, 2]), float('t', [3, 1]), float('factor', [])];
    const feeds = { h0, s: sample(1, [1, 2]), t: sample(2, [3, 1]), factor };
    return meansTheSame(modelOf(scan(), one), feeds).then(() => undefined);
  });

  it.each([
    ['an axis of open length', { s: ['T', 2] }, 'goes over an axis of open length'],
    ['axes of unlike lengths', { s: [3, 2] }, 'goes over axes of lengths 3, 4, which differ'],
    ['an axis that is too long', { s: [9000, 2], t: [3, 9000] }, 'would become more than 6000 operators'],
  ] as [string, Readonly<Record<string, (number | string)[]>>, string][])(
    'is refused over %s',
    (_, shapes, message) => {
      const changed = inputs.map((input) => ({ ...input, shape: shapes[input.name] ?? input.shape }));
      expect(() => upgrade(modelOf(scan(), changed))).toThrow(OnnxError);
      expect(() => upgrade(modelOf(scan(), changed))).toThrow(`Scan (node the Scan) ${message}`);
    },
  );

  it('of opset 8, which had a batch of its own, is refused', () => {
    expect(() => upgrade(modelOf(scan(), inputs, {}, 8))).toThrow(
      'Scan (node the Scan) is of opset 8; export the model with opset 9 or newer',
    );
  });
});

describe('a loop over a length of the input', () => {
  it('is unrolled where the input has that length in the model', async () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2, 3]);
    b.input('h0', 'float32', [2, 3]);
    b.initializer('w', w);
    const trips = b.op('Gather', [b.op('Shape', ['x']), b.constant(whole(1))]);
    b.add(loop(recurrence, [trips, '', 'h0'], ['h', 'all', 'sums']));
    b.output('h');
    await meansTheSame(b.build(), { x, h0: start });
  });

  it('is refused where it is computed from elements', () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', [2, 3]);
    b.input('h0', 'float32', [2, 3]);
    b.initializer('w', w);
    b.add(loop(recurrence, [b.op('Squeeze', [computed(b, [3])]), '', 'h0'], ['h']));
    b.output('h');
    expect(() => upgrade(b.build())).toThrow('iterates by a number that is computed');
  });
});
