/** @file All attacks on single images, by name. */

import { apgdCe, apgdDlr, apgdT } from './apgd.ts';
import type { Attack } from './attack.ts';
import { autoattack } from './autoattack.ts';
import { boundary } from './boundary.ts';
import { cw } from './carlini-wagner.ts';
import { ddn } from './ddn.ts';
import { deepfool } from './deepfool.ts';
import { fab, fabT } from './fab.ts';
import { hopSkipJump } from './hop-skip-jump.ts';
import { jsma } from './jsma.ts';
import { lbfgs } from './lbfgs.ts';
import { onePixel } from './one-pixel.ts';
import { bim, fgsm, mifgsm, pgd } from './projected-gradient.ts';
import { simba, simbaDct } from './simba.ts';
import { square } from './square.ts';

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
