/** @file `scores.csv`: a line for each image. */

import { closeSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from '../job/disk-error.ts';
import { openNew, temporaryName, writeFully } from '../job/files.ts';
import type { ScoredImage } from './scoring.ts';

/** Characters that are gathered before they are written. */
const CHUNK = 1_000_000;

/** The columns that not every file has. */
export interface Columns {
  /** Whether each line has the scores of all classes. */
  readonly probabilities: boolean;
  /** Whether each line has what the model's detector says, and its score. */
  readonly detected: boolean;
}

/** The file grows as images are scored, under another name until it is whole. */
export class ScoresCsv {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: number;
  readonly #classNames: readonly string[];
  readonly #columns: Columns;
  #text: string;
  #isOpen = true;

  /**
   * @throws InputError where the folder may not be written; DiskError
   */
  constructor(folder: string, classNames: readonly string[], columns: Columns) {
    this.#path = join(folder, 'scores.csv');
    this.#temporary = join(folder, temporaryName('scores.csv'));
    this.#file = guard(this.#path, () => openNew(this.#temporary));
    this.#classNames = classNames;
    this.#columns = columns;
    this.#text = rowOf([
      ...['file', 'label', 'prediction', 'confidence'],
      ...(columns.detected ? ['detector', 'detector_score'] : []),
      ...(columns.probabilities ? classNames : []),
    ]);
  }

  add({ name, label, prediction, scores, detected }: ScoredImage): void {
    const nameOf = (index: number | undefined): string => (index === undefined ? '' : this.#classNames[index]!);
    const all = this.#columns.probabilities ? this.#classNames.map((_, k) => figure(scores?.[k])) : [];
    const confidence = prediction === undefined ? undefined : scores?.[prediction];
    const verdict = detected === undefined ? '' : detected.accepted ? 'accepted' : 'refused';
    const guarded = this.#columns.detected ? [verdict, figure(detected?.score)] : [];
    this.#text += rowOf([name, nameOf(label), nameOf(prediction), figure(confidence), ...guarded, ...all]);
    if (this.#text.length > CHUNK) this.#flush();
  }

  /** Completes the file, under its own name. */
  close(): void {
    this.#flush();
    this.#end();
    guard(this.#path, () => renameSync(this.#temporary, this.#path));
  }

  /** Leaves nothing behind, unless the file is complete. */
  discard(): void {
    if (!this.#isOpen) return;
    this.#end();
    rmSync(this.#temporary, { force: true });
  }

  #flush(): void {
    guard(this.#path, () => writeFully(this.#file, this.#text));
    this.#text = '';
  }

  #end(): void {
    this.#isOpen = false;
    closeSync(this.#file);
  }
}

/** Digits that single precision has. */
function figure(value: number | undefined): string {
  return value === undefined ? '' : String(Number(value.toPrecision(8)));
}

function rowOf(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`;
}
