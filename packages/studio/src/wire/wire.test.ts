import { expect, it } from 'vitest';
import { decodeMessage, decodeMessages, encodeMessage } from './wire.ts';

const MESSAGE = {
  text: 'Grüße',
  bytes: Uint8Array.of(0, 255),
  floats: Float32Array.of(1.5, -0, Number.NaN, 3e38),
  shorts: Uint16Array.of(0, 65535),
  integers: Int32Array.of(-1, 2 ** 31 - 1),
  list: [1, null, { deep: true }],
};

it('messages come out as they went in, typed arrays included', () => {
  expect(decodeMessage(encodeMessage(MESSAGE))).toEqual(MESSAGE);
  expect(decodeMessage(encodeMessage({ here: 1, gone: undefined }))).toEqual({ here: 1 });
});

it('a stream is cut into its messages wherever its pieces end', async () => {
  const all = Buffer.concat([encodeMessage(MESSAGE), encodeMessage(2), encodeMessage(['three'])]);
  for (const size of [1, 3, 7, 1000]) {
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < all.length; at += size) yield new Uint8Array(all.subarray(at, at + size));
    };
    const read: unknown[] = [];
    for await (const message of decodeMessages(pieces())) read.push(message);
    expect(read).toEqual([MESSAGE, 2, ['three']]);
  }
});

it("bytes of a message are plain arrays, also out of one of Node's buffers", () => {
  const { bytes } = decodeMessage(Buffer.from(encodeMessage(MESSAGE))) as typeof MESSAGE;
  expect(Buffer.isBuffer(bytes)).toBe(false);
  expect(bytes.slice().buffer).not.toBe(bytes.buffer);
});
