/** @file The networks that are part of the software, by the names that users give them. */

import { createRequire } from 'node:module';
import type { DrawnName } from '@pareidolia/core';
import { isFile } from './embedded-word.ts';

/** Each by the data set that it was trained on, which is drawn here. */
const FILES: Readonly<Record<DrawnName, string>> = {
  digits: '@pareidolia/core/assets/lenet-digits.onnx',
  things: '@pareidolia/core/assets/cnn-things.onnx',
};

/** The one that is taken where no model is named. */
export const USUAL_NETWORK = 'digits';

/** Names that `--model` takes besides files. */
export const EMBEDDED_NETWORKS = Object.keys(FILES) as readonly DrawnName[];

/** An embedded network as a user names it: `digits`, `things`, or nothing at all. A file of that name comes first. */
export function embeddedName(model: string | undefined): DrawnName | undefined {
  if (model === undefined) return USUAL_NETWORK;
  const name = EMBEDDED_NETWORKS.find((each) => each === model);
  return name === undefined || isFile(name) ? undefined : name;
}

/** Whether a text is the name of one, be there such a file or not. */
export function isEmbeddedName(text: string): boolean {
  return Object.hasOwn(FILES, text);
}

/** The path of its file. */
export function embeddedFile(name: DrawnName): string {
  return createRequire(import.meta.url).resolve(FILES[name]);
}
