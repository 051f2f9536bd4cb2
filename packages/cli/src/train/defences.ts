/** @file The options of `pareidolia train` that choose defences. */

import { type ChosenDefence, DEFENCES, type Defence, InputError, resolveSettings, unknownName } from '@pareidolia/core';
import { FOOLING_CLASS, FOOLING_KIND, type FoolingClass, foolingSettings } from './fooling-class.ts';

export interface DefenceOptions {
  /** Names by commas. */
  readonly defence?: string;
  readonly outliers?: string;
  readonly rounds?: number;
  /** By `name`, or by `defence.name`. */
  readonly set?: Readonly<Record<string, number>>;
}

/** What the options ask for; nothing is undefined but absent. */
export interface DefenceChoice {
  readonly defences?: readonly ChosenDefence[];
  readonly foolingClass?: FoolingClass;
}

/** All that has settings. */
type Kind = Pick<Defence, 'name' | 'settings'>;

/** In the order in which they are listed. */
const ALL: readonly Kind[] = [...DEFENCES, FOOLING_KIND];

/**
 * Finds the defences, and the settings that each of them has; with every default, so that a later version with other defaults does
 * the same.
 *
 * @throws InputError where a name is unknown, or an option has nothing to act on
 */
export function readDefences({ defence, outliers, rounds, set = {} }: DefenceOptions): DefenceChoice {
  if (defence === undefined) {
    const idle = outliers !== undefined ? '--outliers' : rounds !== undefined ? '--rounds' : undefined;
    const name = idle ?? (Object.keys(set).length > 0 ? '--set' : undefined);
    if (name === undefined) return {};
    throw new InputError(
      `${name} belongs to a defence; give --defence with it, for example --defence outlier-exposure`,
    );
  }
  const names = defence.split(',').map((name) => name.trim());
  const kinds = names.map(kindNamed);
  for (const [index, { name }] of kinds.entries()) {
    if (names.indexOf(name) !== index) throw new InputError(`--defence names ${name} twice; name it once`);
  }
  requireUsed(kinds, set);
  const settingsOf = ({ name, settings }: Kind): Record<string, number> => {
    const given = (isMeant: (owner: string | undefined, setting: string) => boolean): Record<string, number> =>
      Object.fromEntries(
        Object.entries(set).flatMap(([key, value]): [string, number][] => {
          const [owner, setting] = splitKey(key);
          return isMeant(owner, setting) ? [[setting, value]] : [];
        }),
      );
    const shared = given((owner, setting) => owner === undefined && setting in settings.shape);
    // What is given with the defence's name counts more.
    const own = given((owner) => owner === name);
    return { ...resolveSettings(name, settings, { ...shared, ...own }) };
  };
  const fooling = kinds.find(({ name }) => name === FOOLING_CLASS);
  if (rounds !== undefined && fooling === undefined) {
    throw new InputError(`--rounds belongs to --defence ${FOOLING_CLASS}; name it, or leave --rounds out`);
  }
  const others = kinds.filter((kind) => kind !== fooling);
  return {
    ...(others.length === 0
      ? {}
      : { defences: others.map((kind) => ({ name: kind.name, settings: settingsOf(kind) })) }),
    ...(fooling === undefined ? {} : { foolingClass: foolingSettings(settingsOf(fooling), rounds) }),
  };
}

function kindNamed(name: string): Kind {
  const found = ALL.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  throw new InputError(
    unknownName(
      'defence',
      name,
      ALL.map((kind) => kind.name),
    ),
  );
}

/** @throws InputError where a setting is none of the chosen defences' */
function requireUsed(kinds: readonly Kind[], set: Readonly<Record<string, number>>): void {
  for (const key of Object.keys(set)) {
    const [owner, setting] = splitKey(key);
    const meant = kinds.filter(({ name }) => owner === undefined || owner === name);
    if (meant.some(({ settings }) => setting in settings.shape)) continue;
    const known = kinds.flatMap(({ name, settings }) => Object.keys(settings.shape).map((each) => `${name}.${each}`));
    throw new InputError(`No chosen defence has a setting ${key}; they have ${known.join(', ')}`);
  }
}

/** `trades.steps`, or `steps` for every defence that has it. */
function splitKey(key: string): readonly [owner: string | undefined, setting: string] {
  const dot = key.indexOf('.');
  return dot < 0 ? [undefined, key] : [key.slice(0, dot), key.slice(dot + 1)];
}
