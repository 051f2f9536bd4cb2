/**
 * @file The genomes of a checkpoint: a file that only grows, so that a checkpoint writes what is new and not a 400 MB
 * archive again. When most of it is outdated, the genomes in use move to a new file.
 */

import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { InputError } from '@pareidolia/core';
import { diskError, guard } from './disk-error.ts';
import { attempt, readAt, writeFully } from './files.ts';
import { openRegular } from './regular-file.ts';

/** Where a genome lies, and the CRC-32 of its bytes: it costs only as much as what is new, whatever the archive weighs. */
export type PackEntry = readonly [id: number, offset: number, length: number, checksum: number];

/** What a checkpoint has to remember of its pack. */
export interface PackIndex {
  readonly file: string;
  /** Bytes that count; what lies beyond was written after the checkpoint. */
  readonly length: number;
  readonly entries: readonly PackEntry[];
}

const NAME = /^genomes-(\d+)\.pack$/;

/** A pack may be this much larger than its living genomes, before it is written anew. */
const SLACK = 1 << 20;

export class GenomePack {
  readonly #folder: string;
  #number: number;
  #entries = new Map<number, PackEntry>();
  #length = 0;

  /** @param index the pack of the checkpoint to go on from; a new one when absent */
  constructor(folder: string, index?: PackIndex) {
    this.#folder = folder;
    this.#number = Number(NAME.exec(index?.file ?? '')?.[1] ?? 0);
    if (index === undefined) return;
    this.#length = index.length;
    for (const entry of index.entries) this.#entries.set(entry[0], entry);
  }

  /**
   * Reads the genomes that the index names.
   *
   * @throws InputError where the pack is not there or not as it was written
   */
  read(): Map<number, Uint8Array> {
    return this.#open((read) => new Map([...this.#entries.values()].map((entry) => [entry[0], read(entry)])));
  }

  /**
   * Reads one genome.
   *
   * @throws InputError where the pack is not there or not as it was written, or the index does not name the genome
   */
  readOne(id: number): Uint8Array {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw unusable(join(this.#folder, packName(this.#number)), `has no genome ${id}`);
    return this.#open((read) => read(entry));
  }

  #open<T>(use: (read: (entry: PackEntry) => Uint8Array) => T): T {
    const path = join(this.#folder, packName(this.#number));
    const file = openPack(path);
    try {
      return use(([, offset, length, checksum]) => {
        const bytes = readBytes(path, file, offset, length);
        if (bytes.length < length || crc32(bytes) !== checksum) throw unusable(path, 'is damaged');
        // Copied: a small buffer of Node's lies anywhere in a larger one, and genes have to be aligned.
        return new Uint8Array(bytes);
      });
    } finally {
      closeSync(file);
    }
  }

  /**
   * Makes the pack hold these genomes, on disk, and says where. The pack of the last checkpoint stays readable until
   * {@link discardOthers}.
   */
  store(genomes: ReadonlyMap<number, Uint8Array>): PackIndex {
    let living = 0;
    for (const genome of genomes.values()) living += genome.length;
    const fresh = this.#length > 2 * living + SLACK;
    const number = fresh ? this.#number + 1 : this.#number;
    const start = fresh ? 0 : this.#length;
    let end = start;
    const entries = new Map<number, PackEntry>();
    const path = join(this.#folder, packName(number));
    guard(path, () => {
      const { O_RDWR, O_CREAT } = constants;
      const file = openRegular(path, start === 0 ? O_RDWR | O_CREAT : O_RDWR, { alone: true });
      try {
        ftruncateSync(file, start);
        for (const [id, genome] of genomes) {
          let entry = fresh ? undefined : this.#entries.get(id);
          if (entry === undefined) {
            entry = [id, end, genome.length, crc32(genome)];
            writeFully(file, genome, end);
            end += genome.length;
          }
          entries.set(id, entry);
        }
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    });
    this.#number = number;
    this.#length = end;
    this.#entries = entries;
    return { file: packName(number), length: end, entries: [...entries.values()] };
  }

  /** Removes packs that no checkpoint names any more. */
  discardOthers(): void {
    for (const name of readdirSync(this.#folder)) {
      if (!NAME.test(name) || name === packName(this.#number)) continue;
      attempt(() => rmSync(join(this.#folder, name), { force: true }));
    }
  }
}

function packName(number: number): string {
  return `genomes-${number}.pack`;
}

function openPack(path: string): number {
  try {
    return openRegular(path, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw unusable(path, 'is missing');
    return guard(path, () => {
      throw error;
    });
  }
}

/** What lies beyond the end of the file is not asked for: an index may say that a genome has 2^50 bytes. */
function readBytes(path: string, file: number, offset: number, length: number): Buffer {
  try {
    if (offset + length > fstatSync(file).size) throw unusable(path, 'is damaged');
    return readAt(file, offset, length);
  } catch (error) {
    throw diskError(path, error, 'read');
  }
}

function unusable(path: string, why: string): InputError {
  return new InputError(`${path} ${why}, so this run cannot be resumed; start another with a new --out`);
}
