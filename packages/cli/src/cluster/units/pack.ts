/**
 * @file Results as bytes: a line of JSON that says what there is, and behind it the bytes of genomes and images. The same
 * content always gives the same bytes, since it is known by its hash.
 */

import { InputError } from '@pareidolia/core';

const MAGIC = Buffer.from('pareidolia-object 1\n');

/** Bytes of the line, at most. */
const MOST_HEADER = 2 ** 28;

/**
 * @param header JSON; its keys in an order that follows from the content
 * @param parts bytes that follow
 */
export function pack(header: object, parts: readonly Uint8Array[]): Uint8Array {
  const lengths = parts.map(({ length }) => length);
  const line = Buffer.from(`${JSON.stringify({ header, lengths })}\n`);
  return new Uint8Array(Buffer.concat([MAGIC, line, ...parts]));
}

/** @throws InputError where the bytes are none that {@link pack} has made */
export function unpack(bytes: Uint8Array): { readonly header: unknown; readonly parts: readonly Uint8Array[] } {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!data.subarray(0, MAGIC.length).equals(MAGIC))
    throw new InputError('It does not begin as an object of a campaign');
  const end = data.indexOf(0x0a, MAGIC.length);
  if (end < 0 || end > MOST_HEADER) throw new InputError('It has no header');
  let line: { header?: unknown; lengths?: unknown };
  try {
    line = JSON.parse(data.toString('utf8', MAGIC.length, end));
  } catch (cause) {
    throw new InputError('Its header is no JSON', { cause });
  }
  const { header, lengths } = line;
  if (!Array.isArray(lengths) || !lengths.every((each) => Number.isSafeInteger(each) && each >= 0)) {
    throw new InputError('Its header does not say how long its parts are');
  }
  let at = end + 1;
  const parts = lengths.map((length: number) => {
    at += length;
    // A copy: typed arrays over it need not care where it begins.
    return new Uint8Array(bytes.slice(at - length, at));
  });
  if (at !== bytes.length)
    throw new InputError(`Its parts have ${at - end - 1} bytes, and there are ${bytes.length - end - 1}`);
  return { header, parts };
}
