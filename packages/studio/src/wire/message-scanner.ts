/**
 * @file Where a MessagePack message ends, and whether it is worth decoding. Decoders make room for as many elements as a header
 * claims, and a header of five bytes can claim four billion; so headers are looked through first, and nothing is made.
 *
 * The format: https://github.com/msgpack/msgpack/blob/master/spec.md
 */

/** What a message may be at most. */
export interface MessageLimits {
  /** Arrays and maps in one another. */
  readonly depth: number;
  /** All values, the keys of maps and what arrays and maps hold included. */
  readonly values: number;
  /** Bytes. */
  readonly bytes: number;
}

/** A message that is no message, or beyond its limits. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
}

/** The bytes after the first one that hold a length, for the types 0xc4 to 0xc9 and 0xd9 to 0xdf. */
const LENGTH_BYTES: Readonly<Record<number, 1 | 2 | 4>> = {
  196: 1,
  197: 2,
  198: 4,
  199: 1,
  200: 2,
  201: 4,
  217: 1,
  218: 2,
  219: 4,
  220: 2,
  221: 4,
  222: 2,
  223: 4,
};

/** Bytes after the first one of nil, booleans, floats (0xca, 0xcb), integers (0xcc to 0xd3) and extensions of fixed size. */
const FIXED_BYTES: Readonly<Record<number, number>> = {
  192: 0,
  194: 0,
  195: 0,
  202: 4,
  203: 8,
  204: 1,
  205: 2,
  206: 4,
  207: 8,
  208: 1,
  209: 2,
  210: 4,
  211: 8,
  212: 2,
  213: 3,
  214: 5,
  215: 9,
  216: 17,
};

/**
 * Looks through one message, which may come in pieces. Time is that of reading the headers, memory that of the depth.
 *
 * Each element takes a byte at least, so a message whose headers promise more than there can be is refused at the header.
 */
export class MessageScanner {
  readonly #limits: MessageLimits;
  /** For each array and map that is open, how many values are still to come. */
  readonly #open: number[] = [];
  /** The sum of these. */
  #promised = 1;
  #values = 0;
  #at = 0;

  constructor(limits: MessageLimits) {
    this.#limits = limits;
  }

  /**
   * Goes on where the last call stopped.
   *
   * @param bytes the message from its beginning, as far as it has come; more may follow it
   * @returns how long the message is; `undefined` while its end has not come
   * @throws MessageError where it is none, or beyond its limits
   */
  scan(bytes: Uint8Array): number | undefined {
    while (this.#promised > 0) {
      const value = headerAt(bytes, this.#at);
      if (value === undefined) return undefined;
      const { size, elements } = value;
      if (++this.#values > this.#limits.values) throw new MessageError('The message has too many values');
      // The value's own promise is kept; those of its elements come on top.
      const promised = this.#promised - 1 + elements;
      if (this.#at + size + promised > this.#limits.bytes) {
        throw new MessageError('The message promises more than it can hold');
      }
      if (this.#at + size > bytes.length) return undefined;
      this.#at += size;
      this.#promised = promised;
      if (elements === 0) this.#close();
      else this.#open.push(elements);
      if (this.#open.length > this.#limits.depth) throw new MessageError('The message is nested too deeply');
    }
    return this.#at;
  }

  /** A value is complete, and with it the arrays and maps whose last one it was. */
  #close(): void {
    while (this.#open.length > 0) {
      const left = --this.#open[this.#open.length - 1]!;
      if (left > 0) return;
      this.#open.pop();
    }
  }
}

interface Header {
  /** Bytes of the value, without those of its elements. */
  readonly size: number;
  /** How many values follow that belong to it: elements of an array, keys and values of a map. */
  readonly elements: number;
}

/** @returns undefined where the header is not there as a whole */
function headerAt(bytes: Uint8Array, at: number): Header | undefined {
  const type = bytes[at];
  if (type === undefined) return undefined;
  if (type < 0x80 || type >= 0xe0) return { size: 1, elements: 0 };
  if (type < 0x90) return { size: 1, elements: 2 * (type & 15) };
  if (type < 0xa0) return { size: 1, elements: type & 15 };
  if (type < 0xc0) return { size: 1 + (type & 31), elements: 0 };
  const fixed = FIXED_BYTES[type];
  if (fixed !== undefined) return { size: 1 + fixed, elements: 0 };
  const width = LENGTH_BYTES[type];
  if (width === undefined) throw new MessageError(`The message has a value of the unknown type ${type}`);
  if (at + width >= bytes.length) return undefined;
  let length = 0;
  for (let i = 1; i <= width; i++) length = length * 256 + bytes[at + i]!;
  if (type >= 0xde) return { size: 1 + width, elements: 2 * length };
  if (type >= 0xdc) return { size: 1 + width, elements: length };
  // Extensions have their own type in one byte more.
  return { size: 1 + width + length + (type >= 0xc7 && type <= 0xc9 ? 1 : 0), elements: 0 };
}
