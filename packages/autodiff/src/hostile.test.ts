import { describe, expect, it } from 'vitest';
import { checkCost, costOf } from './budget.ts';
import { type Attributes, GraphBuilder } from './builder/builder.ts';
import { differentiate } from './differentiate.ts';
import { OnnxError, OversizeError, printable, sound } from './errors.ts';
import type { Attribute, Model, Node } from './model/model.ts';
import { readModel } from './model/read.ts';
import { writeModel } from './model/write.ts';
import { runModel } from './testing/run.ts';
import { upgrade } from './upgrades/upgrade.ts';

/** A model of `x`, float32 `N x 4 x 8 x 8`, that puts out what a node computes of it and of further constants. */
function modelOf(add: (b: GraphBuilder) => string): Model {
  const b = new GraphBuilder();
  b.input('x', 'float32', ['N', 4, 8, 8]);
  b.output(add(b));
  return b.build();
}

const ints = (b: GraphBuilder, ...values: readonly bigint[]): string =>
  b.constant({ type: 'int64', dims: [values.length], data: BigInt64Array.from(values) });
const single = (b: GraphBuilder, value: bigint): string =>
  b.constant({ type: 'int64', dims: [], data: BigInt64Array.of(value) });

describe('numbers beyond the schema of their operator are refused, with operator, value and range', () => {
  const attributes: readonly [string, Attributes, RegExp][] = [
    ['Softmax', { axis: 4 }, /Softmax .* 4 as the attribute axis, where -4 to 3 is allowed/],
    ['Softmax', { axis: 2 ** 63 }, /as the attribute axis, where -4 to 3/],
    ['Flatten', { axis: -5 }, /where -4 to 4/],
    ['DepthToSpace', { blocksize: 2 ** 32 }, /as the attribute blocksize, where 1 to 4096/],
    ['DepthToSpace', { blocksize: 3 }, /do not fit/],
    ['SpaceToDepth', { blocksize: 0 }, /0 as the attribute blocksize/],
    ['LRN', { size: -1 }, /-1 as the attribute size/],
    ['Transpose', { perm: [0, 1, 2, 2] }, /each axis from 0 to 3 belongs once/],
    ['Transpose', { perm: [0, 1, 2, 4] }, /where 0 to 3/],
    ['Split', { axis: 1, num_outputs: 3 }, /1 outputs, but 3 as its num_outputs/],
    ['MaxPool', { kernel_shape: [2, 2 ** 31] }, /as the attribute kernel_shape/],
    ['MaxPool', { kernel_shape: [2, 2], strides: [0, 1] }, /0 as the attribute strides/],
    ['MaxPool', { kernel_shape: [2, 2], pads: [0, 0, -1, 0] }, /-1 as the attribute pads/],
    ['MaxPool', { kernel_shape: [2, 2], pads: [0, 0] }, /2 numbers as the attribute pads, where 4 belong/],
    ['AveragePool', { kernel_shape: [2, 2], dilations: [1] }, /1 numbers as the attribute dilations/],
    // These end the process of ONNX Runtime, as the standard library's distributions assert their parameters.
    ['RandomNormalLike', { scale: 0 }, /0 as the attribute scale/],
    ['RandomNormalLike', { scale: -1.5 }, /-1.5 as the attribute scale/],
    ['RandomUniformLike', { low: 2 }, /2 as the attribute low and 1 as high, where the first may not be larger/],
    ['RandomUniformLike', { low: 0.5, high: Number.NaN }, /0.5 as the attribute low and NaN as high/],
  ];
  it.each(attributes)('%s %o', (opType, given, message) => {
    expect(() => modelOf((b) => b.op(opType, ['x'], given))).toThrow(message);
  });

  const inputs: readonly [string, (b: GraphBuilder) => string, RegExp][] = [
    ['Slice', (b) => b.op('Slice', ['x', ints(b, 0n), ints(b, 8n), ints(b, 2n ** 31n - 1n)]), /where -4 to 3/],
    ['Slice', (b) => b.op('Slice', ['x', ints(b, 0n), ints(b, 8n), ints(b, 2n), ints(b, 0n)]), /any number but 0/],
    ['Slice', (b) => b.op('Slice', ['x', ints(b, 0n, 0n), ints(b, 8n), ints(b, 2n)]), /2 starts, 1 ends, 1 axes/],
    ['Squeeze', (b) => b.op('Squeeze', ['x', ints(b, 2n ** 40n)]), /where -4 to 3/],
    ['Unsqueeze', (b) => b.op('Unsqueeze', ['x', ints(b, 5n)]), /where -5 to 4/],
    ['ReduceSum', (b) => b.op('ReduceSum', ['x', ints(b, -5n)]), /where -4 to 3/],
    ['Resize', (b) => b.op('Resize', ['x', '', '', ints(b, 4n)], { axes: [2 ** 31 - 1] }), /where -4 to 3/],
    // The image as its own factors: they are written beyond the stack.
    ['Resize', (b) => b.op('Resize', ['x', '', 'x'], { mode: 'linear' }), /input 3 of shape .* along one axis/],
    ['CumSum', (b) => b.op('CumSum', ['x', ints(b, 1n, 2n)]), /where a single number belongs/],
    ['OneHot', (b) => b.op('OneHot', [single(b, 1n), single(b, -1n), ints(b, 0n, 1n)]), /where 1 to 2147483647/],
    ['GatherND', (b) => b.op('GatherND', ['x', ints(b, 0n)], { batch_dims: -(2 ** 31) }), /where 0 to 63/],
    ['Pad', (b) => b.op('Pad', ['x', ints(b, 1n)]), /1 pads for 4 axes/],
  ];
  it.each(inputs)('%s by an input', (_, add, message) => {
    expect(() => modelOf(add)).toThrow(message);
  });
});

describe('sizes', () => {
  it('beyond any memory are refused before anything is allocated', () => {
    const wide = (b: GraphBuilder): string => b.op('Tile', ['x', ints(b, 1n, 1n, 100_000n, 100_000n)]);
    expect(() => modelOf(wide)).toThrow(OversizeError);
    expect(() => modelOf((b) => b.op('Range', [single(b, 0n), single(b, 2n ** 40n), single(b, 1n)]))).toThrow(
      OversizeError,
    );
  });

  it('are counted: values at the same time, products, and what follows from constants', () => {
    const model = modelOf((b) => {
      const weights = b.constant({ type: 'float32', dims: [2, 4, 3, 3], data: new Float32Array(72) });
      const table = b.op('Expand', [b.scalar(1), ints(b, 1n, 2n, 6n, 6n)]);
      return b.op('Add', [b.op('Conv', ['x', weights], { kernel_shape: [3, 3] }), table]);
    });
    // x, the table, and the convolution: 4 8 8 + 2 6 6 + 2 6 6; then the sum in place of x.
    expect(costOf(model)).toMatchObject({ values: 400, folded: 72 });
    // 36 places, 2 kernels of 36 weights; the table is made of 4 numbers, the sum of 72.
    expect(costOf(model).work).toBe(36 * 2 * 36 + (72 + 4) + (72 + 72));
    const budget = { values: 400, work: 1e6, folded: 72 };
    expect(() => checkCost(costOf(model), 1, budget)).not.toThrow();
    expect(() => checkCost(costOf(model), 1, { ...budget, values: 399 })).toThrow(/too many numbers at the same time/);
    expect(() => checkCost({ values: 1, work: 11, folded: 0, constants: 0 }, 1, { ...budget, work: 10 })).toThrow(
      /too many operations/,
    );
  });

  it('of constants that only the runtime could tell are refused', () => {
    const model = modelOf((b) => {
      const weights = b.constant({ type: 'float32', dims: [100], data: new Float32Array(100).fill(1e7) });
      const many = b.op('Cast', [b.op('ReduceSum', [weights])], { to: 7 });
      return b.op('Expand', [b.scalar(1), b.op('Reshape', [many, ints(b, 1n)])]);
    });
    expect(() => costOf(model)).toThrow(/Expand .* makes a constant of a size that is only known when it is made/);
  });
});

describe('division of whole numbers', () => {
  /** x, of float32, over a divisor of int64 or over -x where there is none. */
  const quotients = (opType: string, divisor?: bigint): Model =>
    modelOf((b) => {
      const whole = b.op('Cast', ['x'], { to: 7 });
      const by = divisor === undefined ? b.op('Neg', [whole]) : ints(b, divisor);
      return b.op('Cast', [b.op(opType, [whole, by])], { to: 1 });
    });

  it('by a constant of 0, and of the least number by -1, is refused', () => {
    expect(() => upgrade(quotients('Div', 0n))).toThrow(/Div .* which holds 0, in whole numbers/);
    expect(() => upgrade(quotients('Mod', 0n))).toThrow(/Mod .* which holds 0/);
    const least = modelOf((b) => b.op('Div', [ints(b, -(2n ** 63n)), ints(b, -1n)]));
    expect(() => upgrade(least)).toThrow(/divides the least number of int64 by -1/);
  });

  it('by a divisor that is computed never ends the process, and else is as it was', async () => {
    const data = new Float32Array(256).fill(7);
    // -2^63 is a float32; its negative in int64 is itself.
    data.set([0, -9, 2 ** 40, -(2 ** 63)]);
    const feeds = { x: { dims: [1, 4, 8, 8], data } };
    const [own] = Object.values(await runModel(upgrade(quotients('Div')), feeds));
    expect([...own!.data.slice(1, 3), own!.data[9]]).toEqual([-1, -1, -1]);
    const [byMinusOne] = Object.values(await runModel(upgrade(quotients('Div', -1n)), feeds));
    expect([...byMinusOne!.data.slice(0, 4)].map((value) => value + 0)).toEqual([0, 9, -(2 ** 40), -(2 ** 63)]);
    await expect(runModel(upgrade(quotients('Mod')), feeds)).resolves.toBeDefined();
  });

  it('is guarded once, and left alone where it cannot trap', () => {
    const count = ({ graph }: Model): number => graph.nodes.filter(({ opType }) => opType === 'Where').length;
    expect(count(upgrade(quotients('Div', 3n)))).toBe(0);
    expect(count(upgrade(upgrade(quotients('Div'))))).toBe(1);
    expect(count(upgrade(upgrade(quotients('Mod', -1n))))).toBe(1);
  });
});

describe('graphs within graphs, and large ones', () => {
  const relu = (input: string, output: string): Node => ({
    name: `make ${output}`,
    opType: 'Relu',
    inputs: [input],
    outputs: [output],
    attributes: new Map(),
  });
  const described = (name: string) => ({ name, type: 'float32', shape: ['N', 4] }) as const;
  const chosen = { type: 'bool', dims: [], data: Uint8Array.of(1) } as const;

  /** An If in an If, so deep; the innermost takes the input. */
  function nested(depth: number): Model {
    const none = { name: 'inner', inputs: [], initializers: new Map() };
    let nodes: readonly Node[] = [relu('x', 'y')];
    for (let level = 0; level < depth; level++) {
      const branch = {
        kind: 'graph',
        value: { ...none, nodes, outputs: [described('y')] },
      } as const satisfies Attribute;
      const attributes = new Map([
        ['then_branch', branch],
        ['else_branch', branch],
      ]);
      nodes = [{ name: 'choose', opType: 'If', inputs: ['c'], outputs: ['y'], attributes }];
      if (depth > 10) attributes.delete('else_branch');
    }
    const graph = { name: 'outer', inputs: [described('x')], outputs: [described('y')], nodes };
    return { opset: 18, producer: '', graph: { ...graph, initializers: new Map([['c', chosen]]) } };
  }

  it('are inlined, or too deep', () => {
    const operators = (model: Model): string[] => model.graph.nodes.map(({ opType }) => opType);
    expect(operators(upgrade(readModel(writeModel(nested(5)))))).toContain('Relu');
    expect(operators(upgrade(readModel(writeModel(nested(60)))))).toContain('Relu');
    expect(() => readModel(writeModel(nested(150)))).toThrow(/graphs within graphs, more than 100 deep/);
  });

  it('of more nodes than any runtime opens are refused', () => {
    const nodes = Array.from({ length: 10_001 }, (_, at) => relu(at === 0 ? 'x' : `v${at - 1}`, `v${at}`));
    const graph = { name: 'chain', inputs: [described('x')], outputs: [described('v10000')], nodes };
    const bytes = writeModel({ opset: 18, producer: '', graph: { ...graph, initializers: new Map() } });
    expect(() => readModel(bytes)).toThrow(/has 10001 nodes, more than the 10000/);
  });

  it('add thousands of values, and have one gradient', () => {
    const b = GraphBuilder.from(modelOf((inner) => inner.op('Sum', new Array<string>(5000).fill('x'), {}, 'y')));
    const g = b.input('g', 'float32', ['N', 4, 8, 8]);
    const [gradient] = differentiate(b, 'y', g, ['x']);
    expect(b.makerOf(gradient!)?.inputs).toEqual(new Array(5000).fill('g'));
  });
});

describe('messages', () => {
  it('are one line, with long names clipped and nothing that steers a terminal', () => {
    const { message } = new OnnxError(`Node \u001b[31m${'a'.repeat(5000)}\n\u202e is bad`);
    expect(message).toMatch(/^Node +\[31ma+\.\.\.a+ +is bad$/);
    expect(message.length).toBeLessThan(200);
    expect(printable('a b '.repeat(1000)).length).toBeLessThan(1000);
  });

  it('stand in the place of what JavaScript throws', () => {
    const endless = (): number => endless() + 1;
    expect(() => sound(endless)).toThrow(OnnxError);
    expect(() => sound(() => new Array(-1))).toThrow(OnnxError);
    expect(() => sound(() => JSON.parse('{'))).toThrow(SyntaxError);
  });
});
