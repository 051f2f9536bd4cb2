/** @file The training of a generator and a discriminator as a job. */

import { join } from 'node:path';
import { type Model, nonSaturating, writeModel } from '@pareidolia/autodiff';
import {
  DIVERSITY_IMAGES,
  datasetShape,
  diversity,
  GAN_OPTIMIZER,
  type GanEpoch,
  type GanNetworks,
  type GeneratorCard,
  generateImages,
  type Images,
  type ModelCardInput,
  type Recordable,
  type Runtime,
  trainGan,
  troubleOf,
  withProbability,
} from '@pareidolia/core';
import { z } from 'zod';
import type { DataSplit } from '../data/datasets.ts';
import { makeFolderIn, writeAtomically } from '../job/files.ts';
import type { JobFolder } from '../job/folder.ts';
import { sha256 } from '../job/hash.ts';
import type { Job } from '../job/job.ts';
import type { Results, UnitContext, WorkUnit } from '../job/unit.ts';
import { cardPath } from '../model/card-lookup.ts';
import { readStanding, writeStanding } from '../train/state.ts';
import { GAN_EPOCH_LINE, type GanEpochLine } from './epoch-line.ts';
import type { GanObserver } from './observer.ts';
import type { GanFile, GanResult } from './result.ts';
import { GAN_FILES, type GanSettings, SHEETS } from './settings.ts';
import { encodeSheet } from './sheet.ts';

export interface GanParts {
  readonly folder: JobFolder<GanSettings>;
  readonly seed: number;
  readonly data: DataSplit;
  /** Untrained. */
  readonly networks: GanNetworks;
  readonly runtime: Runtime;
  readonly observer: GanObserver;
}

/** The one unit. */
const KEY = 'training';

/** Sheets have as many rows as columns; those of a conditional generator a column for each class, up to this many. */
const SIDE = 10;

/** Images of sheets and those that the diversity is measured on have seeds of their own. */
const LOOKED_AT = 1;
const MEASURED = 2;

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
  readonly #parts: GanParts;
  readonly #settings: GanSettings;

  constructor(parts: GanParts) {
    this.#parts = parts;
    this.#settings = parts.folder.config.settings;
  }

  units(): readonly WorkUnit[] {
    return [{ key: KEY, seed: this.#parts.seed }];
  }

  read(_: string, result: Recordable): Trained {
    return TRAINED.parse(result);
  }

  /** Goes on after the last epoch that is in the checkpoint; an interrupted epoch is repeated. */
  async run(_: WorkUnit, context: UnitContext<Recordable>): Promise<Recordable> {
    const { folder, seed, data, networks, runtime, observer } = this.#parts;
    const { epochs, batch, learningRate, realLabel, gradientPenalty, latentDistribution } = this.#settings;
    const { checkpoint, signal } = context;
    const before = readStanding(checkpoint);
    const log = folder.log('epochs', GAN_EPOCH_LINE, before?.epochs ?? 0);
    const finished = log.read();
    const { networks: trained } = await trainGan({
      networks,
      dataset: data.train,
      runtime,
      session: this.#session(),
      epochs,
      batch,
      seed,
      optimizer: GAN_OPTIMIZER,
      loss: nonSaturating(realLabel),
      ...(gradientPenalty > 0 ? { gradientPenalty } : {}),
      learningRate: { kind: 'cosine', base: learningRate },
      latents: latentDistribution,
      ...(before === undefined ? {} : { resume: before.state }),
      now: () => performance.now(),
      signal,
      onStep: (progress) => {
        context.progress(progress.step / progress.steps);
        observer.step(() => progress);
      },
      onEpoch: async (epoch) => {
        const line = await this.#lineOf(epoch, checkpoint.seconds);
        const sheets = makeFolderIn(folder.path, SHEETS);
        const name = `epoch-${String(epoch.epoch).padStart(String(epochs).length, '0')}.png`;
        writeAtomically(join(sheets, name), await this.#sheet(epoch.networks.generator));
        log.add(line);
        finished.push(line);
        checkpoint.write(writeStanding({ state: epoch.state, epochs: log.flush() }));
        observer.epoch(line, epoch.imagesPerSecond);
        const trouble = troubleOf(finished);
        if (trouble !== undefined) observer.trouble(trouble);
      },
    });
    signal.throwIfAborted();
    const last = finished.at(-1)!;
    const { discriminatorLoss, generatorLoss, realRight, fakeRight } = last;
    return {
      generator: writeModel(trained.generator),
      discriminator: writeModel(withProbability(trained.discriminator)),
      samples: await this.#sheet(trained.generator),
      trouble: troubleOf(finished) ?? null,
      discriminatorLoss,
      generatorLoss,
      realRight,
      fakeRight,
      diversity: last.diversity,
    } satisfies Trained;
  }

  async finish(results: Results<Recordable>): Promise<GanResult> {
    const { folder, seed, data, networks } = this.#parts;
    const { architecture, epochs, conditional, latent, latentDistribution } = this.#settings;
    const { generator, discriminator, samples, ...game } = results.of(KEY) as Trained;
    const { channels } = data.train.images;
    const common = {
      range: [-1, 1] as [number, number],
      color: channels === 1 ? 'grey' : 'rgb',
      dataset: data.name,
    } as const;
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
      generator: this.#save(GAN_FILES.generator, generator, ofGenerator),
      discriminator: this.#save(GAN_FILES.discriminator, discriminator, ofDiscriminator),
      samples: sheet,
    };
    writeAtomically(join(folder.path, GAN_FILES.result), `${JSON.stringify(result, null, 2)}\n`);
    return result;
  }

  /** The card is first: it names the model by its hash, so that a model is never read by a card that was there before. */
  #save(name: string, model: Uint8Array, card: object): GanFile {
    const path = join(this.#parts.folder.path, name);
    const digest = sha256(model);
    writeAtomically(cardPath(path), `${JSON.stringify({ ...card, sha256: digest }, null, 2)}\n`);
    writeAtomically(path, model);
    return { model: path, card: cardPath(path), sha256: digest };
  }

  async #lineOf(epoch: GanEpoch, seconds: number): Promise<GanEpochLine> {
    const { images } = this.#parts.data.validation;
    const count = Math.min(DIVERSITY_IMAGES, images.count);
    const size = images.data.length / images.count;
    const reference = { ...images, count, data: images.data.subarray(0, count * size) };
    const { discriminatorLoss, generatorLoss, realRight, fakeRight } = epoch;
    const made = await this.#generate(epoch.networks.generator, count, MEASURED);
    return {
      epoch: epoch.epoch,
      step: epoch.step,
      discriminatorLoss,
      generatorLoss,
      realRight,
      fakeRight,
      diversity: diversity(made, reference),
      seconds,
    };
  }

  async #sheet(generator: Model): Promise<Uint8Array> {
    const classes = this.#settings.conditional ? this.#parts.data.train.classNames.length : SIDE;
    const columns = Math.min(SIDE, classes);
    return encodeSheet(await this.#generate(generator, SIDE * columns, LOOKED_AT), columns);
  }

  #generate(generator: Model, count: number, seed: number): Promise<Images> {
    const { data, runtime } = this.#parts;
    const { latentDistribution: latents, conditional } = this.#settings;
    const classes = conditional ? data.train.classNames.length : undefined;
    return generateImages(
      generator,
      datasetShape(data.train),
      { count, seed, latents, classes },
      runtime,
      this.#session(),
    );
  }

  #session() {
    const { device, threads } = this.#settings;
    return { device, threads };
  }
}

/** Values of a network that a training changes by gradients. */
export function countTrained({ graph }: Model): number {
  let count = 0;
  for (const [name, { type, dims, data }] of graph.initializers) {
    if (type === 'float32' && dims.length > 0 && !/\.(mean|variance)$/.test(name)) count += data.length;
  }
  return count;
}
