/** @file What `pareidolia guard` does, from the request to the files. */

import { createHash } from 'node:crypto';
import { type Model, writeModel } from '@pareidolia/autodiff';
import {
  DETECTORS,
  type Detector,
  type Device,
  detectorNamed,
  discriminatorDetector,
  type GuardedModel,
  InputError,
  type OnnxClassifier,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { type AuditBudget, type BuiltGuard, buildGuard, type GuardRun } from '@pareidolia/lab';
import { loadOutliers } from '../audit/real-images.ts';
import { type OpenedDiscriminator, openDiscriminator } from '../generator/discriminator-file.ts';
import { type ImageRequest, type ImageSource, openImages } from '../images/image-source.ts';
import { writeAtomically } from '../job/files.ts';
import { requireFreeFile } from '../job/out-file.ts';
import type { CardOptions } from '../model/card-options.ts';
import { type ModelFile, readModel } from '../model/model-file.ts';
import { type OpenOptions, openNetwork } from '../model/open-classifier.ts';
import { readGraph } from '../model/read-graph.ts';
import { writeCard } from '../model/write-card.ts';
import { VERSION } from '../version.ts';
import { type Latencies, latencies } from './latency.ts';

export interface GuardRequest extends ImageRequest {
  readonly model?: string | undefined;
  readonly card?: string | undefined;
  readonly cardOptions?: CardOptions;
  readonly outliers?: string | undefined;
  /** Path of a discriminator, which is tried as one more detector. */
  readonly discriminator?: string | undefined;
  readonly discriminatorRange?: readonly [number, number] | undefined;
  /** The share of real images to keep. */
  readonly tpr: number;
  /** Names of those to try; all when absent. */
  readonly detector?: readonly string[] | undefined;
  readonly budget: AuditBudget;
  readonly out?: string | undefined;
  readonly force: boolean;
  readonly device: Device;
  readonly threads: number;
}

/** Called as a guard is made. */
export interface GuardObserver {
  begin(model: string, source: ImageSource): void;
  notice(notice: string): void;
  reading(done: number, total: number): void;
  progress(share: number, doing: string): void;
}

/** The object of `--json`. */
export interface WrittenGuard extends GuardRun {
  readonly model: string;
  readonly sha256: string;
  readonly out: string;
  readonly card: string;
  readonly record: string;
  /** Of the guarded model's file. */
  readonly bytes: number;
  /** Milliseconds for one image on its own, of the network and of each guarded model, on this machine. */
  readonly milliseconds: Latencies;
  /** Bytes that each detector adds to the file. */
  readonly added: Readonly<Record<string, number>>;
  /** Pictures that were left out; each a sentence without a full stop. */
  readonly imagesLeftOut: readonly string[];
}

/**
 * @param signal once aborted, it ends before anything is written, with the signal's reason
 * @throws InputError where something the user gave cannot be used; DiskError
 */
export async function guard(
  request: GuardRequest,
  signal: AbortSignal,
  observer: GuardObserver,
): Promise<WrittenGuard> {
  const file = readModel(request.model, request.card, request.cardOptions);
  const out = request.out ?? `${file.name.replace(/\.onnx$/i, '')}.guarded.onnx`;
  if (!/\.onnx$/i.test(out)) throw new InputError(`--out ${out} is the name of no model; give one that ends in .onnx`);
  const [cardFile, record] = ['.card.json', '.guard.json'].map((end) => out.replace(/\.onnx$/i, end)) as [
    string,
    string,
  ];
  for (const path of [out, cardFile, record]) requireFreeFile(path, file.path, request.force);
  const { device, threads } = request;
  const runtime = nodeRuntime();
  const classifier = await openNetwork(file, { runtime, device, threads, behindGuard: false });
  let judge: OpenedDiscriminator | undefined;
  try {
    const graph = readGraph(file);
    if (classifier.runsApart) {
      throw new InputError(
        `${file.name} cannot be guarded, since it runs as it is and no graph can be built around it: ${classifier.notices.at(-1)}`,
      );
    }
    const source = await openImages(classifier, classifier.card, request);
    observer.begin(file.name, source);
    const outliers = await outliersOf(request, classifier, signal, observer);
    judge = await discriminatorOf(request, classifier, source, { runtime, device, threads });
    for (const notice of [...classifier.notices, ...(judge?.notices ?? [])]) observer.notice(`${notice}.`);
    const built = await buildGuard({
      classifier,
      file: graph,
      runtime,
      session: { device, threads },
      real: { origin: source.origin, count: source.count, batches: () => source.batches() },
      outliers,
      detectors: detectorsOf(request, judge),
      rate: request.tpr,
      seed: request.seed,
      budget: request.budget,
      progress: (share, doing) => observer.progress(share, doing),
      pause: async () => signal.throwIfAborted(),
    });
    observer.progress(0.95, 'how fast they are');
    const milliseconds = await latencies(classifier, built.all, runtime, { device, threads }, signal);
    signal.throwIfAborted();
    return write({ file, classifier, graph, built, out, cardFile, record, milliseconds, leftOut: source.leftOut });
  } finally {
    await judge?.classifier.dispose();
    await classifier.dispose();
  }
}

/** The detectors to try: a discriminator is one of them where it is given. */
function detectorsOf({ detector: names }: GuardRequest, judge: OpenedDiscriminator | undefined): readonly Detector[] {
  const given = judge === undefined ? [] : [discriminatorDetector(judge)];
  if (names === undefined) return [...DETECTORS, ...given];
  return names.map((name) => {
    if (name !== 'discriminator') return detectorNamed(name);
    if (given[0] !== undefined) return given[0];
    throw new InputError('The detector discriminator is a network of yours; name its file with --discriminator');
  });
}

async function discriminatorOf(
  { discriminator, discriminatorRange }: GuardRequest,
  classifier: OnnxClassifier,
  source: ImageSource,
  options: OpenOptions,
): Promise<OpenedDiscriminator | undefined> {
  if (discriminator === undefined) return undefined;
  for await (const { images } of source.batches()) {
    return openDiscriminator({ discriminator, discriminatorRange }, classifier, images, options);
  }
  return openDiscriminator({ discriminator, discriminatorRange }, classifier, undefined, options);
}

async function outliersOf(
  { outliers, seed, budget }: GuardRequest,
  classifier: OnnxClassifier,
  signal: AbortSignal,
  { reading }: GuardObserver,
) {
  if (outliers === undefined) return undefined;
  const { images } = await loadOutliers(classifier, classifier.card, outliers, seed, budget, {
    signal,
    onRead: reading,
  });
  if (images.images.count < 2)
    throw new InputError(
      `--outliers ${outliers} has one image; give at least two, one to choose by and one to measure on`,
    );
  return images;
}

interface Writing {
  readonly file: ModelFile;
  readonly classifier: OnnxClassifier;
  readonly graph: Model;
  readonly built: BuiltGuard;
  readonly out: string;
  readonly cardFile: string;
  readonly record: string;
  readonly milliseconds: Latencies;
  readonly leftOut: readonly string[];
}

/** Writes record and card, and the model last: where it is, all is. */
function write({
  file,
  classifier,
  graph,
  built,
  out,
  cardFile,
  record,
  milliseconds,
  leftOut,
}: Writing): WrittenGuard {
  const { run, guarded, all } = built;
  const bytes = writeModel(guarded.model);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const plain = writeModel(graph).length;
  const added = Object.fromEntries(
    [...all].map(([name, each]: [string, GuardedModel]) => [name, writeModel(each.model).length - plain]),
  );
  const { measures, detector, rate } = run;
  const isOutput = graph.graph.outputs.some(({ name }) => name === classifier.ends.output);
  writeAtomically(
    record,
    `${JSON.stringify({ version: VERSION, model: { name: file.name, sha256: file.sha256 }, guarded: { sha256, bytes: bytes.length }, added, ...run }, null, 2)}\n`,
  );
  writeCard(
    {
      card: {
        ...classifier.card,
        // Refused is one class more, so all others have to have names.
        classNames: [...classifier.classNames],
        ...(isOutput ? { outputName: classifier.ends.output } : {}),
        sha256,
        guard: { ...run.outputs, detector, threshold: measures.threshold, tpr: rate },
      },
    },
    classifier,
    cardFile,
  );
  writeAtomically(out, bytes);
  return {
    ...run,
    model: file.name,
    sha256,
    out,
    card: cardFile,
    record,
    bytes: bytes.length,
    milliseconds,
    added,
    imagesLeftOut: leftOut,
  };
}
