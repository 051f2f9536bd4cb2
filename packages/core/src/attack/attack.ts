/**
 * @file What an attack is: a search with its name, paper and settings, of one of four kinds. The functions that define one
 * keep the types of its norms and settings inside, so that whoever runs attacks needs to know neither.
 */

import type { z } from 'zod';
import type { QueryCount } from '../classifier/metered.ts';
import { InputError } from '../errors.ts';
import type { FloatImages } from '../image/images.ts';
import { resolveSettings, type Settings, type SettingsSchema } from '../settings/settings.ts';
import type { CutShort, DriveOptions } from './engine/drive.ts';
import type { Steps } from './engine/query.ts';
import type { Sample } from './engine/sample.ts';
import type { TargetModel } from './engine/target-model.ts';
import type { Ball, Norm } from './norm.ts';

/** What is told of an attack of any kind. */
export interface AttackDescription<N extends Norm = Norm, S extends SettingsSchema = SettingsSchema> {
  /** As on the command line, for example `pgd`; no two attacks of the registry share one. */
  readonly name: string;
  /** As in its paper. */
  readonly title: string;
  /** Authors and year, with the arXiv number where there is one. */
  readonly paper: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** What it has to see of the network. */
  readonly access: 'gradients' | 'scores' | 'decisions';
  /** The norms it works in, its own first. */
  readonly norms: readonly [N, ...N[]];
  /** Whether it can aim at a class. */
  readonly targeted: boolean;
  /**
   * What it does otherwise than its paper on a network of so many classes; each a sentence without a full stop. Nothing when
   * absent.
   */
  readonly remarks?: (numClasses: number) => readonly string[];
  /** Its settings, each with type, range, the paper's value as default, and a line that says what it is. */
  readonly settings: S;
}

/** An attack with a fixed epsilon, ready to be run with certain settings. */
export interface FixedSearch {
  /** The attack's. */
  readonly name: string;
  /** What the criterion's margin has to exceed. */
  readonly confidence: number;
  /**
   * Asks about images; the first adversarial one in the ball ends it.
   *
   * @throws InputError where the attack does not work in the ball's norm
   */
  search(sample: Sample, ball: Ball): Steps;
}

/** An attack that minimizes, ready to be run with certain settings. */
export interface MinimalSearch {
  /** What the criterion's margin has to exceed. */
  readonly confidence: number;
  /**
   * Asks about images; the nearest adversarial one counts.
   *
   * @throws InputError where the attack does not work in the norm
   */
  search(sample: Sample, norm: Norm): Steps;
}

/** An attack that is given a ball and looks for any adversarial image in it. */
export interface FixedAttack extends AttackDescription {
  readonly kind: 'fixed';
  /**
   * @param changes settings by name; those left out have their defaults
   * @throws InputError where a setting is unknown or out of range
   */
  prepare(changes?: Settings): FixedSearch;
}

/** An attack that looks for the nearest adversarial image. */
export interface MinimalAttack extends AttackDescription {
  readonly kind: 'minimal';
  /**
   * @param changes settings by name; those left out have their defaults
   * @throws InputError where a setting is unknown or out of range
   */
  prepare(changes?: Settings): MinimalSearch;
}

/** Attacks with a fixed epsilon that take their turn on whatever those before them left standing. */
export interface EnsembleAttack extends AttackDescription {
  readonly kind: 'ensemble';
  readonly members: readonly FixedAttack[];
  /**
   * @param changes settings of the ensemble by name; its members run with their defaults
   * @returns the members in their order
   * @throws InputError where a setting is unknown or out of range
   */
  prepare(changes?: Settings): readonly FixedSearch[];
}

/** An attack that looks for one perturbation for all images together. */
export interface UniversalAttack extends AttackDescription {
  readonly kind: 'universal';
  /**
   * The radius where none is given.
   *
   * @param size values of an image, over all channels
   */
  defaultEpsilon(norm: Norm, size: number): number;
  /**
   * @param changes settings by name; those left out have their defaults
   * @throws InputError where a setting is unknown or out of range
   */
  prepare(changes?: Settings): UniversalSearch;
}

/** A universal attack, ready to be run with certain settings. */
export interface UniversalSearch {
  /**
   * @param images floats in [0, 1]
   * @param labels the classes that images have to leave, one for each
   * @throws InputError where the attack does not work in the ball's norm
   */
  search(
    model: TargetModel,
    images: FloatImages,
    labels: Int32Array,
    options: UniversalOptions,
  ): Promise<UniversalPerturbation>;
}

/** What a universal attack is given beside the images. */
export interface UniversalOptions<N extends Norm = Norm> extends Pick<DriveOptions, 'batch' | 'signal'> {
  readonly ball: Ball<N>;
  readonly seed: number;
  /** Called after each image with the share of the work that is done, 0 .. 1, and the forward passes so far. */
  readonly onImage?: (share: number, forward: number) => void;
}

/** One perturbation for all images. */
export interface UniversalPerturbation {
  /** `C x H x W`, to be added; the result is cut to [0, 1]. */
  readonly perturbation: Float32Array;
  /** Share of the images whose decision it changes, 0 .. 1, after each pass over them. */
  readonly foolingRates: readonly number[];
  /** For each image what cut the last search on it short; `undefined` where it came to its end. None did when absent. */
  readonly cuts?: readonly (CutShort['reason'] | undefined)[];
  /** Spent on all images together, but for the rates. */
  readonly queries: QueryCount;
}

/** Any attack. */
export type Attack = FixedAttack | MinimalAttack | EnsembleAttack | UniversalAttack;

/** An attack on each image by itself. */
export type SingleAttack = Exclude<Attack, UniversalAttack>;

/** What the writer of an attack says that works on one image. */
interface SingleDefinition<N extends Norm, S extends SettingsSchema> extends AttackDescription<N, S> {
  /** What the criterion's margin has to exceed, by the settings; 0 when absent. */
  readonly confidence?: (settings: z.output<S>) => number;
}

/** What the writer of an attack with a fixed epsilon says. */
export interface FixedDefinition<N extends Norm, S extends SettingsSchema> extends SingleDefinition<N, S> {
  /** Asks about images; the first adversarial one in the ball ends it. */
  search(sample: Sample, ball: Ball<N>, settings: z.output<S>): Steps;
}

/** What the writer of an attack that minimizes says. */
export interface MinimalDefinition<N extends Norm, S extends SettingsSchema> extends SingleDefinition<N, S> {
  /** Asks about images; the nearest adversarial one counts. */
  search(sample: Sample, norm: N, settings: z.output<S>): Steps;
}

/** What the writer of a universal attack says. */
export interface UniversalDefinition<N extends Norm, S extends SettingsSchema> extends AttackDescription<N, S> {
  /**
   * The radius where none is given.
   *
   * @param size values of an image, over all channels
   */
  defaultEpsilon(norm: N, size: number): number;
  /** Looks for one perturbation in the ball that takes as many images as it can from their labels. */
  search(
    model: TargetModel,
    images: FloatImages,
    labels: Int32Array,
    options: UniversalOptions<N>,
    settings: z.output<S>,
  ): Promise<UniversalPerturbation>;
}

/** Defines an attack with a fixed epsilon; its search gets norm and settings checked and with their types. */
export function defineFixedAttack<N extends Norm, S extends SettingsSchema>(
  definition: FixedDefinition<N, S>,
): FixedAttack {
  const { search, confidence, ...described } = definition;
  return {
    ...described,
    kind: 'fixed',
    prepare(changes = {}) {
      const settings = resolveSettings(described.name, described.settings, changes);
      return {
        name: described.name,
        confidence: confidence?.(settings) ?? 0,
        search: (sample, { norm, epsilon }) =>
          search(sample, { norm: requireNorm(described, norm), epsilon }, settings),
      };
    },
  };
}

/** Defines an attack that minimizes; its search gets norm and settings checked and with their types. */
export function defineMinimalAttack<N extends Norm, S extends SettingsSchema>(
  definition: MinimalDefinition<N, S>,
): MinimalAttack {
  const { search, confidence, ...described } = definition;
  return {
    ...described,
    kind: 'minimal',
    prepare(changes = {}) {
      const settings = resolveSettings(described.name, described.settings, changes);
      return {
        confidence: confidence?.(settings) ?? 0,
        search: (sample, norm) => search(sample, requireNorm(described, norm), settings),
      };
    },
  };
}

/** Defines an ensemble out of its members; their remarks are its own. */
export function defineEnsembleAttack(definition: AttackDescription & Pick<EnsembleAttack, 'members'>): EnsembleAttack {
  return {
    ...definition,
    kind: 'ensemble',
    remarks: (numClasses) => [
      ...new Set([definition, ...definition.members].flatMap(({ remarks }) => remarks?.(numClasses) ?? [])),
    ],
    prepare(changes = {}) {
      resolveSettings(definition.name, definition.settings, changes);
      return definition.members.map((member) => member.prepare());
    },
  };
}

/** Defines an attack on all images together; its search gets norm and settings checked and with their types. */
export function defineUniversalAttack<N extends Norm, S extends SettingsSchema>(
  definition: UniversalDefinition<N, S>,
): UniversalAttack {
  const { search, defaultEpsilon, ...described } = definition;
  return {
    ...described,
    kind: 'universal',
    defaultEpsilon: (norm, size) => defaultEpsilon(requireNorm(described, norm), size),
    prepare(changes = {}) {
      const settings = resolveSettings(described.name, described.settings, changes);
      return {
        async search(model, images, labels, { ball, ...options }) {
          const own = { ...ball, norm: requireNorm(described, ball.norm) };
          return search(model, images, labels, { ...options, ball: own }, settings);
        },
      };
    },
  };
}

/** An attack that minimizes, used in a ball: what it finds inside counts. */
export function inBall(attack: MinimalAttack): FixedAttack {
  return {
    ...attack,
    kind: 'fixed',
    prepare(changes) {
      const prepared = attack.prepare(changes);
      return {
        name: attack.name,
        confidence: prepared.confidence,
        search: (sample, ball) => prepared.search(sample, ball.norm),
      };
    },
  };
}

/**
 * The norm, known to be one of the attack's.
 *
 * @throws InputError where the attack does not work in it
 */
export function requireNorm<N extends Norm>(
  { name, norms }: Pick<AttackDescription<N>, 'name' | 'norms'>,
  norm: Norm,
): N {
  const own = norms.find((each) => each === norm);
  if (own === undefined) throw new InputError(`${name} works in ${norms.join(', ')}, not in ${norm}`);
  return own;
}
