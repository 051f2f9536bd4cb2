/** @file Files of weights beside a model (ONNX's external data), each read once and known by its hash. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readInput } from '../data/read.ts';
import { sha256 } from '../job/hash.ts';

export interface WeightFiles {
  /** Reads a file that holds weights, by its name in the model; `undefined` where it is not there. */
  readonly externalData: (location: string) => Uint8Array | undefined;
  /** SHA-256 digests of files that {@link externalData} has read, by their location. */
  readonly weights: ReadonlyMap<string, string>;
}

/** @param model path of a model's file */
export function weightsBeside(model: string): WeightFiles {
  return weightFiles((location) => {
    const beside = join(dirname(model), location);
    return existsSync(beside) ? readInput(beside, 'file of weights') : undefined;
  });
}

/** Files that are in memory. @param contents by their names in the model */
export function weightsInMemory(contents: ReadonlyMap<string, Uint8Array>): WeightFiles {
  return weightFiles((location) => contents.get(location));
}

function weightFiles(read: (location: string) => Uint8Array | undefined): WeightFiles {
  const contents = new Map<string, Uint8Array>();
  const weights = new Map<string, string>();
  const externalData = (location: string): Uint8Array | undefined => {
    const content = contents.get(location) ?? read(location);
    if (content === undefined || contents.has(location)) return content;
    contents.set(location, content);
    weights.set(location, sha256(content));
    return content;
  };
  return { externalData, weights };
}
