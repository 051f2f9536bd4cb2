/** @file `node fuzz/cards.mjs [mutants] [seed]`: model cards, as text and as values. */

import { readFileSync } from 'node:fs';
import { InputError, parseCard } from '@pareidolia/core';
import fc from 'fast-check';
import { documentsOf, fuzz, mutantsOf } from './support/mutants.mjs';

const own = readFileSync(new URL('../packages/core/assets/lenet-digits.card.json', import.meta.url));
const cards = [
  JSON.parse(own.toString()),
  { classNames: ['a', 'b'], mean: [0.4, 0.5, 0.6], deviation: 0.2, range: [0, 255], layout: 'NHWC', color: 'bgr' },
  { resize: { mode: 'crop', shorterSide: 256, filter: 'bicubic' }, inputs: { scale: [1, 2] }, output: 'logits' },
  { labels: ['a', 'b'], colour: 'grey', height: 20, width: 30 },
];
const texts = mutantsOf([own, ...cards.map((card) => Buffer.from(JSON.stringify(card)))]);

await fuzz('cards', fc.oneof(texts, documentsOf(cards)), (mutant) => {
  try {
    const value = mutant instanceof Uint8Array ? jsonOf(mutant) : mutant;
    parseCard(value, 'the card');
    return true;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
});

/** Text that is no JSON is refused by whoever reads the file. */
function jsonOf(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new InputError('not JSON', { cause });
  }
}
