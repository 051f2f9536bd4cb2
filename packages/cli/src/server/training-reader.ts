/** @file The folder of `train gan` as the studio shows it, without disturbing the process that works in it. */

import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError, troubleOf } from '@pareidolia/core';
import type { Answers, TrainingStatus } from '@pareidolia/studio';
import { readInput, readJson } from '../data/read.ts';
import { GAN_EPOCH_LINE, type GanEpochLine } from '../gan/epoch-line.ts';
import { GAN, GAN_FILES, type GanSettings } from '../gan/settings.ts';
import { GAN_TROUBLES } from '../gan/troubles.ts';
import { SHEETS } from '../generator-training/sheets.ts';
import { type JobConfig, readConfig } from '../job/config.ts';
import { readBytesIfThere } from '../job/files.ts';
import { workerOf } from '../job/lock.ts';
import { Tail } from '../job/tail.ts';
import { cardPath } from '../model/card-lookup.ts';

/** A sheet as it is named, with its epoch. */
const SHEET = /^epoch-(\d+)\.png$/;

/** Bytes that a sheet has at most. */
const MOST_BYTES = 64 * 2 ** 20;

export class TrainingReader {
  readonly id: string;
  readonly path: string;
  readonly config: JobConfig<GanSettings>;
  epochs: GanEpochLine[] = [];
  readonly #tail: Tail<GanEpochLine>;
  #news: GanEpochLine[] = [];

  /** @throws InputError where the folder holds no training of a generator */
  constructor(id: string, path: string) {
    const config = readConfig(path, GAN);
    if (config === undefined) {
      throw new InputError(`${path} holds no training of a generator; choose a folder that \`train gan\` has written`);
    }
    this.id = id;
    this.path = path;
    this.config = config;
    this.#tail = new Tail(join(path, 'epochs.jsonl'), GAN_EPOCH_LINE);
    this.refresh();
    this.#news = [];
  }

  /** Reads what is new, and keeps it for {@link takeNews}. */
  refresh(): void {
    const { lines, anew } = this.#tail.read();
    if (anew) {
      this.epochs = [];
      this.#news = [];
    }
    this.epochs.push(...lines);
    this.#news.push(...lines);
  }

  /** The epochs that have come since the last call. */
  takeNews(): readonly GanEpochLine[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }

  status(): TrainingStatus {
    const { settings, seed, inputs } = this.config;
    const working = workerOf(this.path) !== undefined;
    const last = this.epochs.at(-1);
    const trouble = troubleOf(this.epochs);
    const isDone = existsSync(join(this.path, GAN_FILES.result));
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
      secondsLeft: working && last !== undefined ? (last.seconds / last.epoch) * left : undefined,
      ...(trouble === undefined ? {} : { trouble: GAN_TROUBLES[trouble] }),
      hasGenerator: isDone && !settings.conditional,
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
    const path = join(this.path, GAN_FILES.generator);
    if (!existsSync(path)) {
      throw new InputError(`${this.path} has no generator yet; wait for the end of the training`);
    }
    return {
      name: `${basename(this.path)}-${GAN_FILES.generator}`,
      bytes: new Uint8Array(readInput(path, 'generator')),
      card: readJson(cardPath(path), 'card of the generator'),
    };
  }
}
