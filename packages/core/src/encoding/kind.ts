/** @file How an encoding is registered. */

import type { DecoderSpec } from '../generator/decoder.ts';
import type { ImageShape } from '../image/images.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { resolveSettings, type Settings, type SettingsSchema } from '../settings/settings.ts';
import type { Encoding } from './encoding.ts';

/** What an encoding may need beside its settings. */
export interface EncodingResources {
  /** The generator through which latents become images. */
  readonly decoder?: DecoderSpec | undefined;
  /** What runs it. */
  readonly runtime?: Runtime | undefined;
}

/** An encoding that can be chosen by name, with its settings. */
export interface EncodingKind {
  /** As on the command line, for example `cppn`. */
  readonly name: string;
  /** What it is, in one line. */
  readonly summary: string;
  /** What an image is in it, a sentence for reports. */
  readonly explanation: string;
  readonly settings: SettingsSchema;
  /** What it cannot be made without: a generator. Nothing when absent. */
  readonly needs?: 'generator';
  /**
   * @param changes settings by name; those left out have their defaults
   * @param resources what it needs beside them
   * @throws InputError where a setting is unknown or out of range, or a resource is missing
   */
  create(shape: ImageShape, changes: Settings, resources?: EncodingResources): Encoding;
}

/** Registers an encoding; the maker gets its settings checked and with their types. */
export function defineEncoding<S extends SettingsSchema>(kind: {
  readonly name: string;
  readonly summary: string;
  readonly explanation: string;
  readonly settings: S;
  readonly needs?: 'generator';
  readonly create: (
    shape: ImageShape,
    settings: ReturnType<typeof resolveSettings<S>>,
    resources: EncodingResources,
  ) => Encoding;
}): EncodingKind {
  return {
    ...kind,
    create: (shape, changes, resources = {}) =>
      kind.create(shape, resolveSettings(kind.name, kind.settings, changes), resources),
  };
}
