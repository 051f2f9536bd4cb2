/** @file The names of the attacks that get by with less than gradients, for messages. */

import type { Attack } from '../attack.ts';
import { ATTACKS } from '../registry.ts';

/**
 * The attacks of the registry that need to see something of the network, in words: `a, b or c`.
 *
 * @param access any of these
 */
export function attacksThatSee(...access: readonly Attack['access'][]): string {
  const names = ATTACKS.filter((attack) => access.includes(attack.access)).map(({ name }) => name);
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
