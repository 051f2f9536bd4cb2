/** @file Drives many attacks at once: gathers what they ask into batches, counts it, and keeps each to its budget. */

import type { QueryCount } from '../../classifier/metered.ts';
import { isFinite32, type Objective } from '../../classifier/objective.ts';
import { type FloatImages, type Images, imageSize } from '../../image/images.ts';
import type { Answer, Query, SampleObjective, Steps } from './query.ts';
import type { TargetModel } from './target-model.ts';

/** Why a search was cut short: thrown into its generator, so that it can hand over what it has. */
export class CutShort extends Error {
  readonly reason: 'budget' | 'not finite' | 'gradient not finite';

  constructor(reason: CutShort['reason']) {
    super(`cut short: ${reason}`);
    this.reason = reason;
  }
}

/** Tells at any time how many queries the budget of a search still allows. */
export type Allowance = () => number;

/** How a search ended. */
export interface Ending<T> {
  /** What it returned; `undefined` where it was cut short and had nothing to hand over. */
  readonly value: T | undefined;
  readonly queries: QueryCount;
  /** Why it was told to end; `undefined` where it ended by itself. */
  readonly cut: CutShort['reason'] | undefined;
}

/** What is needed of an AbortSignal. */
export interface StopSignal {
  /** Throws the reason once the work has been told to end. */
  throwIfAborted(): void;
}

/** How searches are driven. */
export interface DriveOptions {
  /** Images in one call of the network, and searches that run at a time. */
  readonly batch: number;
  /** Most forward passes for each search. Unlimited when absent. */
  readonly budget?: number;
  /** Called after each round with the searches that have ended and the forward passes so far. */
  readonly onProgress?: (done: number, forward: number) => void;
  /** Ends the drive between two calls of the network: it rejects with the signal's reason. */
  readonly signal?: StopSignal;
}

interface Task<T> {
  readonly index: number;
  readonly steps: Steps<T>;
  readonly meter: { forward: number; backward: number };
  asking: readonly Query[];
  answers: Answer[];
  cut: CutShort['reason'] | undefined;
}

/**
 * Runs searches to their ends. A search sees the answers to its own queries and nothing else; the order of the searches
 * changes nothing.
 *
 * @param searches started one after the other, so that at most `batch` are in memory; each is given a meter that shows at
 * any time what has been spent on it
 * @returns the ending of each search, in their order
 */
export async function drive<T>(
  model: TargetModel,
  searches: readonly ((meter: QueryCount) => Steps<T>)[],
  options: DriveOptions,
): Promise<readonly Ending<T>[]> {
  const { batch, budget = Number.POSITIVE_INFINITY, onProgress, signal } = options;
  const endings = new Array<Ending<T>>(searches.length);
  const caller = new Caller(model, batch);
  let [next, done, forward] = [0, 0, 0];
  let running: Task<T>[] = [];

  /** Resumes a task until it asks for something that it may have; false when it has ended. */
  const resume = (task: Task<T>, first: () => IteratorResult<readonly Query[], T>): boolean => {
    let result = first();
    for (;;) {
      if (result.done === true) break;
      if (result.value.length > 0 && task.meter.forward + result.value.length <= budget) {
        task.asking = result.value;
        return true;
      }
      result = result.value.length === 0 ? task.steps.next([]) : cut(task, 'budget');
    }
    endings[task.index] = { value: result.value, queries: { ...task.meter }, cut: task.cut };
    done++;
    return false;
  };

  while (done < searches.length) {
    signal?.throwIfAborted();
    while (running.length < batch && next < searches.length) {
      const meter = { forward: 0, backward: 0 };
      const steps = searches[next]!(meter);
      const task: Task<T> = { index: next, steps, meter, asking: [], answers: [], cut: undefined };
      next++;
      if (resume(task, () => task.steps.next([]))) running.push(task);
    }
    await caller.answer(running, signal);
    running = running.filter((task) => {
      forward += task.asking.length;
      task.meter.forward += task.asking.length;
      task.meter.backward += task.asking.filter(({ kind }) => kind === 'gradient').length;
      const { answers } = task;
      task.answers = [];
      const unsound = unsoundIn(answers);
      return resume(task, () => (unsound === undefined ? task.steps.next(answers) : cut(task, unsound)));
    });
    onProgress?.(done, forward);
  }
  return endings;
}

/** Tells a search to end. One that does not catch this ends without a result; one that asks on is asked to end again. */
function cut<T>(task: Task<T>, reason: CutShort['reason']): IteratorResult<readonly Query[], T> {
  const error = new CutShort(reason);
  task.cut ??= reason;
  try {
    return task.steps.throw(error);
  } catch (thrown) {
    if (thrown !== error) throw thrown;
    // The type of a return value is what `Ending` widens by undefined.
    return { done: true, value: undefined as T };
  }
}

/** What of the answers is not finite; `undefined` where all is. */
function unsoundIn(answers: readonly Answer[]): CutShort['reason'] | undefined {
  if (!answers.every(({ logits }) => isFinite32(logits))) return 'not finite';
  return answers.every(({ gradient }) => isFinite32(gradient)) ? undefined : 'gradient not finite';
}

/** One place in a batch. */
interface Place {
  readonly task: { readonly answers: Answer[] };
  readonly slot: number;
  readonly query: Query;
}

const NO_GRADIENT = new Float32Array(0);

/** Sorts queries into batches of one kind and brings the answers back to their places. */
class Caller {
  readonly #model: TargetModel;
  readonly #batch: number;
  readonly #size: number;
  readonly #floats: Float32Array;
  readonly #bytes: Uint8Array;

  constructor(model: TargetModel, batch: number) {
    this.#model = model;
    this.#batch = batch;
    this.#size = imageSize(model.shape);
    this.#floats = new Float32Array(batch * this.#size);
    this.#bytes = new Uint8Array(batch * this.#size);
  }

  async answer(
    tasks: readonly { readonly asking: readonly Query[]; readonly answers: Answer[] }[],
    signal: StopSignal | undefined,
  ): Promise<void> {
    const kinds = new Map<string, Place[]>();
    for (const task of tasks) {
      task.asking.forEach((query, slot) => {
        const kind = kindOf(query);
        const places = kinds.get(kind);
        if (places === undefined) kinds.set(kind, [{ task, slot, query }]);
        else places.push({ task, slot, query });
      });
    }
    for (const places of kinds.values()) {
      for (let from = 0; from < places.length; from += this.#batch) {
        signal?.throwIfAborted();
        await this.#call(places.slice(from, from + this.#batch));
      }
    }
  }

  async #call(places: readonly Place[]): Promise<void> {
    const { query } = places[0]!;
    const count = places.length;
    const buffer = query.image instanceof Uint8Array ? this.#bytes : this.#floats;
    places.forEach((place, row) => {
      buffer.set(place.query.image, row * this.#size);
    });
    const data = buffer.subarray(0, count * this.#size);
    const { shape } = this.#model;
    const { numClasses } = this.#model;
    if (query.kind === 'logits') {
      const images = data instanceof Uint8Array ? { ...shape, count, data } : { ...shape, count, data };
      const logits = await this.#model.logits(images as Images | FloatImages);
      places.forEach(({ task, slot }, row) => {
        task.answers[slot] = { logits: rowOf(logits.data, row, numClasses), value: 0, gradient: NO_GRADIENT };
      });
      return;
    }
    const queries = places.map((place) => place.query as GradientQuery);
    const images: FloatImages = { ...shape, count, data: data as Float32Array };
    const { logits, value, gradient } = await this.#model.gradient(images, togetherOf(queries, numClasses));
    places.forEach(({ task, slot }, row) => {
      task.answers[slot] = {
        logits: rowOf(logits, row, numClasses),
        value: value[row]!,
        gradient: rowOf(gradient, row, this.#size),
      };
    });
  }
}

function rowOf(data: Float32Array, row: number, size: number): Float32Array {
  return data.subarray(row * size, (row + 1) * size);
}

function kindOf(query: Query): string {
  if (query.kind === 'gradient') return `${query.objective.kind}${query.refusedAs === undefined ? '' : ' or refused'}`;
  return query.image instanceof Uint8Array ? 'bytes' : 'floats';
}

type GradientQuery = Extract<Query, { kind: 'gradient' }>;

/** What several images are asked about, all of one kind, as the objective of a batch. */
function togetherOf(queries: readonly GradientQuery[], numClasses: number): Objective {
  const objectives = queries.map(({ objective }) => objective);
  if (queries[0]!.refusedAs === undefined) return together(objectives, numClasses);
  const refusedAs = Int32Array.from(queries, (query) => query.refusedAs!);
  return { ...together(objectives, numClasses - 1), refusedAs };
}

/** @param classes that the objectives are about */
function together(objectives: readonly SampleObjective[], classes: number): Objective {
  const [first] = objectives;
  const numbers = (of: (objective: SampleObjective) => number): Int32Array => Int32Array.from(objectives, of);
  const own = (objective: SampleObjective): number => (objective.kind === 'linear' ? 0 : objective.classIndex);
  switch (first!.kind) {
    case 'linear': {
      const weights = new Float32Array(objectives.length * classes);
      objectives.forEach((objective, row) => {
        if (objective.kind === 'linear') weights.set(objective.weights, row * classes);
      });
      return { kind: 'linear', weights };
    }
    case 'targeted-dlr':
      return {
        kind: 'targeted-dlr',
        classIndices: numbers(own),
        targets: numbers((objective) => (objective.kind === 'targeted-dlr' ? objective.target : 0)),
      };
    default:
      return { kind: first!.kind, classIndices: numbers(own) };
  }
}
