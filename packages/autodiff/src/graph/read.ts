/** @file Reads a serialised ONNX model. */

import { fromBinary } from '@bufbuild/protobuf';
import { getTextEncoding } from '@bufbuild/protobuf/wire';
import { OnnxError } from '../errors.ts';
import {
  type AttributeProto,
  type GraphProto,
  AttributeProto_AttributeType as Kind,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
  type ValueInfoProto,
} from '../proto/onnx_pb.ts';
import type { Attribute, Dim, Graph, Model, Node, ValueInfo } from './model.ts';
import { sortNodes } from './order.ts';
import { freeValues } from './subgraphs.ts';
import {
  type DataType,
  elementCount,
  int64s,
  type NumericArray,
  type TensorValue,
  tensorOfBytes,
  typeOfCode,
} from './tensor.ts';

/** The oldest opset whose operators we know how to bring up to date. */
const OLDEST_OPSET = 7;

/** More elements than any weight of an image classifier has; refused before anything is allocated. */
const MOST_ELEMENTS = 2 ** 31;

/**
 * Reads a model. Constants become initialisers, nodes get unique names and an order in which they can run.
 *
 * @param bytes the contents of a `.onnx` file; weights are views on it where alignment allows
 * @throws OnnxError where it is not a model, is damaged, or has parts outside the file
 */
export function readModel(bytes: Uint8Array): Model {
  const proto = parse(bytes);
  if (proto.graph === undefined) {
    throw new OnnxError('This is not an ONNX model (there is no graph in it); export the network to .onnx');
  }
  const opset = proto.opsetImport.find(({ domain }) => isStandard(domain))?.version;
  if (opset === undefined) throw new OnnxError('The model names no opset of standard ONNX operators; export it again');
  if (opset < OLDEST_OPSET) {
    throw new OnnxError(`The model is of opset ${opset}; export it with opset ${OLDEST_OPSET} or newer`);
  }
  return { opset: Number(opset), producer: proto.producerName, graph: readGraph(proto.graph) };
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new OnnxError('This is not an ONNX model, or the file is cut short; export or copy it again', { cause });
  }
}

/** @param inside whether the graph is part of a node, and takes values from around it */
function readGraph(proto: GraphProto, inside = false): Graph {
  const initializers = new Map<string, TensorValue>();
  for (const item of proto.initializer) initializers.set(item.name, readTensor(item, item.name));
  if (proto.sparseInitializer.length > 0) {
    throw new OnnxError('The model has sparse initialisers; export it with dense weights');
  }
  const nodes: Node[] = [];
  const taken = new Set<string>();
  proto.node.forEach((item, index) => {
    const node = readNode(item, uniqueName(item, index, taken));
    const constant = node.opType === 'Constant' ? constantOf(node) : undefined;
    if (constant === undefined) nodes.push(node);
    else initializers.set(node.outputs[0] ?? '', constant);
  });
  const inputs = proto.input.filter(({ name }) => !initializers.has(name)).map(readValueInfo);
  const outputs = proto.output.map(readValueInfo);
  if (outputs.length === 0) throw new OnnxError('The model has no output; export it again');
  const graph = { name: proto.name, inputs, outputs, nodes, initializers };
  return { ...graph, nodes: sortNodes(graph, inside ? freeValues(graph) : []) };
}

function uniqueName(proto: NodeProto, index: number, taken: Set<string>): string {
  const wanted = proto.name || `${proto.opType}_${index}`;
  let name = wanted;
  for (let i = 2; taken.has(name); i++) name = `${wanted}_${i}`;
  taken.add(name);
  return name;
}

function isStandard(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx';
}

function readNode(proto: NodeProto, name: string): Node {
  // All operators are written so; a name like `constructor` would be found in every table of rules.
  if (!/^[A-Z]\w*$/.test(proto.opType)) {
    throw new OnnxError(`Operator ${proto.opType} (node ${name}) is not standard ONNX; export the model again`);
  }
  const attributes = new Map(proto.attribute.map((item) => [item.name, readAttribute(item, name, proto.opType)]));
  const opType = isStandard(proto.domain) ? proto.opType : `${proto.domain}.${proto.opType}`;
  return { name, opType, inputs: proto.input, outputs: proto.output, attributes };
}

function text(bytes: Uint8Array): string {
  return getTextEncoding().decodeUtf8(bytes);
}

function readAttribute(proto: AttributeProto, node: string, opType: string): Attribute {
  switch (proto.type) {
    case Kind.FLOAT:
      return { kind: 'float', value: proto.f };
    case Kind.INT:
      return { kind: 'int', value: Number(proto.i) };
    case Kind.STRING:
      return { kind: 'string', value: text(proto.s) };
    case Kind.FLOATS:
      return { kind: 'floats', value: proto.floats };
    case Kind.INTS:
      return { kind: 'ints', value: proto.ints.map(Number) };
    case Kind.STRINGS:
      return { kind: 'strings', value: proto.strings.map(text) };
    case Kind.TENSOR:
      if (proto.t !== undefined) return { kind: 'tensor', value: readTensor(proto.t, `${node}.${proto.name}`) };
      break;
    case Kind.GRAPH:
      if (proto.g !== undefined && opType === 'If') return { kind: 'graph', value: readGraph(proto.g, true) };
      break;
    default:
      break;
  }
  throw new OnnxError(
    `Attribute ${proto.name} of ${opType} (node ${node}) holds no number, text or tensor; export the model without control flow`,
  );
}

function readTensor(proto: TensorProto, name: string): TensorValue {
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL || proto.externalData.length > 0) {
    throw new OnnxError(
      `Tensor ${name} lies outside the model file; save the model in one file (onnx.save with save_as_external_data=False)`,
    );
  }
  const type = typeOfCode(proto.dataType);
  if (type === undefined || type === 'string') {
    throw new OnnxError(`Tensor ${name} has element type ${proto.dataType}, which no image classifier needs`);
  }
  const dims = proto.dims.map(Number);
  const count = elementCount(dims);
  if (dims.some((dim) => dim < 0) || !(count <= MOST_ELEMENTS)) {
    throw new OnnxError(`Tensor ${name} says it is [${dims.join(', ')}], which cannot be; the file is damaged`);
  }
  if (proto.rawData.length > 0 || count === 0) return tensorOfBytes(type, dims, proto.rawData, name);
  const data = typedData(proto, type);
  if (data.length !== count) {
    throw new OnnxError(
      `Tensor ${name} of [${dims.join(', ')}] needs ${count} elements, the file has ${data.length}: it is damaged, export it again`,
    );
  }
  return { type, dims, data };
}

/** The fields other than raw data: each type has its own, and small whole numbers share one. */
function typedData(proto: TensorProto, type: DataType): NumericArray {
  switch (type) {
    case 'float32':
      return Float32Array.from(proto.floatData);
    case 'float64':
      return Float64Array.from(proto.doubleData);
    case 'int64':
      return BigInt64Array.from(proto.int64Data);
    case 'uint64':
      return BigUint64Array.from(proto.uint64Data);
    case 'uint32':
      return Uint32Array.from(proto.uint64Data, Number);
    case 'int32':
      return Int32Array.from(proto.int32Data);
    case 'int16':
      return Int16Array.from(proto.int32Data);
    case 'int8':
      return Int8Array.from(proto.int32Data);
    case 'uint16':
    case 'float16':
      return Uint16Array.from(proto.int32Data);
    default:
      return Uint8Array.from(proto.int32Data);
  }
}

/** The tensor that a Constant node makes. */
function constantOf(node: Node): TensorValue | undefined {
  for (const [name, { kind, value }] of node.attributes) {
    if (kind === 'tensor') return value;
    if (name === 'value_float' && kind === 'float') {
      return { type: 'float32', dims: [], data: Float32Array.of(value) };
    }
    if (name === 'value_floats' && kind === 'floats') {
      return { type: 'float32', dims: [value.length], data: Float32Array.from(value) };
    }
    if (name === 'value_int' && kind === 'int') return { ...int64s([value]), dims: [] };
    if (name === 'value_ints' && kind === 'ints') return int64s(value);
  }
  return undefined;
}

function readValueInfo(proto: ValueInfoProto): ValueInfo {
  const type = proto.type?.value;
  if (type?.case !== 'tensorType') throw new OnnxError(`${proto.name} is not a tensor; export the model again`);
  const element = typeOfCode(type.value.elemType);
  if (element === undefined) {
    throw new OnnxError(`${proto.name} has element type ${type.value.elemType}, which no image classifier needs`);
  }
  const shape = type.value.shape?.dim.map(({ value }): Dim => {
    if (value.case === 'dimValue' && value.value > 0n) return Number(value.value);
    if (value.case === 'dimParam' && value.value !== '') return value.value;
    return '?';
  });
  return { name: proto.name, type: element, shape };
}
