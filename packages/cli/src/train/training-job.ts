/** @file A training as a job. */

import { readModel } from '@pareidolia/autodiff';
import {
  evaluate,
  evolveFoolingImages,
  OnnxClassifier,
  type OutlierSource,
  type Recordable,
  type Runtime,
  type SessionOptions,
  shareInClass,
} from '@pareidolia/core';
import { quartiles } from '@pareidolia/lab';
import type { DataSplit } from '../data/datasets.ts';
import { writeAtomically } from '../job/files.ts';
import type { JobFolder } from '../job/folder.ts';
import type { Job } from '../job/job.ts';
import type { Results, UnitContext } from '../job/unit.ts';
import { cardOf } from './given-network.ts';
import type { TrainObserver } from './observer.ts';
import { ownCard, requireReplaceable, saveModel } from './out.ts';
import type { FooledNetwork, TrainResult } from './result.ts';
import { measureRobustness } from './robustness.ts';
import { Series } from './series.ts';
import { TRAINING_THREADS, type TrainSettings } from './settings.ts';
import type { Subjects } from './subject.ts';
import { trainInEpochs } from './training.ts';
import { readResult, TrainResults, type TrainUnit, trainingSeconds, trainUnits } from './units.ts';

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

/** Between the seeds of the searches of two rounds. */
const SEARCHES = 100_000;

/** Long units, the trainings, with searches between them, and what is measured before and afterwards. */
export class TrainingJob implements Job<TrainUnit, Recordable, TrainResult> {
  readonly #parts: TrainingParts;
  readonly #settings: TrainSettings;
  readonly #series: Series;
  readonly #session: SessionOptions;

  constructor(parts: TrainingParts) {
    this.#parts = parts;
    this.#settings = parts.folder.config.settings;
    this.#series = new Series(parts.data, parts.subjects, this.#settings.foolingClass);
    this.#session = { device: this.#settings.device, threads: TRAINING_THREADS };
  }

  units(): readonly TrainUnit[] {
    const { data, seed, subjects } = this.#parts;
    return trainUnits(seed, this.#settings.foolingClass, {
      before: subjects.knowsClasses === true,
      test: data.test !== undefined,
      robustness: this.#epsilon() !== undefined,
    });
  }

  /** @throws InputError where another model lies at the place of the one that this training makes */
  requireReplaceable(): void {
    const { folder, out } = this.#parts;
    if (this.#settings.force) return;
    const journal = folder.journal();
    const isDone = this.units().every(({ key }) => journal.has(key));
    const results = new TrainResults({ of: (key) => this.read(key, journal.result(key)!) });
    requireReplaceable(out, isDone ? this.#series.file(results) : undefined);
  }

  read(key: string, result: Recordable): Recordable {
    return readResult(key, result);
  }

  async run(unit: TrainUnit, context: UnitContext<Recordable>): Promise<Recordable> {
    const { data, runtime } = this.#parts;
    const results = new TrainResults(context.results);
    switch (unit.kind) {
      case 'training':
        return this.#train(unit.round, results, context);
      case 'fooling':
        return this.#fool(unit.round, unit.search, results, context);
      case 'before': {
        const { correct, count } = await evaluate(
          this.#series.subject(0, undefined).model,
          data.validation,
          runtime,
          this.#session,
        );
        this.#parts.observer.before(correct / count, data.train.classNames.length);
        return { correct, count };
      }
      case 'test': {
        const { correct, count } = await evaluate(
          this.#model(results),
          this.#series.namedData(this.#series.last).test!,
          runtime,
          this.#session,
        );
        return { correct, count };
      }
      case 'robustness': {
        const { test, validation } = this.#series.namedData(this.#series.last);
        const dataset = test ?? validation;
        const epsilon = this.#epsilon()!;
        const { seed } = unit;
        const { signal } = context;
        const robustness = measureRobustness(
          this.#model(results),
          dataset,
          epsilon,
          seed,
          runtime,
          this.#session,
          signal,
        );
        return { ...(await robustness) };
      }
    }
  }

  async finish(all: Results<Recordable>): Promise<TrainResult> {
    const { folder, out, seed, data, subjects } = this.#parts;
    const { network, from, epochs, adversarial, defences, outliers, foolingClass } = this.#settings;
    const results = new TrainResults(all);
    const series = this.#series;
    this.requireReplaceable();
    const named = series.namedData(series.last);
    const own = subjects.card === undefined ? ownCard(named) : cardOf(subjects.card, named);
    const { card, sha256 } = saveModel(out, series.file(results), own);
    const share = (key: 'before' | 'test'): number => {
      const { correct, count } = results.tested(key);
      return correct / count;
    };
    const { trained, frozen } = series.subject(series.last, results).values;
    const seconds = trainingSeconds(all, series.last);
    let images = 0;
    for (let round = 0; round <= series.last; round++) {
      images += epochs * (data.train.images.count + series.addedCount(round, results));
    }
    const result: TrainResult = {
      network: network ?? from?.split(/[\\/]/).at(-1) ?? '',
      from: from ?? null,
      data: data.name,
      seed,
      epochs,
      parameters: trained,
      frozen,
      validationAccuracyBefore: subjects.knowsClasses === true ? share('before') : null,
      validationAccuracy: results.trained(series.last).validationAccuracy,
      testAccuracy: data.test === undefined ? null : share('test'),
      adversarial: adversarial ?? null,
      defences: defences ?? null,
      outliers: outliers ?? null,
      foolingClass:
        foolingClass === undefined ? null : { ...foolingClass, networks: await this.#fooledNetworks(results) },
      robustness: this.#epsilon() === undefined ? null : results.robustness(),
      seconds,
      imagesPerSecond: seconds > 0 ? images / seconds : 0,
      out,
      card,
      sha256,
    };
    writeAtomically(`${folder.path}/result.json`, `${JSON.stringify(result, null, 2)}\n`);
    return result;
  }

  async #train(round: number, results: TrainResults, context: UnitContext<Recordable>): Promise<Recordable> {
    const { folder, seed, outliers, runtime, observer } = this.#parts;
    observer.round(round, this.#series.last);
    const parts = {
      folder,
      seed: seed + round,
      data: this.#series.dataOf(round, results),
      subject: this.#series.subject(round, results),
      outliers,
      log: round === 0 ? 'epochs' : `epochs-${round}`,
      runtime,
      observer,
    };
    return trainInEpochs(parts, context);
  }

  async #fool(
    round: number,
    search: number,
    results: TrainResults,
    { signal, checkpoint, progress }: UnitContext<Recordable>,
  ): Promise<Recordable> {
    const { seed, data, observer } = this.#parts;
    const { generations, batch } = this.#settings.foolingClass!;
    observer.search(round, search);
    const network = await this.#open(results.trained(round).model);
    try {
      return await evolveFoolingImages(network, {
        classes: data.train.classNames.map((_, index) => index),
        seed: seed + SEARCHES * (round + 1) + search,
        generations,
        batch,
        pause: async () => signal.throwIfAborted(),
        onGeneration: (generation) => progress(generation / generations),
        bookmark: checkpoint,
      });
    } finally {
      await network.dispose();
    }
  }

  /** How each network of the series was fooled, and what it knows of the images that fooled the one before. */
  async #fooledNetworks(results: TrainResults): Promise<readonly FooledNetwork[]> {
    const { searches } = this.#settings.foolingClass!;
    const { last } = this.#series;
    const foundIn = (round: number) =>
      Array.from({ length: round < last ? searches : 1 }, (_, search) => results.fooling(round, search).last);
    const networks: FooledNetwork[] = [];
    for (let round = 0; round <= last; round++) {
      const { model, validationAccuracy } = results.trained(round);
      let recognized: number | null = null;
      if (round > 0) {
        const network = await this.#open(model);
        const newest = foundIn(round - 1).map(({ images }) => images);
        recognized = await shareInClass(network, newest, this.#parts.data.train.classNames.length);
        await network.dispose();
      }
      networks.push({
        added: this.#series.addedCount(round, results),
        validationAccuracy,
        medianConfidence: quartiles(foundIn(round).flatMap(({ confidences }) => confidences)).median,
        recognized,
      });
    }
    return networks;
  }

  /** The last network as it was trained. */
  #model(results: TrainResults) {
    return readModel(results.trained(this.#series.last).model);
  }

  #open(model: Uint8Array): Promise<OnnxClassifier> {
    const { runtime } = this.#parts;
    return OnnxClassifier.load(model, { runtime, ...this.#session, where: 'the trained network' });
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
}
