/** @file A training as a job: the training of each network, the searches for fooling images between them, and what is measured. */

import { readModel } from '@pareidolia/autodiff';
import {
  addedClassNames,
  type Dataset,
  evaluate,
  evolveFoolingImages,
  type FoolingImages,
  OnnxClassifier,
  type OutlierSource,
  type Recordable,
  type Runtime,
  shareInClass,
  withAddedClass,
} from '@pareidolia/core';
import { quartiles } from '@pareidolia/lab';
import { z } from 'zod';
import type { DataSplit } from '../data/datasets.ts';
import { writeAtomically } from '../job/files.ts';
import type { JobFolder } from '../job/folder.ts';
import type { Job } from '../job/job.ts';
import type { Results, UnitContext, WorkUnit } from '../job/unit.ts';
import { cardOf } from './given-network.ts';
import { ownCard, requireReplaceable, saveModel } from './out.ts';
import type { FooledNetwork, TrainResult } from './result.ts';
import { measureRobustness, ROBUSTNESS, type Robustness } from './robustness.ts';
import { TRAINING_THREADS, type TrainSettings } from './settings.ts';
import type { Subject, Subjects } from './subject.ts';
import type { TrainObserver } from './train.ts';
import { TRAINED, type Trained, trainInEpochs } from './training.ts';

export interface TrainingParts {
  readonly folder: JobFolder<TrainSettings>;
  readonly out: string;
  readonly seed: number;
  readonly data: DataSplit;
  readonly subjects: Subjects;
  readonly outliers: OutlierSource | undefined;
  readonly runtime: Runtime;
  readonly observer: TrainObserver;
}

/** The training of the network of a round, a search for images that fool it, and what is measured of the last one. */
export type TrainUnit = WorkUnit &
  (
    | { readonly kind: 'training'; readonly round: number }
    | { readonly kind: 'fooling'; readonly round: number; readonly search: number }
    | { readonly kind: 'test' | 'robustness' }
  );

const trainingKey = (round: number): string => (round === 0 ? 'training' : `training-${round}`);
const foolingKey = (round: number, search: number): string => `fooling-${round}-${search}`;

const TESTED = z.object({ correct: z.int().min(0), count: z.int().min(1) });

type Tested = z.infer<typeof TESTED>;

const numbers = z.array(z.number());
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

const FOOLING: z.ZodType<FoolingImages> = z.object({
  first: bytes,
  last: z.object({
    evaluations: numbers,
    median: numbers,
    mean: numbers,
    worst: numbers,
    replacements: numbers,
    confidences: numbers,
    ids: numbers,
    images: bytes,
  }),
});

/** A long unit, the training, in rounds with searches between them, and what is measured afterwards. */
export class TrainingJob implements Job<TrainUnit, Recordable, TrainResult> {
  readonly #parts: TrainingParts;
  readonly #settings: TrainSettings;

  constructor(parts: TrainingParts) {
    this.#parts = parts;
    this.#settings = parts.folder.config.settings;
  }

  units(): readonly TrainUnit[] {
    const { data, seed } = this.#parts;
    const units: TrainUnit[] = [{ key: trainingKey(0), seed, kind: 'training', round: 0 }];
    const { rounds = 0, searches = 0 } = this.#settings.foolingClass ?? {};
    for (let round = 0; round <= rounds && rounds > 0; round++) {
      // The last network is searched once, to say how well it is fooled.
      for (let search = 0; search < (round < rounds ? searches : 1); search++) {
        const needs = [trainingKey(round)];
        units.push({ key: foolingKey(round, search), seed, kind: 'fooling', round, search, needs, weight: 0.2 });
      }
      if (round === rounds) break;
      const needs = units.map(({ key }) => key);
      units.push({ key: trainingKey(round + 1), seed, kind: 'training', round: round + 1, needs });
    }
    const needs = units.filter(({ kind }) => kind === 'training').map(({ key }) => key);
    const added = rounds > 0 ? units.filter(({ kind }) => kind === 'fooling').map(({ key }) => key) : [];
    if (data.test !== undefined) units.push({ key: 'test', seed, kind: 'test', needs: [...needs, ...added] });
    if (this.#epsilon() !== undefined) {
      units.push({ key: 'robustness', seed, kind: 'robustness', needs: [...needs, ...added] });
    }
    return units;
  }

  /** @throws InputError where another model lies at the place of the one that this training makes */
  requireReplaceable(): void {
    const { folder, out } = this.#parts;
    if (this.#settings.force) return;
    const journal = folder.journal();
    const isDone = this.units().every(({ key }) => journal.has(key));
    const known = isDone ? this.#file({ of: (key) => this.read(key, journal.result(key)!) }) : undefined;
    requireReplaceable(out, known);
  }

  read(key: string, result: Recordable): Recordable {
    if (key === 'test') return TESTED.parse(result);
    if (key === 'robustness') return { ...ROBUSTNESS.parse(result) };
    if (key.startsWith('fooling-')) return FOOLING.parse(result);
    const trained = TRAINED.parse(result);
    readModel(trained.model);
    return trained;
  }

  async run(unit: TrainUnit, context: UnitContext<Recordable>): Promise<Recordable> {
    const { folder, data, runtime, observer, outliers } = this.#parts;
    const { seed } = unit;
    const { device, foolingClass } = this.#settings;
    const session = { device, threads: TRAINING_THREADS };
    if (unit.kind === 'training') {
      const { round } = unit;
      const parts = {
        folder,
        seed: seed + round,
        data: this.#dataOf(round, context.results),
        subject: this.#subject(round, context.results),
        outliers,
        log: round === 0 ? 'epochs' : `epochs-${round}`,
        runtime,
        observer,
      };
      observer.round(round, foolingClass?.rounds ?? 0);
      return trainInEpochs(parts, context);
    }
    if (unit.kind === 'fooling') {
      const { round, search } = unit;
      const { generations, batch } = foolingClass!;
      observer.search(round, search);
      const { model } = trainedIn(context.results, round);
      const network = await OnnxClassifier.load(model, { runtime, ...session, where: 'the trained network' });
      try {
        return await evolveFoolingImages(network, {
          classes: data.train.classNames.map((_, index) => index),
          seed: seed + SEARCHES * (round + 1) + search,
          generations,
          batch,
          pause: async () => context.signal.throwIfAborted(),
          onGeneration: (generation) => context.progress(generation / generations),
          bookmark: context.checkpoint,
        });
      } finally {
        await network.dispose();
      }
    }
    const last = foolingClass?.rounds ?? 0;
    const model = readModel(trainedIn(context.results, last).model);
    const { validation, test } = withClass({ ...data }, last > 0);
    if (unit.kind === 'test') {
      const { correct, count } = await evaluate(model, test!, runtime, session);
      return { correct, count };
    }
    const robustness = await measureRobustness(
      model,
      test ?? validation,
      this.#epsilon()!,
      seed,
      runtime,
      session,
      context.signal,
    );
    return { ...robustness };
  }

  async finish(results: Results<Recordable>): Promise<TrainResult> {
    const { folder, out, seed, data, subjects } = this.#parts;
    const { network, from, epochs, adversarial, defences, outliers, foolingClass } = this.#settings;
    const last = foolingClass?.rounds ?? 0;
    const { validationAccuracy } = trainedIn(results, last);
    this.requireReplaceable();
    const named = withClass(data, last > 0);
    const own = subjects.card === undefined ? ownCard(named) : cardOf(subjects.card, named);
    const { card, sha256 } = saveModel(out, this.#file(results), own);
    const test = data.test === undefined ? undefined : (results.of('test') as Tested);
    const { trained, frozen } = this.#subject(last, results).values;
    let [seconds, images] = [0, 0];
    for (let round = 0; round <= last; round++) {
      seconds += results.seconds(trainingKey(round));
      images += epochs * this.#dataOf(round, results).train.images.count;
    }
    const result: TrainResult = {
      network: network ?? subjectName(from),
      from: from ?? null,
      data: data.name,
      seed,
      epochs,
      parameters: trained,
      frozen,
      validationAccuracy,
      testAccuracy: test === undefined ? null : test.correct / test.count,
      adversarial: adversarial ?? null,
      defences: defences ?? null,
      outliers: outliers ?? null,
      foolingClass:
        foolingClass === undefined
          ? null
          : { ...foolingClass, networks: await this.#fooled(results, foolingClass.rounds) },
      robustness: this.#epsilon() === undefined ? null : (results.of('robustness') as unknown as Robustness),
      seconds,
      imagesPerSecond: seconds > 0 ? images / seconds : 0,
      out,
      card,
      sha256,
    };
    writeAtomically(`${folder.path}/result.json`, `${JSON.stringify(result, null, 2)}\n`);
    return result;
  }

  /** The largest radius within which the training makes the network robust; `undefined` where that is not what it is for. */
  #epsilon(): number | undefined {
    const { adversarial, defences = [] } = this.#settings;
    const radii = defences.flatMap(({ name, settings }) =>
      name === 'trades' || name === 'adversarial-training' ? [settings.epsilon ?? 0] : [],
    );
    if (adversarial !== undefined) radii.push(adversarial.epsilon);
    return radii.length === 0 ? undefined : Math.max(...radii);
  }

  /** The data of a round: from the second one on with the fooling images of all rounds before as a class. */
  #dataOf(round: number, results: Pick<Results<Recordable>, 'of'>): DataSplit {
    const { data } = this.#parts;
    if (round === 0) return data;
    return { ...withClass(data, true), train: withAddedClass(data.train, this.#added(round, results)) };
  }

  /** First and last elites of the searches of all rounds before. */
  #added(round: number, results: Pick<Results<Recordable>, 'of'>): readonly Uint8Array[] {
    const { searches = 0 } = this.#settings.foolingClass ?? {};
    return Array.from({ length: round }, (_, earlier) =>
      Array.from({ length: searches }, (__, search) => foolingIn(results, earlier, search)),
    )
      .flat()
      .flatMap(({ first, last }) => [first, last.images]);
  }

  /** The network of a round before its training; those of the rounds before come first. */
  #subject(round: number, results: Pick<Results<Recordable>, 'of'>): Subject {
    const { data, subjects } = this.#parts;
    let subject: Subject | undefined;
    for (let each = 0; each <= round; each++) {
      const before = each === 0 ? undefined : trainedIn(results, each - 1).model;
      subject = subjects.of(each, withClass(data, each > 0).train, before);
    }
    return subject!;
  }

  /** The bytes of the model that the training makes. */
  #file(results: Pick<Results<Recordable>, 'of'>): Uint8Array {
    const last = this.#settings.foolingClass?.rounds ?? 0;
    return this.#subject(last, results).finish(readModel(trainedIn(results, last).model));
  }

  async #fooled(results: Results<Recordable>, rounds: number): Promise<FooledNetwork[]> {
    const { runtime, data } = this.#parts;
    const { searches } = this.#settings.foolingClass!;
    const session = { device: this.#settings.device, threads: TRAINING_THREADS };
    const networks: FooledNetwork[] = [];
    for (let round = 0; round <= rounds; round++) {
      const found = Array.from({ length: round < rounds ? searches : 1 }, (__, search) =>
        foolingIn(results, round, search),
      );
      const { model, validationAccuracy } = trainedIn(results, round);
      let recognized: number | null = null;
      if (round > 0) {
        const network = await OnnxClassifier.load(model, { runtime, ...session, where: 'the trained network' });
        const newest = Array.from(
          { length: searches },
          (__, search) => foolingIn(results, round - 1, search).last.images,
        );
        recognized = await shareInClass(network, newest, data.train.classNames.length);
        await network.dispose();
      }
      const size = data.train.images.data.length / data.train.images.count;
      const added = this.#added(round, results).reduce((sum, images) => sum + images.length / size, 0);
      const medianConfidence = quartiles(found.flatMap(({ last }) => last.confidences)).median;
      networks.push({ added, validationAccuracy, medianConfidence, recognized });
    }
    return networks;
  }
}

/** Searches of a round at most, so that each has a seed of its own. */
const SEARCHES = 100_000;

/** The data with the name of the class that is added, and no image of it. */
function withClass(data: DataSplit, isAdded: boolean): DataSplit {
  if (!isAdded) return data;
  const named = (part: Dataset): Dataset => ({ ...part, classNames: addedClassNames(part) });
  return {
    ...data,
    train: named(data.train),
    validation: named(data.validation),
    ...(data.test === undefined ? {} : { test: named(data.test) }),
  };
}

function trainedIn(results: Pick<Results<Recordable>, 'of'>, round: number): Trained {
  // The key is that of a training.
  return results.of(trainingKey(round)) as Trained;
}

function foolingIn(results: Pick<Results<Recordable>, 'of'>, round: number, search: number): FoolingImages {
  return results.of(foolingKey(round, search)) as FoolingImages;
}

function subjectName(from: string | undefined): string {
  return from?.split(/[\\/]/).at(-1) ?? '';
}
