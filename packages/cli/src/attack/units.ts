/** @file How attacks are cut into work units: a few images each, with all their epsilons. */

import {
  checkRequest,
  EXPECTATION,
  imageSize,
  type Norm,
  type SingleAttack,
  type UniversalAttack,
} from '@pareidolia/core';
import type { WorkUnit } from '../job/unit.ts';
import { ownSettings } from './choice.ts';
import type { AttackContext } from './context.ts';

/**
 * `check` looks for signs that verdicts are unreliable, `images` attacks those with numbers from `from` to below `to`, and `universal`
 * makes one perturbation for all images.
 */
export type AttackUnit = WorkUnit &
  (
    | { readonly task: 'check' }
    | { readonly task: 'images'; readonly attack: SingleAttack; readonly from: number; readonly to: number }
    | {
        readonly task: 'universal';
        readonly attack: UniversalAttack;
        readonly norm: Norm;
        readonly epsilon: number;
      }
  );

/** Values that a batch may hold by default: 100 small images, 8 of 224 x 224. */
const BATCH_VALUES = 1_300_000;
const BATCH_MOST = 100;

/**
 * Images in a unit of attacks without gradients, at most. They make thousands of queries, and when few images are
 * left the batches are small; larger units end like that less often. Large images keep the machine busy even alone.
 */
const UNIT_MOST = 400;

/** Images in one call of the network. */
export function batchOf({ settings, classifier }: Pick<AttackContext, 'settings' | 'classifier'>): number {
  return settings.batch ?? fitting(imageSize(classifier.shape), BATCH_MOST);
}

function fitting(size: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(BATCH_VALUES / size)));
}

/**
 * The units of a job, attack by attack; how images are grouped follows from the settings, and stays as it is when the job is
 * resumed.
 *
 * @throws InputError where an attack is asked for what it cannot do
 */
export function unitsOf(context: AttackContext): readonly AttackUnit[] {
  const { attacks, seed } = context;
  const units: AttackUnit[] = [];
  if (attacks.some(({ access }) => access === 'gradients')) {
    units.push({ key: 'check', task: 'check', seed, kind: 'check', weight: 0 });
  }
  for (const attack of attacks) {
    // Settings out of range are refused before anything is computed.
    attack.prepare(ownSettings(attack, context.settings.set));
    if (attack.kind === 'universal') units.push(...universalUnits(attack, context));
    else units.push(...imageUnits(attack, context));
  }
  return units;
}

function imageUnits(attack: SingleAttack, context: AttackContext): AttackUnit[] {
  const { settings, seed, classifier, subjects, targets, epsilons } = context;
  const { count } = subjects.images;
  const batch = batchOf(context);
  checkRequest(classifier, attack, subjects.images, subjects.labels, settings.norm ?? attack.norms[0], {
    ...(epsilons === undefined ? {} : { epsilons }),
    ...(targets === undefined ? {} : { targets }),
    batch,
    ...(settings.budget === undefined ? {} : { budget: settings.budget }),
    ...(settings.transformations ? { expectation: EXPECTATION } : {}),
    seed,
  });
  const most = attack.access === 'gradients' ? batch : Math.max(batch, fitting(imageSize(classifier.shape), UNIT_MOST));
  const digits = Math.max(5, String(count - 1).length);
  const number = (index: number): string => String(index).padStart(digits, '0');
  const units: AttackUnit[] = [];
  for (let from = 0; from < count; from += most) {
    const to = Math.min(from + most, count);
    const key = `${attack.name}/${number(from)}-${number(to - 1)}`;
    units.push({ key, task: 'images', attack, from, to, seed, kind: attack.name, weight: to - from });
  }
  return units;
}

function universalUnits(attack: UniversalAttack, context: AttackContext): AttackUnit[] {
  const { settings, seed, classifier, subjects, targets, epsilons } = context;
  const norm = settings.norm ?? attack.norms[0];
  checkRequest(classifier, attack, subjects.images, subjects.labels, norm, {
    ...(epsilons === undefined ? {} : { epsilons }),
    ...(targets === undefined ? {} : { targets }),
    batch: batchOf(context),
    ...(settings.budget === undefined ? {} : { budget: settings.budget }),
    ...(settings.transformations ? { expectation: EXPECTATION } : {}),
  });
  const radii = [...new Set(epsilons ?? [attack.defaultEpsilon(norm, imageSize(classifier.shape))])];
  const { name } = attack;
  const weight = subjects.images.count;
  return radii
    .sort((a, b) => a - b)
    .map((epsilon) => ({
      key: `${name}/${epsilon}`,
      task: 'universal',
      attack,
      norm,
      epsilon,
      seed,
      kind: name,
      weight,
    }));
}
