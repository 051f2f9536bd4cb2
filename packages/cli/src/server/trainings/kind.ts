/** @file A kind of training of generators that the studio shows. */

import { join } from 'node:path';
import type { TrainingChart, TrainingEpoch } from '@pareidolia/studio';
import type { z } from 'zod';
import type { GeneratorTrainingSettings } from '../../generator-training/settings.ts';
import { type JobConfig, type JobKind, readConfig } from '../../job/config.ts';
import { Tail } from '../../job/tail.ts';

/** What every training of a generator writes of an epoch. */
export interface EpochLine {
  /** From 1. */
  readonly epoch: number;
  /** Spent on the training so far, over all sittings. */
  readonly seconds: number;
}

/** What differs between the kinds. */
export interface WatchedTraining<Line extends EpochLine, Settings extends GeneratorTrainingSettings> {
  readonly job: JobKind<Settings>;
  readonly line: z.ZodType<Line>;
  /** What is shown; the figures are fields of a line. */
  readonly charts: readonly TrainingChart[];
  /** What goes wrong, and what helps: sentences. */
  trouble(lines: readonly Line[]): string | undefined;
}

/** A folder of a training, whatever its kind. */
export interface WatchedFolder {
  readonly config: JobConfig<GeneratorTrainingSettings>;
  readonly charts: readonly TrainingChart[];
  /** Epochs that have come since the last call; `anew` where all that came before are to be forgotten. */
  read(): { readonly epochs: readonly (TrainingEpoch & EpochLine)[]; readonly anew: boolean };
  trouble(): string | undefined;
}

export interface WatchedKind {
  /** The command. */
  readonly name: string;
  /** @throws InputError where the folder is not of this kind, or damaged */
  open(path: string): WatchedFolder | undefined;
}

export function watched<Line extends EpochLine, Settings extends GeneratorTrainingSettings>(
  training: WatchedTraining<Line, Settings>,
): WatchedKind {
  const figures = training.charts.flatMap(({ lines }) => lines.map(({ figure }) => figure));
  return {
    name: training.job.name,
    open(path) {
      const config = readConfig(path, training.job);
      if (config === undefined) return undefined;
      const tail = new Tail(join(path, 'epochs.jsonl'), training.line);
      let all: Line[] = [];
      return {
        config,
        charts: training.charts,
        read() {
          const { lines, anew } = tail.read();
          if (anew) all = [];
          all.push(...lines);
          return { epochs: lines.map((line) => shown(line, figures)), anew };
        },
        trouble: () => training.trouble(all),
      };
    },
  };
}

function shown(line: EpochLine, figures: readonly string[]): TrainingEpoch & EpochLine {
  const fields = new Map<string, unknown>(Object.entries(line));
  return {
    epoch: line.epoch,
    seconds: line.seconds,
    figures: Object.fromEntries(figures.map((figure) => [figure, Number(fields.get(figure))])),
  };
}
