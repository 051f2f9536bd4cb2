/**
 * @file Models from strangers are tried in a process of their own, with limits on memory and time, before they are opened in this
 * one: a model can crash the runtime natively, which nothing can catch, never end, or take all memory.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, MachineError, type ModelCard } from '@pareidolia/core';
import { cacheFolder } from '../data/folder.ts';
import { VERSION } from '../version.ts';
import { LimitedProcess, type Limits, type Outcome } from './limited-process.ts';
import type { VettingAnswer, VettingJob } from './worker.ts';

/** A model to be tried. */
export interface VettedModel {
  /** Of the file; `undefined` for the embedded network, which needs no trial, and for bytes that are in no file. */
  readonly path: string | undefined;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** SHA-256 digests of its files of weights, by their location. */
  readonly weights?: ReadonlyMap<string, string>;
  /** Reads them. */
  readonly externalData?: (location: string) => Uint8Array | undefined;
  /** Absent for a graph of any kind, that need not be a classifier. */
  readonly card?: ModelCard;
}

/** Set to 1 by who trusts all models and wants no trial. */
const TRUST = 'PAREIDOLIA_TRUST_MODELS';

const WORKER = fileURLToPath(new URL('../../dist/vetting/worker.js', import.meta.url));

/** For a file of no size; each megabyte has as much again. */
const SECONDS = 5;
const SECONDS_PER_MEGABYTE = 1;
const BYTES = 4 * 2 ** 30;
/** What a model of so many bytes takes of memory: the weights, those of the gradient, and copies in other layouts. */
const COPIES = 6;

/** What a trial of a model may take. @param size in bytes, that of its files of weights with it */
export function limitsOf(size: number): Limits {
  return { seconds: SECONDS + SECONDS_PER_MEGABYTE * (size / 2 ** 20), bytes: BYTES + COPIES * size };
}

/**
 * Tries a model, once for each content, card and version of this program: what has been opened well is noted in the cache folder.
 *
 * @throws InputError where it is refused, crashes, does not end, or takes too much memory; MachineError where this machine has none left
 */
export async function vetModel(model: VettedModel, limits = limitsOf(sizeOf(model))): Promise<void> {
  if (process.env[TRUST] === '1') return;
  const note = join(cacheFolder(), 'opened-models', digestOf(model));
  if (existsSync(note)) return;
  const { bytes, name, card, path } = model;
  const child = new LimitedProcess(WORKER);
  try {
    const job: VettingJob = {
      bytes,
      name,
      ...(card === undefined ? {} : { card }),
      // What was fetched has no folder any more.
      ...(path !== undefined && existsSync(path) ? { folder: dirname(path) } : { weights: contentsOf(model) }),
    };
    requireWell(await child.run(job, limits), name, limits);
  } finally {
    child.dispose();
  }
  try {
    mkdirSync(dirname(note), { recursive: true });
    writeFileSync(note, '');
  } catch {
    // It is tried again the next time.
  }
}

/** The files of weights, by their location. */
function contentsOf({ weights = new Map(), externalData }: VettedModel): ReadonlyMap<string, Uint8Array> {
  const found = [...weights.keys()].map((location) => [location, externalData?.(location)] as const);
  return new Map(found.flatMap(([location, content]) => (content === undefined ? [] : [[location, content]])));
}

function sizeOf(model: VettedModel): number {
  return [...contentsOf(model).values()].reduce((size, { length }) => size + length, model.bytes.length);
}

function digestOf({ sha256, weights = new Map(), card }: VettedModel): string {
  return createHash('sha256')
    .update(JSON.stringify([VERSION, process.arch, sha256, [...weights], card]))
    .digest('hex');
}

function requireWell(outcome: Outcome, name: string, { seconds, bytes }: Limits): void {
  const remedy = `it was tried in a process of its own and is not opened; set ${TRUST}=1 if it is yours and that is meant`;
  switch (outcome.kind) {
    case 'answer': {
      // The worker sends nothing else.
      const answer = outcome.value as VettingAnswer;
      if (answer.kind === 'opened') return;
      if (answer.kind === 'refused') throw new InputError(answer.message);
      if (answer.kind === 'short') throw new MachineError(answer.message);
      throw new InputError(`${name} cannot be opened (${answer.message}); export it anew`);
    }
    case 'crash':
      // Neither the runtime nor this program sends that: the system does where memory ends.
      if (outcome.signal === 'SIGKILL') {
        throw new MachineError(
          `${name} was tried in a process of its own, which the system has killed; free some memory`,
        );
      }
      throw new InputError(
        `${name} crashes ONNX Runtime (${outcome.signal ?? `exit code ${outcome.code}`}), so it is not opened; export it anew`,
      );
    case 'too slow':
      throw new InputError(
        `${name} takes more than ${Math.round(seconds)} s to open and to score a few images: ${remedy}`,
      );
    case 'too large':
      throw new InputError(
        `${name} takes more than ${(bytes / 2 ** 30).toFixed(1)} GiB of memory to open and to score a few images: ${remedy}`,
      );
  }
}
