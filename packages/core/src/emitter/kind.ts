/** @file How an emitter is registered. */

import type { Scorer } from '../classifier/classifier.ts';
import type { Encoding } from '../encoding/encoding.ts';
import type { ImageShape } from '../image/images.ts';
import { resolveSettings, type Settings, type SettingsSchema } from '../settings/settings.ts';
import type { Variation, VariationKind } from '../variation/variation.ts';
import type { Emitter } from './emitter.ts';

/** What an emitter is made for. */
export interface EmitterContext {
  readonly scorer: Scorer;
  readonly encoding: Encoding;
  /** The class of each cell of the archive, ascending: a class that has several cells is named as often. */
  readonly classIndices: readonly number[];
  readonly seed: number;
  /** The variation that {@link EmitterKind.variation} names, with its settings. */
  readonly variation: Variation | undefined;
  /** Told the share done, 0 to 1, while a question takes long. */
  readonly onProgress?: (share: number) => void;
  /** Told what the user should know of the search, each a sentence. */
  readonly onNotice?: (notice: string) => void;
}

/** An emitter that can be chosen by name, with its settings. */
export interface EmitterKind {
  /** As on the command line, for example `gradient-ascent`. */
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** How its images are made, a sentence for reports. */
  readonly explanation: string;
  /** Which of its images is kept for a class, where the archive's own explanation does not apply. */
  readonly kept?: string;
  readonly settings: SettingsSchema;
  /** Published sets of settings, by name. */
  readonly presets: Readonly<Record<string, Settings>>;
  /** What it needs from the classifier; `either`: scores, but it follows gradients where there are any. */
  readonly needs: 'scores' | 'gradients' | 'either';
  /** The encoding that is taken where the user chooses none. */
  readonly encoding: string;
  /**
   * The variation by which children are made of parents; `undefined` where there is none.
   *
   * @throws InputError where the emitter does not work with the encoding
   */
  variation(encoding: Encoding): VariationKind | undefined;
  /**
   * What decides how long a search is: the number of generations, or a setting of the emitter, which ends by itself. The
   * setting of that name is what the user gives as the number of generations.
   */
  readonly length: 'generations' | { readonly setting: string };
  /** Candidates in a generation by default. */
  batch(shape: ImageShape, settings: Settings): number;
  /** @throws InputError where a setting is unknown or out of range, or the classifier lacks what the emitter needs */
  create(context: EmitterContext, changes: Settings): Emitter;
}

/** Whether an emitter follows the gradients of a classifier that has some. */
export function followsGradients({ needs }: Pick<EmitterKind, 'needs'>): boolean {
  return needs !== 'scores';
}

/** Registers an emitter; the maker gets its settings checked and with their types. */
export function defineEmitter<S extends SettingsSchema>(
  kind: Omit<EmitterKind, 'settings' | 'create'> & {
    readonly settings: S;
    readonly create: (context: EmitterContext, settings: ReturnType<typeof resolveSettings<S>>) => Emitter;
  },
): EmitterKind {
  return {
    ...kind,
    create: (context, changes) => kind.create(context, resolveSettings(kind.name, kind.settings, changes)),
  };
}
