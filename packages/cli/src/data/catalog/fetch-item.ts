/** @file Brings what the catalog knows into the data folder. */

import { createReadStream, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { createTarDecoder } from 'modern-tar';
import { guard } from '../../job/disk-error.ts';
import { writeAtomically } from '../../job/files.ts';
import { DownloadError, type DownloadOptions, download } from './download.ts';
import type { CatalogFile, CatalogItem } from './items.ts';
import { stateOf } from './state.ts';

/** Who is told of a fetch. */
export interface FetchObserver {
  /** A file that is there already, or has come. */
  file(path: string, what: 'there' | 'fetched'): void;
  readonly progress: DownloadOptions['progress'];
}

/**
 * Fetches all files of an item that are not there. A file of the same name with other bytes is not touched.
 *
 * @throws DownloadError where a file cannot be had, or another one has its name; DiskError; the signal's reason
 */
export async function fetchItem(
  item: CatalogItem,
  folder: string,
  signal: AbortSignal,
  observer: FetchObserver,
): Promise<void> {
  const states = await stateOf(item, folder);
  const other = states.find(({ state }) => state === 'other');
  if (other !== undefined) {
    throw new DownloadError(
      `${join(folder, other.path)} is there, and is not the file that was published; move it away, or go on without: commands read it as it is`,
    );
  }
  const there = new Set(states.flatMap(({ path, state }) => (state === 'there' ? [path] : [])));
  for (const file of item.files) {
    const wanted = file.members === undefined ? [file.path] : Object.values(file.members).map(({ path }) => path);
    for (const path of wanted) if (there.has(path)) observer.file(path, 'there');
    if (wanted.every((path) => there.has(path))) continue;
    const place = join(folder, file.path);
    const part = await download(file, place, { signal, progress: observer.progress });
    if (file.members === undefined) guard(place, () => renameSync(part, place));
    else await unpack(file, part, folder, there);
    for (const path of wanted) if (!there.has(path)) observer.file(path, 'fetched');
  }
  for (const [path, card] of Object.entries(item.cards ?? {})) {
    const place = join(folder, path.replace(/\.onnx$/, '.card.json'));
    if (!existsSync(place)) writeAtomically(place, `${JSON.stringify(card, null, 2)}\n`);
  }
}

/** Takes the members that are wanted out of an archive whose checksum was right, and removes it. */
async function unpack(file: CatalogFile, archive: string, folder: string, there: ReadonlySet<string>): Promise<void> {
  const left = new Map(Object.entries(file.members ?? {}));
  const entries = Readable.toWeb(createReadStream(archive).pipe(createGunzip())) as ReadableStream<Uint8Array>;
  for await (const { header, body } of entries.pipeThrough(createTarDecoder())) {
    const member = left.get(header.name);
    if (member === undefined || there.has(member.path)) {
      await body.cancel();
      continue;
    }
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    if (bytes.length !== member.bytes) continue;
    writeAtomically(join(folder, member.path), bytes);
    left.delete(header.name);
  }
  const lacking = [...left].find(([, { path }]) => !there.has(path));
  if (lacking !== undefined) throw new DownloadError(`${file.path} does not hold ${lacking[0]}`);
  rmSync(archive, { force: true });
}
