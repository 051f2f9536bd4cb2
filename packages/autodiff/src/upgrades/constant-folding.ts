/** @file Constant folding: nodes whose outputs are known ahead of time become constants. */

import type { GraphBuilder } from '../builder/builder.ts';
import { wholePads } from '../builder/pads.ts';
import { regionAlong } from '../builder/region.ts';
import { evaluate } from '../folding/evaluate.ts';
import { isSameLength } from '../model/dims.ts';
import { type Entries, entriesOf, isKnown, MOST_ENTRIES, tensorOfEntries } from '../model/entries.ts';
import type { Attribute, Dim, Node } from '../model/model.ts';
import { int64s } from '../model/tensor.ts';
import { intAttribute, stringAttribute } from '../operators/attributes.ts';
import { OPERATORS } from '../operators/table.ts';

/**
 * Most elements of all constants that folding makes, far more than the tables of indices and the masks of any network have;
 * beyond it, nodes are left to the runtime.
 */
const MOST_FOLDED = 2 ** 22;

/**
 * Adds nodes to a graph, folding those whose outputs are known.
 *
 * Integers and booleans are folded wherever they are known: shapes, axes, sizes, tables of indices. Open lengths are
 * tracked by name, so that a target shape such as (length of the batch, -1) becomes the constant (0, -1). Floats are
 * folded only where they derive from shapes: what is computed from weights stays, so that the gradient with respect to
 * any weight can be taken.
 */
export class Folder {
  /** Whether any node was added differently from how it came. */
  changed = false;
  readonly #b: GraphBuilder;
  readonly #outputs: ReadonlySet<string>;
  /** The constant that each copy (an Identity of a constant) stands for. */
  readonly #copies = new Map<string, string>();
  readonly #calculated = new Set<string>();
  /** Elements that may still be folded. */
  #left = MOST_FOLDED;

  /** @param outputs names of the graph's outputs, which are not folded */
  constructor(b: GraphBuilder, outputs: readonly string[]) {
    this.#b = b;
    this.#outputs = new Set(outputs);
  }

  /** The node, using constants instead of copies of them. */
  resolved(node: Node): Node {
    if (!node.inputs.some((input) => this.#copies.has(input))) return node;
    return { ...node, inputs: node.inputs.map((input) => this.source(input)) };
  }

  /** The constant that a value is a copy of, or else the value itself. */
  source(value: string): string {
    return this.#copies.get(value) ?? value;
  }

  add(written: Node): void {
    const node = this.resolved(written);
    const stays = node.outputs.some((output) => this.#outputs.has(output));
    if (!stays && node.opType === 'Identity' && this.#b.valueOf(node.inputs[0] ?? '') !== undefined) {
      this.#copies.set(node.outputs[0] ?? '', node.inputs[0]!);
      this.changed = true;
      return;
    }
    if (!stays && this.#fold(node)) {
      this.changed = true;
      return;
    }
    const settled = settle(this.#b, node);
    if (settled !== written) this.changed = true;
    this.#b.add(settled);
  }

  #fold(node: Node): boolean {
    const results = evaluate(
      node,
      (value) => this.#entriesOf(value),
      (value) => (this.#b.isDescribed(value) ? this.#b.shape(value) : undefined),
      this.#left,
    );
    if (results === undefined) return false;
    if (results.some(({ type }) => type.startsWith('float')) && !this.#isOfShapes(node)) return false;
    const tensors = results.map(tensorOfEntries);
    if (tensors.some((tensor) => tensor === undefined) || tensors.length < node.outputs.length) return false;
    for (const tensor of tensors) this.#left -= tensor?.data.length ?? 0;
    node.outputs.forEach((output, index) => {
      if (output === '') return;
      this.#b.initializer(output, tensors[index]!);
      this.#calculated.add(output);
    });
    return true;
  }

  /** Whether float results derive from integers (and scalar constants) only. */
  #isOfShapes(node: Node): boolean {
    const inputs = node.inputs.filter((input) => input !== '');
    const isWhole = (input: string): boolean => !this.#b.isReal(input) || this.#calculated.has(input);
    return inputs.some(isWhole) && inputs.every((input) => isWhole(input) || this.#b.shape(input).length === 0);
  }

  #entriesOf(value: string): Entries | undefined {
    const small = this.#b.entriesOf(value);
    if (small !== undefined) return small;
    const constant = this.#b.valueOf(value);
    const isTable = constant !== undefined && !constant.type.startsWith('float');
    return isTable && constant.data.length <= MOST_ENTRIES ? entriesOf(constant) : undefined;
  }
}

/** The node with all of its inputs that are known as constants. */
function settle(b: GraphBuilder, node: Node): Node {
  const { opType, inputs } = node;
  if (opType === 'Reshape' || opType === 'Expand') return settleTarget(b, node);
  if (opType === 'Resize') return settleSizes(b, withSettings(b, node));
  if (opType === 'Pad') return settlePads(b, withSettings(b, node));
  return inputs.length > 1 ? withSettings(b, node) : node;
}

function withSettings(b: GraphBuilder, node: Node): Node {
  const places = OPERATORS.get(node.opType)?.settings ?? [];
  const inputs = [...node.inputs];
  let changed = false;
  for (const place of places) {
    const input = inputs[place] ?? '';
    if (input === '' || b.valueOf(input) !== undefined) continue;
    const known = b.entriesOf(input);
    const tensor = known === undefined ? undefined : tensorOfEntries(known);
    if (tensor === undefined) continue;
    inputs[place] = b.constant(tensor);
    changed = true;
  }
  return changed ? { ...node, inputs } : node;
}

/**
 * A target shape with open lengths: one that the input has at the same axis is copied (0), one unknown is the rest
 * (-1).
 */
function settleTarget(b: GraphBuilder, node: Node): Node {
  const [x = '', target = ''] = node.inputs;
  const entries = b.valueOf(target) === undefined ? b.entriesOf(target) : undefined;
  if (entries?.type !== 'int64' || !b.isDescribed(x)) return node;
  const shape = b.shape(x);
  const written =
    node.opType === 'Reshape' ? reshapeTarget(node, entries.data, shape) : expandTarget(entries.data, shape);
  return written === undefined ? node : { ...node, inputs: [x, b.constant(int64s(written))] };
}

function reshapeTarget(node: Node, target: readonly Dim[], shape: readonly Dim[]): readonly number[] | undefined {
  if (intAttribute(node, 'allowzero', 0) !== 0) return undefined;
  const written = target.map((dim, axis) =>
    typeof dim === 'number' ? dim : dim !== '?' && shape[axis] === dim ? 0 : undefined,
  );
  const unknown = written.filter((dim) => dim === undefined).length;
  if (unknown > 1 || (unknown === 1 && written.includes(-1))) return undefined;
  return written.map((dim) => dim ?? -1);
}

/** An axis that has the target's open length already needs no expansion: 1 leaves it as it is. */
function expandTarget(target: readonly Dim[], shape: readonly Dim[]): readonly number[] | undefined {
  const extra = target.length - shape.length;
  const written = target.map((dim, axis) =>
    typeof dim === 'number' ? dim : dim !== '?' && shape[axis - extra] === dim ? 1 : undefined,
  );
  return written.every((dim) => dim !== undefined) ? written : undefined;
}

/**
 * Sizes with open lengths: axes that keep their length are left out, with their part of the region. They stay where they
 * matter: where the region cuts them, or one scale is chosen for all axes.
 */
function settleSizes(b: GraphBuilder, node: Node): Node {
  const sizes = node.inputs[3] ?? '';
  const entries = sizes === '' || b.valueOf(sizes) !== undefined ? undefined : b.entriesOf(sizes);
  const [x = ''] = node.inputs;
  if (entries?.type !== 'int64' || node.attributes.has('axes') || !b.isDescribed(x)) return node;
  if (stringAttribute(node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch') return node;
  const shape = b.shape(x);
  const axes = entries.data.flatMap((dim, axis) => (isSameLength(dim, shape[axis]) ? [] : [axis]));
  const written = axes.map((axis) => entries.data[axis]!);
  const region = regionAlong(b, node, axes, shape.length);
  if (!written.every((dim) => typeof dim === 'number') || written.length === 0 || region === undefined) return node;
  const attributes = new Map<string, Attribute>([...node.attributes, ['axes', { kind: 'ints', value: axes }]]);
  return { ...node, inputs: [x, region, '', b.ints(written)], attributes };
}

/** Pads for all axes instead of some; see `builder/pads.ts`. */
function settlePads(b: GraphBuilder, node: Node): Node {
  const [x = '', pads = '', fill = '', axes = ''] = node.inputs;
  const [widths, places] = [pads, axes].map((input) => (input === '' ? undefined : b.entriesOf(input)?.data));
  if (widths === undefined || places === undefined || !b.isDescribed(x)) return node;
  if (!isKnown(widths) || !isKnown(places) || widths.length !== 2 * places.length) return node;
  const whole = wholePads(widths, places, b.shape(x).length);
  return { ...node, inputs: [x, b.ints(whole), ...(fill === '' ? [] : [fill])] };
}
