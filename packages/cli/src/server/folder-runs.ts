/** @file The runs of a server: folders on disk, whether they were begun here or by a command. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  type Classifier,
  DEFAULT_EMITTER,
  ensemble,
  type ImageShape,
  InputError,
  type ModelCardInput,
  type OnnxClassifier,
  type Origin,
  parseCard,
} from '@pareidolia/core';
import {
  type Answers,
  drawElite,
  type EliteView,
  elitePictures,
  isSmall,
  lengthOf,
  type Models,
  type Parameters,
  type RunRequest,
  type RunState,
  type RunStatus,
  type Runs,
  type RunView,
  type StudioHost,
  specOf,
  viewElite,
} from '@pareidolia/studio';
import {
  earlierGenerator,
  type GeneratorRequest,
  generatorInputs,
  openGenerator,
} from '../generator/generator-file.ts';
import { makeFolder, writeAtomically } from '../job/files.ts';
import { seededFolder } from '../job/folder.ts';
import { type CardOptions, cardOptionArguments } from '../model/card-options.ts';
import { readModel } from '../model/model-file.ts';
import { openNetwork } from '../model/open-classifier.ts';
import { RunProcess } from './run-process.ts';
import { RunReader } from './run-reader.ts';

/** Milliseconds between two looks at the folders that are shown. */
const LOOK_EVERY = 250;

/** Where a model lies, so that a search can read it; neither for the embedded network. */
export interface ModelPlace {
  readonly path?: string;
  readonly card?: string;
  readonly cardOptions?: CardOptions;
}

export interface FolderRunsOptions {
  /** Runs are its subfolders. */
  readonly folder: string;
  /** A run elsewhere that is shown, too. */
  readonly extra?: string;
  readonly threads: number;
  readonly places: ReadonlyMap<string, ModelPlace>;
}

interface Held {
  process: RunProcess | undefined;
  state: RunState;
  error?: string;
}

export class FolderRuns implements Runs {
  readonly #host: StudioHost;
  readonly #models: Models;
  readonly #options: FolderRunsOptions;
  readonly #readers = new Map<string, RunReader>();
  readonly #held = new Map<string, Held>();
  readonly #networks = new Map<string, Promise<OnnxClassifier>>();
  /** How candidates of runs among latents are made, by the path of the run: a generator has a session. */
  readonly #origins = new Map<string, Promise<Origin>>();
  readonly #told = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  #starting: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(host: StudioHost, models: Models, options: FolderRunsOptions) {
    this.#host = host;
    this.#models = models;
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY);
    this.#timer.unref();
  }

  async list(): Promise<readonly RunStatus[]> {
    const statuses = [...this.#paths().keys()].flatMap((id) => {
      // A folder that is damaged, or may not be read, is no reason not to show the others.
      try {
        const reader = this.#reader(id);
        reader.refresh();
        return [reader.status(this.#held.get(id))];
      } catch {
        return [];
      }
    });
    const paths = this.#paths();
    const begun = new Map(statuses.map(({ id }) => [id, beginOf(paths.get(id))]));
    return statuses.sort(
      (a, b) => Number(b.state === 'running') - Number(a.state === 'running') || begun.get(b.id)! - begun.get(a.id)!,
    );
  }

  /** One after the other: each finds a folder that is free. */
  start(request: RunRequest): Promise<string> {
    const started = this.#starting.then(() => this.#start(request));
    this.#starting = started.catch(() => {});
    return started;
  }

  async #start(request: RunRequest): Promise<string> {
    const network = this.#models.get(request.model);
    const place = this.#options.places.get(request.model);
    if (place === undefined) {
      throw new InputError(`${network.where} could not be put aside for searches; bring it again`);
    }
    const { path, card, cardOptions = {} } = place;
    const { channels, height, width } = network.shape;
    const spec = specOf(request, { channels, height, width });
    const { encoding, emitter } = spec;
    const kind = emitter.name === DEFAULT_EMITTER ? encoding.name : emitter.name;
    const stem = `${basename(network.where).replace(/\.onnx$/i, '')}-${kind}`;
    const out = seededFolder(join(this.#options.folder, stem), request.seed);
    const id = basename(out);
    const options = [
      ...(path === undefined ? [] : ['--model', path]),
      ...(card === undefined ? [] : ['--card', card]),
      ...cardOptionArguments(cardOptions),
      '--emitter',
      emitter.name,
      '--encoding',
      encoding.name,
      '--generations',
      String(lengthOf(spec)),
      '--batch',
      String(spec.batch),
      '--seed',
      String(request.seed),
      ...(request.classes === undefined ? [] : ['--classes', request.classes.join(',')]),
      '--threads',
      String(this.#options.threads),
      '--device',
      this.#host.device,
      '--out',
      out,
    ];
    for (const [other, held] of this.#held) if (held.process !== undefined) this.#pause(other, 'paused');
    const held = this.#hold(id, options);
    // However long a large network takes to load, or a busy machine to start a process.
    while (!existsSync(join(out, 'config.json'))) {
      if (held.error !== undefined) throw new InputError(held.error);
      if (held.process === undefined) throw new InputError('The search was stopped before it began; start it again');
      await new Promise((wake) => setTimeout(wake, 50));
    }
    return id;
  }

  async open(id: string): Promise<RunView> {
    const reader = this.#reader(id);
    reader.open();
    const { shape, classNames } = await this.#network(reader);
    const { classes: classIndices } = reader.config.settings;
    const status = reader.status(this.#held.get(id));
    return { status, shape, classNames, classIndices, cells: reader.cells(), curve: reader.curve };
  }

  async control(id: string, action: Parameters<'runs.control'>['action']): Promise<RunStatus> {
    const reader = this.#reader(id);
    const held = this.#held.get(id);
    const { state } = reader.status(held);
    if (state === 'followed') {
      throw new InputError(
        'Another process works in this run; stop it with Ctrl-C in its terminal, then it can go on here',
      );
    }
    if (action === 'resume') {
      // One that was asked to stop may still be saving.
      if (held !== undefined && held.state !== 'running') await held.process?.ended;
      if (this.#held.get(id)?.process === undefined && state !== 'finished') {
        this.#hold(id, ['--out', reader.path, '--resume']);
      }
    } else this.#pause(id, action === 'pause' ? 'paused' : 'stopped');
    this.#told.delete(id);
    return reader.status(this.#held.get(id));
  }

  async pictures(id: string, classes: readonly number[], size: number): Promise<Answers['runs.pictures']['pictures']> {
    const reader = this.#reader(id);
    const scorer = scorerOf(await this.#members(reader));
    const { encoding } = await this.#origin(reader, scorer.shape);
    // The search has a process of its own, which a large network would take the processor from.
    const asked = this.#held.get(id)?.process !== undefined && !isSmall(encoding) ? undefined : scorer;
    return this.#stable(reader, async () => {
      const elites = classes.flatMap((classIndex) => {
        const elite = reader.checkpoint?.elites[reader.config.settings.classes.indexOf(classIndex)];
        return elite === undefined ? [] : [{ ...elite, classIndex, genome: reader.checkpoint!.genome(elite.id) }];
      });
      return elitePictures(elites, encoding, size, asked);
    });
  }

  async elite(id: string, label: number): Promise<EliteView> {
    const reader = this.#reader(id);
    reader.open();
    const networks = await this.#members(reader);
    const scorer = scorerOf(networks);
    const { config, pedigree } = reader;
    const elite = await this.#stable(reader, () => {
      const found = reader.checkpoint?.elites[config.settings.classes.indexOf(label)];
      return found && { ...found, genome: reader.checkpoint!.genome(found.id) };
    });
    if (elite === undefined) throw new InputError(`Class ${label} has no image yet; wait for the first generation`);
    const origin = await this.#origin(reader, scorer.shape);
    // Drawn once before, so that a genome of another model is told as such.
    await drawElite(elite.genome, origin.encoding);
    return viewElite(elite, label, {
      scorer,
      ...(networks.length > 1 ? { networks } : {}),
      classNames: scorer.classNames,
      origin,
      pedigree,
      genomeOf: (ancestor) => reader.genomeOf(ancestor),
    });
  }

  async report(id: string): Promise<string | undefined> {
    const file = join(this.#reader(id).path, 'report.html');
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearInterval(this.#timer);
    const endings = [...this.#held.values()].map(({ process }) => {
      process?.stop();
      return process?.ended;
    });
    await Promise.all(endings);
    for (const network of this.#networks.values()) await network.then((one) => one.dispose()).catch(() => {});
    for (const origin of this.#origins.values()) await origin.then((one) => one.encoding.dispose?.()).catch(() => {});
  }

  /** The folders that may be opened, by id: whatever a page asks for is looked up here. */
  #paths(): ReadonlyMap<string, string> {
    const { folder, extra } = this.#options;
    const names = existsSync(folder) ? readdirSync(folder).sort() : [];
    const paths = new Map(
      names.filter((name) => existsSync(join(folder, name, 'config.json'))).map((name) => [name, join(folder, name)]),
    );
    if (extra !== undefined) paths.set(runId(extra, folder), extra);
    return paths;
  }

  #reader(id: string): RunReader {
    const known = this.#readers.get(id);
    if (known !== undefined && existsSync(join(known.path, 'config.json'))) return known;
    const path = this.#paths().get(id);
    if (path === undefined) throw new InputError('There is no such run any more; start another');
    const reader = new RunReader(id, path);
    this.#readers.set(id, reader);
    return reader;
  }

  /** The process of a run, watched to its end. */
  #hold(id: string, options: readonly string[]): Held {
    if (this.#disposed) throw new InputError('The studio is ending; start it again');
    const process = new RunProcess(options);
    const held: Held = { process, state: 'running' };
    this.#held.set(id, held);
    void process.ended.then(({ ok, error }) => {
      held.process = undefined;
      if (!ok) {
        held.state = 'failed';
        held.error = error;
      } else if (held.state === 'running') held.state = 'stopped';
      this.#told.delete(id);
    });
    return held;
  }

  #pause(id: string, state: 'paused' | 'stopped'): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    held.state = state;
    held.process?.stop();
  }

  /** Reports what has changed in the folders that are shown. */
  #look(): void {
    for (const [id, reader] of this.#readers) {
      try {
        reader.refresh();
        const news = reader.takeNews();
        const status = reader.status(this.#held.get(id));
        const standing = JSON.stringify([status.state, status.generations, status.error, status.progress.toFixed(3)]);
        if (news === undefined && standing === this.#told.get(id)) continue;
        this.#told.set(id, standing);
        this.#host.emit({ type: 'run', status, changed: news?.changed ?? [], curve: news?.curve ?? [] });
      } catch {
        // A folder that goes away, or is looked at in the moment of a change, is tried again with the next look.
        if (!existsSync(reader.path)) this.#readers.delete(id);
      }
    }
  }

  /** Reads genomes; once more where the pack has moved in between. */
  async #stable<T>(reader: RunReader, read: () => T | Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      reader.refresh();
      return await read();
    }
  }

  /** How candidates of a run are made; with the generator of its configuration, where it has one. */
  async #origin(reader: RunReader, shape: ImageShape): Promise<Origin> {
    const request = earlierGenerator(reader.config);
    if (request === undefined) return reader.origin(shape);
    const known = this.#origins.get(reader.path);
    if (known !== undefined) return known;
    const opening = this.#openOrigin(reader, shape, request);
    this.#origins.set(reader.path, opening);
    opening.catch(() => this.#origins.delete(reader.path));
    return opening;
  }

  async #openOrigin(reader: RunReader, shape: ImageShape, request: GeneratorRequest): Promise<Origin> {
    const { runtime } = this.#host;
    const opened = await openGenerator(request, runtime);
    for (const [role, { name, sha256 }] of Object.entries(generatorInputs(opened))) {
      if (reader.config.inputs[role]?.sha256 === sha256) continue;
      throw new InputError(
        `The ${role} ${name} has changed since this run was made, so its images cannot be drawn any more`,
      );
    }
    const { channels, height, width } = shape;
    return reader.origin(shape, { decoder: opened.generator.decoder({ channels, height, width }), runtime });
  }

  /** All networks of a run, the first one first: those that are searched, and those that only look on. */
  async #members(reader: RunReader): Promise<readonly Member[]> {
    const { inputs } = reader.config;
    const members: Member[] = [];
    for (const role of Object.keys(inputs).filter((key) => /^(model|onlooker)( \d+)?$/.test(key))) {
      const network = await this.#network(reader, role);
      members.push({ name: inputs[role]!.name, scorer: network, isSearched: role.startsWith('model') });
    }
    return members;
  }

  /** A network of a run: one that is loaded, or that of its configuration. */
  async #network(reader: RunReader, role = 'model'): Promise<OnnxClassifier> {
    const { [role]: model, [`${role} card`]: card } = reader.config.inputs;
    if (model === undefined || card === undefined) {
      throw new InputError(`${reader.path} does not say which network it is about; choose another run`);
    }
    // The same network reads otherwise with another card.
    const key = `${model.sha256} ${card.sha256}`;
    const known = this.#networks.get(key);
    if (known !== undefined) return known;
    const { runtime, device, threads } = this.#host;
    const file = readModel(model.path, undefined);
    if (file.sha256 !== model.sha256) {
      throw new InputError(
        `${model.name} has changed since this run was made, so its images cannot be judged any more`,
      );
    }
    // As it was then: the file may have been changed, or lack the labels of a data folder.
    const then = parseCard(card.contents as ModelCardInput, `the card in ${reader.path}`);
    const loading = openNetwork({ ...file, card: then }, { runtime, device, threads });
    this.#networks.set(key, loading);
    loading.catch(() => this.#networks.delete(key));
    return loading;
  }
}

/** A network of a run. */
interface Member {
  readonly name: string;
  readonly scorer: OnnxClassifier;
  readonly isSearched: boolean;
}

/** What the search itself asks: one network, or the least certain of several. */
function scorerOf(members: readonly Member[]): Classifier {
  const searched = members.filter(({ isSearched }) => isSearched).map(({ scorer }) => scorer);
  return searched.length === 1 ? searched[0]! : ensemble(searched);
}

/** When a run was begun, in milliseconds: its configuration is written first. */
function beginOf(path: string | undefined): number {
  const stats = path === undefined ? undefined : statSync(join(path, 'config.json'), { throwIfNoEntry: false });
  return stats === undefined ? 0 : stats.birthtimeMs || stats.mtimeMs;
}

/** The id of a run that was named by its folder: that of a run among the others, or its path, which none of them has. */
export function runId(path: string, folder: string): string {
  return dirname(resolve(path)) === resolve(folder) ? basename(resolve(path)) : resolve(path);
}

/**
 * Puts a network that came from a page where searches can read it, now and when they are resumed. Another card makes
 * another file: whoever resumes an earlier run finds it as it was.
 *
 * @returns where it lies
 */
export function keepUpload(folder: string, sha256: string, name: string, bytes: Uint8Array, card: unknown): ModelPlace {
  const models = join(folder, 'models');
  makeFolder(models);
  const written = card === undefined ? undefined : JSON.stringify(card);
  const digest = written === undefined ? '' : `-${createHash('sha256').update(written).digest('hex').slice(0, 6)}`;
  const plain = name
    .replace(/\.onnx$/i, '')
    .replaceAll(/[^\w.-]+/g, '-')
    .slice(-60);
  const stem = join(models, `${sha256.slice(0, 12)}${digest}-${plain}`);
  writeAtomically(`${stem}.onnx`, bytes);
  if (written === undefined) return { path: `${stem}.onnx` };
  writeAtomically(`${stem}.card.json`, written);
  return { path: `${stem}.onnx`, card: `${stem}.card.json` };
}
