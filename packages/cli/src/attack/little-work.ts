/** @file Says where images may have withstood an attack only because it was cut short. */

import { type Attack, describeSettings, type Flag } from '@pareidolia/core';
import { formatCount, type SampleLine } from '@pareidolia/lab';
import type { AttackSettings } from './settings.ts';

/** Settings of which less is less work. */
const WORK = new Set(
  ['steps', 'restarts', 'searchSteps', 'iterations', 'classes', 'candidates', 'population'].concat(
    'generations',
    'draws',
    'epochs',
  ),
);

/**
 * What made an attack weaker than its paper's, or another one, where it left images: a budget of queries that ended searches,
 * settings of its work below the defaults, and any other setting than the default. A step size of 1e-9 finds nothing.
 *
 * @param lines of the attack
 */
export function littleWork(
  attack: Pick<Attack, 'name' | 'settings'>,
  lines: readonly Pick<SampleLine, 'name' | 'success' | 'initiallyWrong' | 'stop'>[],
  { set, budget }: Pick<AttackSettings, 'set' | 'budget'>,
): readonly Flag[] {
  const missed = lines.filter(({ success, initiallyWrong }) => !success && !initiallyWrong);
  if (missed.length === 0) return [];
  const flags: Flag[] = [];
  const cut = new Set(missed.filter(({ stop }) => stop === 'budget').map(({ name }) => name)).size;
  if (cut > 0 && budget !== undefined) {
    flags.push({
      kind: 'little work',
      what: `The budget of ${formatCount(budget)} ${budget === 1 ? 'query' : 'queries'} ended ${attack.name} on ${cut} of ${new Set(lines.map(({ name }) => name)).size} images that count as correct: more queries may change that`,
    });
  }
  const changed = describeSettings(attack.settings).flatMap(({ name, default: usual }) => {
    const given = set[name];
    return given === undefined || given === usual ? [] : [{ name, given, usual }];
  });
  const list = (some: typeof changed): string =>
    some.map(({ name, given, usual }) => `${name}=${given} (default ${usual})`).join(', ');
  const less = changed.filter(({ name, given, usual }) => WORK.has(name) && given < usual);
  const other = changed.filter(({ name }) => !WORK.has(name));
  if (less.length > 0) {
    flags.push({
      kind: 'little work',
      what: `${attack.name} ran with ${list(less)}, weaker than its paper's: images that it left may fall to the usual settings`,
    });
  }
  if (other.length > 0) {
    flags.push({
      kind: 'little work',
      what: `${attack.name} ran with ${list(other)}, not as its paper has it: images that it left may fall to the usual settings`,
    });
  }
  return flags;
}
