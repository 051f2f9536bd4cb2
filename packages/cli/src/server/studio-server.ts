/** @file The studio on this machine: engine, run folders and server put together. */

import { createHash, randomInt } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type Device, InputError, type OnnxClassifier } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { Classroom, Studio, type StudioEvent, type StudioHost } from '@pareidolia/studio';
import { modelWords } from '../audit/command-line.ts';
import { CAMPAIGN } from '../cluster/campaign/settings.ts';
import { usualGeneratorFile } from '../generator/embedded.ts';
import { type GeneratorRequest, openGenerator } from '../generator/generator-file.ts';
import { readConfig } from '../job/config.ts';
import { type CardOptions, earlierCardOptions } from '../model/card-options.ts';
import { EMBEDDED_NETWORKS, USUAL_NETWORK } from '../model/embedded.ts';
import { type ModelFile, readModel } from '../model/model-file.ts';
import { openNetwork } from '../model/open-classifier.ts';
import { VERSION } from '../version.ts';
import { vetModel } from '../vetting/vet-model.ts';
import { WorkerBreeder } from '../workers/breeder.ts';
import { createApp } from './app.ts';
import { AuditFolders } from './audit-folders.ts';
import { CampaignFolders } from './campaign-folders.ts';
import type { StrangerLimits } from './connections.ts';
import { FolderRuns, keepUpload, type ModelPlace, runId } from './folder-runs.ts';
import { addressWarning, hostNames, reachableAddresses } from './guard.ts';
import { type PageFile, studioPages } from './pages.ts';
import { RunReader } from './run-reader.ts';
import { OneTimeCode, studioToken } from './token.ts';
import { WATCHED_KINDS } from './trainings/kinds.ts';
import { TrainingFolders } from './trainings/training-folders.ts';

export interface StudioRequest {
  /** The embedded network when absent. */
  readonly model?: string;
  readonly card?: string;
  readonly cardOptions?: CardOptions;
  /** A generator to begin with; the embedded one when absent. */
  readonly generator?: GeneratorRequest;
  /** A run folder, or that of a training of a generator or of a campaign, to open at once. */
  readonly run?: string;
  /** Where runs are begun and found. */
  readonly runs: string;
  /** The address of a queue, for campaigns that go on from here; none when absent. */
  readonly queue?: string | undefined;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly threads: number;
  readonly device: Device;
  /** `keep`, or a token; a new one when absent. */
  readonly token?: string;
  /** Those that are built when absent. */
  readonly pages?: ReadonlyMap<string, PageFile>;
  /** For whoever has not shown the token. */
  readonly strangers?: StrangerLimits;
}

export interface RunningStudio {
  /** With the token: to be opened in a browser by whoever reads it. */
  readonly url: string;
  /** The same under other names of this machine: those that other machines reach first. */
  readonly otherUrls: readonly string[];
  /** The first, good for one time: to start a browser with. */
  readonly urlOnce: string;
  /** What the user should know of the model and the generator, each a sentence without a full stop. */
  readonly notices: readonly string[];
  /** What the user should know of the address, a sentence; `undefined` where only this machine reaches it. */
  readonly warning: string | undefined;
  /** Saves and stops the searches that were begun here. */
  readonly close: () => Promise<void>;
}

/** @throws InputError where model, run, pages, address or port cannot be used */
export async function serveStudio(request: StudioRequest): Promise<RunningStudio> {
  const { threads, device } = request;
  const warning = addressWarning(request.host);
  const pages = request.pages ?? studioPages();
  const { run: asked } = request;
  const training = asked !== undefined && isTraining(asked) ? asked : undefined;
  const campaign = asked !== undefined && isThere(() => readConfig(asked, CAMPAIGN)) ? asked : undefined;
  const runPath = training === undefined && campaign === undefined ? asked : undefined;
  const run = runPath === undefined ? undefined : readRun(runPath);
  // A run is looked at with its own network, unless another one is asked for.
  const model = readModel(
    request.model ?? run?.config.inputs.model?.path,
    request.card ?? run?.config.inputs['model card']?.path,
    { ...(request.model === undefined ? earlierCardOptions(run?.config) : {}), ...request.cardOptions },
  );
  const runtime = nodeRuntime();
  const opened = await openGenerator(request.generator ?? { generator: usualGeneratorFile() }, runtime);
  const first = await openNetwork(model, { runtime, device, threads });
  const places = new Map<string, ModelPlace>();
  let emit: (event: StudioEvent) => void = () => {};
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const host: StudioHost = {
    version: VERSION,
    engine: 'server',
    runtime,
    device,
    threads,
    missing: [],
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    now: () => performance.now(),
    emit: (event) => emit(event),
    breeder: (spec, seed) => new WorkerBreeder(spec, seed, threads),
    vet: (name, bytes, card) =>
      vetModel({ path: undefined, name, bytes, sha256: sha256(bytes), ...(card === undefined ? {} : { card }) }),
    modelWords: (id) => {
      const { path, card, cardOptions = {} } = places.get(id) ?? {};
      return path === undefined ? undefined : modelWords({ path, cardPath: card, cardOptions });
    },
    audits: new AuditFolders(request.runs),
    loaded: (id, name, bytes, card) => places.set(id, keepUpload(request.runs, sha256(bytes), name, bytes, card)),
  };
  let port = request.port;
  const classroom = new Classroom(host, {
    get addresses() {
      const outside = reachableAddresses(request.host).filter((name, place) => place === 0 || name !== 'localhost');
      return outside.map((name) => `http://${name}:${port}/quiz`);
    },
    isReachable: warning !== undefined,
    random: randomInt,
    later: (milliseconds, action) => void setTimeout(action, milliseconds).unref(),
  });
  const studio = new Studio({
    host,
    classroom,
    runs: (models) =>
      new FolderRuns(host, models, {
        folder: request.runs,
        ...(runPath === undefined ? {} : { extra: runPath }),
        threads,
        places,
      }),
    ...(runPath === undefined ? {} : { run: runId(runPath, request.runs) }),
    trainings: new TrainingFolders({
      folder: request.runs,
      ...(training === undefined ? {} : { extra: training }),
      emit: (event) => emit(event),
    }),
    ...(training === undefined ? {} : { training: runId(training, request.runs) }),
    campaigns: new CampaignFolders({
      folder: request.runs,
      ...(campaign === undefined ? {} : { extra: campaign }),
      emit: (event) => emit(event),
      queue: request.queue,
    }),
    ...(campaign === undefined ? {} : { campaign: runId(campaign, request.runs) }),
  });
  const add = (file: ModelFile, network: OnnxClassifier): void => {
    const view = studio.models.add(file.name, network, {
      kind: file.path === undefined ? 'embedded' : 'file',
      sha256: file.sha256,
      cardOrigin: file.origin,
      words: undefined,
    });
    places.set(view.id, {
      ...(file.path === undefined ? {} : { path: file.path }),
      ...(file.cardPath === undefined ? {} : { card: file.cardPath }),
      cardOptions: file.cardOptions,
    });
  };
  add(model, first);
  // Whoever brought no network has both that are part of the software, as in the page without a server.
  if (model.path === undefined) {
    for (const name of EMBEDDED_NETWORKS.filter((each) => each !== USUAL_NETWORK)) {
      const file = readModel(name, undefined);
      add(file, await openNetwork(file, { runtime, device, threads }));
    }
  }
  const why = request.generator === undefined ? 'it is embedded as one' : 'it was given as --generator';
  studio.generators.add(opened.generator, { why, sha256: opened.sha256 });
  const token = studioToken(request.token);
  const code = new OneTimeCode();
  const { strangers } = request;
  const names = hostNames(request.host);
  const app = createApp({
    engine: studio,
    classroom,
    pages,
    token,
    code,
    names,
    ...(strangers === undefined ? {} : { strangers }),
  });
  emit = app.emit;
  try {
    await app.server.listen({ host: request.host, port: request.port });
  } catch (cause) {
    await studio.dispose();
    throw new InputError(listenSentence(request, (cause as NodeJS.ErrnoException).code), { cause });
  }
  ({ port } = app.server.server.address() as AddressInfo);
  const [name = '', ...others] = reachableAddresses(request.host);
  const address = `http://${name}:${port}/`;
  return {
    url: `${address}#token=${token}`,
    otherUrls: others.map((other) => `http://${other}:${port}/#token=${token}`),
    urlOnce: `${address}#code=${code.text}`,
    notices: [...first.notices, ...opened.generator.notices],
    warning,
    close: async () => {
      // The searches first: they may take a while to save, and nothing new begins meanwhile.
      await Promise.all([studio.dispose(), app.server.close()]);
    },
  };
}

/** Whether a folder is that of a training of a generator, which is watched like a run. */
function isTraining(path: string): boolean {
  return WATCHED_KINDS.some((kind) => isThere(() => kind.open(path)));
}

/** Whether something can be read. */
function isThere(read: () => unknown): boolean {
  try {
    return read() !== undefined;
  } catch {
    return false;
  }
}

/** @throws InputError where the folder holds no run, or none that can be read */
function readRun(path: string): RunReader {
  try {
    return new RunReader(path, path);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`${path} cannot be read (${reason}); choose another folder as --run`, { cause });
  }
}

function listenSentence({ host, port }: StudioRequest, code: string | undefined): string {
  if (code === 'EADDRINUSE') return `Port ${port} is taken by another program; choose another --port, or 0 for any`;
  if (code === 'EACCES') return `Port ${port} may not be used by this user; choose another --port above 1023`;
  return `The server cannot listen on ${host} (${code ?? 'unknown reason'}); choose another --host`;
}
