/** @file Describes a model from its graph and its card. */

import type { GradientKind, Model, ValueInfo } from '@pareidolia/autodiff';
import {
  batchOf,
  type Device,
  DeviceError,
  type ImageShape,
  InputError,
  nearlyConstant,
  type OnnxClassifier,
  probeImages,
  type ScoreReading,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { type EndpointOptions, requireNone } from '../endpoint/options.ts';
import type { CardOptions } from './card-options.ts';
import { type ModelFile, readModel } from './model-file.ts';
import { openNetwork } from './open-classifier.ts';
import { readGraph } from './read-graph.ts';
import { type CardTarget, cardTarget, writeCard } from './write-card.ts';

/** What is to be inspected. */
export interface InspectRequest {
  readonly model?: string;
  readonly card?: string;
  readonly cardOptions?: CardOptions;
  /** Where the card in force is written. */
  readonly writeCard?: CardTarget;
  readonly device: Device;
  readonly threads: number;
  /** How an endpoint is asked. */
  readonly endpoint?: EndpointOptions;
}

/** One field of the card in force. */
export interface CardField {
  readonly field: string;
  readonly value: unknown;
  /**
   * Where the value comes from: `option`, `card`, `the file's metadata`, the name of a file, a known network, `graph`, `probes` or
   * `default`.
   */
  readonly from: string;
}

/** The object of `--json`. */
export interface Inspection {
  readonly model: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly opset: number;
  readonly producer: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** How often each operator occurs. */
  readonly operators: Readonly<Record<string, number>>;
  /** Numbers in float constants. */
  readonly parameters: number;
  readonly card: { readonly origin: string; readonly fields: readonly CardField[] };
  /** The network as a classifier of images; `null` where it is none, and then {@link problem} says why. */
  readonly classifier: {
    readonly image: ImageShape;
    readonly classes: number;
    /** What its outputs were taken for, by whom - the graph, what comes out for probe images, or the card - and why. */
    readonly scores: Pick<ScoreReading, 'kind' | 'from' | 'why'> & {
      /** The value that holds the logits; `null` where they are computed of the outputs. */
      readonly logits: string | null;
    };
    /** Operators that no gradient flows through. */
    readonly gradientBlockers: readonly { readonly operator: string; readonly node: string }[];
    /** `straight-through` where the gradient is an estimate, since the network is quantized. */
    readonly gradientKind: GradientKind;
    /** What the user should know of how it is run, each a sentence. */
    readonly notices: readonly string[];
  } | null;
  /** What the user should know of where the card comes from, each a sentence. */
  readonly notices: readonly string[];
  readonly problem: string | null;
  /** Where the card in force was written; `null` where that was not asked for. */
  readonly written: string | null;
}

/** @throws InputError where the file is no ONNX model, or the card is none */
export async function inspectModel(request: InspectRequest): Promise<Inspection> {
  requireNone(request.endpoint);
  const file = readModel(request.model, request.card, request.cardOptions);
  // Before anything takes time.
  const target = request.writeCard === undefined ? undefined : cardTarget(file, request.writeCard);
  const model = readGraph(file);
  const { graph } = model;
  const { classifier, problem } = await tryClassifier(file, request);
  const inspection = {
    model: file.name,
    sha256: file.sha256,
    bytes: file.bytes.length,
    opset: model.opset,
    producer: model.producer,
    inputs: graph.inputs,
    outputs: graph.outputs,
    operators: countOperators(model),
    parameters: countParameters(model),
    card: { origin: file.origin, fields: cardFields(file, classifier) },
    notices: file.notices,
    problem,
  };
  const written = target === undefined ? null : writeCard(file, classifier, target);
  if (classifier === undefined) return { ...inspection, written, classifier: null };
  const { channels, height, width } = classifier.shape;
  const blockers = classifier.gradientBlockers().map(({ opType, node }) => ({ operator: opType, node }));
  const { gradientKind, reading } = classifier;
  const answer = await constantOnProbes(classifier);
  await classifier.dispose();
  return {
    ...inspection,
    written,
    classifier: {
      image: { channels, height, width },
      classes: classifier.numClasses,
      scores: {
        kind: reading.kind,
        from: reading.from,
        why: reading.why,
        logits: reading.logits === 'logarithm' ? null : reading.value,
      },
      gradientBlockers: blockers,
      gradientKind,
      notices: [...classifier.notices.filter((notice) => !file.notices.includes(notice)), ...answer],
    },
  };
}

async function tryClassifier(
  file: ModelFile,
  { device, threads }: InspectRequest,
): Promise<{ readonly classifier: OnnxClassifier | undefined; readonly problem: string | null }> {
  try {
    const classifier = await openNetwork(file, { runtime: nodeRuntime(), device, threads, behindGuard: false });
    return { classifier, problem: null };
  } catch (error) {
    // That says nothing about the model.
    if (error instanceof DeviceError) throw error;
    if (error instanceof InputError) return { classifier: undefined, problem: error.message };
    throw error;
  }
}

/** Whether it says the same of the images that networks are probed with. */
async function constantOnProbes(classifier: OnnxClassifier): Promise<readonly string[]> {
  const { shape, where } = classifier;
  const said = nearlyConstant(await classifier.predict(batchOf(shape, probeImages(shape))));
  return said === undefined ? [] : [`${where}: ${said}`];
}

/** How often each operator occurs, the most frequent first. */
export function countOperators({ graph }: Model): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { opType } of graph.nodes) counts.set(opType, (counts.get(opType) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b)));
}

/** The number of trainable values: those of all float32 constants. */
export function countParameters({ graph }: Model): number {
  let count = 0;
  for (const { type, data } of graph.initializers.values()) if (type === 'float32') count += data.length;
  return count;
}

function cardFields({ card, origins }: ModelFile, classifier: OnnxClassifier | undefined): CardField[] {
  const fields: CardField[] = [];
  const add = (field: keyof typeof card, otherwise?: unknown, from = 'graph'): void => {
    const value = card[field] ?? otherwise;
    if (value !== undefined) fields.push({ field, value, from: origins.get(field) ?? from });
  };
  add('classNames', classifier?.classNames, 'default');
  add('color', classifier && (classifier.shape.channels === 1 ? 'grey' : 'rgb'));
  add('layout');
  add('height', classifier?.shape.height);
  add('width', classifier?.shape.width);
  const range = classifier?.card.range ?? card.range;
  fields.push({ field: 'range', value: range, from: origins.get('range') ?? 'default' });
  add('mean', undefined, 'default');
  add('deviation', undefined, 'default');
  add('resize', { mode: 'crop', filter: 'bilinear' }, 'default');
  add('output', classifier?.reading.kind, classifier?.reading.from);
  for (const field of ['outputName', 'inputs', 'features', 'guard', 'dataset', 'licence', 'source'] as const)
    add(field);
  return fields;
}
