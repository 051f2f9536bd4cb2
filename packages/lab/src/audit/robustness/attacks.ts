/** @file Which attacks of the registry robustness is measured with. */

import { ATTACKS, attackNamed, type EnsembleAttack, type SingleAttack } from '@pareidolia/core';
import type { MeasuredNorm } from './radii.ts';

/** Attacks that look for the nearest image by gradients; all of them are run, and the nearest image counts. */
const NEAREST: Readonly<Record<MeasuredNorm, readonly string[]>> = {
  linf: ['fab', 'deepfool'],
  l2: ['ddn', 'deepfool'],
};

/** Attacks that see decisions only; the first that there is works for all. */
const DECISIONS: Readonly<Record<MeasuredNorm, readonly string[]>> = {
  linf: ['rays', 'hopskipjump'],
  l2: ['cgba', 'hopskipjump', 'boundary'],
};

/** More classes than this make attacks slow that ask for the gradient of each. */
const FEW_CLASSES = 20;

/** The attack of a name, where there is one that works on each image by itself, and in the norm. */
function find(name: string, norm: MeasuredNorm): SingleAttack | undefined {
  return ATTACKS.find(
    (attack): attack is SingleAttack =>
      attack.kind !== 'universal' && attack.name === name && attack.norms.includes(norm),
  );
}

/** Those that look for the nearest adversarial image. */
export function nearestAttacks(norm: MeasuredNorm, classes: number): readonly SingleAttack[] {
  const names = NEAREST[norm].map((name) => (name === 'fab' && classes > FEW_CLASSES ? 'fab-t' : name));
  return names.flatMap((name) => find(name, norm) ?? []);
}

/** The members of AutoAttack that follow gradients, each on what those before it left. Square, which does not, is run by itself. */
export function gradientEnsemble(): EnsembleAttack {
  const ensemble = attackNamed('autoattack');
  if (ensemble.kind !== 'ensemble') throw new Error('AutoAttack is an ensemble');
  const members = ensemble.members.filter(({ access }) => access === 'gradients');
  const prepare = () => members.map((member) => member.prepare());
  return { ...ensemble, title: 'AutoAttack without Square', members, prepare };
}

/** The attack that sees scores. */
export function scoresAttack(norm: MeasuredNorm): SingleAttack | undefined {
  return find('square', norm);
}

/** The attack that sees decisions. */
export function decisionsAttack(norm: MeasuredNorm): SingleAttack | undefined {
  return DECISIONS[norm].flatMap((name) => find(name, norm) ?? [])[0];
}
