/** @file Runs a gradient file on random inputs, and compares it with finite differences and with the model it was made of. */

import { GraphBuilder, type Model, readModel, writeModel } from '@pareidolia/autodiff';
import { InputError, type Session, type Tensor, type Tensors } from '@pareidolia/core';
import { type Agreement, compareWithDifferences } from './check.ts';
import type { GradientGraph } from './gradient-graph.ts';
import { unrounded } from './unrounded.ts';

export interface VerifyRequest {
  readonly graph: GradientGraph;
  /** The file's contents. */
  readonly bytes: Uint8Array;
  /** Writes a graph as the file is written, for the same runtime. */
  write(model: Model): Uint8Array;
  /** The values that are differentiated by, in the order of the graph's gradients. */
  readonly by: readonly string[];
  readonly feeds: Tensors;
  /** The scores of the model as it was given, computed from the same inputs; `undefined` where it cannot be run so. */
  readonly scores: Float32Array | undefined;
  readonly seed: number;
  open(model: Uint8Array): Promise<Session>;
}

/** What was found. */
export interface Verification {
  /** For each value; `undefined` where nothing can be told. Of the graph without rounding where the gradient is an estimate. */
  readonly by: Readonly<Record<string, Agreement | undefined>>;
  /** The largest difference from the model's own scores, relative to the largest of them; `null` where not compared. */
  readonly scoresError: number | null;
}

/**
 * @throws WrongGradientError where a gradient is not that of the objective
 * @throws InputError where the network's scores are not finite
 */
export async function verify(request: VerifyRequest): Promise<Verification> {
  const { bytes, by, feeds, seed, open } = request;
  const results = await running(await open(bytes), (session) => session.run(feeds));
  const [output] = request.graph.outputs;
  const scores = floats(results[output!.name]!);
  const objective = floats(results[request.graph.objective]!);
  if (![...scores, ...objective].every(Number.isFinite)) {
    throw new InputError(
      `On random inputs the network's ${output!.name} or the objective is not finite, so the gradient cannot be checked; check the card's range, or add --no-check`,
    );
  }
  const subject = await differentiableForm(request, results);
  const { graph } = subject;
  const forward = onlyOutput(readModel(subject.bytes), graph.objective);
  const inputs = new Set(graph.model.graph.inputs.map(({ name }) => name));
  const agreements: [string, Agreement | undefined][] = [];
  for (const [place, name] of by.entries()) {
    const gradient = floats(subject.results[graph.gradients[place]!]!);
    // An input is changed in the file itself, any other value in the network and objective before differentiation.
    const at = inputs.has(name) ? feeds[name]! : await capturedValue(graph.model, name, feeds, open);
    if (at.type !== 'float32') throw new InputError(`${name} is of ${at.type}, and only float32 has a gradient here`);
    const probe = inputs.has(name) ? forward : onlyOutput(withInput(graph.model, name, at.dims), graph.objective);
    const agreement = await running(await open(writeModel(probe)), (session) =>
      compareWithDifferences(session, graph.objective, { ...feeds, [name]: at }, { name, at, gradient }, seed + place),
    );
    agreements.push([name, agreement]);
  }
  const scoresError = request.scores === undefined ? null : largestError(scores, request.scores);
  return { by: Object.fromEntries(agreements), scoresError };
}

/** What finite differences can follow: the file itself, or the same without rounding where its gradient is an estimate. */
async function differentiableForm(
  { graph, bytes, write, feeds, open }: VerifyRequest,
  results: Tensors,
): Promise<{ readonly graph: GradientGraph; readonly bytes: Uint8Array; readonly results: Tensors }> {
  if (graph.rounded.length === 0) return { graph, bytes, results };
  const model = await unrounded(graph, feeds, open);
  const written = write(model);
  return {
    graph: { ...graph, model },
    bytes: written,
    results: await running(await open(written), (session) => session.run(feeds)),
  };
}

/** Uses a session, and frees it. */
export async function running<T>(session: Session, use: (session: Session) => Promise<T>): Promise<T> {
  try {
    return await use(session);
  } finally {
    await session.dispose();
  }
}

/** The numbers of an output. */
export function floats(tensor: Tensor): Float32Array {
  if (tensor.type !== 'float32') throw new InputError(`An output is of ${tensor.type}; export the network in float32`);
  return tensor.data;
}

function onlyOutput(model: Model, output: string): Model {
  const b = GraphBuilder.from(model, { skip: 'outputs' });
  b.output(output);
  return b.build();
}

/** A constant, or a computed value, as it is. */
async function capturedValue(model: Model, name: string, feeds: Tensors, open: VerifyRequest['open']): Promise<Tensor> {
  const constant = model.graph.initializers.get(name);
  if (constant?.type === 'float32') {
    return { type: 'float32', data: Float32Array.from(constant.data as Float32Array), dims: constant.dims };
  }
  const session = await open(writeModel(onlyOutput(model, name)));
  return (await running(session, (opened) => opened.run(feeds)))[name]!;
}

/** The model with a constant or a computed value as a further input. */
function withInput(model: Model, name: string, dims: readonly number[]): Model {
  const { graph } = model;
  const unused = GraphBuilder.from(model).unique(name);
  const initializers = new Map(graph.initializers);
  initializers.delete(name);
  const nodes = graph.nodes.map((node) => ({
    ...node,
    outputs: node.outputs.map((output) => (output === name ? unused : output)),
  }));
  const inputs = [...graph.inputs, { name, type: 'float32' as const, shape: dims }];
  return { ...model, graph: { ...graph, inputs, nodes, initializers } };
}

function largestError(ours: Float32Array, theirs: Float32Array): number {
  const size = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
  return ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0) / size;
}
