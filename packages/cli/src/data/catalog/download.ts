/** @file A file from its publisher, in pieces if need be. */

import { createWriteStream, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { diskError, systemCode } from '../../job/disk-error.ts';
import { hasChecksum } from './checksum.ts';
import type { CatalogFile } from './items.ts';

/** None of the addresses gave the file. */
export class DownloadError extends Error {
  override name = 'DownloadError';
}

/** How far a download is. */
export interface DownloadProgress {
  /** Bytes that are there, those of an earlier attempt included. */
  readonly bytes: number;
  /** Bytes of the whole, where the publisher says it. */
  readonly whole: number | undefined;
  /** Bytes of this attempt. */
  readonly received: number;
}

export interface DownloadOptions {
  readonly signal: AbortSignal;
  readonly progress: (progress: DownloadProgress) => void;
  /** Milliseconds without a byte after which an address is given up; a minute when absent. */
  readonly patience?: number;
}

/** Bytes of a file whose size is not published, at most. */
const MOST_UNKNOWN = 64 * 2 ** 20;

/**
 * Fetches a file to `path.part`, where an interrupted download goes on, and returns that name once the checksum is right. The caller
 * moves it to its place.
 *
 * @param path where the file is to be in the end
 * @throws DownloadError where no address gives the published file; DiskError; the signal's reason, with the part kept
 */
export async function download(file: CatalogFile, path: string, options: DownloadOptions): Promise<string> {
  const part = `${path}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw diskError(dirname(path), error);
  }
  const reasons: string[] = [];
  for (const url of file.urls) {
    // A part of something else is found out by the checksum: once more from the beginning then.
    for (const start of [sizeOf(part), 0]) {
      try {
        if (start === 0) rmSync(part, { force: true });
        await receive(url, part, start, file.bytes ?? MOST_UNKNOWN, options);
        if (await hasChecksum(part, file.checksum)) return part;
        rmSync(part, { force: true });
        if (start > 0) continue;
        reasons.push(`${hostOf(url)} sent something else than what was published (its checksum differs)`);
      } catch (error) {
        options.signal.throwIfAborted();
        if (isDiskTrouble(error)) throw diskError(part, error);
        reasons.push(`${hostOf(url)}: ${reasonOf(error)}`);
      }
      break;
    }
  }
  throw new DownloadError(reasons.join('; '));
}

/** Appends to a file what is missing of it. */
async function receive(
  url: string,
  part: string,
  start: number,
  most: number,
  { signal, progress, patience = 60_000 }: DownloadOptions,
): Promise<void> {
  if (start > 0 && start >= most) return;
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), patience);
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, stalled.signal]),
      headers: start > 0 ? { range: `bytes=${start}-` } : {},
    });
    // Nothing is missing: the checksum decides.
    if (start > 0 && response.status === 416) return;
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    if (response.body === null) throw new Error('it answered nothing');
    const from = response.status === 206 ? start : 0;
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    const whole = Number.isFinite(length) ? from + length : undefined;
    let received = 0;
    const counting = new Transform({
      transform(chunk: Buffer, _, done) {
        clearTimeout(timer);
        timer = setTimeout(() => stalled.abort(), patience);
        received += chunk.length;
        if (from + received > most) {
          done(new Error(`it sent more than the ${most} bytes that were published`));
          return;
        }
        progress({ bytes: from + received, whole, received });
        done(null, chunk);
      },
    });
    const to = createWriteStream(part, { flags: from > 0 ? 'a' : 'w' });
    await pipeline(Readable.fromWeb(response.body as never), counting, to);
  } catch (error) {
    if (stalled.signal.aborted) throw new Error(`it sent nothing for ${Math.round(patience / 1000)} s`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function hostOf(url: string): string {
  return new URL(url).host;
}

/** Whether it is the disk that fails, not the network. */
function isDiskTrouble(error: unknown): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  return systemCode(error) !== undefined && ['open', 'write', 'mkdir', 'unlink', 'rm'].includes(syscall ?? '');
}

/** What the network said; undici wraps it. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  const code = systemCode(cause) ?? (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name is not found (is there a network?)';
  if (code !== undefined) return code;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
