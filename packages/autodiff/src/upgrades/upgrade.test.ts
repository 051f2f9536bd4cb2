import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withBatch } from '../batching/with-batch.ts';
import { OnnxError, UnknownOperatorError } from '../errors.ts';
import { readModel } from '../model/read.ts';
import { int64s, type TensorValue } from '../model/tensor.ts';
import { writeModel } from '../model/write.ts';
import { meansTheSame, type OldNode, old } from '../testing/old-models.ts';
import { runModel } from '../testing/run.ts';
import { apart, type Sample, sample } from '../testing/samples.ts';
import { upgrade } from './upgrade.ts';

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
  it('is refused: normalization of each pixel by itself', () => {
    const inputs = ['x', 'scale', 'bias', 'mean', 'variance'];
    const model = old(7, dims, [{ opType: 'BatchNormalization', inputs, attributes: { spatial: 0 } }], perChannel);
    expect(() => upgrade(model)).toThrow(OnnxError);
    expect(() => upgrade(model)).toThrow('BatchNormalization (node node0) normalizes each pixel by itself (spatial 0)');
  });
  it('is refused: an operator without its input', () => {
    const model = old(9, dims, [{ opType: 'Clip', inputs: [] }]);
    expect(() => upgrade(model)).toThrow('Clip (node node0) lacks input 1');
  });
});

describe('resampling of old', () => {
  const image = sample(8, [1, 2, 4, 6], -1, 1);
  const scales = (...data: number[]): Record<string, TensorValue> => ({
    scales: { type: 'float32', dims: [4], data: Float32Array.from(data) },
  });
  it.each([
    ['nearest', [1, 1, 2, 3]],
    ['nearest', [1, 1, 1.5, 2.5]],
    ['linear', [1, 1, 2, 2.5]],
  ])('Upsample, %s, by %j', async (mode, by) => {
    await meansTheSame(old(7, image.dims, [{ opType: 'Upsample', attributes: { mode, scales: by } }]), image);
    await meansTheSame(
      old(9, image.dims, [{ opType: 'Upsample', inputs: ['x', 'scales'], attributes: { mode } }], scales(...by)),
      image,
    );
  });
  it.each([
    ['nearest', [1, 1, 2, 3]],
    ['nearest', [1, 1, 0.5, 0.4]],
    ['nearest', [1, 1, 2, 0.6]],
    ['nearest', [1, 1, 0.75, 1.5]],
    ['linear', [1, 1, 0.5, 2.5]],
  ])('Resize of opset 10, %s, by %j', (mode, by) =>
    meansTheSame(
      old(10, image.dims, [{ opType: 'Resize', inputs: ['x', 'scales'], attributes: { mode } }], scales(...by)),
      image,
    ),
  );
  it.each([
    ['half_pixel', 'nearest', 'round_prefer_floor'],
    ['tf_half_pixel_for_nn', 'nearest', 'floor'],
    ['align_corners', 'linear', 'floor'],
    ['pytorch_half_pixel', 'cubic', 'floor'],
    ['asymmetric', 'nearest', 'ceil'],
  ])('Resize of opset 11, %s, %s, to sizes', (transformation, mode, nearest) =>
    meansTheSame(
      old(
        11,
        image.dims,
        [
          {
            opType: 'Resize',
            inputs: ['x', 'none', 'none', 'sizes'],
            attributes: { mode, coordinate_transformation_mode: transformation, nearest_mode: nearest },
          },
        ],
        { none: { type: 'float32', dims: [0], data: new Float32Array(0) }, sizes: int64s([1, 2, 7, 5]) },
      ),
      image,
    ),
  );
});

describe('other operators of old', () => {
  it('TopK, whose count was an attribute', () =>
    meansTheSame(old(9, dims, [{ opType: 'TopK', outputs: ['y0', 'places'], attributes: { k: 2, axis: 2 } }]), x));
  it('Scatter, now ScatterElements', () =>
    meansTheSame(
      old(9, dims, [{ opType: 'Scatter', inputs: ['x', 'places', 'news'], attributes: { axis: 3 } }], {
        places: { type: 'int64', dims: [1, 1, 1, 2], data: BigInt64Array.of(3n, 0n) },
        news: { type: 'float32', dims: [1, 1, 1, 2], data: Float32Array.of(7, 8) },
      }),
      x,
    ));
  it('Hardmax, which took everything from its axis on as one row', () =>
    meansTheSame(old(11, dims, [{ opType: 'Hardmax', attributes: { axis: 2 } }]), x));
});

describe('numbers of other widths', () => {
  const half = (value: number): number => {
    // Exact for the few values here: sign, exponent, fraction of binary16.
    const exponent = Math.floor(Math.log2(Math.abs(value)));
    return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | ((Math.abs(value) / 2 ** exponent - 1) * 1024);
  };
  it('half precision, which is calculated in float32', async () => {
    const scale = { type: 'float16', dims: [], data: Uint16Array.of(half(-1.5)) } as const;
    const cast: OldNode = { opType: 'Cast', attributes: { to: 10 } };
    const back: OldNode = { opType: 'Cast', inputs: ['h1'], attributes: { to: 1 } };
    const mul: OldNode = { opType: 'Mul', inputs: ['h0', 'scale'] };
    await meansTheSame(old(13, dims, [cast, mul, back], { scale }), x);
    expect(upgrade(old(13, dims, [cast, mul, back], { scale })).graph.initializers.get('scale')).toEqual({
      type: 'float32',
      dims: [],
      data: Float32Array.of(-1.5),
    });
  });
  it('half precision of every kind of number', () => {
    const data = Uint16Array.of(0, 0x8000, 1, 0x03ff, 0x0400, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0xfc00);
    const model = old(13, [1], [{ opType: 'Mul', inputs: ['x', 'w'] }], { w: { type: 'float16', dims: [10], data } });
    const wide = upgrade(model).graph.initializers.get('w')!.data;
    const tiny = 2 ** -24;
    expect([...wide]).toEqual([0, -0, tiny, 1023 * tiny, 2 ** -14, 1, -2, 65504, Infinity, -Infinity]);
  });
  it('inputs and outputs in half and double precision', () => {
    for (const type of ['float16', 'float64'] as const) {
      const model = old(13, dims, [{ opType: 'Relu' }]);
      const graph = { ...model.graph, inputs: [{ name: 'x', type, shape: dims }] };
      const { inputs, outputs } = upgrade({ ...model, graph }).graph;
      expect([...inputs, ...outputs].map((value) => value.type)).toEqual(['float32', 'float32']);
    }
  });
});

describe('operators of ONNX Runtime itself', () => {
  const rows = sample(9, [2, 3, 8], -2, 2);
  const vector = (seed: number, length: number): TensorValue => ({ type: 'float32', ...sample(seed, [length]) });
  const matrix: TensorValue = { type: 'float32', ...sample(12, [5, 8]) };
  const own = (opType: string, inputs: string[], attributes: OldNode['attributes'], constants = {}) =>
    old(13, rows.dims, [{ opType: `com.microsoft.${opType}`, inputs, attributes: attributes ?? {} }], constants);
  it('Gelu, BiasGelu, FastGelu, QuickGelu', async () => {
    const bias = { bias: vector(1, 8) };
    await meansTheSame(own('Gelu', ['x'], {}), rows, 2e-6);
    await meansTheSame(own('BiasGelu', ['x', 'bias'], {}, bias), rows, 2e-6);
    await meansTheSame(own('FastGelu', ['x'], {}), rows, 2e-6);
    await meansTheSame(own('FastGelu', ['x', 'bias'], {}, bias), rows, 2e-6);
    await meansTheSame(own('QuickGelu', ['x'], { alpha: 1.5 }), rows, 2e-6);
  });
  it('FusedMatMul', () =>
    meansTheSame(own('FusedMatMul', ['x', 'w'], { transB: 1, alpha: 0.5 }, { w: matrix }), rows, 2e-6));
  it('SkipLayerNormalization', () => {
    const constants = { skip: { type: 'float32', ...sample(2, rows.dims) }, scale: vector(3, 8), shift: vector(4, 8) };
    return meansTheSame(
      own(
        'SkipLayerNormalization',
        ['x', 'skip', 'scale', 'shift', 'bias'],
        { epsilon: 1e-5 },
        {
          ...constants,
          bias: vector(5, 8),
        },
      ),
      rows,
      5e-6,
    );
  });
  const image = sample(8, [2, 3, 5, 5]);
  it.each([
    ['Relu', []],
    ['Sigmoid', []],
    ['Tanh', []],
    ['LeakyRelu', [0.2]],
    ['Clip', [-0.3, 0.4]],
    ['HardSigmoid', [0.3, 0.4]],
  ])('FusedConv with %s', (activation, parameters) =>
    meansTheSame(
      old(
        13,
        image.dims,
        [
          {
            opType: 'com.microsoft.FusedConv',
            inputs: ['x', 'w', 'bias'],
            attributes: {
              activation,
              pads: [1, 1, 1, 1],
              strides: [2, 2],
              ...(parameters.length === 0 ? {} : { activation_params: parameters }),
            },
          },
        ],
        { w: { type: 'float32', ...sample(3, [4, 3, 3, 3]) }, bias: vector(4, 4) },
      ),
      image,
      2e-6,
    ),
  );
  it('FusedGemm', () => {
    const flat = sample(5, [3, 8]);
    const attributes = { transB: 1, activation: 'LeakyRelu', activation_alpha: 0.25 };
    const node = { opType: 'com.microsoft.FusedGemm', inputs: ['x', 'w', 'bias'], attributes };
    return meansTheSame(old(13, flat.dims, [node], { w: matrix, bias: vector(2, 5) }), flat, 2e-6);
  });
});

it('an output behind an operator whose shapes are not known keeps what the model says of it', () => {
  const model = old(9, dims, [{ opType: 'Relu' }, { opType: 'Multinomial', attributes: { sample_size: 3 } }]);
  const said = { name: 'y', type: 'int32', shape: [2, 3] } as const;
  expect(upgrade({ ...model, graph: { ...model.graph, outputs: [said] } }).graph.outputs).toEqual([said]);
});

describe('operators that no gradient can be had of are named', () => {
  it('those that nobody knows', () => {
    const nodes = [{ opType: 'com.example.Magic' }, { opType: 'Reluu' }];
    expect(() => upgrade(old(13, dims, nodes))).toThrow(UnknownOperatorError);
    expect(() => upgrade(old(13, dims, nodes))).toThrow('com.example.Magic (node node0), Reluu (node node1)');
  });
  it('an opset that the runtime does not know', () => {
    expect(() => upgrade(old(27, dims, [{ opType: 'Relu' }]))).toThrow(
      'The model is of opset 27; export it with opset 26',
    );
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

    // Two images in one batch give the same as each alone.
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
