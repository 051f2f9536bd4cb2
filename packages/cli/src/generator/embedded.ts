/** @file The generators that are part of the software, by the names that users give them. */

import { statSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Each by the data set that it was trained on, which is drawn here. */
const FILES = { digits: '@pareidolia/core/assets/gan-digits.onnx' } as const;

/** What `--generator` takes besides files. */
export const GENERATOR = 'an ONNX file, or digits (embedded)';

/** The one that the studio has where none is named. */
export const USUAL_GENERATOR = 'digits' satisfies keyof typeof FILES;

/** Whether a text is the name of one, be there such a file or not. */
export function isEmbeddedGenerator(text: string): text is keyof typeof FILES {
  return Object.hasOwn(FILES, text);
}

/** The path of the file of an embedded generator as a user names it; `undefined` for other files. A file of that name comes first. */
export function embeddedGeneratorFile(generator: string): string | undefined {
  if (!isEmbeddedGenerator(generator) || statSync(generator, { throwIfNoEntry: false })?.isFile()) return undefined;
  return createRequire(import.meta.url).resolve(FILES[generator]);
}
