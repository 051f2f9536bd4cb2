/** @file The answers of a class as files. */

import { type ClassAnswer, classCsv } from '@pareidolia/lab/quiz';
import type { ClassFile, ClassView } from './quiz-views.ts';

/** A file with its media type. */
export interface SavedClass {
  readonly type: string;
  readonly text: string;
}

/** CSV has a line for each answer; JSON has the questions with their counts and the pooled rows, too. */
export function classFile(file: ClassFile, view: ClassView, answers: readonly ClassAnswer[]): SavedClass {
  if (file === 'csv') return { type: 'text/csv', text: classCsv(answers) };
  const { model, status, joined, finished, questions, rows, conclusion } = view;
  const document = { model, seed: status.seed, joined, finished, questions, rows, conclusion, answers };
  return { type: 'application/json', text: `${JSON.stringify(document, null, 2)}\n` };
}
