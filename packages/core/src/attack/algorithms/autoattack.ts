/** @file The ensemble of Croce and Hein. */

import { defineEnsembleAttack, inBall, NO_SETTINGS } from '../kit.ts';
import { apgdCe, apgdT } from './apgd.ts';
import { fabT } from './fab.ts';
import { square } from './square.ts';

/**
 * The standard version (Croce and Hein 2020, section 6): APGD on the cross-entropy, targeted APGD, targeted FAB, Square;
 * each on what is left. Of fewer than four classes `apgd-t` climbs another loss, and of fewer than ten all others are tried.
 */
export const autoattack = defineEnsembleAttack({
  name: 'autoattack',
  title: 'AutoAttack',
  paper: 'Croce and Hein 2020, arXiv 2003.01690',
  summary: 'APGD-CE, APGD-T, FAB-T and Square, each on the images that the ones before left',
  access: 'gradients',
  norms: ['linf', 'l2'],
  targeted: true,
  settings: NO_SETTINGS,
  members: [apgdCe, apgdT, inBall(fabT), square],
});
