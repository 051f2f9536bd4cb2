/** @file What the entries of a plan share while they are decided: where it stands, its paths, the names of tasks, and what is packed. */

import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type Generator, InputError } from '@pareidolia/core';
import { sha256 } from '../../job/hash.ts';
import type { ModelFile } from '../../model/model-file.ts';
import type { OpenedClassifier } from '../../model/open-classifier.ts';
import type { ObjectStore } from '../store/store.ts';
import type { PlannedAttack, PlannedAudit } from './plan-schema.ts';
import type { WrittenPlan } from './read-plan.ts';
import { MOST_INPUT, type ObjectRef, type ResolvedModel } from './resolved-plan.ts';

export interface ResolveOptions {
  /** Takes what is packed. */
  readonly store: ObjectStore;
  /** Paths are relative to the folder of this file. */
  readonly path: string;
  readonly signal: AbortSignal;
  /** Told what is being done, for a terminal. */
  onStep(what: string): void;
  /** Something that the user should know, a sentence without a full stop. */
  onNotice(notice: string): void;
}

/** A model of the plan, opened. */
export interface PlannedClassifier {
  /** Its place in the plan. */
  readonly index: number;
  readonly name: string;
  readonly file: ModelFile;
  readonly classifier: OpenedClassifier;
}

/** A generator of the plan, opened. */
export interface OpenedPlanGenerator {
  /** Its place in the plan. */
  readonly index: number;
  readonly name: string;
  readonly generator: Generator;
}

/** Something in the plan that cannot be used; the message begins with file, line and field. */
class PlanError extends InputError {
  override name = 'PlanError';
}

export class PlanContext {
  readonly written: WrittenPlan;
  readonly options: ResolveOptions;
  /** Those that were opened so far: all of them, before the first model is. */
  readonly generators: OpenedPlanGenerator[] = [];
  readonly #names = new Set<string>();
  readonly #images = new Map<string, ObjectRef>();

  constructor(written: WrittenPlan, options: ResolveOptions) {
    this.written = written;
    this.options = options;
  }

  /** What is wrong with a field, as an error that names file, line and field. */
  error(field: readonly PropertyKey[], message: string, cause?: unknown): InputError {
    return new PlanError(`${this.written.where(field)}: ${field.join('.')}: ${message}`, { cause });
  }

  /** Does something for a field, and says in its errors where that stands; of fields within each other, the innermost. */
  async within<T>(field: readonly PropertyKey[], work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof InputError) || error instanceof PlanError) throw error;
      throw this.error(field, error.message, error);
    }
  }

  /** A path of the plan. */
  at(path: string): string {
    return isAbsolute(path) ? path : join(dirname(this.options.path), path);
  }

  /** A dataset by its name, or a folder. */
  data(data: string | undefined): string | undefined {
    return data !== undefined && existsSync(this.at(data)) ? this.at(data) : data;
  }

  /** The images that an entry asks for, as its command takes them. */
  pictures(entry: PlannedAttack | PlannedAudit, limit: number | undefined) {
    const { images, data, labels, strict } = entry;
    const own = this.data(data);
    return {
      ...(images === undefined ? {} : { images: this.at(images) }),
      ...(own === undefined ? {} : { data: own }),
      ...(labels === undefined ? {} : { labels: this.at(labels) }),
      ...(limit === undefined ? {} : { limit }),
      ...(strict === undefined ? {} : { strict }),
    };
  }

  /** Packs a network with its files of weights. */
  async putNetwork({
    bytes,
    weights,
    externalData,
  }: Pick<ModelFile, 'bytes' | 'weights' | 'externalData'>): Promise<
    Pick<ResolvedModel, 'sha256' | 'size' | 'weights'>
  > {
    const object = await this.put(bytes);
    const files = [];
    // What has a hash was read.
    for (const location of [...weights.keys()].sort())
      files.push({ location, ...(await this.put(externalData(location)!)) });
    return { ...object, ...(files.length === 0 ? {} : { weights: files }) };
  }

  async put(bytes: Uint8Array): Promise<ObjectRef> {
    if (bytes.length > MOST_INPUT)
      throw new InputError('An input of the campaign is larger than 2 GiB; make it smaller');
    const hash = sha256(bytes);
    await this.options.store.put(hash, bytes);
    return { sha256: hash, size: bytes.length };
  }

  /** Images that several tasks ask for are read once. */
  async loaded(key: string, make: () => Promise<Uint8Array>): Promise<ObjectRef> {
    const known = this.#images.get(key);
    if (known !== undefined) return known;
    this.options.signal.throwIfAborted();
    this.options.onStep('reading images');
    const object = await this.put(await make());
    this.#images.set(key, object);
    return object;
  }

  /** A name for a task that is fit for folders and that no other task has. */
  taskName(...parts: readonly (string | number | undefined)[]): string {
    const stem = parts
      .filter((part) => part !== undefined)
      .map((part) =>
        String(part)
          .toLowerCase()
          .replaceAll(/[^a-z0-9.]+/g, '-'),
      )
      .join('-')
      .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
      .slice(0, 100);
    let name = stem === '' ? 'task' : stem;
    for (let n = 2; this.#names.has(name); n++) name = `${stem}-${n}`;
    this.#names.add(name);
    return name;
  }
}
