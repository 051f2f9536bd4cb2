import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OnnxError } from '../errors.ts';
import { runModel } from '../testing/run.ts';
import { apart, type Sample, sample } from '../testing/samples.ts';
import { withBatch } from './batch.ts';
import { GraphBuilder } from './builder.ts';
import type { Attribute, Model } from './model.ts';
import { readModel } from './read.ts';
import { int64s, type TensorValue } from './tensor.ts';
import { upgrade } from './upgrade.ts';
import { writeModel } from './write.ts';

interface OldNode {
  readonly opType: string;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
}

const FLOATS = new Set(['min', 'max', 'value', 'epsilon', 'ratio', 'momentum', 'alpha', 'beta']);

/** A model as an exporter of that time wrote it: x -> y, one or several nodes in a row. */
function old(
  opset: number,
  dims: readonly number[],
  nodes: readonly OldNode[],
  constants: Record<string, TensorValue> = {},
) {
  const attribute = (name: string, value: number | string | readonly number[]): Attribute => {
    if (typeof value === 'string') return { kind: 'string', value };
    if (typeof value === 'number') return { kind: FLOATS.has(name) ? 'float' : 'int', value };
    return { kind: 'ints', value };
  };
  const last = nodes.length - 1;
  const model: Model = {
    opset,
    producer: 'test',
    graph: {
      name: 'old',
      inputs: [{ name: 'x', type: 'float32', shape: dims }],
      outputs: (nodes[last]!.outputs ?? ['y'])
        .filter((name) => name.startsWith('y'))
        .map((name) => ({ name, type: 'float32', shape: undefined })),
      nodes: nodes.map(({ opType, inputs, outputs, attributes = {} }, index) => ({
        name: `node${index}`,
        opType,
        inputs: inputs ?? [index === 0 ? 'x' : `h${index - 1}`],
        outputs: outputs ?? [index === last ? 'y' : `h${index}`],
        attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, attribute(name, value)])),
      })),
      initializers: new Map(Object.entries(constants)),
    },
  };
  return model;
}

/** ONNX Runtime says the same of the old file and of the new one, and shapes are known in the new one. */
async function meansTheSame(model: Model, x: Sample): Promise<void> {
  const bytes = writeModel(model);
  const upgraded = upgrade(readModel(bytes));
  expect(upgraded.opset).toBe(Math.max(18, model.opset));
  const [before, after] = [await runModel(bytes, { x }), await runModel(writeModel(upgraded), { x })];
  expect(Object.keys(after)).toEqual(Object.keys(before));
  const b = GraphBuilder.from(upgraded);
  for (const [name, { data, dims }] of Object.entries(before)) {
    expect(after[name]!.dims).toEqual(dims);
    expect(b.shape(name)).toEqual(dims);
    data.forEach((value, i) => {
      expect(Math.abs(after[name]!.data[i]! - value)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
    });
  }
}

const x = apart(1, [2, 3, 4, 5], 0.125);
const dims = x.dims;
const perChannel = Object.fromEntries(
  ['scale', 'bias', 'mean', 'variance'].map((name, i): [string, TensorValue] => [
    name,
    { type: 'float32', ...sample(20 + i, [3], 0.5, 2) },
  ]),
);

describe('models of old opsets give the same outputs after the upgrade', () => {
  describe.each([7, 9, 10])('opset %d', (opset) => {
    it.each([
      ['Clip with both bounds', { min: -1, max: 2 }],
      ['Clip with a lower bound', { min: -1 }],
      ['Clip with an upper bound', { max: 0.5 }],
      ['Clip without bounds', {}],
    ])('%s', (_, attributes) => meansTheSame(old(opset, dims, [{ opType: 'Clip', attributes }]), x));

    it('Pad by a value', () =>
      meansTheSame(
        old(opset, dims, [{ opType: 'Pad', attributes: { pads: [0, 0, 1, 2, 0, 1, 0, 3], value: 1.5 } }]),
        x,
      ));
    it('Pad by mirroring', () =>
      meansTheSame(
        old(opset, dims, [{ opType: 'Pad', attributes: { mode: 'reflect', pads: [0, 0, 1, 2, 0, 0, 1, 3] } }]),
        x,
      ));
  });

  it('Slice, in opset 9, with axes and without', async () => {
    await meansTheSame(
      old(9, dims, [{ opType: 'Slice', attributes: { starts: [1, -4], ends: [3, -1], axes: [1, 3] } }]),
      x,
    );
    await meansTheSame(old(9, dims, [{ opType: 'Slice', attributes: { starts: [0, 1], ends: [1, 1000] } }]), x);
  });

  describe.each(['Softmax', 'LogSoftmax'])('%s, which took everything from its axis on as one row', (opType) => {
    it.each([
      [7, undefined],
      [9, 0],
      [10, 1],
      [11, 2],
      [12, 3],
      [11, -1],
      [12, -2],
      [12, -4],
    ])('opset %d, axis %s', (opset, axis) =>
      meansTheSame(old(opset, dims, [{ opType, attributes: axis === undefined ? {} : { axis } }]), x),
    );

    it('of rows', () => meansTheSame(old(8, [4, 6], [{ opType }]), sample(3, [4, 6], -2, 2)));
  });

  it.each([13, 17])('Softmax of opset %d, which goes along one axis', (opset) =>
    meansTheSame(old(opset, dims, [{ opType: 'Softmax', attributes: { axis: 2 } }]), x),
  );

  it('BatchNormalization, with the attributes of its time', async () => {
    const inputs = ['x', 'scale', 'bias', 'mean', 'variance'];
    const node = (attributes: OldNode['attributes'] = {}): OldNode => ({
      opType: 'BatchNormalization',
      inputs,
      attributes,
    });
    await meansTheSame(old(7, dims, [node({ spatial: 1, epsilon: 0.01, momentum: 0.9 })], perChannel), x);
    await meansTheSame(old(9, dims, [node({ momentum: 0.9 })], perChannel), x);
    await meansTheSame(old(14, dims, [node({ training_mode: 0 })], perChannel), x);
  });

  it('Dropout, which does nothing when a network is used', async () => {
    const dropout = (attributes: OldNode['attributes'], ...more: string[]): OldNode[] => [
      { opType: 'Relu' },
      { opType: 'Dropout', inputs: ['h0', ...more], outputs: ['h1', 'mask'], attributes: attributes ?? {} },
      { opType: 'Neg' },
    ];
    await meansTheSame(old(7, dims, dropout({ ratio: 0.5 })), x);
    await meansTheSame(old(10, dims, dropout({ ratio: 0.9 })), x);
    const constants = {
      ratio: { type: 'float32', dims: [], data: Float32Array.of(0.5) },
      training: { type: 'bool', dims: [], data: Uint8Array.of(0) },
    } as const;
    await meansTheSame(old(13, dims, dropout({}, 'ratio', 'training'), constants), x);
  });

  it.each([7, 11])('Split by attribute or evenly, in opset %d', async (opset) => {
    const outputs = ['y0', 'y1'];
    await meansTheSame(old(opset, dims, [{ opType: 'Split', outputs, attributes: { axis: 3, split: [2, 3] } }]), x);
    await meansTheSame(old(opset, dims, [{ opType: 'Split', outputs, attributes: { axis: 2 } }]), x);
    await meansTheSame(old(opset, dims, [{ opType: 'Split', outputs }]), x);
  });

  it('Split by an input or evenly, in opset 13', async () => {
    const outputs = ['y0', 'y1'];
    const sizes = { sizes: int64s([1, 4]) };
    await meansTheSame(
      old(13, dims, [{ opType: 'Split', inputs: ['x', 'sizes'], outputs, attributes: { axis: 3 } }], sizes),
      x,
    );
    await meansTheSame(old(13, dims, [{ opType: 'Split', outputs, attributes: { axis: 2 } }]), x);
  });

  it.each([7, 11])('Squeeze and Unsqueeze, in opset %d', async (opset) => {
    const one = sample(4, [2, 1, 3, 1]);
    await meansTheSame(old(opset, one.dims, [{ opType: 'Squeeze', attributes: { axes: [1] } }]), one);
    await meansTheSame(old(opset, one.dims, [{ opType: 'Squeeze' }]), one);
    await meansTheSame(old(opset, dims, [{ opType: 'Unsqueeze', attributes: { axes: [0, 3] } }]), x);
  });

  const positive = sample(6, dims, 0.5, 1.5);
  describe.each([7, 11, 12])('reductions of opset %d', (opset) => {
    it.each([
      'ReduceL1',
      'ReduceL2',
      'ReduceLogSum',
      'ReduceLogSumExp',
      'ReduceMax',
      'ReduceMean',
      'ReduceMin',
      'ReduceProd',
      'ReduceSum',
      'ReduceSumSquare',
    ])('%s', async (opType) => {
      await meansTheSame(old(opset, dims, [{ opType, attributes: { axes: [1, 3], keepdims: 0 } }]), positive);
      await meansTheSame(old(opset, dims, [{ opType, attributes: { axes: [2] } }]), positive);
      await meansTheSame(old(opset, dims, [{ opType }]), positive);
    });
  });

  it('ReduceMean of opset 17 and ReduceSum of opset 13, whose axes are an attribute and an input', async () => {
    await meansTheSame(old(17, dims, [{ opType: 'ReduceMean', attributes: { axes: [-1], keepdims: 0 } }]), x);
    const axes = { axes: int64s([-1, 1]) };
    await meansTheSame(old(13, dims, [{ opType: 'ReduceSum', inputs: ['x', 'axes'] }], axes), x);
  });
});

describe('what newer operators cannot say', () => {
  it('is refused: normalisation of each pixel by itself', () => {
    const inputs = ['x', 'scale', 'bias', 'mean', 'variance'];
    const model = old(7, dims, [{ opType: 'BatchNormalization', inputs, attributes: { spatial: 0 } }], perChannel);
    expect(() => upgrade(model)).toThrow(OnnxError);
    expect(() => upgrade(model)).toThrow('BatchNormalization (node node0) normalises each pixel by itself (spatial 0)');
  });
  it('is refused: an operator without its input', () => {
    const model = old(9, dims, [{ opType: 'Clip', inputs: [] }]);
    expect(() => upgrade(model)).toThrow('Clip (node node0) lacks input 1');
  });
});

it('a model of today stays as it is', () => {
  const model = old(21, dims, [{ opType: 'Relu' }]);
  expect(upgrade(model)).toBe(model);
});

const folder = join(process.env.PAREIDOLIA_DATA ?? '', 'models');
const models =
  process.env.PAREIDOLIA_DATA && existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.onnx')) : [];

describe.skipIf(models.length === 0)('real networks (PAREIDOLIA_DATA)', () => {
  it.each(models)('%s says the same after reading and writing, and after the upgrade', async (name) => {
    const bytes = new Uint8Array(readFileSync(join(folder, name)));
    const model = readModel(bytes);
    const [input] = model.graph.inputs;
    const image = sample(
      7,
      input!.shape!.map((dim) => (typeof dim === 'number' ? dim : 1)),
      0,
      1,
    );
    const feeds = { [input!.name]: image };
    const original = await runModel(bytes, feeds);
    expect(await runModel(writeModel(model), feeds)).toEqual(original);
    const upgraded = await runModel(upgrade(model), feeds);
    for (const [output, { data, dims }] of Object.entries(original)) {
      expect(upgraded[output]!.dims).toEqual(dims);
      const difference = Math.max(...data.map((value, i) => Math.abs(value - upgraded[output]!.data[i]!)));
      expect(difference).toBeLessThanOrEqual(1e-6 * Math.max(1, ...data.map(Math.abs)));
    }

    // Two images in one batch are told as each alone is.
    const other = sample(8, image.dims, 0, 1);
    const both: Sample = {
      dims: [2, ...image.dims.slice(1)],
      data: Float32Array.from([...image.data, ...other.data]),
    };
    const batched = await runModel(upgrade(withBatch(model)), { [input!.name]: both });
    const alone = await runModel(bytes, { [input!.name]: other });
    for (const [output, { data }] of Object.entries(original)) {
      const expected = [...data, ...alone[output]!.data];
      const scale = Math.max(1, ...expected.map(Math.abs));
      const difference = Math.max(...expected.map((value, i) => Math.abs(value - batched[output]!.data[i]!)));
      expect(difference).toBeLessThanOrEqual(1e-5 * scale);
    }
  });
});
