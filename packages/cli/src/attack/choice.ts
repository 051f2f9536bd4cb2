/** @file Which attacks are made, and which of the user's settings is whose. */

import { ATTACKS, type Attack, attackNamed, InputError, UNIVERSAL } from '@pareidolia/core';

/** A single image's attack, or the one perturbation for all of them. */
export type Choice = Attack | typeof UNIVERSAL;

/**
 * @param text names by commas
 * @returns each once
 * @throws InputError where one is not known
 */
export function chooseAttacks(text: string): readonly Choice[] {
  const names = new Set(text.split(',').map((part) => part.trim()));
  return [...names].map((name) => {
    const attack = name === UNIVERSAL.name ? UNIVERSAL : attackNamed(name);
    if (attack !== undefined) return attack;
    throw new InputError(
      `There is no attack "${name}"; choose from ${[...ATTACKS, UNIVERSAL].map((known) => known.name).join(', ')}`,
    );
  });
}

/**
 * Each setting must belong to one of the attacks at least.
 *
 * @throws InputError where one does not
 */
export function requireSettings(attacks: readonly Choice[], set: Readonly<Record<string, number>>): void {
  const known = new Set(attacks.flatMap(({ settings }) => Object.keys(settings)));
  const stranger = Object.keys(set).find((name) => !known.has(name));
  if (stranger === undefined) return;
  const names = attacks.map(({ name }) => name).join(', ');
  throw new InputError(`${names} has no setting ${stranger}; there is ${[...known].join(', ') || 'none'}`);
}
