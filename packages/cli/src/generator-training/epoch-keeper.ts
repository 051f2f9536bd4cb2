/** @file What is kept of each epoch of a training of a generator: a line, a sheet of samples, and the state to go on from. */

import type { Model } from '@pareidolia/autodiff';
import type { Recordable, TrainingState } from '@pareidolia/core';
import type { z } from 'zod';
import type { JobFolder } from '../job/folder.ts';
import type { UnitContext } from '../job/unit.ts';
import { readStanding, writeStanding } from '../train/state.ts';
import type { Samples } from './samples.ts';
import type { GeneratorTrainingSettings } from './settings.ts';
import { writeSheet } from './sheets.ts';

/** What an epoch ended with. */
export interface EndedEpoch<Line> {
  readonly line: Line;
  /** As it is by now. */
  readonly generator: Model;
  readonly state: TrainingState;
}

/** Of every line. */
interface CommonLine {
  /** From 1. */
  readonly epoch: number;
}

/** Goes on after the last epoch that is in the checkpoint; an interrupted epoch is repeated. */
export class EpochKeeper<Line extends CommonLine> {
  /** Where to go on; absent at the beginning. */
  readonly resume: { readonly resume?: TrainingState };
  readonly #folder: JobFolder<GeneratorTrainingSettings>;
  readonly #checkpoint: UnitContext<Recordable>['checkpoint'];
  readonly #log;
  readonly #lines: Line[];
  readonly #samples: Samples;

  /** @throws InputError where the checkpoint is damaged, or of another network */
  constructor(
    folder: JobFolder<GeneratorTrainingSettings>,
    schema: z.ZodType<Line>,
    { checkpoint }: Pick<UnitContext<Recordable>, 'checkpoint'>,
    samples: Samples,
  ) {
    const before = readStanding(checkpoint);
    this.resume = before === undefined ? {} : { resume: before.state };
    this.#folder = folder;
    this.#checkpoint = checkpoint;
    this.#log = folder.log('epochs', schema, before?.epochs ?? 0);
    this.#lines = [...this.#log.read()];
    this.#samples = samples;
  }

  /** All epochs that have ended, in their order. */
  get lines(): readonly Line[] {
    return this.#lines;
  }

  async keep({ line, generator, state }: EndedEpoch<Line>): Promise<void> {
    const { path, config } = this.#folder;
    writeSheet(path, line.epoch, config.settings.epochs, await this.#samples.sheet(generator));
    this.#log.add(line);
    this.#lines.push(line);
    this.#checkpoint.write(writeStanding({ state, epochs: this.#log.flush() }));
  }
}
