/** @file The training itself: a long work unit that is saved after each epoch. */

import { writeModel } from '@pareidolia/autodiff';
import type { OutlierSource, Recordable } from '@pareidolia/core';
import { DEFAULT_RECIPE, type EpochProgress, type Runtime, type StepProgress, train } from '@pareidolia/core';
import { z } from 'zod';
import type { DataSplit } from '../data/datasets.ts';
import type { JobFolder } from '../job/folder.ts';
import type { UnitContext } from '../job/unit.ts';
import { TRAINING_THREADS, type TrainSettings } from './settings.ts';
import { readStanding, writeStanding } from './state.ts';
import type { Subject } from './subject.ts';

/** The result of the unit. */
export type Trained = {
  /** An ONNX file of the network as it is trained: from images in [0, 1] to logits. */
  readonly model: Uint8Array;
  /** After the last epoch. */
  readonly validationAccuracy: number;
};

/** The result of the unit, as it was read from the journal. */
export const TRAINED: z.ZodType<Trained> = z.object({
  model: z.custom<Uint8Array>((bytes) => bytes instanceof Uint8Array && bytes.length > 0),
  validationAccuracy: z.number(),
});

/** A line of `epochs.jsonl`. */
export interface EpochLine {
  /** From 1. */
  readonly epoch: number;
  /** Steps so far. */
  readonly step: number;
  /** Mean loss over the epoch, while the network changed: cross-entropy in nats, or that of the defences. */
  readonly meanLoss: number;
  /** Share of the epoch's examples that were classified right. */
  readonly trainAccuracy: number;
  /** Share of the images held out that are classified right after the epoch. */
  readonly validationAccuracy: number;
  /** Spent on the training so far, over all sittings. */
  readonly seconds: number;
}

const EPOCH_LINE: z.ZodType<EpochLine> = z.object({
  epoch: z.int().min(1),
  step: z.int().min(1),
  meanLoss: z.number(),
  trainAccuracy: z.number(),
  validationAccuracy: z.number(),
  seconds: z.number(),
});

export interface TrainingParts {
  readonly folder: JobFolder<TrainSettings>;
  readonly seed: number;
  readonly data: DataSplit;
  readonly subject: Subject;
  readonly outliers: OutlierSource | undefined;
  /** Of the log of epochs. */
  readonly log: string;
  readonly runtime: Runtime;
  readonly observer: { step(progress: () => StepProgress): void; epoch(progress: EpochProgress): void };
}

/** Goes on after the last epoch that is in the checkpoint; an interrupted epoch is repeated. */
export async function trainInEpochs(parts: TrainingParts, context: UnitContext<Recordable>): Promise<Trained> {
  const { folder, seed, data, subject, outliers, runtime, observer } = parts;
  const { epochs, batch, distortion, adversarial, defences, device } = folder.config.settings;
  const { checkpoint, signal } = context;
  const before = readStanding(checkpoint);
  const log = folder.log(parts.log, EPOCH_LINE, before?.epochs ?? 0);
  const { model } = await train({
    model: subject.model,
    dataset: data.train,
    validation: data.validation,
    runtime,
    session: { device, threads: TRAINING_THREADS },
    epochs,
    batch,
    seed,
    ...subject.options,
    learningRate: { kind: 'cosine', base: subject.learningRate },
    ...(distortion ? { distortion: DEFAULT_RECIPE.distortion } : {}),
    ...(adversarial === undefined ? {} : { adversarial }),
    ...(defences === undefined ? {} : { defences }),
    ...(outliers === undefined ? {} : { outliers }),
    ...(before === undefined ? {} : { resume: before.state }),
    now: () => performance.now(),
    signal,
    onStep: (progress) => {
      context.progress(progress.step / progress.steps);
      observer.step(() => progress);
    },
    onEpoch: (progress) => {
      const { epoch, step, meanLoss, trainAccuracy, validation, state } = progress;
      const validationAccuracy = validation === undefined ? 0 : validation.correct / validation.count;
      log.add({ epoch, step, meanLoss, trainAccuracy, validationAccuracy, seconds: checkpoint.seconds });
      checkpoint.write(writeStanding({ state, epochs: log.flush() }));
      observer.epoch(progress);
    },
  });
  signal.throwIfAborted();
  return { model: writeModel(model), validationAccuracy: log.read().at(-1)?.validationAccuracy ?? 0 };
}
