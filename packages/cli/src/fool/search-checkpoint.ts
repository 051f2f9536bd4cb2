/** @file The state of a search on disk: a small JSON file, replaced atomically, and the pack of genomes it names. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { bestOfClasses, type Elite, InputError, type SearchState } from '@pareidolia/core';
import { z } from 'zod';
import { readIfThere, writeAtomically } from '../job/files.ts';
import { GenomePack } from '../job/genome-pack.ts';
import { readRecordable, writeRecordable } from '../job/recordable.ts';

const count = z.int().min(0);

const schema = z.object({
  generations: count,
  evaluations: count,
  replacements: count,
  /** Told so far: the id of the next one. */
  candidates: count,
  /** What the emitter remembers. */
  emitter: z.json(),
  /** Time spent so far, over all sittings. */
  seconds: z.number().min(0),
  /** Bytes of each log at this point; what lies beyond belongs to generations that will be made again. */
  logs: z.object({ history: count, births: count }),
  /** Share of the search that is done, 0 to 1. */
  progress: z.number().min(0).max(1),
  /** For each cell the elite's id and confidence, null where empty. */
  elites: z.array(z.union([z.tuple([count, z.number()]), z.null()])),
  genomes: z.object({ file: z.string(), length: count, entries: z.array(z.tuple([count, count, count, count])) }),
});

type Contents = z.infer<typeof schema>;

/** What a checkpoint holds beside the search's own state. */
export interface CheckpointExtras {
  readonly seconds: number;
  /** Bytes of each log. */
  readonly logs: { readonly history: number; readonly births: number };
  /** Share of the search that is done, 0 to 1. */
  readonly progress: number;
}

export const CHECKPOINT_FILE = 'checkpoint.json';

/** A checkpoint without its genomes, which are read one by one. */
export interface CheckpointView extends Omit<Contents, 'elites' | 'genomes' | 'emitter'> {
  /** In the order of the classes. */
  readonly elites: readonly ({ readonly id: number; readonly confidence: number } | undefined)[];
  /** @throws InputError where the genome is no longer there */
  readonly genome: (id: number) => Uint8Array;
}

/**
 * Reads the last checkpoint of a search that another process may be writing; `undefined` where there is none yet. Where classes have
 * several cells it shows the best one of each.
 *
 * @param classes how many are searched
 * @throws InputError where it is damaged
 */
export function viewCheckpoint(folder: string, classes: number): CheckpointView | undefined {
  const path = join(folder, CHECKPOINT_FILE);
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const { elites, genomes, emitter: _, ...rest } = parse(text, path);
  const pack = new GenomePack(folder, genomes);
  return {
    ...rest,
    elites: bestOfClasses({
      classIndices: elites.map((_, cell) => Math.floor((cell * classes) / elites.length)),
      elites: elites.map((entry) => (entry === null ? undefined : { id: entry[0], confidence: entry[1] })),
    }).elites,
    genome: (id) => pack.readOne(id),
  };
}

/** Saves and restores the state of one search. */
export class SearchCheckpoint {
  readonly #folder: string;
  #pack: GenomePack;

  constructor(folder: string) {
    this.#folder = folder;
    this.#pack = new GenomePack(folder);
  }

  /**
   * The last checkpoint; `undefined` where there is none yet.
   *
   * @throws InputError where it is damaged
   */
  load(): { readonly state: SearchState; readonly extras: CheckpointExtras } | undefined {
    const path = join(this.#folder, CHECKPOINT_FILE);
    const text = readIfThere(path);
    if (text === undefined) return undefined;
    const contents = parse(text, path);
    this.#pack = new GenomePack(this.#folder, contents.genomes);
    const genomes = this.#pack.read();
    const elites = contents.elites.map((entry): Elite | null => {
      if (entry === null) return null;
      const [id, confidence] = entry;
      const genome = genomes.get(id);
      if (genome === undefined) throw damaged(path);
      return { id, confidence, genome };
    });
    const { generations, candidates, evaluations, replacements, seconds, logs, progress } = contents;
    const emitter = emitterState(contents.emitter, path);
    return {
      state: { generations, candidates, evaluations, replacements, elites, emitter },
      extras: { seconds, logs, progress },
    };
  }

  /** @throws DiskError; the last checkpoint is then still good */
  save(state: SearchState, extras: CheckpointExtras): void {
    const genomes = new Map<number, Uint8Array>();
    for (const elite of state.elites) if (elite !== null) genomes.set(elite.id, elite.genome);
    const index = this.#pack.store(genomes);
    const contents: Contents = {
      generations: state.generations,
      evaluations: state.evaluations,
      replacements: state.replacements,
      candidates: state.candidates,
      emitter: z.json().parse(writeRecordable(state.emitter)),
      seconds: extras.seconds,
      logs: extras.logs,
      progress: extras.progress,
      elites: state.elites.map((elite) => (elite === null ? null : [elite.id, elite.confidence])),
      genomes: { file: index.file, length: index.length, entries: index.entries.map(([...entry]) => entry) },
    };
    const body = JSON.stringify(contents);
    writeAtomically(join(this.#folder, CHECKPOINT_FILE), `${JSON.stringify({ sha256: digest(body), body })}\n`);
    this.#pack.discardOthers();
  }
}

const envelope = z.object({ sha256: z.string(), body: z.string() });

function parse(text: string, path: string): Contents {
  try {
    const { sha256, body } = envelope.parse(JSON.parse(text));
    if (sha256 === digest(body)) return schema.parse(JSON.parse(body));
  } catch {
    // Reported below, with one message for all kinds of damage.
  }
  throw damaged(path);
}

function emitterState(value: unknown, path: string): SearchState['emitter'] {
  try {
    return readRecordable(value);
  } catch (cause) {
    throw damaged(path, cause);
  }
}

/** Says that a checkpoint is not one that this program has written. */
export function damaged(path: string, cause?: unknown): InputError {
  return new InputError(`${path} is damaged, so this search cannot be resumed; start another with a new --out`, {
    cause,
  });
}

function digest(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
