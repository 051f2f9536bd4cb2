/** @file What `pareidolia fool` does, from the request to the finished job. */

import { join } from 'node:path';
import {
  DEFAULT_EMITTER,
  type Device,
  type EncodingResources,
  emitterNamed,
  followsGradients,
  hasGradient,
  InputError,
  OnnxClassifier,
  openMeasures,
  openSearch,
  parseClasses,
  QueryBudgetError,
  requireScores,
  type Scorer,
  type SearchRequest,
  searchEncoding,
  usualEmitter,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { isAddress } from '../endpoint/address.ts';
import type { EndpointAccount } from '../endpoint/open-endpoint.ts';
import type { EndpointOptions } from '../endpoint/options.ts';
import {
  earlierGenerator,
  type GeneratorOptions,
  type GeneratorRequest,
  generatorInputs,
  generatorOptionsOf,
  type OpenedGenerator,
  openGenerator,
} from '../generator/generator-file.ts';
import { resumingCommand } from '../job/command-line.ts';
import { CONFIG_FILE, type JobConfig, newConfig, readConfig } from '../job/config.ts';
import { JobFolder, requireRoom, seededFolder } from '../job/folder.ts';
import { gradientForm } from '../job/gradient-form.ts';
import { type CardOptions, earlierCardOptions } from '../model/card-options.ts';
import { modelInputs } from '../model/model-inputs.ts';
import { type ModelSource, type OpenedClassifier, openModel } from '../model/open-classifier.ts';
import { tellServer } from '../parent/run-messages.ts';
import { WorkerBreeder } from '../workers/breeder.ts';
import { foolCommand } from './command-line.ts';
import { type Finished, finishSearch } from './finish.ts';
import {
  classNotices,
  disposeMembers,
  type Member,
  type Members,
  memberInputs,
  memberPaths,
  openMembers,
  requireOnlookers,
  together,
} from './members.ts';
import { countedGenerations, type FoolObserver, observeSearch } from './observer.ts';
import { runSearch } from './run-search.ts';
import { SearchFolder } from './search-folder.ts';
import { FOOL, type FoolSettings, resolveFool, searchOf, settingsOf } from './settings.ts';
import type { answersOf } from './transfer.ts';

/** What the user asks for; options that are left out keep their previous values when a job is resumed. */
export interface FoolRequest extends SearchRequest, GeneratorOptions {
  readonly model?: string;
  /** Paths of further models, which the images are to fool as well. */
  readonly members?: readonly string[];
  /** Paths of models that are shown the result and are not searched. */
  readonly onlookers?: readonly string[];
  readonly card?: string;
  readonly cardOptions?: CardOptions;
  /** Path of a generator, in whose latents is searched. */
  readonly generator?: string;
  readonly generatorCard?: string;
  readonly classes?: string;
  readonly seed?: number;
  readonly device?: Device;
  readonly out?: string;
  readonly resume: boolean;
  readonly threads: number;
  /** Seconds from one checkpoint to the next. */
  readonly checkpointEvery: number;
  /** How an endpoint is asked. */
  readonly endpoint?: EndpointOptions;
}

/** How it ended: finished, or saved on the way. */
export type FoolOutcome =
  | (Finished & { readonly done: true; readonly classNames: readonly string[] })
  | { readonly done: false; readonly out: string; readonly generations: number; readonly total: number | undefined };

/**
 * @param signal once aborted, the search is saved and left
 * @throws InputError where something the user gave cannot be used; DiskError
 */
export async function fool(request: FoolRequest, signal: AbortSignal, observer: FoolObserver): Promise<FoolOutcome> {
  const mode = request.resume ? 'resume' : 'begin';
  if (request.resume && request.out === undefined) {
    throw new InputError('--resume needs --out, the folder of the search to go on with');
  }
  if (request.out !== undefined) requireRoom(request.out, FOOL, mode);
  const before = request.resume ? readConfig(request.out!, FOOL) : undefined;
  const runtime = nodeRuntime();
  const device = request.device ?? before?.settings.device ?? 'cpu';
  const cardOptions = { ...earlierCardOptions(before), ...request.cardOptions };
  const paths = memberPaths(request, before);
  const path = request.model ?? before?.inputs.model?.path;
  if (isAddress(path) && paths.fooled.length > 0) {
    throw new InputError(`${path} is an endpoint; only files can be fooled together, so give one --model`);
  }
  const {
    model,
    classifier: first,
    account,
  } = await openModel(path, request.card ?? before?.inputs['model card']?.path, {
    runtime,
    device,
    threads: request.threads,
    cardOptions,
    ...(request.endpoint === undefined ? {} : { endpoint: request.endpoint }),
    ...(before === undefined ? {} : { folder: request.out! }),
  });
  let members: Members = { fooled: [], onlookers: [] };
  try {
    members = await openMembers(paths, { runtime, device, threads: request.threads });
    const scorer = together(first, members.fooled);
    requireScores(scorer);
    requireOnlookers(scorer, members.onlookers);
    const asked = generatorOf(request, before);
    const opened = asked === undefined ? undefined : await openGenerator(asked, runtime);
    const resources: EncodingResources =
      opened === undefined ? {} : { decoder: opened.generator.decoder(scorer.shape), runtime };
    const config = describe(request, before, model, scorer, {
      runtime: runtime.name,
      device,
      form: await gradientForm(runtime, device),
      generator: opened,
      resources,
      members,
      canClimb: [first, ...members.fooled.map((member) => member.classifier)].every(isAscendable),
    });
    const names = [model, ...members.fooled.map((member) => member.model)].map(({ name }) =>
      name.replace(/\.onnx$/i, ''),
    );
    const stem = `${names.join('+')}-${stemOf(config.settings, request.preset)}`;
    const folder = JobFolder.open(request.out ?? seededFolder(join('runs', stem), config.seed!), FOOL, config, mode);
    return await folder.use(resumingCommand('fool', folder.path), async () => {
      account?.keepIn(folder.path, () => folder.keep());
      const notices = [
        ...classNotices(first, members),
        ...(opened === undefined ? [] : noticesOf(opened, scorer.shape)),
      ];
      const parts = {
        scorer,
        account,
        resources,
        notices,
        networks: networksOf({ model, classifier: first }, members),
      };
      return await search(new SearchFolder(folder), parts, request, signal, observer);
    });
  } finally {
    account?.close();
    await disposeMembers(members);
    await first.dispose();
  }
}

/** What a search works with. */
interface SearchParts {
  readonly scorer: OpenedClassifier;
  readonly account: EndpointAccount | undefined;
  readonly resources: EncodingResources;
  /** What there is to say of the generator; each a sentence without a full stop. */
  readonly notices: readonly string[];
  /** The single networks that are asked about the result; none where there is one that was searched. */
  readonly networks: Parameters<typeof answersOf>[2];
}

/** All single networks of a search, where there are several. */
function networksOf(first: Member, { fooled, onlookers }: Members): SearchParts['networks'] {
  if (fooled.length + onlookers.length === 0) return [];
  return [
    ...[first, ...fooled].map((member) => ({ ...member, searched: true })),
    ...onlookers.map((member) => ({ ...member, searched: false })),
  ];
}

/**
 * The generator of a search, where it has one.
 *
 * @throws InputError where one is given to another encoding
 */
function generatorOf(request: FoolRequest, before: JobConfig<FoolSettings> | undefined): GeneratorRequest | undefined {
  const { generator, generatorCard, encoding } = request;
  const options = { ...(generatorCard === undefined ? {} : { generatorCard }), ...generatorOptionsOf(request) };
  const earlier = earlierGenerator(before);
  const path = generator ?? earlier?.generator;
  if (path === undefined) {
    const [stray] = Object.keys(options);
    if (stray === undefined) return undefined;
    throw new InputError(`${stray} is about a generator, and none is given; name it with --generator`);
  }
  if (encoding !== undefined && encoding !== LATENT) {
    throw new InputError(
      `--generator belongs to the encoding ${LATENT}, and --encoding says ${encoding}; leave one of them out`,
    );
  }
  return { ...earlier, ...options, generator: path };
}

/** The encoding whose genomes are latents. */
const LATENT = 'latent';

function noticesOf({ generator }: OpenedGenerator, shape: OpenedClassifier['shape']): readonly string[] {
  return [...generator.notices, ...generator.conversions(shape)];
}

async function search(
  folder: SearchFolder,
  { scorer, account, resources, notices: ofGenerator, networks }: SearchParts,
  { threads, checkpointEvery: usual }: FoolRequest,
  signal: AbortSignal,
  observer: FoolObserver,
): Promise<FoolOutcome> {
  const { config, path } = folder.job;
  const spec = searchOf(config.settings, scorer.shape, resources);
  const classIndices = config.settings.classes;
  // Jobs of this command always have a seed.
  const seed = config.seed!;
  const saved = { generations: folder.state?.generations ?? 0 };
  folder.requireGenomes(searchEncoding(spec, scorer.shape, resources));
  const { onProgress, onGeneration } = observeSearch(observer, folder.state, () => opened);
  const measures = await openMeasures(spec, { scorer, seed, resources });
  const opened = openSearch(
    spec,
    {
      scorer,
      measures,
      classIndices,
      seed,
      resources,
      onProgress: () => {
        onProgress();
        tellServer({ share: opened.progress });
      },
      onNotice: (notice) => observer.notice(notice),
      breeder: (parts) => new WorkerBreeder(parts, seed, threads),
    },
    folder.state,
  );
  try {
    observer.begin({
      config,
      out: path,
      model: scorer.where,
      shape: scorer.shape,
      resumed: folder.state !== undefined,
    });
    [...scorer.notices, ...ofGenerator].forEach((notice) => {
      observer.notice(`${notice}.`);
    });
    const clock = (): number => performance.now();
    // What an endpoint has been paid for is saved at once.
    const checkpointEvery = account === undefined ? usual : 0;
    const seconds = await runSearch(opened, folder, {
      checkpointEvery,
      signal,
      clock,
      onStop: () => tellServer('saving'),
      onGeneration: (generation) => {
        saved.generations = generation.generation + 1;
        onGeneration(generation);
      },
    });
    if (!opened.isDone) {
      return { done: false, out: path, ...countedGenerations(opened.scheduler.generations, opened.total) };
    }
    observer.finishing();
    folder.noteFinished(opened.scheduler.state(), seconds);
    const { classNames } = scorer;
    const notices = [...scorer.notices, ...ofGenerator, ...(account === undefined ? [] : [account.sentence()])];
    const scores = scorer.reading.why;
    const context = {
      scorer,
      resources,
      measures,
      networks,
      classNames,
      scores,
      notices,
      hasGradient: isAscendable(scorer),
      seconds,
      signal,
    };
    const finished = await finishSearch(folder, opened.scheduler, context);
    if (account !== undefined) observer.notice(`${account.sentence()}; ${account.sitting()}.`);
    return { done: true, classNames, ...finished };
  } catch (error) {
    // All generations are saved; what is made after them is made again.
    if (signal.aborted && error === signal.reason) {
      return { done: false, out: path, ...countedGenerations(opened.scheduler.generations, opened.total) };
    }
    // The last generation that was whole is saved.
    if (!(error instanceof QueryBudgetError) || saved.generations === 0) throw error;
    observer.notice(`${error.message}.`);
    return { done: false, out: path, ...countedGenerations(saved.generations, opened.total) };
  } finally {
    await opened.dispose();
  }
}

/** Whether gradients flow through a classifier, as far as is known without taking one. */
function isAscendable(scorer: Scorer): boolean {
  return hasGradient(scorer) && !(scorer instanceof OnnxClassifier && scorer.gradientBlockers().length > 0);
}

/** For the name of a folder: what distinguishes searches in a word. */
function stemOf({ encoding, emitter }: FoolSettings, preset: string | undefined): string {
  const kind = emitter === DEFAULT_EMITTER || emitter === 'auto' ? encoding : emitter;
  return preset === undefined ? kind : `${kind}-${preset}`;
}

/** What a search runs on. */
interface RunsOn {
  readonly runtime: string;
  readonly device: Device;
  /** What its gradients depend on, where it takes any. */
  readonly form: Pick<JobConfig<FoolSettings>, 'channelBlock'>;
  readonly generator: OpenedGenerator | undefined;
  readonly resources: EncodingResources;
  readonly members: Members;
  /** Whether gradients flow through the network, or all of them. */
  readonly canClimb: boolean;
}

/** What is taken where the user names no emitter; `undefined` where what else was asked for decides it. */
function usualEmitterFor(
  { encoding, preset, generator }: FoolRequest,
  scorer: OpenedClassifier,
  canClimb: boolean,
): string | undefined {
  // Presets, latents and `--encoding ascent` belong to other emitters.
  if (preset !== undefined || generator !== undefined || !canClimb) return undefined;
  return encoding === 'ascent' ? undefined : usualEmitter(scorer, encoding);
}

function describe(
  request: FoolRequest,
  before: JobConfig<FoolSettings> | undefined,
  model: ModelSource,
  scorer: OpenedClassifier,
  { runtime, device, form, generator, resources, members, canClimb }: RunsOn,
): JobConfig<FoolSettings> {
  const { classNames, shape, refusedClass } = scorer;
  const earlier = before === undefined ? undefined : { settings: before.settings, out: request.out! };
  const classes =
    request.classes === undefined && before !== undefined
      ? before.settings.classes
      : parseClasses(request.classes ?? 'all', classNames).filter(
          // Whoever names it gets it.
          (classIndex) => request.classes !== undefined || classIndex !== refusedClass,
        );
  const beyond = classes.find((classIndex) => classIndex >= classNames.length);
  if (beyond !== undefined) {
    throw new InputError(
      `${join(request.out!, CONFIG_FILE)} names class ${beyond}, ${model.name} has the classes 0 to ${classNames.length - 1}; choose another --out`,
    );
  }
  const usual = request.emitter ?? (before === undefined ? usualEmitterFor(request, scorer, canClimb) : undefined);
  const asked = usual === undefined ? request : { ...request, emitter: usual };
  const wanted = generator === undefined || before !== undefined ? asked : { ...asked, encoding: LATENT };
  const spec = resolveFool(wanted, shape, earlier, resources);
  const seed = request.seed ?? before?.seed ?? 1;
  const paths = {
    model: model.path,
    card: model.cardPath,
    cardOptions: model.cardOptions,
    generator: generator?.request,
    members: members.fooled.map((member) => member.model.path!),
    onlookers: members.onlookers.map((member) => member.model.path!),
  };
  const command = foolCommand(spec, { classes, seed, device, ...paths }, classNames.length);
  const settings = settingsOf(spec, classes, device);
  const gradients = followsGradients(emitterNamed(spec.emitter.name)) ? form : {};
  const inputs = {
    ...modelInputs(model),
    ...memberInputs(members),
    ...(generator === undefined ? {} : generatorInputs(generator)),
  };
  return newConfig(FOOL, { runtime, ...gradients, inputs, settings, seed, command });
}
