/** @file Reads a serialized ONNX model. */

import { fromBinary } from '@bufbuild/protobuf';
import { getTextEncoding } from '@bufbuild/protobuf/wire';
import { OnnxError, sound } from '../errors.ts';
import {
  type AttributeProto,
  type GraphProto,
  AttributeProto_AttributeType as Kind,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type ValueInfoProto,
} from '../proto/onnx_pb.ts';
import { type ExternalData, type ExternalFiles, externalFiles } from './external-data.ts';
import { inlineFunctions } from './functions.ts';
import { MOST_NODES } from './limits.ts';
import type { Attribute, Dim, Graph, Model, Node, ValueInfo } from './model.ts';
import { sortNodes } from './order.ts';
import { pruned, tensorBehind } from './outputs.ts';
import { BFLOAT16, readTensor } from './read-tensor.ts';
import { freeValues } from './subgraphs.ts';
import { int64s, type TensorValue, typeOfCode } from './tensor.ts';

/** The oldest opset whose operators we know how to bring up to date. */
const OLDEST_OPSET = 7;

/**
 * Reads a serialized model (ONNX's ModelProto) of opset 7 or newer.
 *
 * Constant nodes become initializers, calls of the model's own functions are inlined, nodes get unique names and are
 * sorted topologically. bfloat16 is converted to float32; float16 and float64 stay as they are (see {@link upgrade}).
 *
 * @param bytes the contents of a `.onnx` file; weights are views of them where their alignment allows it
 * @param options `externalData`: the files beside the model that hold weights
 * @throws {@link OnnxError} if the bytes are not a model, are damaged, or use sparse or sequence types
 * @throws {@link ExternalDataError} if weights are in a file that is not supplied
 */
export function readModel(bytes: Uint8Array, options: { readonly externalData?: ExternalData } = {}): Model {
  return sound(() => modelOf(bytes, options.externalData));
}

function modelOf(bytes: Uint8Array, externalData: ExternalData | undefined): Model {
  const proto = parse(bytes);
  if (proto.graph === undefined) {
    throw new OnnxError('This is not an ONNX model (there is no graph in it); export the network to .onnx');
  }
  const opset = proto.opsetImport.find(({ domain }) => isStandard(domain))?.version;
  if (opset === undefined) throw new OnnxError('The model names no opset of standard ONNX operators; export it again');
  if (opset < OLDEST_OPSET) {
    throw new OnnxError(`The model is of opset ${opset}; export it with opset ${OLDEST_OPSET} or newer`);
  }
  inlineFunctions(proto.graph, proto.functions, opset);
  const files = externalFiles(externalData);
  const metadata = new Map(proto.metadataProps.map(({ key, value }) => [key, value]));
  return {
    opset: Number(opset),
    producer: proto.producerName,
    ...(metadata.size === 0 ? {} : { metadata }),
    graph: readGraph(proto.graph, files),
  };
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new OnnxError('This is not an ONNX model, or the file is cut short; export or copy it again', { cause });
  }
}

/** Graphs within graphs, far more than any exporter nests. */
const DEEPEST = 100;

/** @param depth 0 for the whole model; a graph that belongs to a node may use values of the graph around it */
function readGraph(proto: GraphProto, files: ExternalFiles, depth = 0): Graph {
  const inside = depth > 0;
  if (depth > DEEPEST) {
    throw new OnnxError(
      `The model has graphs within graphs, more than ${DEEPEST} deep; export it without control flow`,
    );
  }
  if (proto.node.length > MOST_NODES) {
    throw new OnnxError(
      `The model has ${proto.node.length} nodes, more than the ${MOST_NODES} that can be handled; export it without unrolling its loops`,
    );
  }
  const initializers = new Map<string, TensorValue>();
  const constant = (name: string, value: TensorValue): void => {
    if (initializers.has(name)) throw new OnnxError(`Constant ${name} is there twice; export the model again`);
    initializers.set(name, value);
  };
  for (const item of proto.initializer) constant(item.name, readTensor(item, item.name, files));
  if (proto.sparseInitializer.length > 0) {
    throw new OnnxError('The model has sparse initializers; export it with dense weights');
  }
  const nodes: Node[] = [];
  /** Names of nodes, with the last number that was put behind each. */
  const taken = new Map<string, number>();
  proto.node.forEach((item, index) => {
    const node = readNode(item, uniqueName(item, index, taken), files, depth);
    const value = node.opType === 'Constant' ? constantOf(node) : undefined;
    if (value === undefined) nodes.push(node);
    else constant(node.outputs[0] ?? '', value);
  });
  // The inputs and outputs of a body need no type: they have that of what is passed.
  const info = (item: ValueInfoProto): ValueInfo =>
    inside && item.type === undefined ? { name: item.name, type: 'float32', shape: undefined } : readValueInfo(item);
  const inputs = proto.input.filter(({ name }) => !initializers.has(name)).map(info);
  // Sequences and maps are for programs that read class names from them; tensors beside them say the same.
  const tensors = proto.output.filter((item) => inside || isTensor(item));
  const substitutes = proto.output.flatMap((item) =>
    inside || isTensor(item) ? [] : (tensorBehind(item.name, nodes) ?? []),
  );
  const read = tensors.length > 0 || substitutes.length > 0 ? tensors : proto.output;
  const known = new Set(read.map(({ name }) => name));
  const outputs = [...read.map(info), ...substitutes.filter(({ name }) => !known.has(name))];
  for (const [kind, values] of Object.entries({ inputs, outputs })) {
    const seen = new Set<string>();
    const twice = values.find(({ name }) => seen.size === seen.add(name).size);
    if (twice !== undefined) throw new OnnxError(`The model has two ${kind} called ${twice.name}; export it again`);
  }
  if (outputs.length === 0) throw new OnnxError('The model has no output; export it again');
  const whole = { name: proto.name, inputs, outputs, nodes, initializers };
  const graph = outputs.length === proto.output.length && substitutes.length === 0 ? whole : pruned(whole);
  return { ...graph, nodes: sortNodes(graph, inside ? freeValues(graph) : []) };
}

function uniqueName(proto: NodeProto, index: number, taken: Map<string, number>): string {
  const wanted = proto.name || `${proto.opType}_${index}`;
  let name = wanted;
  let next = taken.get(wanted) ?? 1;
  while (taken.has(name)) name = `${wanted}_${++next}`;
  taken.set(wanted, next);
  taken.set(name, taken.get(name) ?? 1);
  return name;
}

function isStandard(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx';
}

function readNode(proto: NodeProto, name: string, files: ExternalFiles, depth: number): Node {
  // A name like `constructor` would be found in every table of rules.
  if (!/^[A-Z]\w*$/.test(proto.opType)) {
    throw new OnnxError(`Operator ${proto.opType} (node ${name}) is not standard ONNX; export the model again`);
  }
  const attributes = new Map(
    proto.attribute.map((item) => [item.name, readAttribute(item, name, proto.opType, files, depth)]),
  );
  const opType = isStandard(proto.domain) ? proto.opType : `${proto.domain}.${proto.opType}`;
  return { name, opType, inputs: proto.input, outputs: proto.output, attributes };
}

function text(bytes: Uint8Array): string {
  return getTextEncoding().decodeUtf8(bytes);
}

/** The operators that may hold graphs. */
const WITH_GRAPHS: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan']);

function readAttribute(
  proto: AttributeProto,
  node: string,
  opType: string,
  files: ExternalFiles,
  depth: number,
): Attribute {
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
      if (proto.t !== undefined) return { kind: 'tensor', value: readTensor(proto.t, `${node}.${proto.name}`, files) };
      break;
    case Kind.GRAPH:
      if (proto.g !== undefined && WITH_GRAPHS.has(opType))
        return { kind: 'graph', value: readGraph(proto.g, files, depth + 1) };
      break;
    default:
      break;
  }
  throw new OnnxError(
    `Attribute ${proto.name} of ${opType} (node ${node}) holds no number, text or tensor; export the model without control flow`,
  );
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

function isTensor(proto: ValueInfoProto): boolean {
  return proto.type?.value.case === 'tensorType';
}

function readValueInfo(proto: ValueInfoProto): ValueInfo {
  const type = proto.type?.value;
  if (type?.case !== 'tensorType') throw new OnnxError(`${proto.name} is not a tensor; export the model again`);
  const element = type.value.elemType === BFLOAT16 ? 'float32' : typeOfCode(type.value.elemType);
  if (element === undefined) {
    throw new OnnxError(`${proto.name} has element type ${type.value.elemType}, which no image classifier needs`);
  }
  const shape = type.value.shape?.dim.map(({ value }): Dim => {
    if (value.case === 'dimValue' && value.value > 0n) return Number(value.value);
    if (value.case === 'dimParam' && value.value !== '') return value.value;
    return '?';
  });
  const denotation = proto.type?.denotation ?? '';
  return { name: proto.name, type: element, shape, ...(denotation === '' ? {} : { denotation }) };
}
