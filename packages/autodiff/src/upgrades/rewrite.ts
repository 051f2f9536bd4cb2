/** @file Rewrites a model node by node: in the working opset, in float32, with constants folded. */

import { type Attributes, GraphBuilder, WORKING_OPSET } from '../builder/builder.ts';
import { ControlFlowError, OnnxError } from '../errors.ts';
import { MOST_NODES } from '../model/limits.ts';
import type { Graph, Model, Node, ValueInfo } from '../model/model.ts';
import { inlineBranch, type Naming, needsOf } from '../model/subgraphs.ts';
import type { TensorValue } from '../model/tensor.ts';
import { checkNode, type KnownInputs } from '../operators/check.ts';
import { checkOperators, NEWEST_OPSET } from '../operators/standard.ts';
import { knownInputs } from '../shapes/infer.ts';
import type { ShapeRules, ValueType } from '../shapes/types.ts';
import { GRID_UPGRADES } from './affine-grid.ts';
import { ATTRIBUTE_UPGRADES } from './attributes.ts';
import { Folder } from './constant-folding.ts';
import { CROPPING_UPGRADES } from './cropping.ts';
import { FUSED_UPGRADES } from './fused.ts';
import { DIVISION_UPGRADES } from './integer-division.ts';
import { RUNTIME_UPGRADES } from './onnxruntime.ts';
import { RECURRENT_UPGRADES } from './recurrent.ts';
import { MEANING_UPGRADES } from './semantics.ts';
import type { UpgradeContext, UpgradeRule } from './types.ts';
import { isLoop, unroll } from './unroll.ts';
import { widened, widenedNode, widenedType } from './widen.ts';

const UPGRADES: Readonly<Record<string, UpgradeRule>> = {
  ...ATTRIBUTE_UPGRADES,
  ...CROPPING_UPGRADES,
  ...DIVISION_UPGRADES,
  ...FUSED_UPGRADES,
  ...GRID_UPGRADES,
  ...MEANING_UPGRADES,
  ...RECURRENT_UPGRADES,
  ...RUNTIME_UPGRADES,
};

/** A further rewriting of each node, between its upgrade and its folding. */
export interface Step {
  /** The node to add instead. */
  rewrite(node: Node): Node;
  /** Called once that node, or the constant it was folded to, is in the graph. */
  placed(node: Node): void;
}

/**
 * Rewrites a model.
 *
 * @param inputs of the new model, with the names of the old one's
 * @param options `stepOf` makes the further rewriting, from the builder of the new graph; `shapes`: shape rules of foreign
 * operators
 * @returns the model itself if nothing changes
 * @throws OnnxError if a node cannot be expressed in the newer opset
 */
export function rewrite(
  model: Model,
  inputs: readonly ValueInfo[],
  { stepOf, shapes = {} }: { readonly stepOf?: (b: GraphBuilder) => Step; readonly shapes?: ShapeRules },
): Model {
  const { graph, opset } = model;
  if (opset > NEWEST_OPSET) {
    throw new OnnxError(`The model is of opset ${opset}; export it with opset ${NEWEST_OPSET} or older`);
  }
  checkOperators(model, (opType) => Object.hasOwn(shapes, opType));
  const b = new GraphBuilder(graph.name, opset, { shapes });
  b.reserve(model);
  let changed = opset < WORKING_OPSET || stepOf !== undefined;
  for (const { name, type, shape } of inputs) {
    b.input(name, widenedType(type), shape ?? []);
    changed ||= widenedType(type) !== type;
  }
  const addConstants = (initializers: Graph['initializers']): void => {
    for (const [name, value] of initializers) {
      const wide = widened(value);
      changed ||= wide !== value;
      b.initializer(name, wide);
    }
  };
  addConstants(graph.initializers);

  const outputs = graph.outputs.map(({ name }) => name);
  const used = new Set([...outputs, ...graph.nodes.flatMap(needsOf)]);
  const folder = new Folder(b, outputs);
  const step = stepOf?.(b);
  const place = (node: Node): void => {
    const stepped = step?.rewrite(folder.resolved(node)) ?? node;
    folder.add(stepped);
    step?.placed(stepped);
  };
  const context: UpgradeContext = {
    b,
    opset,
    op: (opType, operands, attributes) => context.ops(opType, operands, 1, attributes)[0]!,
    ops(opType: string, operands: readonly string[], outputCount: number, attributes: Attributes = {}) {
      const node = b.node(opType, operands, outputCount, attributes);
      place(node);
      return node.outputs;
    },
    place,
    isUsed: (value) => used.has(value),
  };
  const check = (inside: Graph): void => {
    checkOperators({ ...model, graph: inside }, (opType) => Object.hasOwn(shapes, opType));
  };
  const addInlined = (nodes: readonly Node[]): void => {
    for (const inner of nodes) for (const value of needsOf(inner)) used.add(value);
    nodes.forEach(add);
    changed = true;
  };
  /** The constants of graphs inside nodes, which are added once, however often such a graph is. */
  const shared = new Map<TensorValue, string>();
  const naming: Naming = {
    fresh: (stem) => b.unique(stem),
    constant(stem, value) {
      const name = shared.get(value) ?? b.unique(stem);
      if (!shared.has(value)) addConstants(new Map([[name, value]]));
      shared.set(value, name);
      return name;
    },
  };
  const typeOf = (value: string): ValueType | undefined => (b.isDescribed(value) ? b.typeOf(value) : undefined);
  const inputsOf = (node: Node): KnownInputs =>
    knownInputs(
      node,
      typeOf,
      (value) => b.valueOf(value),
      (value) => b.entriesOf(value),
    );
  let count = 0;
  let unrolled = 0;
  const add = (written: Node): void => {
    if (++count > MOST_NODES) throw new OnnxError('The model has too many branches within branches; export it again');
    const node = widenedNode(folder.resolved(written));
    checkNode(node, inputsOf(node));
    if (node.opType === 'If') {
      const branch = branchOf(node, b);
      check(branch);
      addInlined(inlineBranch(node, branch, naming));
      return;
    }
    if (isLoop(node)) {
      changed = true;
      unroll(node, {
        ...context,
        naming,
        source: (value) => folder.source(value),
        check,
        add(nodes) {
          addInlined(nodes);
          unrolled += nodes.length;
          return unrolled;
        },
        use: (value) => used.add(value),
      });
      return;
    }
    const rule = Object.hasOwn(UPGRADES, node.opType) ? UPGRADES[node.opType] : undefined;
    if (rule !== undefined && (node.inputs[0] ?? '') === '') {
      throw new OnnxError(`${node.opType} (node ${node.name}) lacks input 1; export the model again`);
    }
    const upgraded = rule === undefined ? node : rule(node, context);
    changed ||= upgraded !== written;
    place(upgraded);
  };
  graph.nodes.forEach(add);
  for (const { name, type, shape } of graph.outputs) {
    // Behind an operator without a shape rule, take the shape that the model declares.
    if (b.has(name) && !b.isDescribed(name) && shape !== undefined)
      b.describe(name, { type: widenedType(type), shape });
    b.output(name);
  }
  return changed || folder.changed ? { ...model, ...b.build(), producer: model.producer } : model;
}

/** The branch of an If that is taken. @throws OnnxError if that depends on the input */
function branchOf(node: Node, b: GraphBuilder): Graph {
  const condition = b.entriesOf(node.inputs[0] ?? '')?.data[0];
  if (typeof condition !== 'number') {
    throw new ControlFlowError({ opType: 'If', node: node.name, why: 'chooses by a value that is computed' });
  }
  const branch = node.attributes.get(condition === 0 ? 'else_branch' : 'then_branch');
  if (branch?.kind !== 'graph') throw new OnnxError(`If (node ${node.name}) lacks a branch; export the model again`);
  return branch.value;
}
