/** @file Which attacks are run, and which settings belong to which attack. */

import { type Attack, attackNamed, InputError, suggestion } from '@pareidolia/core';

/**
 * @param text names by commas
 * @returns each once
 * @throws InputError where one is not known
 */
export function chooseAttacks(text: string): readonly Attack[] {
  return [...new Set(text.split(',').map((part) => part.trim()))].map(attackNamed);
}

/**
 * Each setting must belong to one of the attacks at least, and be in range for every one that has it.
 *
 * @throws InputError where one is not
 */
export function requireSettings(attacks: readonly Attack[], set: Readonly<Record<string, number>>): void {
  const known = new Set(attacks.flatMap(({ settings }) => Object.keys(settings.shape)));
  const stranger = Object.keys(set).find((name) => !known.has(name));
  if (stranger !== undefined) {
    const names = attacks.map(({ name }) => name).join(', ');
    throw new InputError(
      `${names} has no setting ${stranger}${suggestion(stranger, [...known])}; there is ${[...known].join(', ') || 'none'}`,
    );
  }
  for (const attack of attacks) attack.prepare(ownSettings(attack, set));
}

/** Those of the user's settings that an attack has. */
export function ownSettings({ settings }: Attack, set: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(set).filter(([name]) => Object.hasOwn(settings.shape, name)));
}
