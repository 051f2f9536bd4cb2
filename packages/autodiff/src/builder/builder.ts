/** @file Builds a graph node by node, from nothing or on top of a model, and knows every value's shape on the way. */

import { OnnxError } from '../errors.ts';
import { evaluate } from '../folding/evaluate.ts';
import { type Entries, entriesOf } from '../model/entries.ts';
import type { Attribute, Dim, Model, Node, ValueInfo } from '../model/model.ts';
import { bytesOfTensor, type DataType, int64s, type TensorValue } from '../model/tensor.ts';
import { isFloatAttribute } from '../operators/attributes.ts';
import { inferNode } from '../shapes/infer.ts';
import type { ValueType } from '../shapes/types.ts';

/** The opset that built graphs are written in, at least. */
export const WORKING_OPSET = 18;

/** Attributes as they are given by hand: the operator's definition tells which numbers are whole. */
export type Attributes = Readonly<Record<string, number | string | readonly number[] | TensorValue | undefined>>;

/** Elements of the largest value whose contents are followed: longer than any shape. */
const MOST_KNOWN = 64;

/** A graph under construction. Values are named by strings; operators are those of opset 18. */
export class GraphBuilder {
  readonly #opset: number;
  readonly #name: string;
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<string, TensorValue>();
  /** `undefined` for values behind an operator without a shape rule. */
  readonly #types = new Map<string, ValueType | undefined>();
  /** What is known of small values that are computed. */
  readonly #entries = new Map<string, Entries>();
  /** For each such value the operator. */
  readonly #unknown = new Map<string, Node>();
  readonly #shared = new Map<string, string>();
  readonly #names = new Set<string>();
  #count = 0;

  constructor(name = 'graph', opset = WORKING_OPSET) {
    this.#name = name;
    this.#opset = Math.max(opset, WORKING_OPSET);
  }

  /**
   * Goes on from a model.
   *
   * @param model of opset 18 or newer (see `upgrade`)
   * @param options `skip` leaves out the model's own outputs, so that others can take their place
   * @throws OnnxError where shapes do not fit
   */
  static from(model: Model, options: { readonly skip?: 'outputs' } = {}): GraphBuilder {
    const builder = new GraphBuilder(model.graph.name, model.opset);
    for (const { name, type, shape } of model.graph.inputs) builder.input(name, type, shape ?? []);
    builder.append(model);
    if (options.skip === undefined) for (const { name } of model.graph.outputs) builder.output(name);
    return builder;
  }

  /**
   * Takes over a model's constants and nodes. Its inputs must be there by name, as inputs or as values; where nodes were
   * built before, `reserve` keeps their names off the model's own.
   *
   * @throws OnnxError where one is missing or a name is taken
   */
  append({ graph }: Model): void {
    for (const [name, value] of graph.initializers) this.initializer(name, value);
    for (const { name } of graph.inputs) {
      if (!this.#types.has(name)) throw new OnnxError(`Input ${name} of the model is not supplied`);
    }
    for (const node of graph.nodes) this.add(node);
    // Behind an operator that we do not know, what the model says of its outputs has to do; elsewhere its names for lengths.
    for (const { name, type, shape } of graph.outputs) {
      const known = this.#types.get(name);
      if (shape === undefined) continue;
      if (known === undefined) this.#types.set(name, { type, shape });
      else if (known.shape.length === shape.length) {
        const named = known.shape.map((dim, axis) =>
          dim === '?' && typeof shape[axis] === 'string' ? shape[axis] : dim,
        );
        this.#types.set(name, { type: known.type, shape: named });
      }
    }
  }

  input(name: string, type: DataType, shape: readonly Dim[]): string {
    this.#inputs.push({ name, type, shape });
    this.#declare(name, { type, shape });
    return name;
  }

  /** Marks a value as an output, under its own name. */
  output(value: string): void {
    const known = this.#types.get(value);
    if (known === undefined && !this.#types.has(value)) throw new OnnxError(`The graph has no value ${value}`);
    this.#outputs.push({ name: value, type: known?.type ?? 'float32', shape: known?.shape });
  }

  initializer(name: string, value: TensorValue): string {
    this.#initializers.set(name, value);
    this.#declare(name, { type: value.type, shape: value.dims });
    return name;
  }

  /** A constant under a name of its own; equal small constants are shared. */
  constant(value: TensorValue): string {
    // By bytes: 0 and -0 read alike.
    const small = value.data.length <= 64;
    const key = small ? `${value.type}[${value.dims.join()}]${bytesOfTensor(value).join()}` : undefined;
    const known = key === undefined ? undefined : this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.initializer(this.unique('constant'), value);
    if (key !== undefined) this.#shared.set(key, name);
    return name;
  }

  /** A float32 constant without axes. */
  scalar(value: number): string {
    return this.constant({ type: 'float32', dims: [], data: Float32Array.of(value) });
  }

  /** A 1-D int64 constant. */
  ints(values: readonly number[]): string {
    return this.constant(int64s(values));
  }

  /** Adds a node with one output and gives the output's name. An empty input is an optional one left out. */
  op(opType: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    return this.ops(opType, inputs, output === undefined ? 1 : [output], attributes)[0]!;
  }

  /** Adds a node with several outputs: how many, or their names. */
  ops(
    opType: string,
    inputs: readonly string[],
    outputs: number | readonly string[],
    attributes: Attributes = {},
  ): readonly string[] {
    const node = this.node(opType, inputs, outputs, attributes);
    this.add(node);
    return node.outputs;
  }

  /** A node with names of its own that is not added yet. */
  node(
    opType: string,
    inputs: readonly string[],
    outputs: number | readonly string[],
    attributes: Attributes = {},
  ): Node {
    const name = this.unique(opType);
    const names =
      typeof outputs === 'number'
        ? Array.from({ length: outputs }, (_, index) => (index === 0 ? `${name}_out` : `${name}_out${index}`))
        : outputs;
    const written = new Map<string, Attribute>();
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined) written.set(key, attributeOf(key, value));
    }
    return { name, opType, inputs, outputs: names, attributes: written };
  }

  /**
   * Keeps the names of a model free for it, which is appended later: no name given to something new is one of them.
   */
  reserve({ graph }: Model): void {
    for (const name of graph.initializers.keys()) this.#names.add(name);
    for (const { name, outputs } of graph.nodes) for (const taken of [name, ...outputs]) this.#names.add(taken);
  }

  /** A name that nothing has yet. */
  unique(stem: string): string {
    let name: string;
    do name = `${stem}__${this.#count++}`;
    while (this.#names.has(name));
    return name;
  }

  has(value: string): boolean {
    return this.#types.has(value);
  }

  /** @throws OnnxError where there is no such value, or where it comes from an operator that we do not know */
  typeOf(value: string): ValueType {
    const type = this.#types.get(value);
    if (type !== undefined) return type;
    if (!this.#types.has(value)) throw new OnnxError(`The graph has no value ${value}`);
    const { opType, name } = this.#unknown.get(value)!;
    throw new OnnxError(
      `The shape of ${value} is not known, since it comes out of ${opType} (node ${name}); export the model with other operators in its place`,
    );
  }

  /** Whether type and shape of a value are known. */
  isDescribed(value: string): boolean {
    return this.#types.get(value) !== undefined;
  }

  /** Whether a value is of real numbers, which alone have gradients; so it is taken to be where its type is not known. */
  isReal(value: string): boolean {
    return this.#types.get(value)?.type.startsWith('float') ?? true;
  }

  /** Says a shape that inference could not tell; a shape that is known stays. */
  describe(value: string, type: ValueType): void {
    const inferred = this.#types.get(value);
    if (inferred === undefined || inferred.shape.some((dim) => typeof dim !== 'number')) this.#types.set(value, type);
  }

  shape(value: string): readonly Dim[] {
    return this.typeOf(value).shape;
  }

  /** A constant's contents; `undefined` for what is computed. */
  valueOf(value: string): TensorValue | undefined {
    return this.#initializers.get(value);
  }

  /** What is known without running of a small value (at most 64 elements): numbers, and names of open lengths. */
  entriesOf(value: string): Entries | undefined {
    const constant = this.#initializers.get(value);
    if (constant === undefined) return this.#entries.get(value);
    return constant.data.length <= MOST_KNOWN ? entriesOf(constant) : undefined;
  }

  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /** Turns a constant into an input of the same name, type and shape. */
  promote(name: string): void {
    const value = this.#initializers.get(name);
    if (value === undefined) throw new OnnxError(`The graph has no constant ${name}`);
    this.#initializers.delete(name);
    this.#inputs.push({ name, type: value.type, shape: value.dims });
  }

  /** The graph as it stands; what no output needs is left out. */
  build(): Model {
    const needed = new Set(this.#outputs.map(({ name }) => name));
    const nodes: Node[] = [];
    for (let index = this.#nodes.length - 1; index >= 0; index--) {
      const node = this.#nodes[index]!;
      if (!node.outputs.some((output) => needed.has(output))) continue;
      for (const input of node.inputs) needed.add(input);
      nodes.push(node);
    }
    nodes.reverse();
    const initializers = new Map([...this.#initializers].filter(([name]) => needed.has(name)));
    const graph = { name: this.#name, inputs: [...this.#inputs], outputs: [...this.#outputs], nodes, initializers };
    return { opset: this.#opset, producer: 'pareidolia', graph };
  }

  /** Adds a node that is written out already. */
  add(node: Node): void {
    this.#nodes.push(node);
    this.#names.add(node.name);
    const types = inferNode(
      node,
      (value) => this.#types.get(value),
      (value) => this.#initializers.get(value),
      (value) => this.entriesOf(value),
    );
    const known = evaluate(
      node,
      (value) => this.entriesOf(value),
      (value) => this.#types.get(value)?.shape,
    );
    node.outputs.forEach((output, index) => {
      if (output === '') return;
      const entries = known?.[index];
      const type = types[index] ?? (entries && { type: entries.type, shape: entries.dims });
      this.#declare(output, type);
      if (type === undefined)
        this.#unknown.set(output, node.inputs.map((x) => this.#unknown.get(x)).find(Boolean) ?? node);
      if (entries !== undefined && entries.data.length <= MOST_KNOWN) this.#entries.set(output, entries);
    });
  }

  #declare(name: string, type: ValueType | undefined): void {
    if (this.#types.has(name)) throw new OnnxError(`The graph has two values called ${name}`);
    this.#types.set(name, type);
    this.#names.add(name);
  }
}

function attributeOf(name: string, value: number | string | readonly number[] | TensorValue): Attribute {
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'number') return { kind: isFloatAttribute(name) ? 'float' : 'int', value };
  if ('dims' in value) return { kind: 'tensor', value };
  return { kind: 'ints', value };
}
