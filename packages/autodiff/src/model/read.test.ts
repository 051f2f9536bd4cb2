import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ExternalDataError, OnnxError } from '../errors.ts';
import {
  type FunctionProtoSchema,
  type GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataLocation,
  type TensorProtoSchema,
} from '../proto/onnx_pb.ts';
import { tinyLenet } from '../testing/lenet.ts';
import { runModel } from '../testing/run.ts';
import { withOutputs } from './outputs.ts';
import { readModel } from './read.ts';
import { writeModel } from './write.ts';

type GraphInit = MessageInitShape<typeof GraphProtoSchema>;
type NodeInit = MessageInitShape<typeof NodeProtoSchema>;
type FunctionInit = Exclude<MessageInitShape<typeof FunctionProtoSchema>, { $typeName: string }>;
type TensorInit = MessageInitShape<typeof TensorProtoSchema>;

const FLOAT = 1;
const INT64 = 7;

const floats = (name: string, ...shape: (number | bigint)[]) => ({
  name,
  type: {
    value: {
      case: 'tensorType' as const,
      value: {
        elemType: FLOAT,
        shape: { dim: shape.map((dim) => ({ value: { case: 'dimValue' as const, value: BigInt(dim) } })) },
      },
    },
  },
});

const node = (opType: string, input: string[], output: string[], more: NodeInit = {}): NodeInit => ({
  opType,
  input,
  output,
  name: `the ${opType}`,
  ...more,
});

/** A model file; by default y = Relu(x) in opset 13. */
function file(graph: GraphInit = {}, opset: MessageInitShape<typeof ModelProtoSchema>['opsetImport'] = undefined) {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: opset ?? [{ domain: '', version: 13n }],
      graph: {
        input: [floats('x', 2)],
        output: [floats('y', 2)],
        node: [node('Relu', ['x'], ['y'])],
        ...graph,
      },
    }),
  );
}

const withTensor = (tensor: TensorInit): Uint8Array =>
  file({ initializer: [{ name: 'w', dataType: FLOAT, ...tensor }] });

function refused(bytes: Uint8Array, message: string | RegExp): void {
  expect(() => readModel(bytes)).toThrow(OnnxError);
  expect(() => readModel(bytes)).toThrow(message);
}

describe('a file that is no model is refused in one sentence', () => {
  it.each([
    ['a text', new TextEncoder().encode('this is a text, not a network')],
    ['a PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)],
    ['zeros', new Uint8Array(64)],
    ['nothing', new Uint8Array(0)],
  ])('%s', (_, bytes) => refused(bytes, /not an ONNX model/));

  it('a model cut short anywhere is refused, or is whole but for what has no consequence', () => {
    const bytes = writeModel(tinyLenet());
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => readModel(bytes.subarray(0, length)), `${length} of ${bytes.length} bytes`).toThrow(OnnxError);
    }
  });
});

describe('models that this project does not read, and why', () => {
  it('no opset', () => refused(file({}, []), 'The model names no opset of standard ONNX operators'));
  it('an opset of other operators alone', () =>
    refused(file({}, [{ domain: 'com.microsoft', version: 1n }]), 'names no opset of standard ONNX operators'));
  it('an old opset', () =>
    refused(file({}, [{ version: 6n }]), 'The model is of opset 6; export it with opset 7 or newer'));
  it('weights in another file that is not named', () => {
    const external = { dims: [1n], dataLocation: TensorProto_DataLocation.EXTERNAL };
    refused(withTensor(external), 'Tensor w lies outside the model file, in "", which is not a path');
  });
  it('weights in another file, in a Constant', () => {
    const t = { dataType: FLOAT, dims: [1n], dataLocation: TensorProto_DataLocation.EXTERNAL };
    const constant = node('Constant', [], ['c'], { attribute: [{ name: 'value', type: Kind.TENSOR, t }] });
    refused(
      file({ node: [constant, node('Add', ['x', 'c'], ['y'])] }),
      'the Constant.value lies outside the model file',
    );
  });
  it.each(['constructor', '__proto__', 'toString', 'relu', ''])('an operator called %j', (opType) =>
    refused(
      file({ node: [node(opType, ['x'], ['y'])] }),
      `Operator ${opType} (node the ${opType}) is not standard ONNX`,
    ),
  );
  it('graphs inside other operators than branches and loops', () => {
    const body = { name: 'body', type: Kind.GRAPH, g: { name: 'inner' } };
    refused(
      file({ node: [node('SequenceMap', ['x'], ['y'], { attribute: [body] })] }),
      'Attribute body of SequenceMap (node the SequenceMap) holds no number, text or tensor; export the model without control flow',
    );
  });
  it('sparse weights', () => refused(file({ sparseInitializer: [{}] }), 'sparse initializers'));
  it('an element type of no use for images', () => {
    refused(withTensor({ dataType: 14, dims: [1n], rawData: new Uint8Array(8) }), 'Tensor w has element type 14');
    refused(withTensor({ dataType: 8, dims: [1n], stringData: [new Uint8Array(1)] }), 'Tensor w has element type 8');
  });
  it('an input that is no tensor', () =>
    refused(
      file({ input: [{ name: 'x', type: { value: { case: 'sequenceType', value: {} } } }] }),
      'x is not a tensor',
    ));
  it('no output', () => refused(file({ output: [] }), 'The model has no output'));
});

describe('weights in files beside the model', () => {
  const weights = new Uint8Array(Float32Array.of(9, 1.5, -2, 9).buffer);
  const external = (location: string, more: Readonly<Record<string, string>> = { offset: '4', length: '8' }) =>
    withTensor({
      dims: [2n],
      dataLocation: TensorProto_DataLocation.EXTERNAL,
      externalData: Object.entries({ location, ...more }).map(([key, value]) => ({ key, value })),
    });
  const value = { type: 'float32', dims: [2], data: Float32Array.of(1.5, -2) };

  it('are read from a map, or by a function that is asked once for each file', () => {
    const bytes = external('weights/all.bin');
    const files = new Map([['weights/all.bin', weights]]);
    expect(readModel(bytes, { externalData: files }).graph.initializers.get('w')).toEqual(value);
    const asked: string[] = [];
    const externalData = (location: string): Uint8Array => {
      asked.push(location);
      return weights;
    };
    expect(readModel(bytes, { externalData }).graph.initializers.get('w')).toEqual(value);
    expect(asked).toEqual(['weights/all.bin']);
  });

  it('are asked for by name where they are missing', () => {
    const wanted = (): unknown => readModel(external('all.bin'), { externalData: () => undefined });
    expect(wanted).toThrow(ExternalDataError);
    expect(wanted).toThrow('Tensor w lies outside the model file, in all.bin; put that file beside the model');
    refused(external('all.bin'), 'in all.bin; put that file beside the model');
  });

  it.each(['../secrets', '/etc/passwd', 'a/../../b', '..\\b', 'C:\\b', 'C:b', ''])(
    'are never looked for at %j',
    (location) => {
      const read = (): unknown =>
        readModel(external(location), {
          externalData() {
            throw new Error('must not be asked');
          },
        });
      expect(read).toThrow(OnnxError);
      expect(read).toThrow("not a path inside the model's folder");
    },
  );

  it.each([
    [{ offset: '12', length: '8' }],
    [{ offset: '-4', length: '8' }],
    [{ offset: '4', length: 'x' }],
    [{ offset: '99999999999999999999' }],
  ])('are refused where the part is none: %j', (part) => {
    const read = (): unknown => readModel(external('a', part), { externalData: () => weights });
    expect(read).toThrow(OnnxError);
  });
});

describe('functions of a model', () => {
  /** f(a) = LeakyRelu(a * a, alpha), g(a) = f(f(a)) with alpha 0.5 or as said. */
  const functions: readonly FunctionInit[] = [
    {
      name: 'f',
      domain: 'own',
      input: ['a'],
      output: ['r'],
      attribute: ['slope'],
      node: [
        node('Neg', ['a'], ['h']),
        node('LeakyRelu', ['h'], ['r'], { attribute: [{ name: 'alpha', type: Kind.FLOAT, refAttrName: 'slope' }] }),
      ],
    },
    {
      name: 'g',
      domain: 'own',
      input: ['h'],
      output: ['r'],
      attributeProto: [{ name: 'slope', type: Kind.FLOAT, f: 0.5 }],
      node: [
        node('f', ['h'], ['inner'], {
          domain: 'own',
          attribute: [{ name: 'slope', type: Kind.FLOAT, refAttrName: 'slope' }],
        }),
        node('f', ['inner'], ['r'], { domain: 'own', name: 'the second f' }),
      ],
    },
  ];
  const opsetImport = [
    { domain: '', version: 13n },
    { domain: 'own', version: 1n },
  ];
  const withFunctions = (call: NodeInit, of: readonly FunctionInit[] = functions) =>
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: 8n,
        opsetImport,
        graph: { name: 'graph', input: [floats('x', 2)], output: [floats('y', 2)], node: [call] },
        functions: of.map((item) => ({ ...item, opsetImport })),
      }),
    );

  it('are written out where they are called, with defaults, as ONNX Runtime does', async () => {
    const x = { dims: [2], data: Float32Array.of(1, -2) };
    for (const attribute of [[], [{ name: 'slope', type: Kind.FLOAT, f: 0.25 }]]) {
      const bytes = withFunctions(node('g', ['x'], ['y'], { domain: 'own', attribute }));
      const model = readModel(bytes);
      expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(['Neg', 'LeakyRelu', 'Neg', 'LeakyRelu']);
      expect(await runModel(model, { x })).toEqual(await runModel(bytes, { x }));
    }
  });

  it('that call themselves are refused', () => {
    const endless = [
      { name: 'g', domain: 'own', input: ['a'], output: ['r'], node: [node('g', ['a'], ['r'], { domain: 'own' })] },
    ];
    refused(withFunctions(node('g', ['x'], ['y'], { domain: 'own' }), endless), 'Function g of the model calls itself');
  });

  it('that double and double again are refused, soon', () => {
    const tower = Array.from({ length: 40 }, (_, level) => ({
      name: `f${level}`,
      domain: 'own',
      input: ['a'],
      output: ['r'],
      node: ['a', 'h'].map((input) =>
        level === 0
          ? node('Relu', [input], [input === 'a' ? 'h' : 'r'])
          : node(`f${level - 1}`, [input], [input === 'a' ? 'h' : 'r'], { domain: 'own' }),
      ),
    }));
    refused(
      withFunctions(node('f39', ['x'], ['y'], { domain: 'own' }), tower),
      'The functions of the model grow too large',
    );
  });
});

describe('names that stand twice', () => {
  it('of constants, inputs and outputs', () => {
    const w = { name: 'w', dataType: FLOAT, dims: [1n], floatData: [1] };
    refused(file({ initializer: [w, w] }), 'Constant w is there twice');
    refused(file({ input: [floats('x', 2), floats('x', 2)] }), 'The model has two inputs called x');
    refused(file({ output: [floats('y', 2), floats('y', 2)] }), 'The model has two outputs called y');
  });
});

describe('graphs that cannot run', () => {
  it('nodes that wait for each other', () =>
    refused(
      file({ node: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Neg', ['b'], ['y'])] }),
      /Node the (Add|Relu) waits for itself/,
    ));
  it('a node that waits for itself', () =>
    refused(file({ node: [node('Add', ['x', 'y'], ['y'])] }), 'Node the Add waits for itself'));
  it('a value that is made nowhere', () =>
    refused(
      file({ node: [node('Add', ['x', 'lost'], ['y'])] }),
      'Value lost, which node the Add needs, is made nowhere',
    ));
  it('an output that is made nowhere', () => refused(file({ output: [floats('z', 2)] }), 'Output z is made nowhere'));
  it('a value that is made twice', () =>
    refused(
      file({ node: [node('Relu', ['x'], ['y']), node('Neg', ['x'], ['y'])] }),
      'Value y is made twice, the second time by node the Neg',
    ));
  it('a value that takes the name of an input', () =>
    refused(file({ node: [node('Relu', ['x'], ['x'])] }), 'Value x is made twice'));
});

describe('tensors that are not what they say', () => {
  it('too few and too many raw bytes', () => {
    refused(
      withTensor({ dims: [2n, 2n], rawData: new Uint8Array(15) }),
      'Tensor w of float32 [2, 2] needs 16 bytes, the file has 15',
    );
    refused(withTensor({ dims: [2n, 2n], rawData: new Uint8Array(20) }), 'needs 16 bytes, the file has 20');
  });
  it('too few and too many numbers', () => {
    refused(withTensor({ dims: [3n], floatData: [1, 2] }), 'Tensor w of [3] needs 3 elements, the file has 2');
    refused(withTensor({ dims: [], floatData: [1, 2] }), 'Tensor w of [] needs 1 elements, the file has 2');
  });
  it('negative lengths', () =>
    refused(withTensor({ dims: [-1n], floatData: [1] }), 'Tensor w says it is [-1], which cannot be'));
  it('more than fits any memory, without asking for the memory', () => {
    refused(withTensor({ dims: [1n << 40n], floatData: [1] }), 'Tensor w says it is [1099511627776], which cannot be');
    refused(withTensor({ dims: [1n << 30n], floatData: [1] }), 'needs 1073741824 elements, the file has 1');
  });
});

describe('what is read', () => {
  const tensorOf = (tensor: TensorInit): unknown => readModel(withTensor(tensor)).graph.initializers.get('w');

  it('numbers in fields of their own as well as raw', () => {
    const raw = new Uint8Array(Float32Array.of(1.5, -2).buffer);
    const value = { type: 'float32', dims: [2], data: Float32Array.of(1.5, -2) };
    expect(tensorOf({ dims: [2n], rawData: raw })).toEqual(value);
    expect(tensorOf({ dims: [2n], floatData: [1.5, -2] })).toEqual(value);
    expect(tensorOf({ dataType: INT64, dims: [1n], int64Data: [-5n] })).toEqual({
      type: 'int64',
      dims: [1],
      data: BigInt64Array.of(-5n),
    });
  });

  it.each([
    ['uint8', 2, Uint8Array.of(200)],
    ['int8', 3, Int8Array.of(-100)],
    ['uint16', 4, Uint16Array.of(60000)],
    ['int16', 5, Int16Array.of(-30000)],
    ['int32', 6, Int32Array.of(-70000)],
    ['bool', 9, Uint8Array.of(1)],
    ['float16', 10, Uint16Array.of(0x3c00)],
  ] as const)('%s, which shares a field with others', (type, dataType, data) => {
    expect(tensorOf({ dataType, dims: [1n], int32Data: [data[0]!] })).toEqual({ type, dims: [1], data });
  });

  it.each([
    ['float64', 11, { doubleData: [0.1] }, Float64Array.of(0.1)],
    ['uint32', 12, { uint64Data: [4000000000n] }, Uint32Array.of(4000000000)],
    ['uint64', 13, { uint64Data: [1n << 63n] }, BigUint64Array.of(1n << 63n)],
  ] as const)('%s', (type, dataType, fields, data) => {
    const held = Object.fromEntries(Object.entries(fields).map(([key, values]) => [key, [...values]]));
    expect(tensorOf({ dataType, dims: [1n], ...held })).toEqual({ type, dims: [1], data });
  });

  it('bfloat16, the upper half of a float32, as that', () => {
    const raw = new Uint8Array(Uint16Array.of(0x3fc0, 0xc000, 0x7f80).buffer);
    const value = { type: 'float32', dims: [3], data: Float32Array.of(1.5, -2, Number.POSITIVE_INFINITY) };
    expect(tensorOf({ dataType: 16, dims: [3n], rawData: raw })).toEqual(value);
    expect(tensorOf({ dataType: 16, dims: [3n], int32Data: [0x3fc0, 0xc000, 0x7f80] })).toEqual(value);
  });

  it('an empty tensor', () => {
    expect(tensorOf({ dims: [0n, 3n] })).toEqual({ type: 'float32', dims: [0, 3], data: new Float32Array(0) });
  });

  it('nodes in any order, names that are missing or doubled, constants', () => {
    const value = { name: 'value', type: Kind.TENSOR, t: { dataType: FLOAT, floatData: [2] } };
    const { graph } = readModel(
      file({
        node: [
          node('Mul', ['h', 'c'], ['y'], { name: 'same' }),
          node('Relu', ['x'], ['h'], { name: 'same' }),
          node('Neg', ['x'], ['unused'], { name: '' }),
          node('Constant', [], ['c'], { attribute: [value] }),
        ],
      }),
    );
    expect(graph.nodes.map(({ opType, name }) => [opType, name])).toEqual([
      ['Relu', 'same_2'],
      ['Mul', 'same'],
      ['Neg', 'Neg_2'],
    ]);
    expect(graph.initializers.get('c')).toEqual({ type: 'float32', dims: [], data: Float32Array.of(2) });
  });

  it.each([
    ['value_float', { type: Kind.FLOAT, f: 0.5 }, { type: 'float32', dims: [], data: Float32Array.of(0.5) }],
    [
      'value_floats',
      { type: Kind.FLOATS, floats: [1, 2] },
      { type: 'float32', dims: [2], data: Float32Array.of(1, 2) },
    ],
    ['value_int', { type: Kind.INT, i: 3n }, { type: 'int64', dims: [], data: BigInt64Array.of(3n) }],
    ['value_ints', { type: Kind.INTS, ints: [3n, 4n] }, { type: 'int64', dims: [2], data: BigInt64Array.of(3n, 4n) }],
  ])('a constant given as %s', (name, attribute, value) => {
    const constant = node('Constant', [], ['c'], { attribute: [{ name, ...attribute }] });
    const { graph } = readModel(file({ node: [constant, node('Relu', ['x'], ['y'])] }));
    expect(graph.initializers.get('c')).toEqual(value);
  });

  it('weights that are listed as inputs too are no inputs', () => {
    const { graph } = readModel(
      file({
        input: [floats('x', 2), floats('w', 2)],
        initializer: [{ name: 'w', dataType: FLOAT, dims: [2n], floatData: [1, 2] }],
        node: [node('Mul', ['x', 'w'], ['y'])],
      }),
    );
    expect(graph.inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('operators of others, by their whole names, and writes them again', () => {
    const model = readModel(
      file({ name: 'graph', node: [node('FusedConv', ['x'], ['y'], { domain: 'com.microsoft' })] }),
    );
    expect(model.graph.nodes[0]?.opType).toBe('com.microsoft.FusedConv');
    expect(readModel(writeModel(model)).graph).toEqual(model.graph);
  });

  it('branches, with what they take from around them', () => {
    const branch = (name: string, opType: string) => ({
      name,
      type: Kind.GRAPH,
      g: { name: 'inner', node: [node(opType, ['h'], ['out'])], output: [floats('out', 2)] },
    });
    const attribute = [branch('then_branch', 'Neg'), branch('else_branch', 'Abs')];
    const model = readModel(
      file({
        name: 'graph',
        input: [floats('x', 2), floats('c')],
        node: [node('If', ['c'], ['y'], { attribute }), node('Relu', ['x'], ['h'])],
      }),
    );
    expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(['Relu', 'If']);
    expect(readModel(writeModel(model)).graph).toEqual(model.graph);
  });

  it('loops, whose bodies need not give types', () => {
    const inner = {
      name: 'inner',
      input: [{ name: 'i' }, { name: 'on' }, { name: 'h' }],
      node: [node('Mul', ['h', 'x'], ['next'])],
      output: [{ name: 'on' }, { name: 'next' }],
    };
    const attribute = [{ name: 'body', type: Kind.GRAPH, g: inner }];
    const model = readModel(
      file({
        name: 'graph',
        input: [floats('x', 2), floats('n')],
        node: [node('Loop', ['n', '', 'x'], ['y'], { attribute })],
      }),
    );
    const body = model.graph.nodes[0]?.attributes.get('body');
    expect(body?.kind === 'graph' && body.value.inputs.map(({ name }) => name)).toEqual(['i', 'on', 'h']);
    expect(readModel(writeModel(model)).graph).toEqual(model.graph);
  });

  it('open axes, with and without a name', () => {
    const open = {
      name: 'x',
      type: {
        value: {
          case: 'tensorType' as const,
          value: {
            elemType: FLOAT,
            shape: {
              dim: [
                { value: { case: 'dimParam' as const, value: 'batch' } },
                { value: { case: 'dimParam' as const, value: '' } },
                { value: { case: 'dimValue' as const, value: 0n } },
                { value: { case: undefined } },
                { value: { case: 'dimValue' as const, value: 5n } },
              ],
            },
          },
        },
      },
    };
    expect(readModel(file({ input: [open] })).graph.inputs[0]?.shape).toEqual(['batch', '?', '?', '?', 5]);
  });
});

describe('outputs that are no tensors', () => {
  /** A list of maps from class names to probabilities, as converters of scikit-learn write it. */
  const map = { name: 'named', type: { value: { case: 'sequenceType' as const, value: {} } } };
  const graph = (output: GraphInit['output'] & object): GraphInit => ({
    node: [
      node('Softmax', ['x'], ['y']),
      { opType: 'ZipMap', domain: 'ai.onnx.ml', input: ['y'], output: ['named'], name: 'map' },
    ],
    output,
  });

  it.each([
    ['are left out beside a tensor', [map, floats('y', 2)]],
    ['stand for the tensor that they name, where there is none beside them', [map]],
  ] as const)('%s', (_, output) => {
    const model = readModel(file(graph([...output])));
    expect(model.graph.outputs.map(({ name }) => name)).toEqual(['y']);
    expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(['Softmax']);
  });

  it('are refused where there is nothing else', () => {
    const alone = file({ output: [map], node: [node('SequenceConstruct', ['x'], ['named'])] });
    expect(() => readModel(alone)).toThrow('named is not a tensor');
  });
});

it('keeps some outputs, and leaves out what only the others need', () => {
  const model = readModel(
    file({
      node: [node('Relu', ['x'], ['y']), node('Neg', ['x'], ['z'])],
      output: [floats('y', 2), floats('z', 2)],
    }),
  );
  const { graph } = withOutputs(model, ['z']);
  expect(graph.outputs.map(({ name }) => name)).toEqual(['z']);
  expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Neg']);
});
