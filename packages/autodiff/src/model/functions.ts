/** @file Inlines functions that a model defines (ONNX's FunctionProto). */

import { clone } from '@bufbuild/protobuf';
import { OnnxError } from '../errors.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
} from '../proto/onnx_pb.ts';
import { MOST_NODES } from './limits.ts';

/** Functions within functions, far more than any exporter writes. */
const DEEPEST = 200;

/** Maps the names of values inside a function to those around it. */
type Rename = (name: string) => string;

/**
 * Replaces calls by the nodes of the functions, also inside functions and branches.
 *
 * @param opset of the model; functions must have the same
 * @throws OnnxError if a function calls itself, has another opset, or the graph grows too large
 */
export function inlineFunctions(graph: GraphProto, functions: readonly FunctionProto[], opset: bigint): void {
  if (functions.length === 0) return;
  const byName = new Map(functions.map((item) => [keyOf(item.domain, item.name, item.overload), item]));
  let calls = 0;
  let nodes = 0;

  const expand = (node: NodeProto, open: readonly FunctionProto[]): NodeProto[] => {
    const called = byName.get(keyOf(node.domain, node.opType, node.overload));
    if (++nodes > MOST_NODES) throw new OnnxError('The functions of the model grow too large; export it again');
    if (called === undefined) {
      for (const { g } of node.attribute) if (g !== undefined) expandGraph(g, open);
      return [node];
    }
    if (open.length >= DEEPEST) {
      throw new OnnxError(
        `The model has functions within functions, more than ${DEEPEST} deep; export it without them`,
      );
    }
    if (open.includes(called)) {
      throw new OnnxError(`Function ${called.name} of the model calls itself; export the model again`);
    }
    const theirs = called.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? opset;
    if (theirs !== opset) {
      throw new OnnxError(
        `Function ${called.name} of the model is of opset ${theirs}, the model of ${opset}; export it with one opset for all`,
      );
    }
    const prefix = `${node.name || node.opType}__${calls++}__`;
    const names = new Map<string, string>([['', '']]);
    called.input.forEach((name, index) => {
      names.set(name, node.input[index] ?? '');
    });
    called.output.forEach((name, index) => {
      const wanted = node.output[index] ?? '';
      if (wanted !== '') names.set(name, wanted);
    });
    const rename: Rename = (name) => names.get(name) ?? prefix + name;
    const attributes = new Map([...called.attributeProto, ...node.attribute].map((item) => [item.name, item]));
    return called.node.flatMap((inner) => expand(renamed(inner, rename, attributes, prefix), [...open, called]));
  };
  const expandGraph = (inner: GraphProto, open: readonly FunctionProto[]): void => {
    inner.node = inner.node.flatMap((node) => expand(node, open));
  };
  expandGraph(graph, []);
}

function keyOf(domain: string, name: string, overload: string): string {
  return [domain === 'ai.onnx' ? '' : domain, name, overload].join('\n');
}

function renamed(
  node: NodeProto,
  rename: Rename,
  attributes: ReadonlyMap<string, AttributeProto>,
  prefix: string,
): NodeProto {
  const copy = clone(NodeProtoSchema, node);
  copy.name = prefix + node.name;
  copy.input = node.input.map(rename);
  copy.output = node.output.map(rename);
  copy.attribute = copy.attribute.flatMap((item) => {
    if (item.refAttrName === '') {
      if (item.g !== undefined) renameGraph(item.g, rename, attributes, prefix);
      return [item];
    }
    const given = attributes.get(item.refAttrName);
    // An attribute that the caller leaves out has the operator's default.
    if (given === undefined) return [];
    const passed = clone(AttributeProtoSchema, given);
    passed.name = item.name;
    return [passed];
  });
  return copy;
}

function renameGraph(
  graph: GraphProto,
  rename: Rename,
  attributes: ReadonlyMap<string, AttributeProto>,
  prefix: string,
): void {
  for (const item of [...graph.input, ...graph.output, ...graph.initializer]) item.name = rename(item.name);
  graph.node = graph.node.map((node) => renamed(node, rename, attributes, prefix));
}
