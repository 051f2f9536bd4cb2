/** @file The training of a generator and a discriminator as a job. */

import { join } from 'node:path';
import { nonSaturating, writeModel } from '@pareidolia/autodiff';
import {
  GAN_OPTIMIZER,
  type GanNetworks,
  type GeneratorCard,
  type ModelCardInput,
  type Recordable,
  trainGan,
  troubleOf,
  withProbability,
} from '@pareidolia/core';
import { z } from 'zod';
import { EpochKeeper } from '../generator-training/epoch-keeper.ts';
import { countTrained, saveNetwork } from '../generator-training/networks.ts';
import { Samples } from '../generator-training/samples.ts';
import type { TrainingParts } from '../generator-training/train-in-folder.ts';
import { writeAtomically } from '../job/files.ts';
import type { Job } from '../job/job.ts';
import type { Results, UnitContext, WorkUnit } from '../job/unit.ts';
import { GAN_EPOCH_LINE, type GanEpochLine } from './epoch-line.ts';
import type { GanObserver } from './observer.ts';
import type { GanResult } from './result.ts';
import { GAN_FILES, type GanSettings } from './settings.ts';

/** The one unit. */
const KEY = 'training';

/** What black and white are for both networks. */
const RANGE: [number, number] = [-1, 1];

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length > 0);
const losses = { discriminatorLoss: z.number(), generatorLoss: z.number() };
const shares = { realRight: z.number(), fakeRight: z.number(), diversity: z.number() };

/** What the unit leaves: ONNX files, the last sheet of samples, and how the last epoch was. */
const TRAINED = z.object({
  generator: bytes,
  discriminator: bytes,
  samples: bytes,
  trouble: z.enum(['collapsed', 'unopposed']).nullable(),
  ...losses,
  ...shares,
});

type Trained = z.infer<typeof TRAINED>;

export class GanJob implements Job<WorkUnit, Recordable, GanResult> {
  readonly #parts: TrainingParts<GanSettings, GanNetworks>;
  readonly #settings: GanSettings;
  readonly #observer: GanObserver;

  constructor(parts: TrainingParts<GanSettings, GanNetworks>, observer: GanObserver) {
    this.#parts = parts;
    this.#settings = parts.folder.config.settings;
    this.#observer = observer;
  }

  units(): readonly WorkUnit[] {
    return [{ key: KEY, seed: this.#parts.seed }];
  }

  read(_: string, result: Recordable): Trained {
    return TRAINED.parse(result);
  }

  async run(_: WorkUnit, context: UnitContext<Recordable>): Promise<Recordable> {
    const { folder, seed, data, networks, runtime } = this.#parts;
    const { epochs, batch, learningRate, realLabel, gradientPenalty, average } = this.#settings;
    const { device, threads, conditional, latentDistribution } = this.#settings;
    const { checkpoint, signal } = context;
    const observer = this.#observer;
    const session = { device, threads };
    const samples = new Samples({ data, runtime, session, latents: latentDistribution, range: RANGE, conditional });
    const keeper = new EpochKeeper<GanEpochLine>(folder, GAN_EPOCH_LINE, context, samples);
    const { networks: trained } = await trainGan({
      networks,
      dataset: data.train,
      runtime,
      session,
      epochs,
      batch,
      seed,
      optimizer: GAN_OPTIMIZER,
      loss: nonSaturating(realLabel),
      ...(gradientPenalty > 0 ? { gradientPenalty } : {}),
      ...(average > 0 ? { average } : {}),
      learningRate: { kind: 'cosine', base: learningRate },
      latents: latentDistribution,
      ...keeper.resume,
      now: () => performance.now(),
      signal,
      onStep: (progress) => {
        context.progress(progress.step / progress.steps);
        observer.step(() => progress);
      },
      onEpoch: async ({ networks: { generator }, state, imagesPerSecond, ...said }) => {
        const { epoch, step, discriminatorLoss, generatorLoss, realRight, fakeRight } = said;
        const { seconds } = checkpoint;
        const diversity = await samples.diversity(generator);
        const game = { discriminatorLoss, generatorLoss, realRight, fakeRight, diversity };
        const line = { epoch, step, ...game, seconds };
        await keeper.keep({ line, generator, state });
        observer.epoch(line, imagesPerSecond);
        const trouble = troubleOf(keeper.lines);
        if (trouble !== undefined) observer.trouble(trouble);
      },
    });
    signal.throwIfAborted();
    const { discriminatorLoss, generatorLoss, realRight, fakeRight, diversity } = keeper.lines.at(-1)!;
    return {
      generator: writeModel(trained.generator),
      discriminator: writeModel(withProbability(trained.discriminator)),
      samples: await samples.sheet(trained.generator),
      trouble: troubleOf(keeper.lines) ?? null,
      discriminatorLoss,
      generatorLoss,
      realRight,
      fakeRight,
      diversity,
    } satisfies Trained;
  }

  async finish(results: Results<Recordable>): Promise<GanResult> {
    const { folder, seed, data, networks } = this.#parts;
    const { architecture, epochs, conditional, latent, latentDistribution } = this.#settings;
    const { generator, discriminator, samples, ...game } = results.of(KEY) as Trained;
    const { channels } = data.train.images;
    const common = { range: RANGE, color: channels === 1 ? 'grey' : 'rgb', dataset: data.name } as const;
    const ofGenerator: GeneratorCard = {
      kind: 'generator',
      latentDimension: latent,
      latentDistribution,
      ...common,
      ...(conditional ? { classNames: [...data.train.classNames] } : {}),
    };
    // The card of a classifier: a single probability is that of the second of two classes.
    const ofDiscriminator: ModelCardInput = { classNames: ['generated', 'real'], output: 'sigmoids', ...common };
    const sheet = join(folder.path, GAN_FILES.samples);
    writeAtomically(sheet, samples);
    const seconds = results.seconds(KEY);
    const result: GanResult = {
      architecture,
      data: data.name,
      seed,
      epochs,
      conditional,
      latent,
      parameters: { generator: countTrained(networks.generator), discriminator: countTrained(networks.discriminator) },
      ...game,
      seconds,
      imagesPerSecond: seconds > 0 ? (epochs * data.train.images.count) / seconds : 0,
      out: folder.path,
      generator: saveNetwork(folder.path, GAN_FILES.generator, generator, ofGenerator),
      discriminator: saveNetwork(folder.path, GAN_FILES.discriminator, discriminator, ofDiscriminator),
      samples: sheet,
    };
    writeAtomically(join(folder.path, GAN_FILES.result), `${JSON.stringify(result, null, 2)}\n`);
    return result;
  }
}
