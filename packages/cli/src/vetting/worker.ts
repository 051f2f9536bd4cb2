/**
 * @file Runs in a process of its own: opens a model as every command does, and asks it once for scores and for a gradient. It
 * answers what came of it, if it lives to do so.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkCost,
  costOf,
  type ExternalData,
  lower,
  type Model,
  OnnxError,
  readModel,
  upgrade,
  writeModel,
} from '@pareidolia/autodiff';
import { InputError, MachineError, type ModelCard, OnnxClassifier, RunError, type Tensor } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { readInput } from '../data/read.ts';

/** What is tried. */
export interface VettingJob {
  readonly bytes: Uint8Array;
  /** The model's name, for errors. */
  readonly name: string;
  /** Of a classifier; absent for a graph of any kind, which is opened as it is. */
  readonly card?: ModelCard;
  /** The folder with files of weights, where there are any; or these files themselves. */
  readonly folder?: string;
  readonly weights?: ReadonlyMap<string, Uint8Array>;
}

/** `refused` with the sentence that the model would be refused with anyway; `failed` with an error that is none of these. */
export type VettingAnswer =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly message: string }
  /** This machine has no memory for it. */
  | { readonly kind: 'short'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

const runtime = nodeRuntime();

async function tryModel({ bytes, name, card, folder, weights }: VettingJob): Promise<void> {
  const externalData = (location: string): Uint8Array | undefined => {
    if (folder === undefined) return weights?.get(location);
    const path = join(folder, location);
    return existsSync(path) ? readInput(path, 'file of weights') : undefined;
  };
  if (card === undefined) return tryGraph(name, bytes, externalData);
  const classifier = await OnnxClassifier.load(bytes, {
    card,
    runtime,
    device: 'cpu',
    threads: 1,
    where: name,
    externalData,
  });
  try {
    if (classifier.gradientBlockers().length > 0) return;
    const { channels, height, width } = classifier.shape;
    const data = new Float32Array(channels * height * width).fill(0.5);
    const objective = { kind: 'log-probability', classIndices: Int32Array.of(0) } as const;
    // Gradients are refused where they are asked for.
    await classifier.gradient({ channels, height, width, count: 1, data }, objective).catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error;
    });
  } finally {
    await classifier.dispose();
  }
}

/** Opens a graph, and runs it once on numbers of 0.5 where it takes nothing else. */
async function tryGraph(name: string, bytes: Uint8Array, externalData: ExternalData): Promise<void> {
  let model: Model;
  try {
    model = upgrade(readModel(bytes, { externalData }));
    checkCost(costOf(model));
  } catch (error) {
    if (error instanceof OnnxError) throw new InputError(`${name}: ${error.message}`, { cause: error });
    throw error;
  }
  const { inputs } = model.graph;
  const session = await runtime.createSession(writeModel(lower(model, await runtime.target('cpu'))), {
    device: 'cpu',
    threads: 1,
  });
  if (inputs.some(({ type, shape }) => type !== 'float32' || shape === undefined)) return session.dispose();
  const feeds = inputs.map(({ name: input, shape = [] }): [string, Tensor] => {
    const dims = shape.map((dim) => (typeof dim === 'number' ? dim : 1));
    const data = new Float32Array(dims.reduce((size, dim) => size * dim, 1)).fill(0.5);
    return [input, { type: 'float32', data, dims }];
  });
  try {
    await session.run(Object.fromEntries(feeds));
  } catch (error) {
    // Open lengths may be others than 1.
    if (!(error instanceof RunError)) throw error;
  } finally {
    await session.dispose();
  }
}

async function answer(job: VettingJob): Promise<VettingAnswer> {
  try {
    await tryModel(job);
    return { kind: 'opened' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const kind = error instanceof InputError ? 'refused' : error instanceof MachineError ? 'short' : 'failed';
    return { kind, message };
  }
}

process.on('message', async (job: VettingJob) => {
  process.send?.(await answer(job));
});
process.send?.('ready');
