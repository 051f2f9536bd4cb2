/** @file Unrolls Loop and Scan whose number of iterations is known: the body is written once for each iteration. */

import { ControlFlowError } from '../errors.ts';
import { normalAxis } from '../model/dims.ts';
import type { Graph, Node } from '../model/model.ts';
import { inlineBody, type Naming } from '../model/subgraphs.ts';
import { intAttribute, intsAttribute } from '../operators/attributes.ts';
import { MOST_UNROLLED } from '../operators/unrolling.ts';
import { refuse, type UpgradeContext } from './types.ts';

/** What unrolling needs of the graph that is rewritten. */
export interface UnrollContext extends UpgradeContext {
  readonly naming: Naming;
  /** The constant that a value is a copy of, or else the value itself. */
  source(value: string): string;
  /** Refuses a body that has operators which cannot be handled. */
  check(body: Graph): void;
  /** Adds the nodes of a body. Returns how many nodes all loops of the graph have become so far. */
  add(nodes: readonly Node[]): number;
  /** Notes that a value is used. */
  use(value: string): void;
}

export function isLoop({ opType }: Node): boolean {
  return opType === 'Loop' || opType === 'Scan';
}

/**
 * Adds the nodes that take the place of a Loop or a Scan.
 *
 * @throws OnnxError if the number of iterations is not known, or the result would be too large
 */
export function unroll(node: Node, context: UnrollContext): void {
  const body = node.attributes.get('body');
  if (body?.kind !== 'graph') refuse(node, 'lacks a body; export the model again');
  context.check(body.value);
  const { finals, stacks } = (node.opType === 'Loop' ? unrollLoop : unrollScan)(node, body.value, context);
  const { b, op, place, isUsed } = context;
  finals.forEach((value, index) => {
    const output = node.outputs[index] ?? '';
    if (output !== '') place(b.node('Identity', [value], [output]));
  });
  for (const [index, { values, axis }] of stacks.entries()) {
    const output = node.outputs[finals.length + index] ?? '';
    if (output === '' || !isUsed(output)) continue;
    const [first] = values;
    if (first === undefined)
      refuse(node, `iterates never, but its output ${output} is used; export the model without it`);
    // The axis counts those of the result, which has one more than each of the values.
    const at = normalAxis(axis, b.shape(first).length + 1);
    const slices = values.map((value) => op('Unsqueeze', [value, b.ints([at])]));
    place(b.node('Concat', slices, [output], { axis: at }));
  }
}

/** What a loop leaves behind. */
interface Outcome {
  /** The values that are carried from iteration to iteration, at the end. */
  readonly finals: readonly string[];
  /** Values of all iterations that form one tensor, along a new axis. */
  readonly stacks: readonly { readonly values: readonly string[]; readonly axis: number }[];
}

/** Adds the body once. Returns the values of its outputs. */
function iterate(node: Node, body: Graph, inputs: readonly string[], context: UnrollContext): readonly string[] {
  const { nodes, outputs } = inlineBody(body, inputs, context.naming);
  if (outputs.includes('')) refuse(node, 'has a body with an output that is not named; export the model again');
  for (const output of outputs) context.use(output);
  if (context.add(nodes) > MOST_UNROLLED) tooLarge(node);
  return outputs.map((output) => context.source(output));
}

/** @throws OnnxError if so many iterations would be too large */
function checkSize(node: Node, body: Graph, iterations: number): void {
  if (iterations * Math.max(1, body.nodes.length) > MOST_UNROLLED) tooLarge(node);
}

function tooLarge(node: Node): never {
  return refuse(
    node,
    `would become more than ${MOST_UNROLLED} operators when it is unrolled; export the model with fewer iterations`,
  );
}

const constantScalar = ({ b }: UnrollContext, type: 'int64' | 'bool', value: number): string =>
  b.constant(
    type === 'int64'
      ? { type, dims: [], data: BigInt64Array.of(BigInt(value)) }
      : { type, dims: [], data: Uint8Array.of(value) },
  );

/** Iterates until the trip count is reached or the condition is false. */
function unrollLoop(node: Node, body: Graph, context: UnrollContext): Outcome {
  const [trips = '', condition = '', ...carried] = node.inputs;
  const known = (value: string, otherwise: number, what: string): number => {
    if (value === '') return otherwise;
    const entry = context.b.entriesOf(value)?.data[0];
    if (typeof entry === 'number') return entry;
    throw new ControlFlowError({ opType: node.opType, node: node.name, why: `iterates ${what} that is computed` });
  };
  const most = known(trips, Number.POSITIVE_INFINITY, 'by a number');
  let goesOn = known(condition, 1, 'while a condition holds') !== 0;
  let current: readonly string[] = carried;
  const stacked = body.outputs.slice(1 + carried.length).map((): string[] => []);
  if (body.inputs.length !== 2 + carried.length || body.outputs.length < 1 + carried.length) {
    refuse(node, `passes ${carried.length} values to a body of ${body.inputs.length} inputs; export the model again`);
  }
  if (Number.isFinite(most) && goesOn) checkSize(node, body, most);
  for (let index = 0; index < most && goesOn; index++) {
    checkSize(node, body, index);
    const inputs = [constantScalar(context, 'int64', index), constantScalar(context, 'bool', 1), ...current];
    const [next = '', ...outputs] = iterate(node, body, inputs, context);
    current = outputs.slice(0, carried.length);
    for (const [at, value] of outputs.slice(carried.length).entries()) stacked[at]!.push(value);
    goesOn = known(next, 1, 'while a condition holds') !== 0;
  }
  return { finals: current, stacks: stacked.map((values) => ({ values, axis: 0 })) };
}

/** Iterates over slices of its inputs. */
function unrollScan(node: Node, body: Graph, context: UnrollContext): Outcome {
  const { b, op, ops, opset } = context;
  if (opset < 9) return refuse(node, 'is of opset 8; export the model with opset 9 or newer');
  const count = intAttribute(node, 'num_scan_inputs', 0);
  const carriedCount = node.inputs.length - count;
  const scanned = node.inputs.slice(carriedCount);
  if (
    count < 1 ||
    carriedCount < 0 ||
    body.inputs.length !== node.inputs.length ||
    body.outputs.length < carriedCount
  ) {
    return refuse(
      node,
      `passes ${node.inputs.length} values to a body of ${body.inputs.length} inputs; export the model again`,
    );
  }
  const axes = scanned.map((value, index) => {
    const axis = intsAttribute(node, 'scan_input_axes')?.[index] ?? 0;
    if (!b.isDescribed(value))
      return refuse(node, `goes over ${value}, whose shape is not known; export the model again`);
    return normalAxis(axis, b.shape(value).length);
  });
  const lengths = scanned.map((value, index) => b.shape(value)[axes[index]!]);
  const [length] = lengths;
  if (typeof length !== 'number') {
    throw new ControlFlowError({ opType: node.opType, node: node.name, why: 'goes over an axis of open length' });
  }
  if (lengths.some((other) => other !== length)) {
    return refuse(node, `goes over axes of lengths ${lengths.join(', ')}, which differ; export the model again`);
  }
  checkSize(node, body, length);
  const slices = scanned.map((value, index) => {
    const axis = axes[index]!;
    if (length === 0) return [];
    const ones = b.ints(new Array<number>(length).fill(1));
    const parts = length === 1 ? [value] : ops('Split', [value, ones], length, { axis });
    const rows = parts.map((part) => op('Squeeze', [part, b.ints([axis])]));
    return intsAttribute(node, 'scan_input_directions')?.[index] === 1 ? rows.toReversed() : rows;
  });
  let current: readonly string[] = node.inputs.slice(0, carriedCount);
  const stacked = body.outputs.slice(carriedCount).map((): string[] => []);
  for (let index = 0; index < length; index++) {
    const outputs = iterate(node, body, [...current, ...slices.map((rows) => rows[index]!)], context);
    current = outputs.slice(0, carriedCount);
    for (const [at, value] of outputs.slice(carriedCount).entries()) stacked[at]!.push(value);
  }
  const stacks = stacked.map((values, at) => ({
    values: intsAttribute(node, 'scan_output_directions')?.[at] === 1 ? values.toReversed() : values,
    axis: intsAttribute(node, 'scan_output_axes')?.[at] ?? 0,
  }));
  return { finals: current, stacks };
}
