/** @file What `pareidolia train` does, from the request to the model on disk. */

import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Model, readModel } from '@pareidolia/autodiff';
import type { Recordable } from '@pareidolia/core';
import { type EpochProgress, evaluate, InputError, type Runtime, type StepProgress } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { z } from 'zod';
import { dataInput } from '../data/data-input.ts';
import { type DataSplit, loadData } from '../data/datasets.ts';
import { resumingCommand } from '../job/command-line.ts';
import { type JobConfig, newConfig, readConfig } from '../job/config.ts';
import { removeTemporaries, requireOpenFolder, writeAtomically } from '../job/files.ts';
import { JobFolder, type OpenMode, requireRoom } from '../job/folder.ts';
import { gradientForm } from '../job/gradient-form.ts';
import { type Job, runJob } from '../job/job.ts';
import type { Results, UnitContext, WorkUnit } from '../job/unit.ts';
import { countParameters } from '../model/inspect.ts';
import { trainCommandLine } from './command-line.ts';
import { buildNetwork } from './network.ts';
import { isPart, requireNames, requireReplaceable, saveModel, trainingFolder } from './out.ts';
import type { TrainResult } from './result.ts';
import { measureRobustness, ROBUSTNESS, type Robustness } from './robustness.ts';
import { TRAIN, TRAINING_THREADS, type TrainSettings } from './settings.ts';
import { TRAINED, type Trained, trainInEpochs } from './training.ts';

export interface TrainRequest {
  /** The settings that the user gave; others come from the resumed training, or are defaults. */
  readonly given: Partial<TrainSettings>;
  readonly seed?: number;
  /** Path of the model to write; `<network>-<data>.onnx` when absent. */
  readonly out?: string;
  readonly resume: boolean;
  /** Threads if the user gives no number. */
  readonly threads: number;
}

export interface TrainObserver {
  begin(beginning: TrainBeginning): void;
  step(progress: () => StepProgress): void;
  epoch(progress: EpochProgress): void;
}

export interface TrainBeginning {
  readonly settings: TrainSettings;
  readonly seed: number;
  readonly data: DataSplit;
  readonly parameters: number;
  readonly resumed: boolean;
}

/** How it ended: finished, or saved on the way. */
export type TrainOutcome =
  | { readonly done: true; readonly result: TrainResult }
  | { readonly done: false; readonly out: string };

/**
 * Trains a network. What is needed to go on lies in a folder beside the model: {@link trainingFolder}.
 *
 * @param signal once aborted, the epoch under way is left; those before are saved
 * @throws InputError where data or settings cannot be used, where there is a model or a training at the place already, or where
 * the training to resume was another one; DiskError
 */
export async function trainNetwork(
  request: TrainRequest,
  signal: AbortSignal,
  observer: TrainObserver,
): Promise<TrainOutcome> {
  const out = outOf(request);
  requireWritable(out);
  const path = trainingFolder(out);
  const mode: OpenMode = request.resume ? 'resume' : request.given.force === true ? 'replace' : 'begin';
  requireRoom(path, TRAIN, mode);
  if (mode === 'begin') requireReplaceable(out, undefined);
  const before = request.resume ? readConfig(path, TRAIN) : undefined;
  const settings = settingsOf(request, before);
  const seed = request.seed ?? before?.seed ?? 1;
  const data = await loadData(settings.data, seed, signal);
  const untrained = buildNetwork(settings, seed, data.train);
  const runtime = nodeRuntime();
  const config = newConfig(TRAIN, {
    runtime: runtime.name,
    ...(await gradientForm(runtime, settings.device)),
    inputs: {
      data: dataInput(data.name, [data.train, data.validation, ...(data.test === undefined ? [] : [data.test])]),
    },
    settings,
    seed,
    command: trainCommandLine(settings, seed, out),
  });
  const folder = JobFolder.open(path, TRAIN, config, mode, (old, now) => ({
    command: now.command,
    settings: { ...now.settings, force: old.settings.force || now.settings.force },
  }));
  return folder.use(resumingCommand('train', out), async () => {
    removeTemporaries(path, (name) => isPart(out, name));
    const job = new Training({ folder, out, seed, data, untrained, runtime, observer });
    job.requireReplaceable();
    const parameters = countParameters(untrained);
    observer.begin({ settings, seed, data, parameters, resumed: folder.resumed });
    const ending = await runJob(folder, job, { signal });
    return ending.done ? { done: true, result: ending.outcome } : { done: false, out };
  });
}

interface Parts {
  readonly folder: JobFolder<TrainSettings>;
  readonly out: string;
  readonly seed: number;
  readonly data: DataSplit;
  readonly untrained: Model;
  readonly runtime: Runtime;
  readonly observer: TrainObserver;
}

type TrainUnit = WorkUnit & { readonly key: 'training' | 'test' | 'robustness' };

/** The result of each unit. */
interface UnitResults {
  readonly training: Trained;
  readonly test: { readonly correct: number; readonly count: number };
  readonly robustness: Robustness;
}

const READERS: { readonly [Key in keyof UnitResults]: z.ZodType<UnitResults[Key]> } = {
  training: TRAINED,
  test: z.object({ correct: z.int().min(0), count: z.int().min(1) }),
  robustness: ROBUSTNESS,
};

/** One long unit, the training, and what is measured afterwards. */
class Training implements Job<TrainUnit, Recordable, TrainResult> {
  readonly #parts: Parts;
  readonly #settings: TrainSettings;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#settings = parts.folder.config.settings;
  }

  units(): readonly TrainUnit[] {
    const { data, seed } = this.#parts;
    const needs = ['training'];
    return [
      { key: 'training', seed, kind: 'training' },
      ...(data.test === undefined ? [] : [{ key: 'test', seed, kind: 'test', needs } as const]),
      ...(this.#settings.adversarial === undefined
        ? []
        : [{ key: 'robustness', seed, kind: 'robustness', needs } as const]),
    ];
  }

  /** @throws InputError where another model lies at the place of the one that this training makes */
  requireReplaceable(): void {
    const { folder, out } = this.#parts;
    const known = folder.journal().result('training') as Trained | undefined;
    if (!this.#settings.force) requireReplaceable(out, known?.model);
  }

  read(key: string, result: Recordable): Recordable {
    // The keys are those of the units.
    const read = READERS[key as keyof UnitResults].parse(result) as UnitResults['training'] & Recordable;
    if (key === 'training') readModel(read.model);
    return read;
  }

  async run({ key, seed }: TrainUnit, context: UnitContext<Recordable>): Promise<Recordable> {
    const { folder, data, untrained, runtime, observer } = this.#parts;
    const { device, adversarial } = this.#settings;
    const session = { device, threads: TRAINING_THREADS };
    if (key === 'training') return trainInEpochs({ folder, seed, data, untrained, runtime, observer }, context);
    const model = readModel(resultOf(context.results, 'training').model);
    if (key === 'test') {
      const { correct, count } = await evaluate(model, data.test!, runtime, session);
      return { correct, count };
    }
    const robustness = await measureRobustness(
      model,
      data.test ?? data.validation,
      adversarial!.epsilon,
      seed,
      runtime,
      session,
      context.signal,
    );
    return { ...robustness };
  }

  async finish(results: Results<Recordable>): Promise<TrainResult> {
    const { folder, out, seed, data, untrained } = this.#parts;
    const { network, epochs, adversarial } = this.#settings;
    const { model, validationAccuracy } = resultOf(results, 'training');
    this.requireReplaceable();
    const { card, sha256 } = saveModel(out, model, data);
    const test = data.test === undefined ? undefined : resultOf(results, 'test');
    const seconds = results.seconds('training');
    const result: TrainResult = {
      network,
      data: data.name,
      seed,
      epochs,
      parameters: countParameters(untrained),
      validationAccuracy,
      testAccuracy: test === undefined ? null : test.correct / test.count,
      adversarial: adversarial ?? null,
      robustness: adversarial === undefined ? null : resultOf(results, 'robustness'),
      seconds,
      imagesPerSecond: seconds > 0 ? (epochs * data.train.images.count) / seconds : 0,
      out,
      card,
      sha256,
    };
    writeAtomically(`${folder.path}/result.json`, `${JSON.stringify(result, null, 2)}\n`);
    return result;
  }
}

function resultOf<Key extends keyof UnitResults>(results: Results<Recordable>, key: Key): UnitResults[Key] {
  // A key belongs to one branch of `run`, which gives it its type.
  return results.of(key) as UnitResults[Key] & Recordable;
}

function outOf({ out, given: { network, data }, resume }: TrainRequest): string {
  if (out !== undefined) return out;
  if (network !== undefined && data !== undefined) {
    return `${network}-${data.split(/[\\/]/).findLast((part) => part !== '') ?? 'data'}.onnx`;
  }
  throw resume
    ? new InputError('--resume needs --out, the model whose training is to go on')
    : new InputError('Name a network and its data, for example: pareidolia train lenet --data digits');
}

function settingsOf(request: TrainRequest, before: JobConfig<TrainSettings> | undefined): TrainSettings {
  const { given, threads } = request;
  const network = given.network ?? before?.settings.network;
  const data = given.data ?? before?.settings.data;
  if (network === undefined || data === undefined) {
    if (request.resume) {
      throw new InputError(
        `There is no training of ${request.out} to go on with; check --out, or name a network and its data to begin one`,
      );
    }
    throw new InputError('Name a network and its data, for example: pareidolia train lenet --data digits');
  }
  const usual = { epochs: 10, batch: 64, distortion: true, device: 'cpu', threads, force: false } as const;
  return { ...usual, ...before?.settings, ...given, network, data };
}

/** Checked before hours of training rather than after. */
function requireWritable(out: string): void {
  if (out === '') throw new InputError('--out is empty; give the name of a model, or leave it out');
  if (!/\.onnx$/i.test(out)) throw new InputError(`--out ${out} should end in .onnx; rename it`);
  const folder = dirname(out);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`There is no folder ${folder} to write ${out} to; create it, or choose another --out`);
  }
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(`${out} is a folder; choose a file as --out`);
  }
  requireOpenFolder(folder);
  requireNames(out);
}
