/** @file What a measurement came to, as plain data: a page, a terminal or a JSON file can show it. */

import type { ChartData } from '../chart/chart-data.ts';
import type { Gallery } from './gallery.ts';
import type { Quiz } from './quiz.ts';
import type { Table } from './table.ts';
import type { Verdict } from './verdict.ts';

/** The result of one claim. */
export interface Finding {
  readonly verdict: Verdict;
  /** What is lacking for a verdict, without a full stop. Only where it is inconclusive. */
  readonly lacking?: string;
  /** What the numbers say, in one or two sentences, with their spread. */
  readonly ours: string;
  /** The rule by which the verdict follows from the numbers. */
  readonly rule: string;
  /** What was left out or done differently from the paper, each a sentence. */
  readonly caveats: readonly string[];
  readonly tables: readonly Table[];
  readonly charts: readonly ChartData[];
  readonly galleries: readonly Gallery[];
  /** A forced choice for the reader. */
  readonly quiz?: Quiz;
}

/** A claim that could not be measured here. */
export interface Skipped {
  /** What is missing, in a sentence. */
  readonly skipped: string;
}
