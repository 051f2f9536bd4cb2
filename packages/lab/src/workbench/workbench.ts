/** @file What a claim is measured with. Whoever runs claims provides it; claims know neither files nor processes. */

import type {
  Bookmark,
  Dataset,
  Device,
  Discriminator,
  Generator,
  OnnxClassifier,
  Recordable,
  Runtime,
} from '@pareidolia/core';

export type { Bookmark } from '@pareidolia/core';

/** How much work is done: `tiny` for tests, `small` for minutes, `paper` for the paper's own numbers. */
export type Budget = 'tiny' | 'small' | 'paper';

/** Networks that claims ask for by name. `digits` is embedded; the others are files of the data folder. */
export type NetworkName =
  | 'digits'
  | 'mnist-lenet-nguyen2015'
  | 'mnist-lenet5-clean'
  | 'mnist-cntk'
  | 'squeezenet1.1'
  | 'mobilenet_v1_0.25_224'
  | 'cifar10-resnet20';

/** Data that claims ask for by name. `digits` are drawn by the project itself. */
export type DataName = 'digits' | 'mnist';

/** What {@link Claim.run} is given. */
export interface Workbench {
  readonly budget: Budget;
  /** Seeds that a claim which repeats its searches takes instead of the budget's number, from 1; the budget's when absent. */
  readonly seeds?: number;
  readonly runtime: Runtime;
  readonly device: Device;
  /** Threads of the runtime. */
  readonly threads: number;
  /** How many crops of an image are scored and averaged by claims on photographs: 1, or the 10 of the paper. */
  readonly crops: 1 | 10;
  /**
   * Does a piece of work once: its result is stored under the key, and read when the claim is run again. All that takes long
   * belongs into units; every figure of the finding is computed from their results.
   *
   * @param key unique within the claim's ledger; the same key must mean the same work
   */
  unit<T extends Recordable>(key: string, work: (bookmark: Bookmark) => Promise<T>): Promise<T>;
  /** A network with its card; `undefined` where its file is not in the data folder. The workbench disposes of it. */
  network(name: NetworkName): Promise<OnnxClassifier | undefined>;
  /** Training and test part; `undefined` where the files are not in the data folder. */
  data(name: DataName): Promise<{ readonly train: Dataset; readonly test: Dataset } | undefined>;
  /** The generator that the user gave, or that of the data folder; `undefined` where there is none. */
  generator?(): Promise<Generator | undefined>;
  /** The discriminator, likewise, of images of a network's shape. The workbench disposes of it. */
  discriminator?(network: OnnxClassifier): Promise<Discriminator | undefined>;
  /** Reports progress: `share` from 0 to 1, and what is being done. */
  progress(share: number, doing: string): void;
  /** Rejects once the user has asked to stop; await it between pieces of work. */
  pause(): Promise<void>;
}

/** The value for the workbench's budget; where it has a number `seeds`, that is the workbench's, if it has one. */
export function atBudget<V extends Readonly<Record<Budget, unknown>>>(
  { budget, seeds }: Pick<Workbench, 'budget' | 'seeds'>,
  values: V,
): V[Budget] {
  const value = values[budget] as V[Budget];
  const isSeeded = seeds !== undefined && typeof value === 'object' && value !== null && 'seeds' in value;
  // Another number than the budget's own is one of the same kind.
  return isSeeded ? ({ ...value, seeds } as V[Budget]) : value;
}
