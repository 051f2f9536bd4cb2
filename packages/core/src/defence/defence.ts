/** @file What a defence is: a training loss, and the images that it is about besides the examples. */

import type { LossTerm } from '@pareidolia/autodiff';
import { resolveSettings, type Settings, type SettingsSchema } from '../settings/settings.ts';
import type { Movement } from './moved-images.ts';

/** The rows of a batch that are the examples: images with labels. */
export const EXAMPLES = 'examples';

/** The rows that are the outliers: images that show none of the classes. As many as there are examples. */
export const OUTLIERS = 'outliers';

/** Rows of a batch that a defence adds: examples or outliers, moved against the network. */
export interface MovedRows {
  /** Unique among all defences: the defence's name. */
  readonly name: string;
  readonly of: typeof EXAMPLES | typeof OUTLIERS;
  readonly movement: Movement;
}

/** What a defence changes of the loss. Whatever it leaves out stays as it is. */
export interface DefenceParts {
  /** How far labels are smoothed, in [0, 1). */
  readonly smoothing?: number;
  /** The rows that labels are learned from in place of the examples; made of these, in their order. */
  readonly labelled?: string;
  /** Rows that it adds. */
  readonly rows?: readonly MovedRows[];
  /** Terms that it adds to the cross-entropy. */
  readonly terms?: readonly LossTerm[];
}

/** A defence that can be chosen by name, with its settings. A new one is a file, a line in the registry, and a test. */
export interface Defence {
  /** Unique and stable, of small letters, digits and hyphens. */
  readonly name: string;
  /** What it does, in one line, with its paper. */
  readonly summary: string;
  readonly settings: SettingsSchema;
  /** Whether it is about outliers, which must be given then. */
  readonly needsOutliers: boolean;
  /** @throws InputError where a setting is unknown or out of range */
  parts(changes: Settings): DefenceParts;
}

/** Registers a defence; the maker gets its settings checked and with their types. */
export function defineDefence<S extends SettingsSchema>(
  defence: Omit<Defence, 'settings' | 'parts'> & {
    readonly settings: S;
    readonly parts: (settings: ReturnType<typeof resolveSettings<S>>) => DefenceParts;
  },
): Defence {
  return {
    ...defence,
    parts: (changes) => defence.parts(resolveSettings(defence.name, defence.settings, changes)),
  };
}
