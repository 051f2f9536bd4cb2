import type { Dataset, Device, Discriminator, Generator, OnnxClassifier, Recordable, Runtime } from '@pareidolia/core';
import type { Bookmark, Budget, DataName, NetworkName, Workbench } from './workbench.ts';

/** What a {@link memoryWorkbench} is made of. */
export interface MemoryWorkbenchOptions {
  readonly budget: Budget;
  readonly runtime: Runtime;
  /** `cpu` when absent. */
  readonly device?: Device;
  /** 1 when absent. */
  readonly threads?: number;
  /** 1 when absent. */
  readonly crops?: 1 | 10;
  /** The networks there are; the caller disposes of them. */
  readonly networks?: Partial<Record<NetworkName, OnnxClassifier>>;
  /** The data there are. */
  readonly data?: Partial<Record<DataName, { readonly train: Dataset; readonly test: Dataset }>>;
  readonly generator?: Generator;
  /** The caller disposes of it. */
  readonly discriminator?: Discriminator;
  /** Told how far the claim is, 0 to 1, and what it does. */
  readonly progress?: (share: number, doing: string) => void;
  /** Once aborted, `pause` rejects with its reason. */
  readonly signal?: {
    /** Throws the reason once the work has been told to end. */
    throwIfAborted(): void;
  };
}

/** A workbench with its units of work. */
export interface MemoryWorkbench extends Workbench {
  /** The results of the units that are done, by key. */
  readonly units: ReadonlyMap<string, Recordable>;
}

/** A workbench that keeps its units in memory, to run a claim without the command: `await claim.run(memoryWorkbench(...))`. */
export function memoryWorkbench(options: MemoryWorkbenchOptions): MemoryWorkbench {
  const { budget, runtime, device = 'cpu', threads = 1, crops = 1, networks = {}, data = {}, signal } = options;
  const units = new Map<string, Recordable>();
  return {
    budget,
    runtime,
    device,
    threads,
    crops,
    units,
    async unit<T extends Recordable>(key: string, work: (bookmark: Bookmark) => Promise<T>): Promise<T> {
      // A key belongs to one place in the code, which gives it its type.
      if (units.has(key)) return units.get(key) as T;
      const result = await work({ value: undefined, offer: () => {} });
      units.set(key, result);
      return result;
    },
    network: async (name) => networks[name],
    data: async (name) => data[name],
    generator: async () => options.generator,
    discriminator: async () => options.discriminator,
    progress: (share, doing) => options.progress?.(share, doing),
    pause: async () => signal?.throwIfAborted(),
  };
}
