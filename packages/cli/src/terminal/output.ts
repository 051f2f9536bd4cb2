/** @file Where all text of the program is written, so that no name in a model or file can command the terminal. */

import { printable } from './printable.ts';

/** Writes text to standard output. */
export function writeOut(text: string): void {
  process.stdout.write(printable(text));
}

/** Writes text to standard error. */
export function writeError(text: string): void {
  process.stderr.write(printable(text));
}
