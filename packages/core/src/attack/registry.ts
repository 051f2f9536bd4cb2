/** @file All attacks on single images, by name. */

import { apgdCe, apgdDlr, apgdT } from './algorithms/apgd.ts';
import { autoattack } from './algorithms/autoattack.ts';
import { boundary } from './algorithms/boundary.ts';
import { cw } from './algorithms/carlini-wagner.ts';
import { ddn } from './algorithms/ddn.ts';
import { deepfool } from './algorithms/deepfool.ts';
import { fab, fabT } from './algorithms/fab.ts';
import { hopSkipJump } from './algorithms/hop-skip-jump.ts';
import { jsma } from './algorithms/jsma.ts';
import { lbfgs } from './algorithms/lbfgs.ts';
import { onePixel } from './algorithms/one-pixel.ts';
import { bim, fgsm, mifgsm, pgd } from './algorithms/projected-gradient.ts';
import { simba, simbaDct } from './algorithms/simba.ts';
import { square } from './algorithms/square.ts';
import type { Attack } from './attack.ts';

/** In the order in which they are listed: first those that see gradients, then scores, then decisions. */
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
  square,
  simba,
  simbaDct,
  onePixel,
  boundary,
  hopSkipJump,
  autoattack,
];

/** The attack of a name; `undefined` where there is none. */
export function attackNamed(name: string): Attack | undefined {
  return ATTACKS.find((attack) => attack.name === name);
}
