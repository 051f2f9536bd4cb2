/** @file The answers of a class as a table for spreadsheets. */

import { csvLines, csvNumber, csvText } from '../audit/outputs/csv-cells.ts';
import { QUIZ_KIND_TITLES } from './kinds.ts';
import type { QuizAnswer } from './tally.ts';

/** One answer of one pupil. */
export interface ClassAnswer extends Pick<QuizAnswer, 'kind' | 'said'> {
  /** The pupil, in the order of joining, from 1. */
  readonly pupil: number;
  /** From 1. */
  readonly question: number;
  /** What the network answers, and how certain it is. */
  readonly network: string;
  readonly confidence: number;
  /** What the pupil answered; `undefined` for "I see nothing". */
  readonly answer: string | undefined;
}

const COLUMNS = ['pupil', 'question', 'kind', 'network', 'confidence', 'answer', 'said'];

/** A line for each answer, under a line of names. */
export function classCsv(answers: readonly ClassAnswer[]): string {
  const lines = answers.map(({ pupil, question, kind, network, confidence, answer, said }) => [
    csvNumber(pupil),
    csvNumber(question),
    csvText(QUIZ_KIND_TITLES[kind]),
    csvText(network),
    csvNumber(confidence),
    csvText(answer ?? 'nothing'),
    csvText(said),
  ]);
  return csvLines([COLUMNS, ...lines]);
}
