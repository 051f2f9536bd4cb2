/** @file The folder of a training of a generator as the studio shows it, without disturbing the process that works in it. */

import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '@pareidolia/core';
import type { Answers, TrainingEpoch, TrainingStatus } from '@pareidolia/studio';
import { readInput, readJson } from '../../data/read.ts';
import { SHEETS } from '../../generator-training/sheets.ts';
import { commandOf } from '../../job/config.ts';
import { readBytesIfThere } from '../../job/files.ts';
import { workerOf } from '../../job/lock.ts';
import { cardPath } from '../../model/card-lookup.ts';
import type { EpochLine, WatchedFolder } from './kind.ts';
import { WATCHED_KINDS } from './kinds.ts';

/** Files that every finished training leaves. */
const [GENERATOR, RESULT] = ['generator.onnx', 'result.json'];

/** A sheet as it is named, with its epoch. */
const SHEET = /^epoch-(\d+)\.png$/;

/** Bytes that a sheet has at most. */
const MOST_BYTES = 64 * 2 ** 20;

export class TrainingReader {
  readonly id: string;
  readonly path: string;
  epochs: (TrainingEpoch & EpochLine)[] = [];
  readonly #folder: WatchedFolder;
  #news: TrainingEpoch[] = [];

  /** @throws InputError where the folder holds no training of a generator */
  constructor(id: string, path: string) {
    this.id = id;
    this.path = path;
    this.#folder = folderOf(path);
    this.refresh();
    this.#news = [];
  }

  /** Reads what is new, and keeps it for {@link takeNews}. */
  refresh(): void {
    const { epochs, anew } = this.#folder.read();
    if (anew) {
      this.epochs = [];
      this.#news = [];
    }
    this.epochs.push(...epochs);
    this.#news.push(...epochs);
  }

  /** The epochs that have come since the last call. */
  takeNews(): readonly TrainingEpoch[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }

  status(): TrainingStatus {
    const { config, charts } = this.#folder;
    const { settings, seed, inputs } = config;
    const working = workerOf(this.path) !== undefined;
    const last = this.epochs.at(-1);
    const trouble = this.#folder.trouble();
    const isDone = existsSync(join(this.path, RESULT));
    const left = last === undefined ? 0 : settings.epochs - last.epoch;
    return {
      id: this.id,
      name: basename(this.path),
      architecture: settings.architecture,
      data: inputs.data?.name ?? settings.data,
      state: working ? 'followed' : isDone ? 'finished' : 'stopped',
      seed: seed ?? 0,
      epoch: last?.epoch ?? 0,
      epochs: settings.epochs,
      ...(last === undefined ? {} : { last }),
      charts,
      secondsLeft: working && last !== undefined ? (last.seconds / last.epoch) * left : undefined,
      ...(trouble === undefined ? {} : { trouble }),
      hasGenerator: isDone,
    };
  }

  /** @throws InputError where there is none yet */
  sheet(): Answers['trainings.sheet'] {
    const folder = join(this.path, SHEETS);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const sheets = names.flatMap((name) => {
      const epoch = SHEET.exec(name)?.[1];
      return epoch === undefined ? [] : [{ epoch: Number(epoch), name }];
    });
    const newest = sheets.reduce<(typeof sheets)[number] | undefined>(
      (best, sheet) => (best === undefined || sheet.epoch > best.epoch ? sheet : best),
      undefined,
    );
    const png = newest && readBytesIfThere(join(folder, newest.name), MOST_BYTES);
    if (newest === undefined || png === undefined) {
      throw new InputError(`${this.path} has no samples yet; wait for the end of the first epoch`);
    }
    return { epoch: newest.epoch, png: new Uint8Array(png) };
  }

  /** @throws InputError where the training has not ended */
  generator(): { readonly name: string; readonly bytes: Uint8Array; readonly card: unknown } {
    const path = join(this.path, GENERATOR);
    if (!existsSync(path)) {
      throw new InputError(`${this.path} has no generator yet; wait for the end of the training`);
    }
    return {
      name: `${basename(this.path)}-${GENERATOR}`,
      bytes: new Uint8Array(readInput(path, 'generator')),
      card: readJson(cardPath(path), 'card of the generator'),
    };
  }
}

/** @throws InputError where the folder is of another command, or damaged */
function folderOf(path: string): WatchedFolder {
  const command = commandOf(path);
  const folder = WATCHED_KINDS.find(({ name }) => name === command)?.open(path);
  if (folder !== undefined) return folder;
  const commands = WATCHED_KINDS.map(({ name }) => `\`${name}\``).join(' or ');
  throw new InputError(`${path} holds no training of a generator; choose a folder that ${commands} has written`);
}
