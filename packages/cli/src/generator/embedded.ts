/** @file The generators that are part of the software, by the names that users give them. */

import { createRequire } from 'node:module';
import { isFile } from '../model/embedded-word.ts';

/** Each by the data set that it was trained on, which is drawn here. */
const FILES = { digits: '@pareidolia/core/assets/gan-digits.onnx' } as const;

/** What `--generator` takes besides files. */
export const GENERATOR = 'an ONNX file, or digits (embedded)';

/** The one that the studio has where none is named. */
const USUAL_GENERATOR = 'digits' satisfies keyof typeof FILES;

/** Whether a text is the name of one, be there such a file or not. */
export function isEmbeddedGenerator(text: string): text is keyof typeof FILES {
  return Object.hasOwn(FILES, text);
}

/**
 * The path of the file of an embedded generator as a user names it, or by that path; `undefined` for other files. A file of that name comes first.
 */
export function embeddedGeneratorFile(generator: string): string | undefined {
  if (isEmbeddedGenerator(generator)) return isFile(generator) ? undefined : pathOf(generator);
  return (Object.keys(FILES) as (keyof typeof FILES)[]).map(pathOf).find((path) => path === generator);
}

/** The path of the one that the studio has where none is named, whatever files there are. */
export function usualGeneratorFile(): string {
  return pathOf(USUAL_GENERATOR);
}

function pathOf(name: keyof typeof FILES): string {
  return createRequire(import.meta.url).resolve(FILES[name]);
}
