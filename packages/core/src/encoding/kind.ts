/** @file How an encoding is registered. */

import type { ImageShape } from '../image/images.ts';
import { resolveSettings, type Settings, type SettingsSchema } from '../settings/settings.ts';
import type { Encoding } from './encoding.ts';

/** An encoding that can be chosen by name, with its settings. */
export interface EncodingKind {
  /** As on the command line, for example `cppn`. */
  readonly name: string;
  /** What it is, in one line. */
  readonly summary: string;
  /** What an image is in it, a sentence for reports. */
  readonly explanation: string;
  readonly settings: SettingsSchema;
  /**
   * @param changes settings by name; those left out have their defaults
   * @throws InputError where a setting is unknown or out of range
   */
  create(shape: ImageShape, changes: Settings): Encoding;
}

/** Registers an encoding; the maker gets its settings checked and with their types. */
export function defineEncoding<S extends SettingsSchema>(kind: {
  readonly name: string;
  readonly summary: string;
  readonly explanation: string;
  readonly settings: S;
  readonly create: (shape: ImageShape, settings: ReturnType<typeof resolveSettings<S>>) => Encoding;
}): EncodingKind {
  return {
    ...kind,
    create: (shape, changes) => kind.create(shape, resolveSettings(kind.name, kind.settings, changes)),
  };
}
