/** @file What `pareidolia fool` does, from the request to the finished run. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Device, InputError, OnnxClassifier } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { type ModelFile, readModel } from '../model/model-file.ts';
import { VERSION } from '../version.ts';
import { parseClasses } from './classes.ts';
import { reproducingCommand } from './command.ts';
import { type RunConfig, readConfig } from './config.ts';
import { type Finished, finishRun } from './finish.ts';
import { freeFolder, RunFolder } from './folder.ts';
import { runMethod } from './loop.ts';
import { createMethod } from './method.ts';
import { type FoolObserver, observeGenerations } from './observer.ts';
import { type MethodRequest, resolveMethod } from './settings.ts';

/** What the user asks for; what is absent is as in the run that is resumed, or as usual. */
export interface FoolRequest extends MethodRequest {
  readonly model?: string;
  readonly card?: string;
  readonly classes?: string;
  readonly seed?: number;
  readonly device?: Device;
  readonly out?: string;
  readonly resume: boolean;
  readonly threads: number;
  /** Seconds. */
  readonly checkpointEvery: number;
}

/** How it ended: finished, or saved on the way. */
export type FoolOutcome =
  | (Finished & { readonly done: true; readonly labels: readonly string[] })
  | { readonly done: false; readonly run: string; readonly generations: number; readonly total: number };

/**
 * @param signal once aborted, the run is saved and left
 * @throws InputError where something the user gave cannot be used; DiskFullError
 */
export async function fool(request: FoolRequest, signal: AbortSignal, observer: FoolObserver): Promise<FoolOutcome> {
  const before = request.resume ? resumedConfig(request.out) : undefined;
  const model = readModel(request.model ?? before?.model.path, request.card ?? before?.card.path);
  const runtime = nodeRuntime();
  const device = request.device ?? before?.device ?? 'cpu';
  const scorer = await OnnxClassifier.load(model.bytes, {
    card: model.card,
    runtime,
    device,
    threads: request.threads,
    where: model.name,
    externalData: model.externalData,
  });
  try {
    const config = describe(request, before, model, scorer, { runtime: runtime.name, device });
    const stem = `${model.name.replace(/\.onnx$/i, '')}-${config.method.name}`;
    const out = request.out ?? freeFolder(join('runs', stem));
    const folder = RunFolder.open(out, config, request.resume ? 'resume' : 'begin');
    try {
      return await run(folder, config, scorer, request, signal, observer);
    } finally {
      folder.close();
    }
  } finally {
    await scorer.dispose();
  }
}

async function run(
  folder: RunFolder,
  config: RunConfig,
  scorer: OnnxClassifier,
  { threads, checkpointEvery }: FoolRequest,
  signal: AbortSignal,
  observer: FoolObserver,
): Promise<FoolOutcome> {
  const { classes, seed } = config;
  const { classNames } = scorer;
  const { onStep, onGeneration } = observeGenerations(observer, folder.state, () => method);
  const method = createMethod(config.method, { scorer, classes, seed, threads, onStep }, folder.state);
  try {
    observer.begin({ config, run: folder.path, shape: scorer.shape, resumed: folder.state !== undefined });
    const clock = (): number => performance.now();
    const seconds = await runMethod(method, folder, { checkpointEvery, signal, clock, onGeneration });
    if (method.generations < method.total) {
      return { done: false, run: folder.path, generations: method.generations, total: method.total };
    }
    observer.finishing();
    return {
      done: true,
      labels: classNames,
      ...(await finishRun(folder, method, { config, scorer, classNames: classNames, seconds })),
    };
  } finally {
    await method.dispose();
  }
}

function resumedConfig(out: string | undefined): RunConfig | undefined {
  if (out === undefined) throw new InputError('--resume needs --out, the folder of the run to go on with');
  return readConfig(out);
}

function describe(
  request: FoolRequest,
  before: RunConfig | undefined,
  model: ModelFile,
  { classNames, shape }: OnnxClassifier,
  { runtime, device }: { readonly runtime: string; readonly device: Device },
): RunConfig {
  const { path, name, sha256, card, origin, cardPath } = model;
  const contents = JSON.parse(JSON.stringify(card));
  const config: Omit<RunConfig, 'command'> = {
    pareidolia: VERSION,
    runtime,
    node: process.version,
    model: { file: name, ...(path === undefined ? {} : { path }), sha256 },
    card: {
      origin,
      ...(cardPath === undefined ? {} : { path: cardPath }),
      sha256: createHash('sha256').update(JSON.stringify(card)).digest('hex'),
      contents,
    },
    method: resolveMethod(request, before?.method, shape),
    seed: request.seed ?? before?.seed ?? 1,
    classes:
      request.classes === undefined && before !== undefined
        ? before.classes
        : parseClasses(request.classes ?? 'all', classNames),
    device,
  };
  return { ...config, command: reproducingCommand(config, classNames.length) };
}
