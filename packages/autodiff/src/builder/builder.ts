/** @file Builds a graph node by node, from scratch or on top of a model, and infers every value's shape on the way. */

import { OnnxError, OversizeError, UnknownShapeError } from '../errors.ts';
import { evaluate } from '../folding/evaluate.ts';
import { type Entries, entriesOf } from '../model/entries.ts';
import type { Dim, Graph, Model, Node, ValueInfo } from '../model/model.ts';
import { namesInside, needsOf } from '../model/subgraphs.ts';
import { bytesOfTensor, type DataType, int64s, type TensorValue } from '../model/tensor.ts';
import { type Attributes, writtenAttributes } from '../operators/attributes.ts';
import { inferNode } from '../shapes/infer.ts';
import { SHAPE_RULES } from '../shapes/rules.ts';
import type { ShapeRules, ValueType } from '../shapes/types.ts';

export type { AttributeInput, Attributes } from '../operators/attributes.ts';

/** The lowest opset of built graphs. Models of an older one have to be brought to it first, by {@link upgrade}. */
export const WORKING_OPSET = 18;

/** The elements of a value are followed up to this many: more than any shape has. */
const MOST_KNOWN = 64;

/**
 * A graph under construction.
 *
 * Values are identified by their names. Operators have the meaning and the inputs of opset {@link WORKING_OPSET}; their shapes
 * are inferred when they are added, and a node whose inputs do not fit is refused there.
 *
 * ```ts
 * const b = new GraphBuilder();
 * const x = b.input('x', 'float32', ['N', 10]);
 * b.output(b.op('Softmax', [x], { axis: 1 }));
 * const bytes = writeModel(b.build());
 * ```
 */
export class GraphBuilder {
  readonly #opset: number;
  readonly #name: string;
  readonly #rules: ShapeRules;
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<string, TensorValue>();
  /** `undefined` for values computed by an operator without a shape rule, and for what is computed from those. */
  readonly #types = new Map<string, ValueType | undefined>();
  /** Elements of small computed values, as far as they are known. */
  readonly #entries = new Map<string, Entries>();
  /** For each value without a type, the operator that is to blame. */
  readonly #unknown = new Map<string, Node>();
  readonly #shared = new Map<string, string>();
  /** Types that {@link GraphBuilder.describe} supplied, or foreign shape rules. */
  readonly #described = new Map<string, ValueType>();
  readonly #makers = new Map<string, Node>();
  readonly #names = new Set<string>();
  #count = 0;

  /**
   * An empty graph.
   *
   * @param name for display
   * @param opset that its operators are written in; at least {@link WORKING_OPSET} is taken
   * @param options `shapes`: shape rules by operator type, for operators that are not known here
   */
  constructor(name = 'graph', opset = WORKING_OPSET, options: { readonly shapes?: ShapeRules } = {}) {
    this.#name = name;
    this.#opset = Math.max(opset, WORKING_OPSET);
    this.#rules = { ...SHAPE_RULES, ...options.shapes };
  }

  /**
   * A graph with everything that a model has, to be extended.
   *
   * @param model of opset 18 or newer (see {@link upgrade})
   * @param options `skip: 'outputs'` leaves out the model's outputs, so that others can take their place; `shapes` as
   * for the constructor
   * @throws {@link OnnxError} if the shapes in the model do not fit together
   */
  static from(model: Model, options: { readonly skip?: 'outputs'; readonly shapes?: ShapeRules } = {}): GraphBuilder {
    const builder = new GraphBuilder(model.graph.name, model.opset, options);
    for (const { name, type, shape } of model.graph.inputs) builder.input(name, type, shape ?? []);
    builder.append(model);
    if (options.skip === undefined) for (const { name } of model.graph.outputs) builder.output(name);
    return builder;
  }

  /**
   * Adds a model's constants and nodes, under their own names. Its inputs are connected to the values that have their
   * names here. Call {@link GraphBuilder.reserve} before building other nodes, so that none takes a name of the
   * model's.
   *
   * @throws {@link OnnxError} if there is no value for an input, a name is taken, or shapes do not fit
   */
  append({ graph }: Model): void {
    for (const [name, value] of graph.initializers) this.initializer(name, value);
    for (const { name } of graph.inputs) {
      if (!this.#types.has(name)) throw new OnnxError(`Input ${name} of the model is not supplied`);
    }
    const described = new Map(graph.described?.map(({ name, type, shape = [] }) => [name, { type, shape }]));
    for (const node of graph.nodes) {
      this.add(node);
      for (const output of node.outputs) {
        const type = described.get(output);
        if (type !== undefined) this.describe(output, type);
      }
    }
    // The model's own shapes of outputs fill in what inference cannot tell: whole shapes, or the names of open lengths.
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

  /**
   * Adds an input.
   *
   * @param shape lengths, and names for those that are open
   * @returns its name
   * @throws {@link OnnxError} if the name is taken
   */
  input(name: string, type: DataType, shape: readonly Dim[]): string {
    this.#inputs.push({ name, type, shape });
    this.#declare(name, { type, shape });
    return name;
  }

  /**
   * Makes a value an output of the graph, under its own name.
   *
   * @throws {@link OnnxError} if there is no such value
   */
  output(value: string): void {
    const known = this.#types.get(value);
    if (known === undefined && !this.#types.has(value)) throw new OnnxError(`The graph has no value ${value}`);
    this.#outputs.push({ name: value, type: known?.type ?? 'float32', shape: known?.shape });
  }

  /**
   * Adds a constant under a given name.
   *
   * @returns the name
   * @throws {@link OnnxError} if the name is taken
   */
  initializer(name: string, value: TensorValue): string {
    this.#initializers.set(name, value);
    this.#declare(name, { type: value.type, shape: value.dims });
    return name;
  }

  /**
   * Adds a constant under a new name; equal constants of at most 64 elements are added once.
   *
   * @returns its name
   */
  constant(value: TensorValue): string {
    // Compared by bytes: as text, 0 and -0 are the same.
    const small = value.data.length <= 64;
    const key = small ? `${value.type}[${value.dims.join()}]${bytesOfTensor(value).join()}` : undefined;
    const known = key === undefined ? undefined : this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.initializer(this.unique('constant'), value);
    if (key !== undefined) this.#shared.set(key, name);
    return name;
  }

  /** A `float32` constant without axes. Returns its name. */
  scalar(value: number): string {
    return this.constant({ type: 'float32', dims: [], data: Float32Array.of(value) });
  }

  /** A 1-D `int64` constant. Returns its name. */
  ints(values: readonly number[]): string {
    return this.constant(int64s(values));
  }

  /**
   * Adds a node with one output.
   *
   * @param opType an operator of opset {@link WORKING_OPSET}
   * @param inputs names of values; empty for an optional input that is left out
   * @param attributes of the kinds that ONNX lists for the operator
   * @param output name of the output; a new one by default
   * @returns the output's name
   * @throws {@link OnnxError} if inputs or attributes do not fit the operator, or the name is taken
   */
  op(opType: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    return this.ops(opType, inputs, output === undefined ? 1 : [output], attributes)[0]!;
  }

  /**
   * Adds a node with several outputs.
   *
   * @param outputs how many, or their names
   * @returns the outputs' names
   * @throws {@link OnnxError} if inputs or attributes do not fit the operator, or a name is taken
   */
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

  /**
   * A node with a new name that is not part of the graph yet; {@link GraphBuilder.add} adds it.
   *
   * @throws {@link OnnxError} if the attributes do not fit the operator
   */
  node(
    opType: string,
    inputs: readonly string[],
    outputs: number | readonly string[],
    attributes: Attributes = {},
  ): Node {
    const namesFor = (name: string): readonly string[] =>
      typeof outputs === 'number'
        ? Array.from({ length: outputs }, (_, index) => (index === 0 ? `${name}_out` : `${name}_out${index}`))
        : outputs;
    let name = this.unique(opType);
    // A model that was built here, and then read, has values with such names.
    while (typeof outputs === 'number' && namesFor(name).some((taken) => this.#names.has(taken))) {
      name = this.unique(opType);
    }
    const names = namesFor(name);
    return { name, opType, inputs, outputs: names, attributes: writtenAttributes(opType, attributes) };
  }

  /** Keeps the names in a model that is to be appended later from being given to anything new. */
  reserve({ graph }: Model): void {
    for (const name of graph.initializers.keys()) this.#names.add(name);
    for (const node of graph.nodes) {
      for (const taken of [node.name, ...node.outputs, ...namesInside(node)]) this.#names.add(taken);
    }
  }

  /** A name that nothing in the graph has: `stem` with a number behind it. */
  unique(stem: string): string {
    let name: string;
    do name = `${stem}__${this.#count++}`;
    while (this.#names.has(name));
    return name;
  }

  /** Whether there is a value of this name. */
  has(value: string): boolean {
    return this.#types.has(value);
  }

  /**
   * Type and shape of a value.
   *
   * @throws {@link OnnxError} if there is no such value, or if it depends on an operator without a shape rule
   */
  typeOf(value: string): ValueType {
    const type = this.#types.get(value);
    if (type !== undefined) return type;
    if (!this.#types.has(value)) throw new OnnxError(`The graph has no value ${value}`);
    const { opType, name } = this.#unknown.get(value)!;
    throw new UnknownShapeError(value, opType, name);
  }

  /** Whether there is a value of this name whose type and shape are known. */
  isDescribed(value: string): boolean {
    return this.#types.get(value) !== undefined;
  }

  /** Whether a value holds floating-point numbers, and so can have a gradient; a value of unknown type is taken to. */
  isReal(value: string): boolean {
    return this.#types.get(value)?.type.startsWith('float') ?? true;
  }

  /**
   * Supplies type and shape of a value where inference could not tell all lengths; a shape that is fully known stays.
   */
  describe(value: string, type: ValueType): void {
    const inferred = this.#types.get(value);
    if (inferred?.shape.every((dim) => typeof dim === 'number')) return;
    this.#types.set(value, type);
    this.#described.set(value, type);
  }

  /**
   * The shape of a value: lengths, and names for those that are open.
   *
   * @throws {@link OnnxError} if there is no such value, or if it depends on an operator without a shape rule
   */
  shape(value: string): readonly Dim[] {
    return this.typeOf(value).shape;
  }

  /** The constant of this name; `undefined` if there is none, as for values that are computed. */
  valueOf(value: string): TensorValue | undefined {
    return this.#initializers.get(value);
  }

  /**
   * The elements of a small value (at most 64), computed or not, as far as they are known without running the graph.
   */
  entriesOf(value: string): Entries | undefined {
    const constant = this.#initializers.get(value);
    if (constant === undefined) return this.#entries.get(value);
    return constant.data.length <= MOST_KNOWN ? entriesOf(constant) : undefined;
  }

  /** The node that computes a value; `undefined` for inputs and constants. */
  makerOf(value: string): Node | undefined {
    return this.#makers.get(value);
  }

  /** The nodes added so far, in order. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /**
   * Turns a constant into an input of the same name, type and shape.
   *
   * @throws {@link OnnxError} if there is no such constant
   */
  promote(name: string): void {
    const value = this.#initializers.get(name);
    if (value === undefined) throw new OnnxError(`The graph has no constant ${name}`);
    this.#initializers.delete(name);
    this.#inputs.push({ name, type: value.type, shape: value.dims });
  }

  /** The model as it stands, without nodes and constants that no output depends on. All inputs stay. */
  build(): Model {
    const needed = new Set(this.#outputs.map(({ name }) => name));
    const nodes: Node[] = [];
    for (let index = this.#nodes.length - 1; index >= 0; index--) {
      const node = this.#nodes[index]!;
      if (!node.outputs.some((output) => needed.has(output))) continue;
      for (const value of needsOf(node)) needed.add(value);
      nodes.push(node);
    }
    nodes.reverse();
    const initializers = new Map([...this.#initializers].filter(([name]) => needed.has(name)));
    const described = [...this.#described].flatMap(([name, { type, shape }]) =>
      needed.has(name) ? [{ name, type, shape }] : [],
    );
    const graph: Graph = {
      name: this.#name,
      inputs: [...this.#inputs],
      outputs: [...this.#outputs],
      nodes,
      initializers,
      ...(described.length === 0 ? {} : { described }),
    };
    return { opset: this.#opset, producer: 'pareidolia', graph };
  }

  /**
   * Adds a node as it is.
   *
   * @throws {@link OnnxError} if its inputs do not fit the operator, or the name of an output is taken
   */
  add(node: Node): void {
    this.#nodes.push(node);
    for (const taken of [node.name, ...namesInside(node)]) this.#names.add(taken);
    const types = inferNode(
      node,
      (value) => this.#types.get(value),
      (value) => this.#initializers.get(value),
      (value) => this.entriesOf(value),
      this.#rules,
    );
    const known = evaluate(
      node,
      (value) => this.entriesOf(value),
      (value) => this.#types.get(value)?.shape,
      MOST_KNOWN,
    );
    node.outputs.forEach((output, index) => {
      if (output === '') return;
      const entries = known?.[index];
      const type = types[index] ?? (entries && { type: entries.type, shape: entries.dims });
      this.#declare(output, type);
      this.#makers.set(output, node);
      if (type !== undefined && this.#rules[node.opType] !== SHAPE_RULES[node.opType]) {
        this.#described.set(output, type);
      }
      if (type === undefined)
        this.#unknown.set(output, node.inputs.map((x) => this.#unknown.get(x)).find(Boolean) ?? node);
      if (entries !== undefined && entries.data.length <= MOST_KNOWN) this.#entries.set(output, entries);
    });
  }

  #declare(name: string, type: ValueType | undefined): void {
    if (this.#types.has(name)) throw new OnnxError(`The graph has two values called ${name}`);
    if (type !== undefined) checkSize(name, type);
    this.#types.set(name, type);
    this.#names.add(name);
  }
}

/** Beyond any memory, and small enough for exact arithmetic on lengths: 8 GiB of float32. */
const MOST_ELEMENTS = 2 ** 31;

/** @throws OnnxError if no memory holds the value, whatever its open lengths are */
function checkSize(name: string, { shape }: ValueType): void {
  let count = 1;
  for (const dim of shape) if (typeof dim === 'number') count *= dim;
  if (count <= MOST_ELEMENTS) return;
  throw new OversizeError(
    `The value ${name} has the shape [${shape.join(', ')}], which is more than ${MOST_ELEMENTS} numbers; export the model for smaller images`,
  );
}
