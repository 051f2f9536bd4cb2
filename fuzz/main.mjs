/**
 * @file `npm run fuzz [-- models] [count] [seed]`: changes sound input at random and sees that nothing but a sentence comes of
 * it. What escapes is written to fuzz/escapes; with its seed it is made again.
 */

import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { fuzzModels } from './fuzz-models.mjs';

const KINDS = { models: fuzzModels };

const words = process.argv.slice(2);
const kinds = words.filter((word) => Object.hasOwn(KINDS, word));
const [count = 100_000, seed = randomInt(2 ** 31)] = words.filter((word) => /^\d+$/.test(word)).map(Number);
const unknown = words.filter((word) => !Object.hasOwn(KINDS, word) && !/^\d+$/.test(word));
if (unknown.length > 0) {
  console.error(`There is nothing called ${unknown.join(', ')} to fuzz; there is ${Object.keys(KINDS).join(', ')}`);
  process.exit(2);
}
let escaped = 0;
for (const kind of kinds.length > 0 ? kinds : Object.keys(KINDS)) {
  console.log(`${kind}: ${count}, seed ${seed}`);
  const { kinds: told, escapes } = await KINDS[kind]({
    seed,
    count,
    limits: { seconds: Number(process.env.PAREIDOLIA_FUZZ_SECONDS ?? 5), bytes: 4 * 2 ** 30 },
    processes: availableParallelism(),
    folder: fileURLToPath(new URL('./escapes', import.meta.url)),
    print: (line) => console.log(line),
  });
  console.log(`${kind}: ${JSON.stringify(told)}`);
  escaped += escapes.length;
}
process.exit(escaped === 0 ? 0 : 1);
