/** @file From genomes to a new one. */

import type { Encoding } from '../encoding/encoding.ts';
import type { Random } from '../random/random.ts';
import { resolveSettings, type Settings, type SettingsSchema } from '../settings/settings.ts';

/** An operator that makes a genome out of others. Parents are never changed. */
export interface Variation<Genome = unknown> {
  /** How many parents a child has. */
  readonly parents: number;
  /**
   * Makes a child.
   *
   * @param parents as many as the property `parents` says
   * @param random the child's own stream
   * @param generation the generation that the child belongs to, from 1; rates may follow it
   */
  apply(parents: readonly Genome[], random: Random, generation: number): Genome;
}

/** A variation that can be chosen by name, with its settings. */
export interface VariationKind {
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  readonly settings: SettingsSchema;
  /** Whether it can work on genomes of an encoding. */
  fits(encoding: Encoding): boolean;
  /**
   * @param encoding one that fits
   * @param changes settings by name; those left out have their defaults
   * @throws InputError where a setting is unknown or out of range
   */
  create(encoding: Encoding, changes: Settings): Variation;
}

/** Registers a variation; the maker gets its settings checked, and the encoding and settings with their types. */
export function defineVariation<E extends Encoding, S extends SettingsSchema>(kind: {
  readonly name: string;
  readonly summary: string;
  readonly settings: S;
  readonly fits: (encoding: Encoding) => encoding is E;
  readonly create: (encoding: E, settings: ReturnType<typeof resolveSettings<S>>) => Variation;
}): VariationKind {
  return {
    ...kind,
    create: (encoding, changes) => {
      if (!kind.fits(encoding)) throw new TypeError(`${kind.name} does not work on genomes of ${encoding.name}`);
      return kind.create(encoding, resolveSettings(kind.name, kind.settings, changes));
    },
  };
}
