/**
 * @file Networks that cannot be part of another graph, since their nodes depend on what they compute (`If`, `Loop`) or are known
 * to the runtime alone: they run as they are, in a session of their own, between one that makes their input of images and one
 * that makes scores of their output. They have no gradient.
 */

import {
  checkCost,
  checkNodes,
  costOf,
  type DataType,
  type Model,
  type Node,
  OnnxError,
  OversizeError,
  typeCode,
  writeModel,
} from '@pareidolia/autodiff';
import { openGraph } from '../runtime/open.ts';
import type { Runtime, Session, SessionOptions, Tensors } from '../runtime/runtime.ts';
import { headGraph, inputGraph, type NetworkEnds } from './graph.ts';
import { type InputPlan, wholeRange } from './input.ts';
import { NAMES } from './names.ts';

/** Names between the sessions. */
const [INPUT, SCORES] = ['pareidolia.input', 'pareidolia.scores'];

/** Which networks these are, and what works with them. */
export const SEPARATE = {
  what: '`If` and `Loop` that depend on the image, and operators that only ONNX Runtime knows',
  how: 'run as they are, one image at a time; scores and whatever needs no gradient work',
} as const;

/** A network that is open, with what it is fed with. */
export class SeparateNetwork {
  readonly #network: Session;
  readonly #plan: InputPlan;
  readonly #runtime: Runtime;
  readonly #options: SessionOptions;
  #isDisposed = false;

  private constructor(network: Session, plan: InputPlan, runtime: Runtime, options: SessionOptions) {
    this.#network = network;
    this.#plan = plan;
    this.#runtime = runtime;
    this.#options = options;
  }

  /**
   * @param model of any opset, with one input and one output
   * @param plan for one image
   * @throws InputError where the runtime refuses it
   */
  static async open(
    model: Model,
    plan: InputPlan,
    runtime: Runtime,
    options: SessionOptions,
  ): Promise<SeparateNetwork> {
    checkNodes(model);
    const plain = withPlainEnds(model, wireType(plan));
    checkKnownCost(plain);
    const network = await runtime.createSession(writeModel(plain), options);
    return new SeparateNetwork(network, plan, runtime, options);
  }

  /**
   * The shape of the output for one image.
   *
   * @throws RunError where the network does not run
   */
  async outputShape(): Promise<readonly number[]> {
    const { shape } = this.#plan;
    const graph = inputGraph(this.#plan, INPUT, 'uint8', wireType(this.#plan));
    const { session } = await openGraph(this.#runtime, graph, this.#options);
    const dims = [1, shape.channels, shape.height, shape.width];
    const data = new Uint8Array(dims.reduce((size, dim) => size * dim));
    try {
      const values = await session.run({ [NAMES.images]: { type: 'uint8', data, dims } });
      const { [SCORES]: scores } = await this.#network.run(values, [SCORES]);
      return scores!.dims;
    } finally {
      await session.dispose();
    }
  }

  /** Images to scores; the outputs are those of {@link headGraph}. */
  async session(ends: NetworkEnds, type: 'uint8' | 'float32'): Promise<Session> {
    const input = await openGraph(
      this.#runtime,
      inputGraph(this.#plan, INPUT, type, wireType(this.#plan)),
      this.#options,
    );
    const head = await openGraph(this.#runtime, headGraph(SCORES, ends), this.#options);
    const network = this.#network;
    return {
      inputNames: input.session.inputNames,
      outputNames: head.session.outputNames,
      isOptimized: [input.session, network, head.session].every(({ isOptimized }) => isOptimized !== false),
      async run(feeds: Tensors, outputs?: readonly string[]): Promise<Tensors> {
        const values = await input.session.run(feeds);
        return head.session.run(await network.run(values, [SCORES]), outputs);
      },
      async dispose(): Promise<void> {
        await input.session.dispose();
        await head.session.dispose();
      },
    };
  }

  /** Frees the network; sessions that were made of it are freed by themselves. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.#network.dispose();
  }
}

/** The cost as far as the shapes can be told: the file may have operators, or be of an opset, of which there are no rules. */
function checkKnownCost(model: Model): void {
  try {
    checkCost(costOf(model));
  } catch (error) {
    if (error instanceof OversizeError || !(error instanceof OnnxError)) throw error;
  }
}

/** Between sessions go float32 and int32 only. */
function wireType({ type }: InputPlan): 'float32' | 'int32' {
  return wholeRange(type) === undefined ? 'float32' : 'int32';
}

/** The network with an input and an output of types that can be passed. */
function withPlainEnds(model: Model, wire: 'float32' | 'int32'): Model {
  const { graph } = model;
  const [input, output] = [graph.inputs[0]!, graph.outputs[0]!];
  const cast = (name: string, from: string, to: string, type: DataType): Node => ({
    name,
    opType: 'Cast',
    inputs: [from],
    outputs: [to],
    attributes: new Map([['to', { kind: 'int', value: typeCode(type) }]]),
  });
  return {
    ...model,
    graph: {
      ...graph,
      inputs: [{ name: INPUT, type: wire, shape: input.shape }],
      outputs: [{ name: SCORES, type: 'float32', shape: undefined }],
      nodes: [
        cast('pareidolia.cast.input', INPUT, input.name, input.type),
        ...graph.nodes,
        cast('pareidolia.cast.scores', output.name, SCORES, 'float32'),
      ],
    },
  };
}
