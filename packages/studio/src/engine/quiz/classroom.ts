/**
 * @file The quiz of a class: pupils join with a code and answer the same questions; the teacher's page shows the counts. Pupils are
 * numbers, are kept in memory alone, and whatever one of them sends cannot change what another one answered.
 */

import { InputError } from '@pareidolia/core';
import { type ClassAnswer, concludeClass, concludeQuiz, type QuizAnswer, tallyAnswers } from '@pareidolia/lab/quiz';
import type { StudioHost } from '../host.ts';
import { classFile, type SavedClass } from './class-files.ts';
import { networkOf } from './network-of.ts';
import type { QuizJob } from './quiz-job.ts';
import {
  type ClassFile,
  type ClassQuestion,
  type ClassView,
  NOTHING,
  type PupilView,
  type QuizQuestion,
} from './quiz-views.ts';

/** Letters and digits of a code that nobody takes for one another. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Letters of a code: of 32, so a billion codes. */
const CODE_LENGTH = 6;

/** Pupils in all, and those that may join from one address: a phone has one, and a few may share a computer. */
const [MOST_PUPILS, PER_ADDRESS] = [300, 6] as const;

/** Requests that a pupil may make at once, and after that in a second. */
const [AT_ONCE, PER_SECOND] = [40, 5] as const;

/**
 * The teacher's page is told of changes after so many milliseconds, and so seldom that making its view takes no more than a tenth of the
 * time: a hundred answers come at once, and pupils must not wait for the counts.
 */
const [TELL_EVERY, REST_PER_VIEW] = [200, 9] as const;

/** What a pupil asks for and does not get, in a sentence. */
export class PupilRefused extends InputError {
  /** Of HTTP. */
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/** What a classroom needs of the server that it is in. */
export interface ClassroomPlace {
  /** Where pupils open the page for it; the likeliest first. */
  readonly addresses: readonly string[];
  /** Whether other machines reach these addresses. */
  readonly isReachable: boolean;
  /** A whole number from 0 to `bound` (exclusive) that nobody can foresee. */
  readonly random: (bound: number) => number;
  /** Does something after so many milliseconds. */
  readonly later: (milliseconds: number, action: () => void) => void;
}

/** What all have answered so far. */
type Results = Pick<ClassView, 'questions' | 'rows' | 'conclusion'>;

interface Pupil {
  /** Place in the order of joining, from 1. */
  readonly number: number;
  /** The label that was chosen for each question so far, or {@link NOTHING}. */
  readonly answers: number[];
  /** Requests that may still be made, and when that was so, in milliseconds. */
  allowed: number;
  counted: number;
}

interface Quiz {
  readonly code: string;
  readonly job: QuizJob;
  readonly pupils: Map<string, Pupil>;
  /** How many joined from each address. */
  readonly addresses: Map<string, number>;
  perAddress: number;
  isRevealed: boolean;
  /** Of the present answers; absent until somebody asks. */
  results: Results | undefined;
  /** Whether the teacher's page has not been told of the last change. */
  isUntold: boolean;
}

/** The one quiz that may be open for a class, and what its pupils answered. */
export class Classroom {
  readonly #host: Pick<StudioHost, 'now' | 'emit'>;
  readonly #place: ClassroomPlace;
  #quiz: Quiz | undefined;
  /** Whether the teacher's page was told a moment ago. */
  #isResting = false;

  constructor(host: Pick<StudioHost, 'now' | 'emit'>, place: ClassroomPlace) {
    this.#host = host;
    this.#place = place;
  }

  get isOpen(): boolean {
    return this.#quiz !== undefined;
  }

  /**
   * Opens a quiz for pupils, who may join while its images are made. One that was open is closed.
   *
   * @returns as the teacher's page shows it
   */
  open(job: QuizJob): ClassView {
    this.close();
    const code = this.#text(CODE_LENGTH);
    const quiz: Quiz = {
      code,
      job,
      pupils: new Map(),
      addresses: new Map(),
      perAddress: PER_ADDRESS,
      isRevealed: false,
      results: undefined,
      isUntold: false,
    };
    this.#quiz = quiz;
    return this.#viewOf(quiz);
  }

  /** As the teacher's page shows it; `undefined` where none is open. */
  view(): ClassView | undefined {
    return this.#quiz === undefined ? undefined : this.#viewOf(this.#quiz);
  }

  /** Whether this is the quiz that is open. */
  holds(job: QuizJob): boolean {
    return this.#quiz?.job === job;
  }

  /** To be called when the quiz has a new image, or has failed. */
  changed(job: QuizJob): void {
    if (this.#quiz?.job === job) this.#change(this.#quiz);
  }

  /** Lets as many join from one address as there is room for: where all of a class come through one. */
  admitAll(): ClassView {
    this.#open().perAddress = MOST_PUPILS;
    return this.#tell();
  }

  /** From now on pupils are told what the network sees, and nobody can answer any more. */
  reveal(): ClassView {
    const quiz = this.#open();
    quiz.isRevealed = true;
    quiz.job.stop();
    return this.#tell();
  }

  /** Forgets the quiz, its pupils and their answers. */
  close(): void {
    const quiz = this.#quiz;
    if (quiz === undefined) return;
    this.#quiz = undefined;
    quiz.job.stop();
    this.#host.emit({ type: 'class' });
  }

  /** The answers of all pupils as a file. @throws InputError where no quiz is open */
  file(file: ClassFile): SavedClass {
    const quiz = this.#open();
    const answers = [...quiz.pupils.values()].flatMap((pupil) =>
      pupil.answers.map((choice, place): ClassAnswer => {
        const question = quiz.job.questions[place]!;
        const { kind, labels, right, confidence } = question;
        const { said } = saidTo(question, choice);
        const network = labels[right]!;
        return { pupil: pupil.number, question: place + 1, kind, network, confidence, answer: labels[choice], said };
      }),
    );
    return classFile(file, this.#viewOf(quiz), answers);
  }

  /**
   * Takes a pupil in.
   *
   * @param address that the request comes from
   * @returns a secret that stands for the pupil; it opens nothing but this quiz
   * @throws PupilRefused
   */
  join(code: unknown, address: string): string {
    const quiz = this.#quiz;
    const given = typeof code === 'string' ? code.toUpperCase().replaceAll(/[\s-]/g, '') : '';
    if (quiz === undefined || given !== quiz.code) {
      throw new PupilRefused(403, 'This code opens no quiz; look at the screen again');
    }
    if (quiz.isRevealed) throw new PupilRefused(403, 'This quiz is over; wait for another one');
    if (quiz.pupils.size >= MOST_PUPILS) {
      throw new PupilRefused(403, `${MOST_PUPILS} have joined, and there is no room for more`);
    }
    const from = networkOf(address);
    const before = quiz.addresses.get(from) ?? 0;
    if (before >= quiz.perAddress) {
      throw new PupilRefused(
        403,
        `${before} have joined from this device or through its router; if you are not among them, ask your teacher to let more in`,
      );
    }
    quiz.addresses.set(from, before + 1);
    const secret = this.#text(26);
    quiz.pupils.set(secret, {
      number: quiz.pupils.size + 1,
      answers: [],
      allowed: AT_ONCE,
      counted: this.#host.now(),
    });
    this.#change(quiz);
    return secret;
  }

  /**
   * What a pupil is shown.
   *
   * @param has place of the question whose image the pupil's page has already: it is not sent again
   * @throws PupilRefused where nobody has this secret, or it comes too often
   */
  look(secret: unknown, has?: unknown): PupilView {
    const { quiz, pupil } = this.#admit(secret);
    const { question, ...view } = pupilView(quiz, pupil);
    return question === undefined || question.place === has ? view : { ...view, question };
  }

  /**
   * Takes an answer; each question has one, and they are answered in their order.
   *
   * @param choice place of a label, or {@link NOTHING}
   * @throws PupilRefused
   */
  answer(secret: unknown, place: unknown, choice: unknown): PupilView {
    const { quiz, pupil } = this.#admit(secret);
    if (quiz.isRevealed) throw new PupilRefused(409, 'The answers are shown already; nothing can be answered any more');
    if (typeof place === 'number' && place >= 0 && place < pupil.answers.length) {
      throw new PupilRefused(409, 'This question has your answer already; an answer is final');
    }
    const question = quiz.job.questions[pupil.answers.length];
    if (question === undefined || place !== pupil.answers.length) {
      throw new PupilRefused(400, 'This is not the question that you are asked now; reload the page');
    }
    const isPlace = typeof choice === 'number' && Number.isInteger(choice) && choice >= NOTHING;
    if (!isPlace || choice >= question.labels.length) {
      throw new PupilRefused(400, 'This is none of the answers; choose one of those on the page');
    }
    pupil.answers.push(choice);
    this.#change(quiz);
    return pupilView(quiz, pupil);
  }

  #open(): Quiz {
    if (this.#quiz === undefined) throw new InputError('No quiz is open for a class; open one');
    return this.#quiz;
  }

  #admit(secret: unknown): { readonly quiz: Quiz; readonly pupil: Pupil } {
    const quiz = this.#quiz;
    const pupil = typeof secret === 'string' ? quiz?.pupils.get(secret) : undefined;
    if (quiz === undefined || pupil === undefined) {
      throw new PupilRefused(401, 'This quiz is over; if there is a code on the screen, type it in');
    }
    const now = this.#host.now();
    pupil.allowed = Math.min(AT_ONCE, pupil.allowed + ((now - pupil.counted) / 1000) * PER_SECOND);
    pupil.counted = now;
    if (pupil.allowed < 1) throw new PupilRefused(429, 'These are too many requests; wait a moment');
    pupil.allowed--;
    return { quiz, pupil };
  }

  /** The teacher's page is told at once, or with what else comes in the next moment. */
  #change(quiz: Quiz): void {
    quiz.results = undefined;
    quiz.isUntold = true;
    if (!this.#isResting) this.#tell();
  }

  #tell(): ClassView {
    const quiz = this.#open();
    const begin = this.#host.now();
    const view = this.#viewOf(quiz);
    this.#host.emit({ type: 'class', view });
    quiz.isUntold = false;
    if (!this.#isResting) {
      this.#isResting = true;
      this.#place.later(Math.max(TELL_EVERY, REST_PER_VIEW * (this.#host.now() - begin)), () => {
        this.#isResting = false;
        if (this.#quiz?.isUntold === true) this.#tell();
      });
    }
    return view;
  }

  #viewOf(quiz: Quiz): ClassView {
    const { code, job, pupils, perAddress, isRevealed } = quiz;
    const { addresses, isReachable } = this.#place;
    const everybody = [...pupils.values()];
    const all = asked(job);
    return {
      code,
      addresses,
      isReachable,
      model: job.model,
      status: job.status(),
      isRevealed,
      joined: everybody.length,
      finished: everybody.filter(({ answers }) => answers.length === all).length,
      perAddress,
      ...resultsOf(quiz),
    };
  }

  #text(length: number): string {
    return Array.from({ length }, () => LETTERS[this.#place.random(LETTERS.length)]).join('');
  }
}

/** Questions in all: those that were made, where nothing more comes of a quiz. */
function asked(job: QuizJob): number {
  const { state, questions } = job.status();
  return state === 'preparing' ? questions : job.questions.length;
}

/** What somebody said to a question. */
function saidTo({ kind, labels, right }: Pick<QuizQuestion, 'kind' | 'labels' | 'right'>, choice: number): QuizAnswer {
  return { kind, choices: labels.length, said: choice === NOTHING ? 'nothing' : choice === right ? 'agreed' : 'other' };
}

function answersOf({ job }: Quiz, { answers }: Pupil): readonly QuizAnswer[] {
  return answers.map((choice, place) => saidTo(job.questions[place]!, choice));
}

/** Made once for a state of the answers: in the end every pupil asks for them. */
function resultsOf(quiz: Quiz): Results {
  if (quiz.results === undefined) {
    const people = [...quiz.pupils.values()].map((pupil) => answersOf(quiz, pupil));
    quiz.results = {
      questions: countedQuestions(quiz),
      rows: tallyAnswers(people.flat()),
      conclusion: concludeClass(people),
    };
  }
  return quiz.results;
}

function countedQuestions({ job, pupils }: Quiz): readonly ClassQuestion[] {
  const everybody = [...pupils.values()];
  return job.questions.map(({ kind, labels, right, confidence }, place) => {
    const count = (choice: number): number => everybody.filter(({ answers }) => answers[place] === choice).length;
    return { kind, labels, right, confidence, counts: labels.map((_, label) => count(label)), nothing: count(NOTHING) };
  });
}

function pupilView(quiz: Quiz, pupil: Pupil): PupilView {
  const { job, pupils, isRevealed } = quiz;
  const answered = pupil.answers.length;
  const all = asked(job);
  const { state } = job.status();
  const base = { model: job.model, questions: all, answered };
  if (isRevealed) {
    const own = answersOf(quiz, pupil);
    const { questions, ...results } = resultsOf(quiz);
    return {
      ...base,
      state: 'revealed',
      outcome: {
        rows: tallyAnswers(own),
        conclusion: concludeQuiz(own),
        class: { joined: pupils.size, ...results },
        questions: questions.slice(0, answered).map((question, place) => ({ ...question, own: pupil.answers[place]! })),
      },
    };
  }
  const next = job.questions[answered];
  // Nothing comes any more of a quiz that was stopped or has failed.
  if (next === undefined) return { ...base, state: answered < all && state === 'preparing' ? 'waiting' : 'done' };
  const { shape, planes, labels, amplified } = next;
  return {
    ...base,
    state: 'asking',
    question: { place: answered, shape, planes, labels, ...(amplified === undefined ? {} : { amplified }) },
  };
}
