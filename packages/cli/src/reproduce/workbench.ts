/** @file What experiments work with: networks and data by name, and units that are done once. */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, type Device, OnnxClassifier, type Runtime } from '@pareidolia/core';
import type { Bookmark, Budget, DataName, NetworkName, Recordable, Workbench } from '@pareidolia/lab';
import { loadData } from '../data/datasets.ts';
import { dataFolder } from '../data/folder.ts';
import { readModel } from '../model/model-file.ts';
import { bookmarkFile, openBookmark } from './bookmark.ts';
import type { Ledger } from './ledger.ts';

export interface WorkbenchOptions {
  readonly budget: Budget;
  readonly runtime: Runtime;
  readonly device: Device;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly crops: 1 | 10;
}

/** Networks and data stay open from one experiment to the next. */
export class Cabinet {
  readonly #options: WorkbenchOptions;
  readonly #networks = new Map<NetworkName, Promise<OnnxClassifier | undefined>>();
  readonly #data = new Map<DataName, Promise<{ readonly train: Dataset; readonly test: Dataset } | undefined>>();

  constructor(options: WorkbenchOptions) {
    this.#options = options;
  }

  network(name: NetworkName): Promise<OnnxClassifier | undefined> {
    const known = this.#networks.get(name) ?? this.#load(name);
    this.#networks.set(name, known);
    return known;
  }

  data(name: DataName): Promise<{ readonly train: Dataset; readonly test: Dataset } | undefined> {
    const known = this.#data.get(name) ?? read(name);
    this.#data.set(name, known);
    return known;
  }

  async dispose(): Promise<void> {
    for (const opened of this.#networks.values()) await (await opened.catch(() => undefined))?.dispose();
  }

  async #load(name: NetworkName): Promise<OnnxClassifier | undefined> {
    const path = join(dataFolder(), 'models', `${name}.onnx`);
    if (name !== 'digits' && !existsSync(path)) return undefined;
    const model = readModel(name === 'digits' ? undefined : path, undefined);
    const { runtime, device, threads } = this.#options;
    return OnnxClassifier.load(model.bytes, { card: model.card, runtime, device, threads, where: model.name });
  }
}

async function read(name: DataName): Promise<{ readonly train: Dataset; readonly test: Dataset } | undefined> {
  if (name !== 'digits' && !existsSync(join(dataFolder(), name))) return undefined;
  const { train, validation, test } = await loadData(name, 1);
  return { train, test: test ?? validation };
}

/**
 * The workbench of one experiment.
 *
 * @param onRecall told of a unit that is read instead of done: the seconds that it took
 */
export function workbench(
  cabinet: Cabinet,
  ledger: Ledger,
  options: WorkbenchOptions,
  onProgress: (share: number, doing: string) => void,
  onRecall: (seconds: number) => void,
): Workbench {
  const pause = async (): Promise<void> => {
    // A turn of the event loop, in which Ctrl-C is heard.
    await new Promise((resolve) => setImmediate(resolve));
    options.signal.throwIfAborted();
  };
  return {
    ...options,
    network: (name) => cabinet.network(name),
    data: (name) => cabinet.data(name),
    progress: onProgress,
    pause,
    async unit<T extends Recordable>(key: string, work: (bookmark: Bookmark) => Promise<T>): Promise<T> {
      const known = ledger.get(key);
      if (known !== undefined) {
        onRecall(known.seconds);
        // A key belongs to one place in the code, which gives it its type.
        return known.result as T;
      }
      await pause();
      const begin = performance.now();
      const place = bookmarkFile(ledger.path, key);
      const result = await work(openBookmark(place, options.signal));
      ledger.add({ key, seconds: (performance.now() - begin) / 1000, result });
      rmSync(place, { force: true });
      return result;
    },
  };
}
