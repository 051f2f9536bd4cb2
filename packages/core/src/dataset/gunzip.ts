/** @file Decompression that stops in time. */

import { InputError } from '../errors.ts';

// The Compression Streams standard, which Node and browsers share; declared here because the core is compiled without
// the libraries of either.
declare class DecompressionStream {
  constructor(format: 'gzip');
  readonly writable: { getWriter(): ChunkWriter };
  readonly readable: { getReader(): ChunkReader };
}
interface ChunkWriter {
  readonly ready: Promise<unknown>;
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
interface ChunkReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** Compressed bytes handed over at a time, so that not much is ever unpacked ahead of the reader. */
const FEED = 16384;

/** Whether bytes begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks a gzip file piece by piece.
 *
 * @param where the file's name, for the error
 * @yields pieces of the content; a reader who has enough leaves the loop, and nothing more is unpacked
 * @throws InputError where the bytes are damaged or end too soon
 */
export async function* gunzip(bytes: Uint8Array, where: string): AsyncGenerator<Uint8Array, void, void> {
  const stream = new DecompressionStream('gzip');
  const reader = stream.readable.getReader();
  // What goes wrong while writing shows itself to the reader too, where it is reported.
  const writing = feed(stream.writable.getWriter(), bytes).catch(() => undefined);
  let done = false;
  try {
    while (!done) {
      const piece = await reader.read().catch((cause: unknown) => {
        done = true;
        throw new InputError(`${where}: the gzip data are damaged or cut off; fetch the file again`, { cause });
      });
      done = piece.done;
      if (piece.value !== undefined) yield piece.value;
    }
    await writing;
  } finally {
    if (!done) await reader.cancel();
  }
}

async function feed(writer: ChunkWriter, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length; from += FEED) {
    await writer.ready;
    await writer.write(bytes.subarray(from, from + FEED));
  }
  await writer.close();
}
