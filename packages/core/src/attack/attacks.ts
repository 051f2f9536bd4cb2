/** @file All attacks on single images, by name. */

import { apgdCe, apgdDlr, apgdT } from './apgd.ts';
import type { Attack } from './attack.ts';
import { cw } from './carlini-wagner.ts';
import { ddn } from './ddn.ts';
import { deepfool } from './deepfool.ts';
import { fab, fabT } from './fab.ts';
import { jsma } from './jsma.ts';
import { lbfgs } from './lbfgs.ts';
import { bim, fgsm, mifgsm, pgd } from './projected-gradient.ts';

/** In the order in which they are listed: first those that see gradients. */
export const ATTACKS: readonly Attack[] = [
  fgsm,
  bim,
  pgd,
  mifgsm,
  apgdCe,
  apgdDlr,
  apgdT,
  deepfool,
  cw,
  ddn,
  fab,
  fabT,
  lbfgs,
  jsma,
];

/** The attack of a name; `undefined` where there is none. */
export function attackNamed(name: string): Attack | undefined {
  return ATTACKS.find((attack) => attack.name === name);
}
