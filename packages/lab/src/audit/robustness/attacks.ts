/** @file Which attacks of the registry robustness is measured with. */

import { ATTACKS, attackNamed, type EnsembleAttack, type Settings, type SingleAttack } from '@pareidolia/core';
import { PASSES_OF_A_GRADIENT } from '../bench.ts';
import type { MeasuredNorm } from './radii.ts';

/** An attack with its settings. */
export interface Chosen {
  readonly attack: SingleAttack;
  readonly settings?: Settings;
}

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

/** More classes than this make FAB slow, which asks for the gradient of each: FMN takes its place. */
const FEW_CLASSES = 20;
const IN_PLACE_OF_FAB = { name: 'fmn', settings: { steps: 200 } } as const;

/** The attack of a name, where there is one that works on each image by itself, and in the norm. */
function find(name: string, norm: MeasuredNorm): SingleAttack | undefined {
  return ATTACKS.find(
    (attack): attack is SingleAttack =>
      attack.kind !== 'universal' && attack.name === name && attack.norms.includes(norm),
  );
}

/** Those that look for the nearest adversarial image. */
export function nearestAttacks(norm: MeasuredNorm, classes: number): readonly Chosen[] {
  return NEAREST[norm].flatMap((name): readonly Chosen[] => {
    const isReplaced = name === 'fab' && classes > FEW_CLASSES;
    const attack = find(isReplaced ? IN_PLACE_OF_FAB.name : name, norm);
    if (attack === undefined) return [];
    return [isReplaced ? { attack, settings: IN_PLACE_OF_FAB.settings } : { attack }];
  });
}

/** About how many passes the search for the nearest image takes: so many gradients in FAB, FMN or DDN, and those of DeepFool. */
export function passesToNearest(norm: MeasuredNorm, classes: number): number {
  const gradients = norm === 'l2' ? 100 : classes > FEW_CLASSES ? IN_PLACE_OF_FAB.settings.steps : 100 * classes;
  return PASSES_OF_A_GRADIENT * (gradients + 5 * Math.min(10, classes));
}

/** The members of AutoAttack that follow gradients, each on what those before it left. Square, which does not, is run by itself. */
export function gradientEnsemble(): EnsembleAttack {
  const ensemble = attackNamed('autoattack');
  if (ensemble.kind !== 'ensemble') throw new Error('AutoAttack is an ensemble');
  const members = ensemble.members.filter(({ access }) => access === 'gradients');
  const prepare = () => members.map((member) => member.prepare());
  return { ...ensemble, title: 'AutoAttack without Square', members, prepare };
}

/** Attacks that can begin at many random starts in a ball: one on the cross-entropy, one on a loss that does not fade. */
export function climbs(norm: MeasuredNorm): readonly SingleAttack[] {
  return ['apgd-ce', 'apgd-dlr'].flatMap((name) => find(name, norm) ?? []);
}

/** The attack that sees scores. */
export function scoresAttack(norm: MeasuredNorm): SingleAttack | undefined {
  return find('square', norm);
}

/** The attack that sees decisions. */
export function decisionsAttack(norm: MeasuredNorm): SingleAttack | undefined {
  return DECISIONS[norm].flatMap((name) => find(name, norm) ?? [])[0];
}
