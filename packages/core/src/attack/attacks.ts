/** @file All attacks on single images, by name. */

import type { Attack } from './attack.ts';
import { bim, fgsm, mifgsm, pgd } from './projected-gradient.ts';

/** In the order in which they are listed: first those that see gradients. */
export const ATTACKS: readonly Attack[] = [fgsm, bim, pgd, mifgsm];

/** The attack of a name; `undefined` where there is none. */
export function attackNamed(name: string): Attack | undefined {
  return ATTACKS.find((attack) => attack.name === name);
}
