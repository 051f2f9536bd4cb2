/** @file The networks of a training: one, or a series in which each learns the images that fooled those before as a class. */

import { readModel } from '@pareidolia/autodiff';
import { addedClassNames, type Dataset, imageSize, withAddedClass } from '@pareidolia/core';
import type { DataSplit } from '../data/datasets.ts';
import type { FoolingClass } from './fooling-class.ts';
import type { Subject, Subjects } from './subject.ts';
import type { TrainResults } from './units.ts';

/** Rounds are counted from 0, the first network. */
export class Series {
  /** The last round. */
  readonly last: number;
  readonly #data: DataSplit;
  readonly #subjects: Subjects;
  readonly #searches: number;

  constructor(data: DataSplit, subjects: Subjects, fooling: FoolingClass | undefined) {
    this.#data = data;
    this.#subjects = subjects;
    this.last = fooling?.rounds ?? 0;
    this.#searches = fooling?.searches ?? 0;
  }

  /** What a network is trained on: from the second one on the fooling images of all before are a class. */
  dataOf(round: number, results: TrainResults): DataSplit {
    const named = this.namedData(round);
    return round === 0 ? named : { ...named, train: withAddedClass(this.#data.train, this.#added(round, results)) };
  }

  /** The data with the classes of a round, and no image of the class that is added. */
  namedData(round: number): DataSplit {
    if (round === 0) return this.#data;
    const named = (part: Dataset): Dataset => ({ ...part, classNames: addedClassNames(part) });
    const { train, validation, test } = this.#data;
    return {
      ...this.#data,
      train: named(train),
      validation: named(validation),
      ...(test === undefined ? {} : { test: named(test) }),
    };
  }

  /** How many fooling images a network is trained on. */
  addedCount(round: number, results: TrainResults): number {
    const size = imageSize(this.#data.train.images);
    return this.#added(round, results).reduce((sum, images) => sum + images.length / size, 0);
  }

  /** The network of a round before its training. Those of the rounds before are made first, each of its trained predecessor. */
  subject(round: number, results: TrainResults | undefined): Subject {
    let subject = this.#subjects.of(0, this.#data.train, undefined);
    for (let each = 1; each <= round; each++) {
      subject = this.#subjects.of(each, this.namedData(each).train, results?.trained(each - 1).model);
    }
    return subject;
  }

  /** The bytes of the model that the training makes. */
  file(results: TrainResults): Uint8Array {
    return this.subject(this.last, results).finish(readModel(results.trained(this.last).model));
  }

  /** First and last elites of the searches of all rounds before. */
  #added(round: number, results: TrainResults): readonly Uint8Array[] {
    const added: Uint8Array[] = [];
    for (let earlier = 0; earlier < round; earlier++) {
      for (let search = 0; search < this.#searches; search++) {
        const { first, last } = results.fooling(earlier, search);
        added.push(first, last.images);
      }
    }
    return added;
  }
}
