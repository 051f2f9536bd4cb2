/** @file Mutants of bytes and of JSON, and the loop that asks of each that it gets through or is refused in one sentence. */

import fc from 'fast-check';

/** Numbers at which formats, and the code that reads them, change their mind. */
const NUMBERS = [0, 1, 2, 127, 128, 255, 256, 65535, 65536, 2 ** 25, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** Values that a field of JSON or of a message should not have. */
const VALUES = [
  null,
  true,
  '',
  'x'.repeat(10_000),
  '\u0000\u001b[2J\u202e',
  '__proto__',
  '../../etc/passwd',
  -1,
  1.5,
  1e308,
  -0,
  3,
  7,
  2 ** 31,
  2 ** 53,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  [],
  {},
  [[]],
  Array.from({ length: 1000 }, () => 0),
];

/** @returns {any} a deep array */
function nested(depth) {
  let value = [];
  for (let i = 1; i < depth; i++) value = [value];
  return value;
}

const change = fc.oneof(
  fc.record({ kind: fc.constant('byte'), at: fc.nat(), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('number'), at: fc.nat(), value: fc.constantFrom(...NUMBERS), little: fc.boolean() }),
  fc.record({ kind: fc.constant('cut'), at: fc.nat() }),
  fc.record({ kind: fc.constant('remove'), at: fc.nat(), length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant('insert'), at: fc.nat(), bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }) }),
  fc.record({ kind: fc.constant('repeat'), at: fc.nat(), length: fc.integer({ min: 1, max: 512 }) }),
);

/** @param {Uint8Array} whole */
function changed(whole, { kind, at, value, little, length, bytes }) {
  const copy = Buffer.from(whole);
  if (copy.length === 0) return copy;
  // Half of all changes are near the beginning, where headers are.
  const place = at % 2 === 0 ? at % Math.min(copy.length, 64) : at % copy.length;
  if (kind === 'byte') copy[place] = value;
  else if (kind === 'number' && place + 4 <= copy.length) {
    if (little) copy.writeUInt32LE(value, place);
    else copy.writeUInt32BE(value, place);
  } else if (kind === 'cut') return copy.subarray(0, place);
  else if (kind === 'remove') return Buffer.concat([copy.subarray(0, place), copy.subarray(place + length)]);
  else if (kind === 'insert') return Buffer.concat([copy.subarray(0, place), bytes, copy.subarray(place)]);
  else if (kind === 'repeat') return Buffer.concat([copy.subarray(0, place + length), copy.subarray(place)]);
  return copy;
}

/**
 * Bytes made of one of some wholes by one to six changes.
 *
 * @param {readonly Uint8Array[]} wholes
 */
export function mutantsOf(wholes) {
  return fc
    .tuple(fc.nat(wholes.length - 1), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([whole, changes]) => new Uint8Array(changes.reduce(changed, Buffer.from(wholes[whole]))));
}

/** @returns {(string | number)[][]} the way to each value within a value */
function places(value, way = []) {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [way];
  return [way, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...way, key]))];
}

/** The value with another one at a place, or without what is there. */
function replaced(value, [key, ...rest], other) {
  if (key === undefined) return other;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  if (rest.length === 0 && other === undefined) delete copy[key];
  else copy[key] = replaced(copy[key], rest, other);
  return copy;
}

/**
 * Plain data made of one of some values by three replacements at most.
 *
 * @param {readonly unknown[]} wholes
 * @param {{ readonly values?: readonly unknown[], readonly inside?: boolean }} options more values to put in; whether the whole
 * itself is left what it is
 */
export function documentsOf(wholes, { values = [], inside = false } = {}) {
  const value = fc.oneof(
    fc.constantFrom(undefined, nested(500), ...VALUES, ...values),
    fc.jsonValue(),
    fc.uint8Array({ maxLength: 40 }),
  );
  return fc
    .tuple(fc.nat(wholes.length - 1), fc.array(fc.tuple(fc.nat(), value), { maxLength: 3 }))
    .map(([whole, changes]) =>
      changes.reduce((document, [at, other]) => {
        const ways = places(document).filter((way) => !inside || way.length > 0);
        return ways.length === 0 ? document : replaced(document, ways[at % ways.length], other);
      }, wholes[whole]),
    );
}

/**
 * Whether a message is one sentence for a user: a line, of ordinary length, without a stack.
 *
 * @param {unknown} message
 */
export function isSentence(message) {
  return (
    typeof message === 'string' &&
    message !== '' &&
    message.length < 2000 &&
    !/\n\s+at |node_modules|\.[jt]s:\d/.test(message)
  );
}

/**
 * Looks at so many mutants, and says what came of them; ends the process with 1 where one escaped.
 *
 * @template T
 * @param {string} what the kind of mutants
 * @param {fc.Arbitrary<T>} mutants
 * @param {(mutant: T) => unknown} survive gives `true` where a mutant was read, and else why it was refused; throws where it escapes
 */
export async function fuzz(what, mutants, survive) {
  const [count = 2000, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number);
  console.log(`${count} mutants of ${what}, seed ${seed}`);
  const counts = { read: 0, refused: 0 };
  const property = fc.asyncProperty(mutants, async (mutant) => {
    const result = await survive(mutant);
    if (result === true) counts.read++;
    else if (isSentence(result)) counts.refused++;
    else throw new Error(`refused with ${JSON.stringify(result)}`);
  });
  const outcome = await fc.check(property, { seed, numRuns: count });
  console.log(`${counts.read} were read, ${counts.refused} were refused in a sentence`);
  if (!outcome.failed) return;
  console.log(`One escaped: ${fc.defaultReportMessage(outcome)}`);
  console.log(outcome.errorInstance);
  process.exitCode = 1;
}
