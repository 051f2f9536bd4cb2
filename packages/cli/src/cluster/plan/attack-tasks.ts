/** @file The attacks of a plan on one model: attacks by budgets by seeds, with their images. */

import { checkAccess, InputError } from '@pareidolia/core';
import { chooseAttacks, requireSettings } from '../../attack/choice.ts';
import { parseEpsilons } from '../../attack/epsilon.ts';
import { attackSettings } from '../../attack/settings.ts';
import { loadSubjects, type SubjectRequest } from '../../attack/subjects.ts';
import { unitsOf } from '../../attack/units.ts';
import { writeSubjects } from '../units/images-object.ts';
import { attackContext } from '../units/run-unit.ts';
import type { PlanContext, PlannedClassifier } from './plan-context.ts';
import type { PlannedAttack } from './plan-schema.ts';
import type { AttackTask } from './resolved-plan.ts';

/** @throws InputError where something in the entry cannot be used */
export async function attackTasks(
  entry: PlannedAttack,
  opened: PlannedClassifier,
  context: PlanContext,
): Promise<readonly AttackTask[]> {
  const { index, name, classifier } = opened;
  const { epsilons, budgets = [undefined], seeds = [1] } = entry;
  const tasks: AttackTask[] = [];
  for (const attackName of entry.attacks) {
    const attacks = chooseAttacks(attackName);
    for (const each of attacks) checkAccess(classifier, each);
    const own = Object.fromEntries(
      Object.entries(entry.settings ?? {}).filter(([key]) =>
        attacks.some(({ settings }) => Object.hasOwn(settings.shape, key)),
      ),
    );
    requireSettings(attacks, own);
    for (const budget of budgets) {
      for (const seed of seeds) {
        const settings = attackSettings(
          {
            attack: attackName,
            epsilon: epsilons?.join(',') ?? 'min',
            set: own,
            ...(entry.norm === undefined ? {} : { norm: entry.norm }),
            ...(entry.eachEpsilon === undefined ? {} : { eachEpsilon: entry.eachEpsilon }),
            ...(entry.targeted === undefined ? {} : { targeted: entry.targeted }),
            ...(entry.batch === undefined ? {} : { batch: entry.batch }),
            ...(budget === undefined ? {} : { budget }),
            ...(entry.limit === undefined ? {} : { limit: entry.limit }),
          },
          undefined,
          1,
        );
        if (parseEpsilons(settings.epsilon) === undefined && entry.eachEpsilon === true) {
          throw new InputError(
            'eachEpsilon belongs to epsilons that are distances, and there are none; give some, or leave it out',
          );
        }
        const request: SubjectRequest = {
          ...context.pictures(entry, settings.limit),
          seed,
          signal: context.options.signal,
        };
        const bytes = await context.loaded(JSON.stringify(['subjects', index, request]), async () =>
          writeSubjects(await loadSubjects(classifier, request)),
        );
        const subjects = { sha256: bytes.sha256, size: bytes.size };
        const task: AttackTask = {
          kind: 'attack',
          name: context.taskName(
            name,
            attackName,
            budgets.length > 1 ? budget : undefined,
            seeds.length > 1 ? `seed${seed}` : undefined,
          ),
          model: index,
          seed,
          settings: JSON.parse(JSON.stringify(settings)),
          subjects,
          units: [],
        };
        const packed = (await context.options.store.get(subjects.sha256))!;
        const units = unitsOf(await attackContext(task, classifier, packed));
        tasks.push({ ...task, units: units.map(({ key, weight = 1 }) => ({ key, weight })) });
      }
    }
  }
  return tasks;
}
