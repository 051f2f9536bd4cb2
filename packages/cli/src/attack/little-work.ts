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
 * What made an attack weaker than its paper's, where it left images: a budget of queries that ended searches, and settings below
 * the defaults.
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
  const less = describeSettings(attack.settings).flatMap(({ name, default: usual }) => {
    const given = set[name];
    return WORK.has(name) && given !== undefined && given < Number(usual)
      ? [`${name}=${given} (default ${usual})`]
      : [];
  });
  if (less.length > 0) {
    flags.push({
      kind: 'little work',
      what: `${attack.name} ran with ${less.join(', ')}, weaker than its paper's: images that it left may fall to the usual settings`,
    });
  }
  return flags;
}
