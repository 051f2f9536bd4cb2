import { describe, expect, it } from 'vitest';
import { decodeMessage, decodeMessages, encodeMessage, MessageError } from './wire.ts';

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

/** `count` times the same header, and no more: what a five-byte header claims costs nothing to write. */
function repeated(header: readonly number[], count: number): Uint8Array {
  return Uint8Array.from({ length: header.length * count }, (_, i) => header[i % header.length]!);
}

/** An array header that claims 2^25 elements, and a map header that claims as many pairs. */
const [ARRAY, MAP] = [
  [0xdd, 2, 0, 0, 0],
  [0xdf, 2, 0, 0, 0],
];

describe('a message is refused at the header', () => {
  it.each([
    ['nested arrays that claim 2^25 elements each', repeated(ARRAY, 18)],
    ['nested maps that claim 2^25 pairs each', repeated(MAP, 18)],
    ['one array of 2^32 - 1 elements', Uint8Array.of(0xdd, 255, 255, 255, 255, 0)],
    ['arrays in arrays, each of as many as bytes are left', repeated([0xdc, 0, 200], 200)],
    ['a text of 4 GB', Uint8Array.of(0xdb, 255, 255, 255, 255, 65)],
    ['bytes of 4 GB', Uint8Array.of(0xc6, 255, 255, 255, 255, 0)],
    ['an extension of 4 GB', Uint8Array.of(0xc9, 255, 255, 255, 255, 1, 0)],
    ['arrays that are 100,000 deep', Uint8Array.from([...repeated([0x91], 100_000), 0xc0])],
    ['maps that are 100,000 deep', Uint8Array.from([...repeated([0x81, 0xa1, 0x61], 100_000), 0xc0])],
    ['a type that there is not', Uint8Array.of(0xc1)],
    ['nothing', new Uint8Array(0)],
    ['two messages', Uint8Array.of(1, 2)],
    ['a part of a float', Uint8Array.of(0xc7, 3, 1, 0, 0, 0)],
    ['a number as the key of a prototype', Uint8Array.from([0x81, 0xa9, ...Buffer.from('__proto__'), 0x80])],
  ])('where it is %s', (_, bytes) => {
    expect(() => decodeMessage(bytes)).toThrow(MessageError);
  });

  it('wherever it is cut off', () => {
    const whole = encodeMessage(MESSAGE);
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeMessage(whole.slice(0, length))).toThrow(MessageError);
    }
  });

  it('where it has more values, or is deeper, than its reader wants', () => {
    // An array of three holds four values, itself included.
    const bytes = encodeMessage([1, 2, [3]]);
    expect(decodeMessage(bytes, { depth: 2, values: 5 })).toEqual([1, 2, [3]]);
    expect(() => decodeMessage(bytes, { depth: 1 })).toThrow('nested');
    expect(() => decodeMessage(bytes, { values: 4 })).toThrow('values');
    expect(() => decodeMessage(bytes, { bytes: 4 })).toThrow('promises');
  });

  it('in a stream, too', async () => {
    const read = async (bytes: Uint8Array) => {
      const pieces = async function* () {
        yield bytes;
      };
      for await (const _ of decodeMessages(pieces()));
    };
    await expect(read(Uint8Array.of(0xdd, 255, 255, 255, 255))).rejects.toThrow(MessageError);
    await expect(read(repeated([0x91], 100_000))).rejects.toThrow(MessageError);
  });
});

it.each([
  ['nothing in it', [[], {}, '']],
  ['arrays of 15, 16 and 65536', [15, 16, 65536].map((length) => Array.from({ length }, (_, i) => i - 20_000))],
  [
    'maps of 15, 16 and 65536',
    [15, 16, 65536].map((n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, 1]))),
  ],
  ['texts of 31, 32, 255, 256 and 65536', [31, 32, 255, 256, 65536].map((length) => 'x'.repeat(length))],
  ['bytes of 255, 256 and 65536', [255, 256, 65536].map((length) => new Uint8Array(length))],
  ['floats of 1, 2, 4, 8 and 70000', [1, 2, 4, 8, 70_000].map((length) => new Float32Array(length))],
  [
    'integers of all sizes',
    [0, 127, 128, 255, 256, 65536, 2 ** 32, 2 ** 40, -1, -32, -33, -128, -129, -40_000, -(2 ** 40)],
  ],
  ['the other values', [null, true, false, 0.5]],
])('a message with %s comes through', (_, value) => {
  expect(decodeMessage(encodeMessage(value))).toEqual(value);
});
