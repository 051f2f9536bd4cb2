/** @file Serializes a model as `.onnx`. */

import { create, toBinary } from '@bufbuild/protobuf';
import { getTextEncoding } from '@bufbuild/protobuf/wire';
import { OnnxError } from '../errors.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../proto/onnx_pb.ts';
import type { Attribute, Graph, Model, ValueInfo } from './model.ts';
import { bytesOfTensor, type TensorValue, typeCode } from './tensor.ts';

/** The IR version that came with opset 18; every current runtime reads it. */
const IR_VERSION = 8n;

/** The domain of composite operators, which stand in graphs only until a lowering replaces them. */
const COMPOSITE_DOMAIN = 'pareidolia';

/**
 * Serializes a model (ONNX's ModelProto, IR version 8).
 *
 * @param model without composite operators (see {@link lower})
 * @returns the contents of a `.onnx` file, weights included; it can be run from memory or written to disk
 * @throws {@link OnnxError} if a gradient in it has not been lowered
 */
export function writeModel(model: Model): Uint8Array {
  const { graph } = model;
  const composite = graph.nodes.find(({ opType }) => splitType(opType).domain === COMPOSITE_DOMAIN);
  if (composite !== undefined) {
    throw new OnnxError(
      `The graph has the composite operator ${composite.opType} (node ${composite.name}), which no runtime knows; call lower for the target first`,
    );
  }
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      opsetImport: [
        { domain: '', version: BigInt(model.opset) },
        ...foreignDomains(graph).map((domain) => ({ domain, version: 1n })),
      ],
      producerName: model.producer,
      metadataProps: [...(model.metadata ?? [])].map(([key, value]) => ({ key, value })),
      graph: graphProto(graph),
    }),
  );
}

/** The domains of operators that are not standard. */
function foreignDomains(graph: Graph): string[] {
  return [...new Set(graph.nodes.map(({ opType }) => splitType(opType).domain))].filter((domain) => domain !== '');
}

/** `com.microsoft.FusedConv` is FusedConv of com.microsoft. */
function splitType(opType: string): { readonly domain: string; readonly name: string } {
  const at = opType.lastIndexOf('.');
  return { domain: opType.slice(0, Math.max(0, at)), name: opType.slice(at + 1) };
}

function graphProto(graph: Graph): GraphProto {
  return create(GraphProtoSchema, {
    name: graph.name || 'graph',
    input: graph.inputs.map(valueInfo),
    output: graph.outputs.map(valueInfo),
    initializer: [...graph.initializers].map(([name, value]) => tensorProto(name, value)),
    node: graph.nodes.map(({ name, opType, inputs, outputs, attributes }) =>
      create(NodeProtoSchema, {
        name,
        opType: splitType(opType).name,
        domain: splitType(opType).domain,
        input: [...inputs],
        output: [...outputs],
        attribute: [...attributes].map(([key, value]) => attributeProto(key, value)),
      }),
    ),
  });
}

function valueInfo({ name, type, shape, denotation }: ValueInfo): ValueInfoProto {
  const dim = shape?.map((length) => ({
    value:
      typeof length === 'number'
        ? ({ case: 'dimValue', value: BigInt(length) } as const)
        : length === '?'
          ? ({ case: undefined } as const)
          : ({ case: 'dimParam', value: length } as const),
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      ...(denotation === undefined ? {} : { denotation }),
      value: {
        case: 'tensorType',
        value: { elemType: typeCode(type), ...(dim === undefined ? {} : { shape: { dim } }) },
      },
    },
  });
}

function tensorProto(name: string, value: TensorValue): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: typeCode(value.type),
    dims: value.dims.map(BigInt),
    rawData: bytesOfTensor(value),
  });
}

function attributeProto(name: string, attribute: Attribute): AttributeProto {
  const bytes = (text: string): Uint8Array => getTextEncoding().encodeUtf8(text);
  switch (attribute.kind) {
    case 'float':
      return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: attribute.value });
    case 'int':
      return create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(attribute.value) });
    case 'string':
      return create(AttributeProtoSchema, { name, type: Kind.STRING, s: bytes(attribute.value) });
    case 'floats':
      return create(AttributeProtoSchema, { name, type: Kind.FLOATS, floats: [...attribute.value] });
    case 'ints':
      return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: attribute.value.map(BigInt) });
    case 'strings':
      return create(AttributeProtoSchema, { name, type: Kind.STRINGS, strings: attribute.value.map(bytes) });
    case 'graph':
      return create(AttributeProtoSchema, { name, type: Kind.GRAPH, g: graphProto(attribute.value) });
    case 'tensor':
      return create(AttributeProtoSchema, { name, type: Kind.TENSOR, t: tensorProto('', attribute.value) });
  }
}
