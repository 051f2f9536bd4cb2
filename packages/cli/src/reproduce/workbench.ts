/** @file What claims are measured with: networks and data by name, and units that are done once. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Dataset,
  type Generator,
  InputError,
  isSameShape,
  type OnnxClassifier,
  type Recordable,
  type Runtime,
} from '@pareidolia/core';
import type { Bookmark, Claim, DataName, NetworkName, Workbench } from '@pareidolia/lab';
import { dataInput } from '../data/data-input.ts';
import { loadData } from '../data/datasets.ts';
import { dataFolder } from '../data/folder.ts';
import { discriminatorInputs, type OpenedDiscriminator, openDiscriminator } from '../generator/discriminator-file.ts';
import { generatorInputs, openGenerator } from '../generator/generator-file.ts';
import type { JobFolder } from '../job/folder.ts';
import { runUnit } from '../job/job.ts';
import { readModel } from '../model/model-file.ts';
import { modelInputs } from '../model/model-inputs.ts';
import { openNetwork } from '../model/open-classifier.ts';
import type { ReproduceSettings } from './settings.ts';

interface Parts {
  readonly train: Dataset;
  readonly test: Dataset;
}

/**
 * Networks and data, which stay open from one claim to the next. The job's configuration notes the hash of each
 * network and data set when it is first opened; where one has changed since, or is gone, earlier units are not mixed with new
 * ones.
 */
export class Cabinet {
  readonly folder: JobFolder<ReproduceSettings>;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  /** What the user should know of the networks, each a sentence, in the order in which they were opened. */
  readonly notices: string[] = [];
  readonly #onNotice: (notice: string) => void;
  readonly #networks = new Map<NetworkName, Promise<OnnxClassifier | undefined>>();
  #generator: Promise<Generator | undefined> | undefined;
  /** By the network whose images it judges. */
  readonly #discriminators = new Map<OnnxClassifier, Promise<OpenedDiscriminator | undefined>>();
  readonly #data = new Map<DataName, Promise<Parts | undefined>>();

  constructor(
    folder: JobFolder<ReproduceSettings>,
    runtime: Runtime,
    signal: AbortSignal,
    onNotice: (notice: string) => void = () => {},
  ) {
    this.folder = folder;
    this.runtime = runtime;
    this.signal = signal;
    this.#onNotice = onNotice;
  }

  /** @throws InputError where it is another network than when the job began */
  network(name: NetworkName): Promise<OnnxClassifier | undefined> {
    const known = this.#networks.get(name) ?? this.#load(name);
    this.#networks.set(name, known);
    return known;
  }

  /** @throws InputError where they are other data than when the job began */
  data(name: DataName): Promise<Parts | undefined> {
    const known = this.#data.get(name) ?? this.#read(name);
    this.#data.set(name, known);
    return known;
  }

  /** @throws InputError where it is another one than when the job began, or none */
  generator(): Promise<Generator | undefined> {
    this.#generator ??= this.#openGenerator();
    return this.#generator;
  }

  /** @throws InputError where it is another one than when the job began, or judges other images */
  discriminator(network: OnnxClassifier): Promise<OpenedDiscriminator | undefined> {
    const known = this.#discriminators.get(network) ?? this.#openDiscriminator(network);
    this.#discriminators.set(network, known);
    return known;
  }

  async #openGenerator(): Promise<Generator | undefined> {
    const given = this.folder.config.settings.generator;
    const path = given ?? join(dataFolder(), 'models', 'mnist-gan-mlp-generator.onnx');
    if (given === undefined && !existsSync(path)) return this.#missing('generator', path);
    const opened = await openGenerator({ generator: path }, this.runtime);
    for (const [part, input] of Object.entries(generatorInputs(opened))) this.folder.useInput(part, input);
    for (const notice of opened.generator.notices) this.#note(notice);
    return opened.generator;
  }

  async #openDiscriminator(network: OnnxClassifier): Promise<OpenedDiscriminator | undefined> {
    const { discriminator: given, discriminatorRange, device, threads } = this.folder.config.settings;
    const path = given ?? join(dataFolder(), 'models', 'mnist-gan-mlp-discriminator.onnx');
    // That of the data folder was trained against the generator there, and against no other.
    if (given === undefined && this.folder.config.settings.generator !== undefined) return undefined;
    if (given === undefined && !existsSync(path)) return this.#missing('discriminator', path);
    const parts = (await this.data('mnist')) ?? (await this.data('digits'));
    const real = parts === undefined || !isSameShape(parts.test.images, network.shape) ? undefined : parts.test.images;
    const opened = await openDiscriminator({ discriminator: path, discriminatorRange }, network, real, {
      runtime: this.runtime,
      device,
      threads,
    });
    for (const [part, input] of Object.entries(discriminatorInputs(opened))) this.folder.useInput(part, input);
    for (const notice of opened.notices) this.#note(notice);
    return opened;
  }

  #note(notice: string): void {
    this.notices.push(notice);
    this.#onNotice(notice);
  }

  /**
   * Says that earlier results of a claim are none that it can use.
   *
   * @param cause what went wrong with them
   */
  unusable({ name, ledger }: Claim, cause: Error): InputError {
    const { path } = this.folder.journal(ledger ?? name);
    return new InputError(
      `${path} holds results that ${name} cannot use (${cause.message}); delete it, and they are made again`,
      { cause },
    );
  }

  async dispose(): Promise<void> {
    for (const opened of this.#networks.values()) await (await opened.catch(() => undefined))?.dispose();
    for (const opened of this.#discriminators.values()) {
      await (await opened.catch(() => undefined))?.classifier.dispose();
    }
  }

  async #load(name: NetworkName): Promise<OnnxClassifier | undefined> {
    const path = join(dataFolder(), 'models', `${name}.onnx`);
    const what = `network ${name}`;
    if (name !== 'digits' && !existsSync(path)) return this.#missing(what, path);
    const model = readModel(name === 'digits' ? undefined : path, undefined);
    const { device, threads } = this.folder.config.settings;
    const classifier = await openNetwork(model, { runtime: this.runtime, device, threads });
    try {
      for (const [part, input] of Object.entries(modelInputs(model, what))) this.folder.useInput(part, input);
      for (const notice of classifier.notices) this.#note(notice);
      return classifier;
    } catch (error) {
      await classifier.dispose();
      throw error;
    }
  }

  async #read(name: DataName): Promise<Parts | undefined> {
    const path = join(dataFolder(), name);
    if (name !== 'digits' && !existsSync(path)) return this.#missing(`data ${name}`, path);
    const { train, validation, test } = await loadData(name, 1, this.signal);
    const parts = { train, test: test ?? validation };
    this.folder.useInput(`data ${name}`, dataInput(name, [parts.train, parts.test]));
    return parts;
  }

  /** Data that were missing when the job began may still be missing; data that were there must be. */
  #missing(what: string, path: string): undefined {
    if (this.folder.config.inputs[what] === undefined) return undefined;
    throw new InputError(
      `${this.folder.path} was begun with ${path}, which is no longer there; put it back, or choose another --out`,
    );
  }
}

export interface WorkbenchObserver {
  progress(share: number, doing: string): void;
  /** Told of a unit that is read instead of done: the seconds that it took. */
  recalled(seconds: number): void;
}

/**
 * The workbench of one claim.
 *
 * @param name of the journal that its units stand in
 */
export function workbench(cabinet: Cabinet, name: string, observer: WorkbenchObserver): Workbench {
  const { folder, runtime, signal } = cabinet;
  const { budget, crops, seeds, device, threads } = folder.config.settings;
  const journal = folder.journal(name);
  return {
    budget,
    crops,
    ...(seeds === undefined ? {} : { seeds }),
    device,
    threads,
    runtime,
    network: (network) => cabinet.network(network),
    data: (data) => cabinet.data(data),
    generator: () => cabinet.generator(),
    discriminator: (own) => cabinet.discriminator(own),
    progress: observer.progress,
    pause: async () => {
      // Yields to the event loop, so that Ctrl-C is handled.
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    },
    async unit<T extends Recordable>(key: string, work: (bookmark: Bookmark) => Promise<T>): Promise<T> {
      const known = journal.result(key);
      if (known !== undefined) {
        folder.discardCheckpoint(key, name);
        observer.recalled(journal.seconds(key)!);
        // A key belongs to one place in the code, which gives it its type.
        return known as T;
      }
      const options = { signal, now: () => performance.now(), journalName: name };
      await runUnit(folder, journal, { key }, options, work);
      // Read back, so that a finding has the same numbers whether the unit ran now or earlier.
      return journal.result(key) as T;
    },
  };
}
