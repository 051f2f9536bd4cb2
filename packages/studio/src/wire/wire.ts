/** @file How requests, answers and events of a studio cross between page and server: MessagePack, typed arrays as bytes. */

import { Decoder, Encoder, ExtensionCodec } from '@msgpack/msgpack';

/** Extension types of MessagePack, each a kind of array. Bytes are MessagePack's own. */
const [FLOATS, SHORTS, INTEGERS] = [1, 2, 3];

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: FLOATS,
  encode: (value) => (value instanceof Float32Array ? bytesOf(value) : null),
  // Copied: what was received need not begin at a multiple of four.
  decode: (data) => new Float32Array(data.slice().buffer),
});
extensionCodec.register({
  type: SHORTS,
  encode: (value) => (value instanceof Uint16Array ? bytesOf(value) : null),
  decode: (data) => new Uint16Array(data.slice().buffer),
});

extensionCodec.register({
  type: INTEGERS,
  encode: (value) => (value instanceof Int32Array ? bytesOf(value) : null),
  decode: (data) => new Int32Array(data.slice().buffer),
});

/** Fields that are undefined are left out. */
export function encodeMessage(value: unknown): Uint8Array<ArrayBuffer> {
  return new Encoder({ extensionCodec, ignoreUndefined: true }).encode(value);
}

/**
 * @returns the message, whose arrays of bytes are views on `bytes`
 * @throws Error where the bytes are no message
 */
export function decodeMessage(bytes: Uint8Array): unknown {
  // Parts of one of Node's buffers would be such buffers again, whose `slice` does not copy.
  return new Decoder({ extensionCodec }).decode(bytesOf(bytes));
}

/** The messages of a stream, as they come. */
export function decodeMessages(stream: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, unknown> {
  return new Decoder({ extensionCodec }).decodeStream(stream);
}

/** Numbers are sent as they lie in memory, low bytes first, as on every machine that has ONNX Runtime. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
