/** @file All attacks, by name. A new one is a file in `algorithms/`, and its name three times here: in the import, the list and the export. */

import { InputError } from '../errors.ts';
import { unknownName } from '../settings/names.ts';
import { apgdCe, apgdDlr, apgdT } from './algorithms/apgd.ts';
import { autoattack } from './algorithms/autoattack.ts';
import { boundary } from './algorithms/boundary.ts';
import { cw } from './algorithms/carlini-wagner.ts';
import { cgba } from './algorithms/cgba.ts';
import { ddn } from './algorithms/ddn.ts';
import { deepfool } from './algorithms/deepfool.ts';
import { fab, fabT } from './algorithms/fab.ts';
import { fmn } from './algorithms/fmn.ts';
import { hopSkipJump } from './algorithms/hop-skip-jump.ts';
import { jsma } from './algorithms/jsma.ts';
import { lbfgs } from './algorithms/lbfgs.ts';
import { onePixel } from './algorithms/one-pixel.ts';
import { pdpgd } from './algorithms/pdpgd.ts';
import { bim, fgsm, mifgsm, pgd } from './algorithms/projected-gradient.ts';
import { rays } from './algorithms/rays.ts';
import { sigmaZero } from './algorithms/sigma-zero.ts';
import { simba, simbaDct } from './algorithms/simba.ts';
import { square } from './algorithms/square.ts';
import { superDeepfool } from './algorithms/super-deepfool.ts';
import { universal } from './algorithms/universal.ts';
import type { Attack } from './attack.ts';

/** In the order in which they are listed: first those that see gradients, then scores, then decisions; ensembles and universal ones last. */
export const ATTACKS: readonly Attack[] = uniquelyNamed([
  fgsm,
  bim,
  pgd,
  mifgsm,
  apgdCe,
  apgdDlr,
  apgdT,
  deepfool,
  superDeepfool,
  cw,
  ddn,
  fab,
  fabT,
  lbfgs,
  fmn,
  pdpgd,
  jsma,
  sigmaZero,
  square,
  simba,
  simbaDct,
  onePixel,
  boundary,
  hopSkipJump,
  rays,
  cgba,
  autoattack,
  universal,
]);

export {
  apgdCe,
  apgdDlr,
  apgdT,
  autoattack,
  bim,
  boundary,
  cgba,
  cw,
  ddn,
  deepfool,
  fab,
  fabT,
  fgsm,
  fmn,
  hopSkipJump,
  jsma,
  lbfgs,
  mifgsm,
  onePixel,
  pdpgd,
  pgd,
  rays,
  sigmaZero,
  simba,
  simbaDct,
  square,
  superDeepfool,
  universal,
};

/**
 * The attack of a name.
 *
 * @throws InputError where there is none, with the names that there are
 */
export function attackNamed(name: string): Attack {
  const attack = ATTACKS.find((each) => each.name === name);
  if (attack !== undefined) return attack;
  throw new InputError(
    unknownName(
      'attack',
      name,
      ATTACKS.map((each) => each.name),
    ),
  );
}

/**
 * The same attacks.
 *
 * @throws Error where two of them have one name: a mistake in the list
 */
export function uniquelyNamed(attacks: readonly Attack[]): readonly Attack[] {
  const names = attacks.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) < place);
  if (twice !== undefined) throw new Error(`Two attacks are named ${twice}; give each a name of its own`);
  return attacks;
}
