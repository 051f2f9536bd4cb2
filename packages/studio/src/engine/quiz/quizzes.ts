/** @file The quizzes of an engine. */

import { InputError } from '@pareidolia/core';
import type { StudioHost } from '../host.ts';
import type { Models } from '../models.ts';
import type { Parameters } from '../protocol.ts';
import { QuizJob } from './quiz-job.ts';
import type { QuizView } from './quiz-views.ts';
import { broughtImages, drawnImages, type GivenImages } from './real-images.ts';

/** Quizzes in memory; the oldest goes when another is started. */
const MOST = 4;

type Request = Parameters<'quiz.start'>;

export class Quizzes {
  readonly #host: StudioHost;
  readonly #models: Models;
  readonly #jobs = new Map<string, QuizJob>();
  readonly #ends = new Set<Promise<void>>();
  readonly #isHeld: (job: QuizJob) => boolean;

  /** @param isHeld whether a quiz is shown to a class, and so has to stay */
  constructor(host: StudioHost, models: Models, isHeld: (job: QuizJob) => boolean = () => false) {
    this.#host = host;
    this.#models = models;
    this.#isHeld = isHeld;
  }

  /**
   * Begins a quiz; what comes of it is told by events.
   *
   * @param onChange told of each change, besides the events
   * @throws InputError where it cannot be made
   */
  start(
    { quiz: id, model, seed, questions, kinds, images }: Request,
    onChange: (job: QuizJob) => void = () => {},
  ): QuizJob {
    if (this.#jobs.has(id)) throw new InputError(`There is a quiz ${id} already; choose another name`);
    const network = this.#models.get(model);
    const { drawn, quizKinds } = this.#models.viewOf(model);
    const { refusedClass } = network;
    if (network.numClasses - (refusedClass === undefined ? 0 : 1) < 2) {
      throw new InputError(`${network.where} has one class, so there is nothing to choose from; take another network`);
    }
    const brought = images === undefined ? undefined : broughtImages(images, network);
    for (const { kind, missing } of quizKinds) {
      if (!kinds.includes(kind) || missing === undefined || (kind === 'real' && brought !== undefined)) continue;
      throw new InputError(`This kind of images cannot be asked about: ${missing}`);
    }
    const real: GivenImages | undefined =
      brought ?? (kinds.includes('real') && drawn !== undefined ? drawnImages(drawn, seed) : undefined);
    const release = this.#models.hold(model);
    const job = new QuizJob(
      id,
      this.#models.counted(model),
      { seed, questions, kinds: [...new Set(kinds)], real, refusedClass },
      this.#host,
      (question) => {
        this.#host.emit({ type: 'quiz', status: job.status(), ...(question === undefined ? {} : { question }) });
        onChange(job);
      },
    );
    const oldest = [...this.#jobs.values()].find((each) => !this.#isHeld(each));
    if (this.#jobs.size >= MOST && oldest !== undefined) {
      oldest.stop();
      this.#jobs.delete(oldest.id);
    }
    this.#jobs.set(id, job);
    const end = job.run().finally(() => {
      release();
      this.#ends.delete(end);
    });
    this.#ends.add(end);
    return job;
  }

  /** @throws InputError where there is none of that name */
  open(id: string): QuizView {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new InputError('There is no such quiz any more; begin another');
    return job.view();
  }

  stop(id: string): void {
    this.#jobs.get(id)?.stop();
  }

  async dispose(): Promise<void> {
    for (const job of this.#jobs.values()) job.stop();
    await Promise.all(this.#ends);
  }
}
