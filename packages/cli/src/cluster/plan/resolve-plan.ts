/** @file Decides everything that a plan leaves open: opens the models, multiplies the lists, reads the images, and packs all of it. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { checkAccess, InputError, parseClasses, resolveSearch, type Settings } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { chooseAttacks, requireSettings } from '../../attack/choice.ts';
import { parseEpsilons } from '../../attack/epsilon.ts';
import { attackSettings } from '../../attack/settings.ts';
import { loadSubjects, type SubjectRequest } from '../../attack/subjects.ts';
import { unitsOf } from '../../attack/units.ts';
import { imageRequest, loadImages, loadOutliers } from '../../audit/real-images.ts';
import { auditSettings } from '../../audit/settings.ts';
import { isAddress } from '../../endpoint/address.ts';
import { sha256 } from '../../job/hash.ts';

import { EMBEDDED_NETWORKS, USUAL_NETWORK } from '../../model/embedded.ts';
import { type ModelFile, readModel } from '../../model/model-file.ts';
import { type OpenedClassifier, openNetwork } from '../../model/open-classifier.ts';
import { VERSION } from '../../version.ts';
import { readLimited } from '../store/http-store.ts';
import type { ObjectStore } from '../store/store.ts';
import { writeRealImages, writeSubjects } from '../units/images-object.ts';
import { attackContext } from '../units/run-unit.ts';
import type { Plan, PlannedAttack, PlannedAudit, PlannedModel, PlannedSearch } from './plan-schema.ts';
import {
  type AttackTask,
  type AuditTask,
  type HashedPlan,
  MOST_INPUT,
  type ObjectRef,
  PLAN_FORMAT,
  parseResolvedPlan,
  type ResolvedPlan,
  type SearchTask,
  type Task,
  writePlan,
} from './resolved-plan.ts';

/** Generations of a unit, where the plan does not say. */
const USUAL_EPOCH = 50;

export interface ResolveOptions {
  /** Takes what is packed; `undefined` while a plan is only tried. */
  readonly store: ObjectStore;
  /** Paths are relative to the folder of this file. */
  readonly path: string;
  readonly signal: AbortSignal;
  /** Told what is being done, for a terminal. */
  onStep(what: string): void;
  /** Something that the user should know, a sentence without a full stop. */
  onNotice(notice: string): void;
}

/**
 * @throws InputError where something in the plan cannot be used
 */
export async function resolvePlan(plan: Plan, options: ResolveOptions): Promise<HashedPlan> {
  const resolver = new Resolver(plan, options);
  return resolver.resolve();
}

/** A model of the plan, opened. */
interface Opened {
  readonly index: number;
  readonly name: string;
  readonly file: ModelFile;
  readonly classifier: OpenedClassifier;
}

class Resolver {
  readonly #plan: Plan;
  readonly #options: ResolveOptions;
  readonly #tasks: Task[] = [];
  readonly #names = new Set<string>();
  readonly #images = new Map<string, ObjectRef>();

  constructor(plan: Plan, options: ResolveOptions) {
    this.#plan = plan;
    this.#options = options;
  }

  async resolve(): Promise<HashedPlan> {
    const { onStep, onNotice, signal } = this.#options;
    const models: ResolvedPlan['models'] = [];
    const names = this.#plan.models.map((model) => nameOf(model));
    const twice = names.find((name, place) => names.indexOf(name) !== place);
    if (twice !== undefined) throw new InputError(`Two models of the plan are called ${twice}; give each a name`);
    this.#requireKnown(names);
    // Task by task in the order of the plan, model by model: each is open once.
    const byModel: Task[][] = [];
    for (const [index, planned] of this.#plan.models.entries()) {
      signal.throwIfAborted();
      onStep(`opening ${names[index]}`);
      const file = await this.#read(planned);
      const classifier = await openNetwork(file, { runtime: nodeRuntime(), device: 'cpu', threads: 1 });
      try {
        if (file.weights.size > 0) {
          throw new InputError(
            `${names[index]} has weights in files of their own; a campaign takes models in one file: export it so`,
          );
        }
        const notices = [...file.notices];
        for (const notice of classifier.notices) onNotice(`${names[index]}: ${notice}`);
        const object = await this.#put(file.bytes);
        models.push({
          name: names[index]!,
          ...object,
          card: JSON.parse(JSON.stringify(file.card)),
          origin: file.origin,
          notices,
        });
        byModel.push(await this.#tasksOf({ index, name: names[index]!, file, classifier }));
      } finally {
        await classifier.dispose();
      }
    }
    this.#tasks.push(...byModel.flat());
    const resolved: ResolvedPlan = {
      format: PLAN_FORMAT,
      name: this.#plan.name ?? basename(this.#options.path).replace(/\.[^.]*$/, ''),
      pareidolia: VERSION,
      runtime: nodeRuntime().name,
      models,
      tasks: this.#tasks,
    };
    const bytes = writePlan(resolved);
    const hash = sha256(bytes);
    await this.#options.store.put(hash, bytes);
    // As a worker reads it: what a worker would refuse is told now.
    return parseResolvedPlan(bytes);
  }

  /** Entries name models that there are. */
  #requireKnown(names: readonly string[]): void {
    const { searches = [], attacks = [], audits = [] } = this.#plan;
    for (const [kind, entries] of Object.entries({ searches, attacks, audits })) {
      for (const [place, { models = [] }] of entries.entries()) {
        const stranger = models.find((name) => !names.includes(name));
        if (stranger === undefined) continue;
        throw new InputError(
          `${this.#options.path}: ${kind}.${place}.models names ${stranger}, the plan has ${names.join(', ')}; name one of these`,
        );
      }
    }
  }

  async #read(planned: PlannedModel): Promise<ModelFile> {
    const model = typeof planned === 'string' ? { file: planned } : planned;
    const card = model.card === undefined ? undefined : this.#at(model.card);
    const { sha256: wanted } = model;
    const embedded = EMBEDDED_NETWORKS.find((name) => name === model.file);
    if (embedded !== undefined && !existsSync(this.#at(embedded))) {
      return readModel(embedded === USUAL_NETWORK ? undefined : embedded, card);
    }
    if (isAddress(model.file)) {
      if (wanted === undefined) {
        throw new InputError(
          `${model.file}: give sha256 with a model that is fetched, so that it is known to be the one that is meant; an endpoint that is asked for scores cannot be part of a campaign, since nobody can know that it answers each worker, and each time, the same`,
        );
      }
      return fetchModel(model.file, wanted, card, this.#options);
    }
    const file = readModel(this.#at(model.file), card);
    if (wanted !== undefined && file.sha256 !== wanted) throw otherHash(model.file, wanted, file.sha256);
    return file;
  }

  /** A path of the plan. */
  #at(path: string): string {
    return isAbsolute(path) ? path : join(dirname(this.#options.path), path);
  }

  /** A dataset by its name, or a folder. */
  #data(data: string | undefined): string | undefined {
    return data !== undefined && existsSync(this.#at(data)) ? this.#at(data) : data;
  }

  async #put(bytes: Uint8Array): Promise<ObjectRef> {
    if (bytes.length > MOST_INPUT)
      throw new InputError('An input of the campaign is larger than 2 GiB; make it smaller');
    const hash = sha256(bytes);
    await this.#options.store.put(hash, bytes);
    return { sha256: hash, size: bytes.length };
  }

  async #tasksOf(opened: Opened): Promise<Task[]> {
    const { searches = [], attacks = [], audits = [] } = this.#plan;
    const mine = ({ models }: { readonly models?: readonly string[] | undefined }): boolean =>
      models === undefined || models.includes(opened.name);
    const tasks: Task[] = [];
    for (const [place, entry] of searches.entries()) {
      if (mine(entry)) tasks.push(...this.#within(`searches.${place}`, () => this.#searches(entry, opened)));
    }
    for (const [place, entry] of attacks.entries()) {
      if (mine(entry)) tasks.push(...(await this.#withinLater(`attacks.${place}`, () => this.#attacks(entry, opened))));
    }
    for (const [place, entry] of audits.entries()) {
      if (mine(entry)) tasks.push(...(await this.#withinLater(`audits.${place}`, () => this.#audits(entry, opened))));
    }
    return tasks;
  }

  #within<T>(where: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#named(where, error);
    }
  }

  async #withinLater<T>(where: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#named(where, error);
    }
  }

  /** Says in which entry something is wrong. */
  #named(where: string, error: unknown): unknown {
    if (!(error instanceof InputError)) return error;
    return new InputError(`${this.#options.path}: ${where}: ${error.message}`, { cause: error });
  }

  #searches(entry: PlannedSearch, { index, name, classifier }: Opened): SearchTask[] {
    const { encodings = [undefined], emitters = [undefined], presets = [undefined], generations = [undefined] } = entry;
    const classes = parseClasses(entry.classes ?? 'all', classifier.classNames).filter(
      (classIndex) => entry.classes !== undefined || classIndex !== classifier.refusedClass,
    );
    const share = Math.min(entry.share ?? classes.length, classes.length);
    const tasks: SearchTask[] = [];
    for (const encoding of encodings) {
      if (encoding === 'latent') {
        throw new InputError(
          'the encoding latent makes images by a generator, and a plan names none: a worker would need it, too; search its latents with pareidolia fool --generator',
        );
      }
      for (const emitter of emitters) {
        for (const preset of presets) {
          for (const length of generations) {
            const spec = resolveSearch(
              {
                ...(encoding === undefined ? {} : { encoding }),
                ...(emitter === undefined ? {} : { emitter }),
                ...(preset === undefined ? {} : { preset }),
                ...(length === undefined ? {} : { generations: length }),
                ...(entry.archive === undefined ? {} : { archive: entry.archive }),
                ...(entry.batch === undefined ? {} : { batch: entry.batch }),
                ...(entry.settings === undefined ? {} : { settings: entry.settings as Settings }),
              },
              classifier.shape,
            );
            tasks.push({
              kind: 'search',
              name: this.#name(
                name,
                spec.encoding.name,
                spec.emitter.name,
                preset,
                generations.length > 1 ? length : undefined,
              ),
              model: index,
              classes,
              seeds: entry.seeds ?? [1],
              share,
              epoch: entry.epoch ?? USUAL_EPOCH,
              exchange: (entry.exchange ?? true) && (entry.seeds ?? [1]).length > 1,
              spec: JSON.parse(JSON.stringify(spec)),
            });
          }
        }
      }
    }
    return tasks;
  }

  async #attacks(entry: PlannedAttack, opened: Opened): Promise<AttackTask[]> {
    const { index, name, classifier } = opened;
    const { epsilons, budgets = [undefined], seeds = [1] } = entry;
    const tasks: AttackTask[] = [];
    for (const attackName of entry.attacks) {
      const attacks = chooseAttacks(attackName);
      for (const each of attacks) checkAccess(classifier, each);
      const own = Object.fromEntries(
        Object.entries(entry.settings ?? {}).filter(([key]) =>
          attacks.some(({ settings }) => Object.hasOwn(settings.shape, key)),
        ),
      );
      requireSettings(attacks, own);
      for (const budget of budgets) {
        for (const seed of seeds) {
          const settings = attackSettings(
            {
              attack: attackName,
              epsilon: epsilons?.join(',') ?? 'min',
              set: own,
              ...(entry.norm === undefined ? {} : { norm: entry.norm }),
              ...(entry.eachEpsilon === undefined ? {} : { eachEpsilon: entry.eachEpsilon }),
              ...(entry.targeted === undefined ? {} : { targeted: entry.targeted }),
              ...(entry.batch === undefined ? {} : { batch: entry.batch }),
              ...(budget === undefined ? {} : { budget }),
              ...(entry.limit === undefined ? {} : { limit: entry.limit }),
            },
            undefined,
            1,
          );
          if (parseEpsilons(settings.epsilon) === undefined && entry.eachEpsilon === true) {
            throw new InputError(
              'eachEpsilon belongs to epsilons that are distances, and there are none; give some, or leave it out',
            );
          }
          const request: SubjectRequest = {
            ...this.#pictures(entry, settings.limit),
            seed,
            signal: this.#options.signal,
          };
          const bytes = await this.#loaded(JSON.stringify(['subjects', index, request]), async () =>
            writeSubjects(await loadSubjects(classifier, request)),
          );
          const subjects = { sha256: bytes.sha256, size: bytes.size };
          const task: AttackTask = {
            kind: 'attack',
            name: this.#name(
              name,
              attackName,
              budgets.length > 1 ? budget : undefined,
              seeds.length > 1 ? `seed${seed}` : undefined,
            ),
            model: index,
            seed,
            settings: JSON.parse(JSON.stringify(settings)),
            subjects,
            units: [],
          };
          const packed = (await this.#options.store.get(subjects.sha256))!;
          const units = unitsOf(await attackContext(task, classifier, packed));
          tasks.push({ ...task, units: units.map(({ key, weight = 1 }) => ({ key, weight })) });
        }
      }
    }
    return tasks;
  }

  async #audits(entry: PlannedAudit, { index, name, file, classifier }: Opened): Promise<AuditTask[]> {
    const { budgets = ['quick' as const], seeds = [1], threshold, outliers } = entry;
    const { signal } = this.#options;
    const tasks: AuditTask[] = [];
    for (const budget of budgets) {
      for (const seed of seeds) {
        const settings = auditSettings({ budget, ...(threshold === undefined ? {} : { threshold }) }, undefined, 1);
        const reading = { signal, onRead: () => {} };
        const given = {
          ...this.#pictures(entry, entry.limit),
          ...(file.path === undefined ? {} : { model: file.path }),
        };
        const wanted = imageRequest(given, seed);
        const images =
          wanted === undefined
            ? undefined
            : await this.#loaded(JSON.stringify(['images', index, budget, wanted]), async () =>
                writeRealImages(await loadImages(classifier, file.card, wanted, budget, reading)),
              );
        const other = this.#data(outliers);
        const others =
          other === undefined
            ? undefined
            : await this.#loaded(JSON.stringify(['outliers', index, budget, other, seed]), async () =>
                writeRealImages(await loadOutliers(classifier, file.card, other, seed, budget, reading)),
              );
        tasks.push({
          kind: 'audit',
          name: this.#name(
            name,
            'audit',
            budgets.length > 1 ? budget : undefined,
            seeds.length > 1 ? `seed${seed}` : undefined,
          ),
          model: index,
          seed,
          settings: JSON.parse(JSON.stringify(settings)),
          ...(images === undefined ? {} : { images }),
          ...(others === undefined ? {} : { outliers: others }),
        });
      }
    }
    return tasks;
  }

  #pictures(entry: PlannedAttack | PlannedAudit, limit: number | undefined) {
    const { images, data, labels, strict } = entry;
    const own = this.#data(data);
    return {
      ...(images === undefined ? {} : { images: this.#at(images) }),
      ...(own === undefined ? {} : { data: own }),
      ...(labels === undefined ? {} : { labels: this.#at(labels) }),
      ...(limit === undefined ? {} : { limit }),
      ...(strict === undefined ? {} : { strict }),
    };
  }

  async #loaded(key: string, make: () => Promise<Uint8Array>): Promise<ObjectRef> {
    const known = this.#images.get(key);
    if (known !== undefined) return known;
    this.#options.signal.throwIfAborted();
    this.#options.onStep('reading images');
    const object = await this.#put(await make());
    this.#images.set(key, object);
    return object;
  }

  /** A name for a task that is fit for folders and that no other task has. */
  #name(...parts: readonly (string | number | undefined)[]): string {
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

function nameOf(model: PlannedModel): string {
  if (typeof model !== 'string' && model.name !== undefined) return model.name;
  const file = typeof model === 'string' ? model : model.file;
  return (
    basename(isAddress(file) ? new URL(file).pathname : file)
      .replace(/\.onnx$/i, '')
      .slice(0, 100) || 'model'
  );
}

function otherHash(file: string, wanted: string, found: string): InputError {
  return new InputError(
    `${file} has SHA-256 ${found.slice(0, 12)}..., and the plan wants ${wanted.slice(0, 12)}...; give the file that is meant`,
  );
}

/** Fetches a model, which has to have the hash that the plan says. */
async function fetchModel(
  address: string,
  wanted: string,
  card: string | undefined,
  { onStep, signal }: Pick<ResolveOptions, 'onStep' | 'signal'>,
): Promise<ModelFile> {
  const url = new URL(address);
  const where = `${url.origin}${url.pathname}`;
  onStep(`fetching ${where}`);
  let answer: Response;
  try {
    answer = await fetch(url, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new InputError(`${where} does not answer; check the address and the network`, { cause });
  }
  if (!answer.ok) throw new InputError(`${where} answers ${answer.status}; check the address`);
  const bytes = await readLimited(answer, MOST_INPUT);
  if (bytes === undefined) throw new InputError(`${where} sends more than 2 GiB; no model is as large`);
  const found = sha256(bytes);
  if (found !== wanted) throw otherHash(where, wanted, found);
  const folder = mkdtempSync(join(tmpdir(), 'pareidolia-'));
  try {
    // Under its name, so that the usual ways to find a card apply.
    const path = join(folder, basename(url.pathname) || 'model.onnx');
    writeFileSync(path, bytes);
    return readModel(path, card);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
