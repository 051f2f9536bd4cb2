/** @file The graph of a model's file. */

import { type Model, OnnxError, readModel } from '@pareidolia/autodiff';
import { InputError } from '@pareidolia/core';
import type { WeightFiles } from './weight-files.ts';

/** What a graph is read from. */
interface GraphFile extends Pick<WeightFiles, 'externalData'> {
  /** For errors. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The graph of a model, with its weights.
 *
 * @throws InputError where the file holds none
 */
export function readGraph({ name, bytes, externalData }: GraphFile): Model {
  try {
    return readModel(bytes, { externalData });
  } catch (error) {
    if (error instanceof OnnxError) throw new InputError(`${name}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The graph before a model is opened, for what it says by itself and which files of weights it has; why it cannot be read is told later. */
export function graphIfReadable(bytes: Uint8Array, externalData: WeightFiles['externalData']): Model | undefined {
  try {
    return readModel(bytes, { externalData });
  } catch {
    return undefined;
  }
}
