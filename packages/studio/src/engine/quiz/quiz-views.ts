/** @file What a page is told of quizzes, its own and that of a class. */

import type { Question } from '@pareidolia/lab';
import type { QuizConclusion, QuizKind, QuizRow } from '@pareidolia/lab/quiz';

/** A kind of images that a quiz on some network can show, or why not. */
export interface QuizKindView {
  readonly kind: QuizKind;
  /** Why there are none of it, a sentence without a full stop; absent where there are. */
  readonly missing?: string;
}

/** One question of a quiz. The right answer is that of the network. */
export interface QuizQuestion extends Question {
  readonly kind: QuizKind;
  /** Of the network in its answer. */
  readonly confidence: number;
  /** The same image with its contrast multiplied, where one hardly sees anything in it. */
  readonly amplified?: { readonly planes: Uint8Array; readonly factor: number };
}

/** How far the preparation of a quiz is. */
export interface QuizStatus {
  readonly id: string;
  readonly state: 'preparing' | 'ready' | 'stopped' | 'failed';
  /** Why it failed. */
  readonly error?: string;
  readonly seed: number;
  readonly questions: number;
  /** Questions that can be asked: they are ready in the order in which they are asked. */
  readonly ready: number;
  /** The kind of the image that is being made; absent where none is. */
  readonly making?: QuizKind;
  /** Share of the most work that this image can take, 0 to 1. */
  readonly share: number;
  /** Seconds until this image is there, and all are, at most, by the pace so far; absent while that is not known. */
  readonly secondsForImage?: number;
  readonly secondsForAll?: number;
}

/** All that a page needs to show a quiz that it has not seen before. */
export interface QuizView {
  readonly status: QuizStatus;
  /** Those that are ready. */
  readonly questions: readonly QuizQuestion[];
}

/** "I see nothing", where answers are places in a question's labels. */
export const NOTHING = -1;

/** Forms in which the answers of a class can be saved. */
export const CLASS_FILES = ['csv', 'json'] as const;

/** One of {@link CLASS_FILES}. */
export type ClassFile = (typeof CLASS_FILES)[number];

/** The answers of a class to one question. */
export interface ClassQuestion {
  readonly kind: QuizKind;
  readonly labels: readonly string[];
  readonly right: number;
  readonly confidence: number;
  /** How many gave each of the labels. */
  readonly counts: readonly number[];
  readonly nothing: number;
}

/** The quiz of a class, as the teacher's page shows it. */
export interface ClassView {
  /** What pupils type in. */
  readonly code: string;
  /** Where they open the page for it, the likeliest first. */
  readonly addresses: readonly string[];
  /** Whether other machines reach these addresses. */
  readonly isReachable: boolean;
  /** The network. */
  readonly model: string;
  readonly status: QuizStatus;
  /** Whether pupils are told what the network sees; nobody can answer any more. */
  readonly isRevealed: boolean;
  readonly joined: number;
  /** How many have answered all. */
  readonly finished: number;
  /** How many may join from one address. */
  readonly perAddress: number;
  readonly questions: readonly ClassQuestion[];
  readonly rows: readonly QuizRow[];
  readonly conclusion: QuizConclusion;
}

/** What a pupil is shown. */
export interface PupilView {
  /** `waiting`: the next image is not made yet. `done`: all is answered, and the others are waited for. */
  readonly state: 'asking' | 'waiting' | 'done' | 'revealed';
  readonly model: string;
  readonly questions: number;
  readonly answered: number;
  /** The next question, without what the network says; left out where the pupil's page has it already. */
  readonly question?: Omit<QuizQuestion, 'right' | 'confidence' | 'kind'> & { readonly place: number };
  /** Once the teacher shows the answers. */
  readonly outcome?: {
    readonly rows: readonly QuizRow[];
    readonly conclusion: QuizConclusion;
    readonly class: { readonly joined: number; readonly rows: readonly QuizRow[]; readonly conclusion: QuizConclusion };
    readonly questions: readonly (ClassQuestion & { readonly own: number })[];
  };
}
