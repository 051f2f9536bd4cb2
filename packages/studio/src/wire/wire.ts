/** @file How requests, answers and events of a studio cross between page and server: MessagePack, typed arrays as bytes. */

import { Decoder, Encoder, ExtensionCodec } from '@msgpack/msgpack';
import { MessageError, type MessageLimits, MessageScanner } from './message-scanner.ts';

export { MessageError, type MessageLimits } from './message-scanner.ts';

/** Arrays and maps in one another; ours are five deep, a document of the user's may be deeper. */
const MOST_DEPTH = 64;

/** Bytes of one message in a stream. */
const MOST_STREAMED = 256 * 1024 * 1024;

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
 * Decodes one message. Before anything is made of it, its headers are checked: no array, map, text or binary may claim more
 * than there are bytes left, and none may be nested more than 64 deep.
 *
 * @param limits what it may be beyond that, where it comes from a stranger
 * @returns the message, whose arrays of bytes are views on `bytes`
 * @throws MessageError where the bytes are no message, or one beyond the limits
 */
export function decodeMessage(bytes: Uint8Array, limits: Partial<MessageLimits> = {}): unknown {
  const most = Math.min(bytes.length, limits.bytes ?? bytes.length);
  const { depth = MOST_DEPTH, values = Number.POSITIVE_INFINITY } = limits;
  const length = new MessageScanner({ depth, values, bytes: most }).scan(bytes);
  if (length !== bytes.length) throw new MessageError('The message is cut off, or something follows it');
  return decode(bytes);
}

/**
 * The messages of a stream, as they come.
 *
 * @throws MessageError where one is none, or larger than 256 MB
 */
export async function* decodeMessages(stream: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, unknown> {
  const limits = { depth: MOST_DEPTH, values: Number.POSITIVE_INFINITY, bytes: MOST_STREAMED };
  const waiting = new ByteQueue();
  let scanner = new MessageScanner(limits);
  for await (const piece of stream) {
    waiting.add(piece);
    for (;;) {
      const length = waiting.length === 0 ? undefined : scanner.scan(waiting.bytes);
      if (length === undefined) break;
      yield decode(waiting.take(length));
      scanner = new MessageScanner(limits);
    }
  }
}

/** Bytes that come in pieces and are taken from the front. */
class ByteQueue {
  #room = new Uint8Array(65536);
  #from = 0;
  #to = 0;

  get length(): number {
    return this.#to - this.#from;
  }

  get bytes(): Uint8Array {
    return this.#room.subarray(this.#from, this.#to);
  }

  add(piece: Uint8Array): void {
    const { bytes } = this;
    if (this.#to + piece.length > this.#room.length) {
      // Twice what is needed, so that each byte is moved a few times at most.
      const room = new Uint8Array(Math.max(65536, 2 * (bytes.length + piece.length)));
      room.set(bytes);
      this.#room = room;
      this.#from = 0;
      this.#to = bytes.length;
    }
    this.#room.set(piece, this.#to);
    this.#to += piece.length;
  }

  /** A copy of the first `length` bytes, which are then gone. */
  take(length: number): Uint8Array {
    const taken = this.#room.slice(this.#from, this.#from + length);
    this.#from += length;
    return taken;
  }
}

/** @throws MessageError for what the headers did not show, such as numbers of which a part is missing */
function decode(bytes: Uint8Array): unknown {
  try {
    // Parts of one of Node's buffers would be such buffers again, whose `slice` does not copy.
    return new Decoder({ extensionCodec }).decode(bytesOf(bytes));
  } catch (cause) {
    throw new MessageError('The message cannot be decoded', { cause });
  }
}

/** Numbers are sent as they lie in memory, low bytes first, as on every machine that has ONNX Runtime. */
function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
