/** @file `node fuzz/wire.mjs [mutants] [seed]`: messages between page and server, whole and in a stream. */

import { decodeMessage, decodeMessages, encodeMessage, MessageError } from '@pareidolia/studio/wire';
import fc from 'fast-check';
import { fuzz, mutantsOf } from './support/mutants.mjs';

const message = {
  text: 'Grüße',
  bytes: new Uint8Array(300),
  floats: Float32Array.of(1.5, -0, Number.NaN),
  shorts: Uint16Array.of(1, 2),
  integers: Int32Array.of(-1, 1),
  list: Array.from({ length: 20 }, (_, i) => [i, { deep: [null, true, 2 ** 40, -1.5] }]),
};
const wholes = [message, { code: 'x'.repeat(43) }, Array.from({ length: 70_000 }, () => 1)].map((one) =>
  encodeMessage(one),
);

await fuzz('messages', fc.tuple(mutantsOf(wholes), fc.integer({ min: 1, max: 5000 })), async ([bytes, size]) => {
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  let whole;
  try {
    whole = decodeMessage(bytes);
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
  }
  try {
    const streamed = [];
    for await (const one of decodeMessages(pieces())) streamed.push(one);
    if (whole !== undefined && streamed.length !== 1) throw new Error(`${streamed.length} messages are one`);
  } catch (error) {
    if (!(error instanceof MessageError) || whole !== undefined) throw error;
  }
  return whole === undefined ? 'refused' : true;
});
