/** @file `node fuzz/genomes.mjs [mutants] [seed]`: packed genomes of all encodings, and documents of genomes. */

import {
  createEncoding,
  ENCODINGS,
  fromCppnDocument,
  fromPaletteDocument,
  InputError,
  imageSize,
  Random,
  toCppnDocument,
} from '@pareidolia/core';
import fc from 'fast-check';
import { documentsOf, fuzz, mutantsOf } from './support/mutants.mjs';

const shapes = [
  { channels: 1, height: 5, width: 7 },
  { channels: 3, height: 4, width: 6 },
];
// Those that render by themselves.
const own = ENCODINGS.filter(({ needs }) => needs === undefined);
const encodings = own.flatMap(({ name }) => shapes.map((shape) => createEncoding({ name, shape, settings: {} })));
const random = Random.stream(1, 1);
const packed = encodings.map((encoding) => encoding.pack(encoding.random(random)));
const documents = encodings
  .filter(({ name }) => name === 'cppn' || name === 'palette')
  .map((encoding) => encoding.document(encoding.random(random)).value);
const any = fc.tuple(fc.nat(encodings.length - 1), fc.oneof(mutantsOf(packed), documentsOf(documents)));

await fuzz('genomes', any, ([which, mutant]) => {
  try {
    if (mutant instanceof Uint8Array) {
      const encoding = encodings[which];
      const image = new Uint8Array(imageSize(encoding.shape));
      // At once, for it is none of those that take a promise.
      void encoding.render([encoding.unpack(mutant)], image);
      encoding.document(encoding.unpack(mutant));
    } else if (mutant?.format === 'pareidolia-palette') fromPaletteDocument(mutant, encodings[which].shape.channels);
    else toCppnDocument(fromCppnDocument(mutant));
    return true;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
});
