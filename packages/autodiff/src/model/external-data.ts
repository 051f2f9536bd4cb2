/** @file Weights stored in files beside the model (ONNX's external data). */

import { ExternalDataError, OnnxError } from '../errors.ts';

/**
 * The files beside a model that hold weights (ONNX's external data): their contents by path, or a function that returns
 * the contents of a file, or `undefined` if there is none. Paths are those in the model, relative to its folder, with
 * `/` between their parts; a path that leads out of the folder is refused and never asked for.
 */
export type ExternalData = ReadonlyMap<string, Uint8Array> | ((location: string) => Uint8Array | undefined);

/** Reads parts of the files beside a model. */
export interface ExternalFiles {
  /**
   * The bytes of a tensor, as a view.
   *
   * @param entries where they are, as in the model: `location`, `offset` and `length` in bytes
   * @param tensor its name, for errors
   */
  bytesOf(entries: readonly { readonly key: string; readonly value: string }[], tensor: string): Uint8Array;
}

export function externalFiles(data: ExternalData | undefined): ExternalFiles {
  const read = new Map<string, Uint8Array | undefined>();
  const fileOf = (location: string): Uint8Array | undefined => {
    if (!read.has(location)) read.set(location, typeof data === 'function' ? data(location) : data?.get(location));
    return read.get(location);
  };
  return {
    bytesOf(entries, tensor) {
      const fields = new Map(entries.map(({ key, value }) => [key, value]));
      const location = fields.get('location') ?? '';
      if (!isInside(location)) {
        throw new OnnxError(
          `Tensor ${tensor} lies outside the model file, in ${JSON.stringify(location)}, which is not a path inside the model's folder; save the model again`,
        );
      }
      const file = fileOf(location);
      if (file === undefined) throw new ExternalDataError(location, tensor);
      const offset = Number(fields.get('offset') ?? 0);
      const length = Number(fields.get('length') ?? file.length - offset);
      const isPart = [offset, length].every((count) => Number.isSafeInteger(count) && count >= 0);
      if (!isPart || offset + length > file.length) {
        throw new OnnxError(
          `Tensor ${tensor} is said to be bytes ${offset} to ${offset + length} of ${location}, which has ${file.length}; copy both files again`,
        );
      }
      return file.subarray(offset, offset + length);
    },
  };
}

/** Whether a path is relative and stays in the folder, on every operating system. */
function isInside(location: string): boolean {
  const parts = location.split('/');
  return location !== '' && !/[\\:\0]/.test(location) && !parts.includes('..') && parts[0] !== '';
}
