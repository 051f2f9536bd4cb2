/** @file What `pareidolia generator` does, from the request to the files. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  concatenated,
  type Device,
  featureGaussian,
  frechetDistance,
  type Images,
  InputError,
  imageSize,
  LATENT_DISTRIBUTIONS,
  type OnnxClassifier,
  Random,
  type Runtime,
  selectImages,
  sliceImages,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { type GeneratorRun, measureGenerator, renderGeneratorReport, type SeenImages } from '@pareidolia/lab';
import { loadData, requireFitting } from '../data/datasets.ts';
import { type OpenedDiscriminator, openDiscriminator } from '../generator/discriminator-file.ts';
import {
  type GeneratorRequest,
  generatorWords,
  type OpenedGenerator,
  openGenerator,
} from '../generator/generator-file.ts';
import { openImages } from '../images/image-source.ts';
import { quote } from '../job/command-line.ts';
import { makeFolder, writeAtomically } from '../job/files.ts';
import { requireEmptyFolder } from '../job/out-folder.ts';
import { readModel } from '../model/model-file.ts';
import { openNetwork } from '../model/open-classifier.ts';
import { VERSION } from '../version.ts';

export interface MeasureRequest extends GeneratorRequest {
  /** A folder of real pictures, one half of which stands for those of training. */
  readonly images?: string | undefined;
  /** A dataset, whose training part is held against. */
  readonly data?: string | undefined;
  /** Path of the network whose features are used; the embedded network when absent. */
  readonly features?: string | undefined;
  readonly discriminator?: string | undefined;
  readonly discriminatorRange?: readonly [number, number] | undefined;
  /** Images of each kind, at most. */
  readonly count: number;
  readonly seed: number;
  /** Folder of the report; nothing is written when absent. */
  readonly out?: string | undefined;
  readonly device: Device;
  readonly threads: number;
}

export interface MeasureObserver {
  begin(generator: string, features: string): void;
  notice(notice: string): void;
  progress(share: number, doing: string): void;
}

/** Images that the law of the latents is decided by, where nothing says it. */
const MOST_TRIED = 500;

const SPLIT_STREAM = 0x67656e73;

/** Real images: those that stand for training, and others. */
interface RealParts {
  readonly training: Images;
  readonly heldOut: Images;
  readonly names: GeneratorRun['real'];
}

/**
 * @param signal once aborted, it ends before anything is written, with the signal's reason
 * @throws InputError where something the user gave cannot be used; DiskError
 */
export async function measure(
  request: MeasureRequest,
  signal: AbortSignal,
  observer: MeasureObserver,
): Promise<GeneratorRun> {
  const { device, threads, seed, out } = request;
  if (out !== undefined) requireEmptyFolder(out);
  const runtime = nodeRuntime();
  let opened = await openGenerator(request, runtime);
  const file = readModel(request.features, undefined);
  const network = await openNetwork(file, { runtime, device, threads, behindGuard: false });
  let judge: OpenedDiscriminator | undefined;
  let created: string | undefined;
  let isComplete = false;
  try {
    if (network.features === undefined) {
      throw new InputError(
        `${file.name} shows no penultimate features (${network.ends.featuresWhy ?? 'it has no last layer that was found'}); give another network with --features`,
      );
    }
    if (network.reading.kind === 'sigmoids') {
      throw new InputError(
        `${file.name} gives independent sigmoids, which are no probabilities of one class each, so there is no classifier score; give another network with --features`,
      );
    }
    // Before minutes of work rather than after.
    created = out === undefined ? undefined : makeFolder(out);
    observer.begin(opened.generator.where, file.name);
    const pause = async (share: number, doing: string): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      observer.progress(share, doing);
    };
    await pause(0, 'real images');
    const real = await realParts(request, network, signal);
    const count = Math.min(request.count, real.training.count, real.heldOut.count);
    const some = (images: Images): Images => (images.count === count ? images : sliceImages(images, 0, count));
    const training = await seen(network, some(shuffled(real.training, seed)));
    // Figures in the features of a network that is given other pixels than it was trained on are wrong.
    const notices: string[] = [...new Set([...file.notices, ...network.notices])];
    const law = await lawByEvidence(opened, request, network, training, runtime, pause);
    if (law !== undefined) {
      opened = law.opened;
      notices.push(law.notice);
    }
    const { generator } = opened;
    notices.push(...generator.notices, ...generator.conversions(network.shape));
    if (request.discriminator !== undefined) {
      const asked = { discriminator: request.discriminator, discriminatorRange: request.discriminatorRange };
      judge = await openDiscriminator(asked, network, real.heldOut, { runtime, device, threads });
      notices.push(...judge.notices);
    }
    if (count <= training.features.width) {
      notices.push(
        `${count} images of each kind are few for ${training.features.width} features: Frechet distances of so few are large by chance; --count takes more`,
      );
    }
    for (const notice of notices) observer.notice(`${notice}.`);
    await pause(0.1, 'drawing images');
    const generated = await generator.sample(count, seed, network.shape);
    await pause(0.2, 'features');
    const measures = await measureGenerator({
      generated: await seen(network, generated, judge),
      training,
      heldOut: await seen(network, some(shuffled(real.heldOut, seed)), judge),
      among: real.training,
      classNames: network.classNames,
      pause,
    });
    const run: GeneratorRun = {
      generator: { name: generator.where, sha256: opened.sha256, card: generator.card },
      features: { name: file.name, sha256: file.sha256, why: network.ends.featuresWhy ?? '' },
      discriminator: judge === undefined ? null : { name: judge.file.name, sha256: judge.file.sha256 },
      real: real.names,
      seed,
      measures,
      notices,
      command: commandOf(request),
      version: VERSION,
      runtime: runtime.name,
    };
    if (out !== undefined) write(out, run, generated, real.training);
    isComplete = true;
    return run;
  } finally {
    if (!isComplete && created !== undefined) rmSync(created, { recursive: true, force: true });
    await judge?.classifier.dispose();
    await network.dispose();
  }
}

/** Features and scores of images, and a discriminator's odds. */
async function seen(network: OnnxClassifier, images: Images, judge?: OpenedDiscriminator): Promise<SeenImages> {
  const features = await network.features!(images);
  const scores = await network.predict(images);
  if (judge === undefined) return { images, features, scores };
  const { data } = await judge.classifier.logits(images);
  const real = judge.realClass;
  const odds = Float64Array.from(
    { length: images.count },
    (_, row) => data[2 * row + real]! - data[2 * row + 1 - real]!,
  );
  return { images, features, scores, odds };
}

async function realParts(
  { images, data, seed, count }: MeasureRequest,
  network: OnnxClassifier,
  signal: AbortSignal,
): Promise<RealParts> {
  if (images !== undefined && data !== undefined) {
    throw new InputError('--images and --data are two answers to one question; give one of them');
  }
  if (images === undefined) {
    const split = await loadData(data ?? 'digits', seed, signal);
    const heldOut = split.test ?? split.validation;
    for (const part of [split.train, heldOut]) requireFitting({ ...part, labels: new Int32Array(0) }, network);
    return {
      training: split.train.images,
      heldOut: heldOut.images,
      names: { training: split.train.name, heldOut: heldOut.name },
    };
  }
  const source = await openImages(network, network.card, { images, seed });
  const batches: Images[] = [];
  for await (const batch of source.batches()) {
    signal.throwIfAborted();
    batches.push(batch.images);
  }
  const whole = shuffled(concatenated(batches), seed);
  const half = Math.floor(whole.count / 2);
  if (half < 2)
    throw new InputError(`${images} holds ${whole.count} images; give at least 4, half of which are held out`);
  const held = Math.min(half, count);
  return {
    training: sliceImages(whole, 0, whole.count - held),
    heldOut: sliceImages(whole, whole.count - held, whole.count),
    names: { training: `${images}, ${whole.count - held} by the seed`, heldOut: `${images}, the other ${held}` },
  };
}

function shuffled(images: Images, seed: number): Images {
  const order = Uint32Array.from({ length: images.count }, (_, place) => place);
  return selectImages(images, [...Random.stream(seed, SPLIT_STREAM).shuffle(order)]);
}

/** The law of the latents under which images are nearer to real ones, where neither card nor option says it. */
async function lawByEvidence(
  { generator }: OpenedGenerator,
  request: MeasureRequest,
  network: OnnxClassifier,
  training: SeenImages,
  runtime: Runtime,
  pause: (share: number, doing: string) => Promise<void>,
): Promise<{ readonly opened: OpenedGenerator; readonly notice: string } | undefined> {
  if (!generator.isLawGuessed) return undefined;
  const count = Math.min(MOST_TRIED, training.images.count);
  const width = training.features.width;
  const real = featureGaussian({ count, width, data: training.features.data.subarray(0, count * width) });
  const tried: { readonly opened: OpenedGenerator; readonly law: string; readonly distance: number }[] = [];
  for (const latentDistribution of LATENT_DISTRIBUTIONS) {
    await pause(0.05, `latents by the ${latentDistribution} law`);
    const opened = await openGenerator({ ...request, latentDistribution }, runtime);
    const images = await opened.generator.sample(count, request.seed, network.shape);
    const distance = frechetDistance(real, featureGaussian(await network.features!(images)));
    tried.push({ opened, law: latentDistribution, distance });
  }
  const [best, ...others] = [...tried].sort((a, b) => a.distance - b.distance);
  const figures = [best!, ...others].map(({ law, distance }) => `${distance.toPrecision(3)} for ${law}`).join(', ');
  return {
    opened: best!.opened,
    notice: `${generator.where}: its latents are taken as ${best!.law}, for ${count} images drawn so are nearest to real ones (Frechet distance ${figures}); --latent-distribution or a card says otherwise`,
  };
}

function commandOf(request: MeasureRequest): string {
  const { images, data, features, discriminator, discriminatorRange, count, seed, device } = request;
  const [, file, ...others] = generatorWords(request);
  const words = ['npx', 'pareidolia', 'generator', file!, ...others];
  const add = (option: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(`--${option}`, quote(String(value)));
  };
  add('images', images);
  add('data', data);
  add('features', features);
  add('discriminator', discriminator);
  add('discriminator-range', discriminatorRange?.join(','));
  add('count', count);
  add('seed', seed);
  if (device !== 'cpu') add('device', device);
  return words.join(' ');
}

/** Writes the figures and the report. */
function write(out: string, run: GeneratorRun, generated: Images, training: Images): void {
  const size = imageSize(generated);
  const { channels, height, width } = generated;
  const at =
    ({ data }: Images) =>
    (place: number) =>
      data.subarray(place * size, (place + 1) * size);
  writeAtomically(join(out, 'summary.json'), `${JSON.stringify(run, null, 2)}\n`);
  const shape = { channels, height, width };
  writeAtomically(
    join(out, 'report.html'),
    renderGeneratorReport({ run, shape, generated: at(generated), training: at(training) }),
  );
}
