/** @file Constant folding: what is known before anything runs is written into the graph. */

import type { GraphBuilder } from '../builder/builder.ts';
import { wholePads } from '../builder/pads.ts';
import { evaluate } from '../folding/evaluate.ts';
import { type Entries, entriesOf, isKnown, MOST_ENTRIES, tensorOfEntries } from '../model/entries.ts';
import type { Attribute, Dim, Node } from '../model/model.ts';
import { int64s } from '../model/tensor.ts';
import { intAttribute } from '../operators/attributes.ts';

/** Real-valued inputs that shapes and gradients depend on, so that a known value has to stand there as a constant. */
const SETTINGS: Readonly<Record<string, readonly number[]>> = {
  Clip: [1, 2],
  Pad: [2],
  Pow: [1],
  Resize: [1, 2],
};

/**
 * Adds nodes to a graph, those that can be calculated as constants.
 *
 * Whole numbers and truth values are folded wherever they are known: shapes, axes, sizes, tables of places; open lengths are
 * followed by name, so that a target shape such as (length of the batch, -1) becomes the constant (0, -1). Real numbers
 * are folded where they come out of shapes. What is calculated from weights stays, so that gradients with respect to each
 * weight can be asked for.
 */
export class Folder {
  /** Whether anything was written otherwise than it came. */
  changed = false;
  readonly #b: GraphBuilder;
  readonly #outputs: ReadonlySet<string>;
  /** Copies of constants, by their names. */
  readonly #copies = new Map<string, string>();
  readonly #calculated = new Set<string>();

  /** @param outputs of the graph: these stay computed */
  constructor(b: GraphBuilder, outputs: readonly string[]) {
    this.#b = b;
    this.#outputs = new Set(outputs);
  }

  /** The node with copies of constants replaced by the constants themselves. */
  resolved(node: Node): Node {
    if (!node.inputs.some((input) => this.#copies.has(input))) return node;
    return { ...node, inputs: node.inputs.map((input) => this.#copies.get(input) ?? input) };
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
    );
    if (results === undefined) return false;
    if (results.some(({ type }) => type.startsWith('float')) && !this.#isOfShapes(node)) return false;
    const tensors = results.map(tensorOfEntries);
    if (tensors.some((tensor) => tensor === undefined) || tensors.length < node.outputs.length) return false;
    node.outputs.forEach((output, index) => {
      if (output === '') return;
      this.#b.initializer(output, tensors[index]!);
      this.#calculated.add(output);
    });
    return true;
  }

  /** Whether results that are real numbers come out of whole ones, at most together with written numbers. */
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

/** The node with everything in it written out that is known. */
function settle(b: GraphBuilder, node: Node): Node {
  const { opType, inputs } = node;
  if (opType === 'Reshape' || opType === 'Expand') return settleTarget(b, node);
  if (opType === 'Resize') return settleSizes(b, withSettings(b, node));
  if (opType === 'Pad') return settlePads(b, withSettings(b, node));
  return inputs.length > 1 ? withSettings(b, node) : node;
}

function withSettings(b: GraphBuilder, node: Node): Node {
  const places = Object.hasOwn(SETTINGS, node.opType) ? SETTINGS[node.opType]! : [];
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

/** A target shape that is known but for open lengths: an open length may be "as in the input", one unknown is the rest. */
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

/** An axis that is that long already is not stretched. */
function expandTarget(target: readonly Dim[], shape: readonly Dim[]): readonly number[] | undefined {
  const extra = target.length - shape.length;
  const written = target.map((dim, axis) =>
    typeof dim === 'number' ? dim : dim !== '?' && shape[axis - extra] === dim ? 1 : undefined,
  );
  return written.every((dim) => dim !== undefined) ? written : undefined;
}

/** Sizes of which some are open: the axes that keep their length need none. */
function settleSizes(b: GraphBuilder, node: Node): Node {
  const sizes = node.inputs[3] ?? '';
  const entries = sizes === '' || b.valueOf(sizes) !== undefined ? undefined : b.entriesOf(sizes);
  const [x = ''] = node.inputs;
  if (entries?.type !== 'int64' || node.attributes.has('axes') || !b.isDescribed(x)) return node;
  const shape = b.shape(x);
  const axes = entries.data.flatMap((dim, axis) => (dim === '?' || dim !== shape[axis] ? [axis] : []));
  const written = axes.map((axis) => entries.data[axis]!);
  if (!written.every((dim) => typeof dim === 'number') || written.length === 0) return node;
  const attributes = new Map<string, Attribute>([...node.attributes, ['axes', { kind: 'ints', value: axes }]]);
  return { ...node, inputs: [x, node.inputs[1] ?? '', '', b.ints(written)], attributes };
}

/** Pads of all axes instead of some; see `pads.ts`. */
function settlePads(b: GraphBuilder, node: Node): Node {
  const [x = '', pads = '', fill = '', axes = ''] = node.inputs;
  const [widths, places] = [pads, axes].map((input) => (input === '' ? undefined : b.entriesOf(input)?.data));
  if (widths === undefined || places === undefined || !b.isDescribed(x)) return node;
  if (!isKnown(widths) || !isKnown(places) || widths.length !== 2 * places.length) return node;
  const whole = wholePads(widths, places, b.shape(x).length);
  return { ...node, inputs: [x, b.ints(whole), ...(fill === '' ? [] : [fill])] };
}
