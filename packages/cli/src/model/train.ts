/** @file What `pareidolia train` does, from the request to the model on disk. */

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Model, writeModel } from '@pareidolia/autodiff';
import {
  ADVERSARIAL_RECIPE,
  type AdversarialTraining,
  type Dataset,
  DEFAULT_RECIPE,
  type Device,
  datasetShape,
  type EpochProgress,
  evaluate,
  InputError,
  lenet,
  MAXOUT,
  type ModelCardInput,
  maxout,
  mlp,
  type StepProgress,
  train,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { type DataSplit, loadData } from '../data/datasets.ts';
import { requireOpenFolder, writeAtomically } from '../job/files.ts';
import { cardPath } from './card-lookup.ts';
import { countParameters } from './inspect.ts';
import { measureRobustness, type Robustness } from './robustness.ts';

export interface TrainRequest {
  readonly network: 'lenet' | 'mlp' | 'softmax' | 'maxout';
  readonly data: string;
  /** Path of the model to write. */
  readonly out: string;
  readonly epochs: number;
  readonly batch: number;
  /** At the beginning; it falls along half a cosine. The recipe's own when absent. */
  readonly learningRate?: number;
  readonly distortion: boolean;
  /** Units of the hidden layers of an mlp or maxout network. */
  readonly hidden?: readonly number[];
  readonly adversarial?: AdversarialTraining;
  readonly seed: number;
  readonly device: Device;
  readonly threads: number;
}

export interface TrainObserver {
  begin(data: DataSplit, parameters: number): void;
  step(progress: () => StepProgress): void;
  epoch(progress: EpochProgress): void;
}

/** The object of `--json`. */
export interface TrainResult {
  readonly network: string;
  readonly data: string;
  readonly seed: number;
  readonly epochs: number;
  readonly parameters: number;
  readonly validationAccuracy: number;
  /** `null` where the data have no test part. */
  readonly testAccuracy: number | null;
  /** `null` where the examples were not adversarial. */
  readonly adversarial: AdversarialTraining | null;
  /** Measured where the training was adversarial. */
  readonly robustness: Robustness | null;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly out: string;
  readonly card: string;
  readonly sha256: string;
}

/**
 * @param signal once aborted, training ends and nothing is written
 * @returns undefined where it was aborted
 * @throws InputError where data or settings cannot be used
 */
export async function trainNetwork(
  request: TrainRequest,
  signal: AbortSignal,
  observer: TrainObserver,
): Promise<TrainResult | undefined> {
  const { network, out, epochs, batch, distortion, adversarial, seed, device, threads } = request;
  requireWritable(out);
  const begin = performance.now();
  const data = await loadData(request.data, seed);
  const untrained = build(request, data.train);
  const parameters = countParameters(untrained);
  observer.begin(data, parameters);
  const recipe = adversarial?.kind === 'pgd' ? ADVERSARIAL_RECIPE : DEFAULT_RECIPE;
  const runtime = nodeRuntime();
  const session = { device, threads };
  let last: EpochProgress | undefined;
  const { model, complete } = await train({
    model: untrained,
    dataset: data.train,
    validation: data.validation,
    runtime,
    session,
    epochs,
    batch,
    seed,
    optimiser: recipe.optimiser,
    learningRate: { kind: 'cosine', base: request.learningRate ?? recipe.learningRate.base },
    ...(distortion ? { distortion: DEFAULT_RECIPE.distortion } : {}),
    ...(adversarial === undefined ? {} : { adversarial }),
    now: () => performance.now(),
    signal,
    onStep: (progress) => observer.step(() => progress),
    onEpoch: (progress) => {
      last = progress;
      observer.epoch(progress);
    },
  });
  if (!complete) return undefined;
  const test = data.test === undefined ? undefined : await evaluate(model, data.test, runtime, session);
  const sha256 = save(out, model, data);
  const robustness =
    adversarial === undefined
      ? null
      : await measureRobustness(model, data.test ?? data.validation, adversarial.epsilon, seed, runtime, session);
  const accuracy = (evaluation: { correct: number; count: number } | undefined): number | null =>
    evaluation === undefined ? null : evaluation.correct / evaluation.count;
  return {
    network,
    data: data.name,
    seed,
    epochs,
    parameters,
    validationAccuracy: accuracy(last?.validation) ?? 0,
    testAccuracy: accuracy(test),
    adversarial: adversarial ?? null,
    robustness,
    seconds: (performance.now() - begin) / 1000,
    imagesPerSecond: last?.imagesPerSecond ?? 0,
    out,
    card: cardPath(out),
    sha256,
  };
}

function build({ network, hidden, seed }: TrainRequest, dataset: Dataset): Model {
  const shape = datasetShape(dataset);
  const classes = dataset.classNames.length;
  if (hidden !== undefined && (network === 'lenet' || network === 'softmax')) {
    throw new InputError(`The layers of ${network} are given; leave out --hidden, or train an mlp or maxout network`);
  }
  switch (network) {
    case 'lenet':
      return lenet(shape, classes, seed);
    case 'mlp':
      return mlp(shape, hidden ?? [300, 100], classes, seed);
    case 'softmax':
      return mlp(shape, [], classes, seed);
    case 'maxout':
      return maxout(shape, { ...MAXOUT, ...(hidden === undefined ? {} : { hidden }) }, classes, seed);
  }
}

/** Found out before hours of training rather than after. */
function requireWritable(out: string): void {
  if (!/\.onnx$/i.test(out)) throw new InputError(`--out ${out} should end in .onnx; rename it`);
  const folder = dirname(out);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`There is no folder ${folder} to write ${out} to; create it, or choose another --out`);
  }
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`${out} is a folder; choose a file as --out`);
  }
  requireOpenFolder(folder);
}

/** @returns the SHA-256 of the model file */
function save(out: string, model: Model, { name, train: { classNames, images } }: DataSplit): string {
  const bytes = writeModel(model);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const card: ModelCardInput = {
    classNames: [...classNames],
    color: images.channels === 1 ? 'grey' : 'rgb',
    range: [0, 1],
    output: 'logits',
    dataset: name,
    sha256,
  };
  writeAtomically(out, bytes);
  writeAtomically(cardPath(out), `${JSON.stringify(card, null, 2)}\n`);
  return sha256;
}
