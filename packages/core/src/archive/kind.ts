/** @file How an archive is registered. */

import type { Measure } from '../measure/measure.ts';
import type { Settings, SettingsSchema } from '../settings/settings.ts';
import type { Archive } from './archive.ts';

/** What an archive is made for. */
export interface ArchiveContext {
  /** The classes that are searched. */
  readonly classIndices: readonly number[];
  /** What images are told apart by; none where the archive measures nothing. */
  readonly measures: readonly Pick<Measure, 'name' | 'lower' | 'upper'>[];
  readonly seed: number;
}

/** An archive that can be chosen by name. */
export interface ArchiveKind {
  /** As on the command line, for example `classes`. */
  readonly name: string;
  /** What it keeps, in one line. */
  readonly summary: string;
  /** Which image is kept for a class, a sentence or two for reports. */
  readonly explanation: string;
  readonly settings: SettingsSchema;
  /** Whether it keeps several images of a class, told apart by measures. */
  readonly isMeasured: boolean;
  /**
   * Makes an empty archive.
   *
   * @param changes settings by name; those left out have their defaults
   * @throws InputError where a setting is out of range, or there would be too many cells
   */
  create(context: ArchiveContext, changes: Settings): Archive;
}
