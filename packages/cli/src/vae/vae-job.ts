/** @file The training of a variational autoencoder as a job. */

import { join } from 'node:path';
import { writeModel } from '@pareidolia/autodiff';
import {
  type GeneratorCard,
  hasCollapsed,
  type Recordable,
  trainVae,
  VAE_OPTIMIZER,
  type VaeNetworks,
  withImages,
} from '@pareidolia/core';
import { z } from 'zod';
import { EpochKeeper } from '../generator-training/epoch-keeper.ts';
import { countTrained, saveNetwork } from '../generator-training/networks.ts';
import { Samples } from '../generator-training/samples.ts';
import type { TrainingParts } from '../generator-training/train-in-folder.ts';
import { writeAtomically } from '../job/files.ts';
import { sha256 } from '../job/hash.ts';
import type { Job } from '../job/job.ts';
import type { Results, UnitContext, WorkUnit } from '../job/unit.ts';
import { VAE_EPOCH_LINE, type VaeEpochLine } from './epoch-line.ts';
import type { VaeObserver } from './observer.ts';
import type { VaeResult } from './result.ts';
import { VAE_FILES, type VaeSettings } from './settings.ts';

/** The one unit. */
const KEY = 'training';

/** What black and white are in the generator's output. */
const RANGE: [number, number] = [0, 1];

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length > 0);

/** What the unit leaves: ONNX files, the last sheet of samples, and how the last epoch was. */
const TRAINED = z.object({
  generator: bytes,
  encoder: bytes,
  samples: bytes,
  loss: z.number(),
  reconstruction: z.number(),
  divergence: z.number(),
  diversity: z.number(),
  collapsed: z.boolean(),
});

type Trained = z.infer<typeof TRAINED>;

export class VaeJob implements Job<WorkUnit, Recordable, VaeResult> {
  readonly #parts: TrainingParts<VaeSettings, VaeNetworks>;
  readonly #settings: VaeSettings;
  readonly #observer: VaeObserver;

  constructor(parts: TrainingParts<VaeSettings, VaeNetworks>, observer: VaeObserver) {
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
    const { epochs, batch, learningRate, device, threads } = this.#settings;
    const { checkpoint, signal } = context;
    const observer = this.#observer;
    const session = { device, threads };
    const samples = new Samples({ data, runtime, session, latents: 'normal', range: RANGE, conditional: false });
    const keeper = new EpochKeeper<VaeEpochLine>(folder, VAE_EPOCH_LINE, context, samples);
    const { networks: trained } = await trainVae({
      networks,
      dataset: data.train,
      runtime,
      session,
      epochs,
      batch,
      seed,
      optimizer: VAE_OPTIMIZER,
      learningRate: { kind: 'cosine', base: learningRate },
      ...keeper.resume,
      now: () => performance.now(),
      signal,
      onStep: (progress) => {
        context.progress(progress.step / progress.steps);
        observer.step(() => progress);
      },
      onEpoch: async ({ epoch, step, loss, reconstruction, divergence, networks: { decoder }, state, ...pace }) => {
        const { seconds } = checkpoint;
        const generator = withImages(decoder);
        const diversity = await samples.diversity(generator);
        const line = { epoch, step, loss, reconstruction, divergence, diversity, seconds };
        await keeper.keep({ line, generator, state });
        observer.epoch(line, pace.imagesPerSecond);
        if (hasCollapsed(keeper.lines)) observer.collapsed();
      },
    });
    signal.throwIfAborted();
    const { loss, reconstruction, divergence, diversity } = keeper.lines.at(-1)!;
    const generator = withImages(trained.decoder);
    return {
      generator: writeModel(generator),
      encoder: writeModel(trained.encoder),
      samples: await samples.sheet(generator),
      loss,
      reconstruction,
      divergence,
      diversity,
      collapsed: hasCollapsed(keeper.lines),
    } satisfies Trained;
  }

  async finish(results: Results<Recordable>): Promise<VaeResult> {
    const { folder, seed, data, networks } = this.#parts;
    const { architecture, epochs, latent } = this.#settings;
    const { generator, encoder, samples, ...said } = results.of(KEY) as Trained;
    const card: GeneratorCard = {
      kind: 'generator',
      latentDimension: latent,
      latentDistribution: 'normal',
      range: RANGE,
      color: data.train.images.channels === 1 ? 'grey' : 'rgb',
      dataset: data.name,
    };
    const file = (name: keyof typeof VAE_FILES): string => join(folder.path, VAE_FILES[name]);
    writeAtomically(file('samples'), samples);
    writeAtomically(file('encoder'), encoder);
    const seconds = results.seconds(KEY);
    const result: VaeResult = {
      architecture,
      data: data.name,
      seed,
      epochs,
      latent,
      parameters: { encoder: countTrained(networks.encoder), generator: countTrained(networks.decoder) },
      ...said,
      seconds,
      imagesPerSecond: seconds > 0 ? (epochs * data.train.images.count) / seconds : 0,
      out: folder.path,
      generator: saveNetwork(folder.path, VAE_FILES.generator, generator, card),
      encoder: { model: file('encoder'), sha256: sha256(encoder) },
      samples: file('samples'),
    };
    writeAtomically(file('result'), `${JSON.stringify(result, null, 2)}\n`);
    return result;
  }
}
