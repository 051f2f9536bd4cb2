import { type Model, OnnxError, readModel } from '@pareidolia/autodiff';
import { InputError } from '@pareidolia/core';
import type { ModelFile } from './model-file.ts';

/**
 * The graph of a model, with its weights.
 *
 * @throws InputError where the file holds none
 */
export function readGraph({ name, bytes, externalData }: Pick<ModelFile, 'name' | 'bytes' | 'externalData'>): Model {
  try {
    return readModel(bytes, { externalData });
  } catch (error) {
    if (error instanceof OnnxError) throw new InputError(`${name}: ${error.message}`, { cause: error });
    throw error;
  }
}
