/** @file Counts how often people gave the network's answer, for each kind of images. */

import { exactInterval, type Interval } from '../statistics/exact-interval.ts';
import { QUIZ_KINDS, type QuizKind } from './kinds.ts';

/** One answer to one question. */
export interface QuizAnswer {
  readonly kind: QuizKind;
  /** `agreed`: the network's own answer; `nothing`: "I see nothing"; `other`: another class. */
  readonly said: 'agreed' | 'nothing' | 'other';
  /** Classes that were on offer, "I see nothing" not counted. */
  readonly choices: number;
}

/** Hits among answers, with the exact 95 % interval of the rate. */
export interface CountedRate {
  readonly hits: number;
  readonly of: number;
  readonly interval: Interval;
}

/** The answers to images of one kind; `made` is all that are not real. */
export interface QuizRow {
  readonly kind: QuizKind | 'made';
  readonly answers: number;
  readonly agreed: CountedRate;
  readonly nothing: CountedRate;
}

/**
 * A row for each kind that was answered: first those that were made for the network, with their sum where there are several, then the
 * real ones.
 */
export function tallyAnswers(answers: readonly QuizAnswer[]): readonly QuizRow[] {
  const kinds = QUIZ_KINDS.filter((kind) => answers.some((answer) => answer.kind === kind));
  const made = kinds.filter((kind) => kind !== 'real');
  const rowOf = (kind: QuizRow['kind']): QuizRow =>
    rateRow(kind, kind === 'made' ? madeOf(answers) : only(answers, kind));
  return [...made, ...(made.length > 1 ? ['made' as const] : []), ...kinds.filter((kind) => kind === 'real')].map(
    rowOf,
  );
}

/** The answers to images that were made for the network. */
export function madeOf(answers: readonly QuizAnswer[]): readonly QuizAnswer[] {
  return answers.filter(({ kind }) => kind !== 'real');
}

/** How many of the answers are the network's. */
export function agreedIn(answers: readonly QuizAnswer[]): number {
  return answers.filter(({ said }) => said === 'agreed').length;
}

function only(answers: readonly QuizAnswer[], kind: QuizRow['kind']): readonly QuizAnswer[] {
  return answers.filter((answer) => answer.kind === kind);
}

function rateRow(kind: QuizRow['kind'], answers: readonly QuizAnswer[]): QuizRow {
  const of = answers.length;
  const rate = (hits: number): CountedRate => ({ hits, of, interval: exactInterval(hits, of) });
  return {
    kind,
    answers: of,
    agreed: rate(agreedIn(answers)),
    nothing: rate(answers.filter(({ said }) => said === 'nothing').length),
  };
}
