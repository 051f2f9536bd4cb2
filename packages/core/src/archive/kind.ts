/** @file How an archive is registered. */

import type { Archive } from './archive.ts';

/** An archive that can be chosen by name. */
export interface ArchiveKind {
  /** As on the command line, for example `classes`. */
  readonly name: string;
  /** What it keeps, in one line. */
  readonly summary: string;
  /** Which image is kept for a class, a sentence or two for reports. */
  readonly explanation: string;
  /**
   * Makes an empty archive.
   *
   * @param classIndices the classes that are searched
   */
  create(classIndices: readonly number[]): Archive;
}
