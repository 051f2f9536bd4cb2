/** @file The IDX file format of MNIST and its relatives (described at the foot of LeCun's MNIST page). */

import { InputError } from '../errors.ts';
import { gunzip, isGzip } from './gunzip.ts';

/** The content of an IDX file of bytes. */
export interface Idx {
  /** For MNIST's images `[count, height, width]`, for its labels `[count]`. */
  readonly dims: readonly number[];
  /** Row-major. */
  readonly data: Uint8Array;
}

/** Unless told otherwise, a file that claims to hold more is refused. */
const DEFAULT_LIMIT = 1 << 30;

const UNSIGNED_BYTE = 8;

/**
 * Reads an IDX file, plain or gzipped. At most the bytes that its header announces are ever unpacked.
 *
 * @param bytes the file
 * @param where its name, for errors
 * @param limit the most bytes that the content may have
 * @throws InputError where it is not IDX of unsigned bytes, is damaged, too big, too short or too long
 */
export async function parseIdx(bytes: Uint8Array, where: string, limit = DEFAULT_LIMIT): Promise<Idx> {
  const pieces = isGzip(bytes) ? gunzip(bytes, where) : [bytes];
  const received: Uint8Array[] = [];
  let length = 0;
  let header: Header | undefined;
  for await (const piece of pieces) {
    received.push(piece);
    length += piece.length;
    header ??= parseHeader(join(received, length), where, limit);
    if (header !== undefined && length > header.length + header.size) {
      throw new InputError(
        `${where}: more data follow than its header announces (${header.dims.join(' x ')} bytes); the file is damaged`,
      );
    }
  }
  if (header === undefined) throw new InputError(`${where}: ends within its header; fetch the file again`);
  if (length < header.length + header.size) {
    throw new InputError(
      `${where}: ends after ${length - header.length} of ${header.size} bytes (${header.dims.join(' x ')}); fetch the file again`,
    );
  }
  return { dims: header.dims, data: join(received, length).subarray(header.length) };
}

interface Header {
  readonly dims: readonly number[];
  /** Bytes of the header itself. */
  readonly length: number;
  /** Bytes that follow it. */
  readonly size: number;
}

/** @returns undefined while there are too few bytes to tell */
function parseHeader(bytes: Uint8Array, where: string, limit: number): Header | undefined {
  if (bytes.length < 4) return undefined;
  const [zero, one, type, rank] = bytes;
  if (zero !== 0 || one !== 0 || rank === 0 || rank! > 8) {
    throw new InputError(`${where}: is not an IDX file (it begins with ${hex(bytes)}, an IDX file with 00 00)`);
  }
  if (type !== UNSIGNED_BYTE) {
    throw new InputError(`${where}: holds values of IDX type ${type}; only unsigned bytes (type 8) are read`);
  }
  const length = 4 + 4 * rank!;
  if (bytes.length < length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const dims = Array.from({ length: rank! }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (size > limit) {
    throw new InputError(`${where}: announces ${dims.join(' x ')} bytes, above the limit of ${limit}`);
  }
  return { dims, length, size };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
