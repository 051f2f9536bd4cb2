/** @file Runs graphs in tests. */

import * as ort from 'onnxruntime-node';
import { lower, type Target } from '../lowering/lower.ts';
import type { Model } from '../model/model.ts';
import { writeModel } from '../model/write.ts';

export interface Array32 {
  readonly data: Float32Array | BigInt64Array | Uint8Array;
  readonly dims: readonly number[];
}

/** The outputs, as plain numbers. */
export type Results = Record<string, { readonly data: Float64Array; readonly dims: readonly number[] }>;

/** A model that is ready to be fed. */
export interface OpenModel {
  run(feeds: Readonly<Record<string, Array32>>): Promise<Results>;
  close(): Promise<void>;
}

/** The target of most tests: the form that is fastest on most machines. */
export const CPU: Target = { kind: 'onnxruntime-cpu', block: 8 };

/** Opens a model for many runs; on one thread, so that sums always have the same order. */
export async function openModel(model: Model | Uint8Array, target = CPU): Promise<OpenModel> {
  const bytes = model instanceof Uint8Array ? model : writeModel(lower(model, target));
  const session = await createSession(bytes);
  return {
    async run(feeds) {
      const inputs = Object.fromEntries(
        Object.entries(feeds).map(([name, { data, dims }]) => {
          const type = data instanceof Float32Array ? 'float32' : data instanceof Uint8Array ? 'uint8' : 'int64';
          return [name, new ort.Tensor(type, data, dims)];
        }),
      );
      const results = await session.run(inputs);
      return Object.fromEntries(
        Object.entries(results).map(([name, { data, dims }]) => [
          name,
          { data: Float64Array.from(data as ArrayLike<number | bigint>, Number), dims },
        ]),
      );
    },
    close: () => session.release(),
  };
}

/** Runs a model once. */
export async function runModel(
  model: Model | Uint8Array,
  feeds: Readonly<Record<string, Array32>>,
  target = CPU,
): Promise<Results> {
  const open = await openModel(model, target);
  try {
    return await open.run(feeds);
  } finally {
    await open.close();
  }
}

/**
 * ONNX Runtime 1.30 refuses some graphs for what its own optimizer makes of them: a Pad that it moves into an AveragePool, a
 * Transpose across a Resize. Those run as they are written; a graph that is wrong is refused that way, too.
 */
async function createSession(bytes: Uint8Array): Promise<ort.InferenceSession> {
  // Without VNNI the runtime's products of uint8 and int8 overflow 16 bits, unless it is told to be exact.
  const extra = { session: { x64quantprecision: '1' } };
  const options = { logSeverityLevel: 3, intraOpNumThreads: 1, extra } as const;
  try {
    return await ort.InferenceSession.create(bytes, options);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('Exception during initialization'))) throw error;
    return ort.InferenceSession.create(bytes, { ...options, graphOptimizationLevel: 'disabled' });
  }
}
