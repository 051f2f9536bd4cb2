/** @file The audits of a plan of one model: budgets by seeds, with their images. */

import { imageRequest, loadImages, loadOutliers } from '../../audit/real-images.ts';
import { auditSettings } from '../../audit/settings.ts';
import { writeRealImages } from '../units/images-object.ts';
import type { PlanContext, PlannedClassifier } from './plan-context.ts';
import type { PlannedAudit } from './plan-schema.ts';
import type { AuditTask } from './resolved-plan.ts';

/** @throws InputError where something in the entry cannot be used */
export async function auditTasks(
  entry: PlannedAudit,
  { index, name, file, classifier }: PlannedClassifier,
  context: PlanContext,
): Promise<readonly AuditTask[]> {
  const { budgets = ['quick' as const], seeds = [1], threshold, outliers } = entry;
  const { signal } = context.options;
  const tasks: AuditTask[] = [];
  for (const budget of budgets) {
    for (const seed of seeds) {
      const settings = auditSettings({ budget, ...(threshold === undefined ? {} : { threshold }) }, undefined, 1);
      const reading = { signal, onRead: () => {} };
      const given = {
        ...context.pictures(entry, entry.limit),
        ...(file.path === undefined ? {} : { model: file.path }),
      };
      const wanted = imageRequest(given, seed);
      const images =
        wanted === undefined
          ? undefined
          : await context.loaded(JSON.stringify(['images', index, budget, wanted]), async () =>
              writeRealImages(await loadImages(classifier, file.card, wanted, budget, reading)),
            );
      const other = context.data(outliers);
      const others =
        other === undefined
          ? undefined
          : await context.loaded(JSON.stringify(['outliers', index, budget, other, seed]), async () =>
              writeRealImages(await loadOutliers(classifier, file.card, other, seed, budget, reading)),
            );
      tasks.push({
        kind: 'audit',
        name: context.taskName(
          name,
          'audit',
          budgets.length > 1 ? budget : undefined,
          seeds.length > 1 ? `seed${seed}` : undefined,
        ),
        model: index,
        seed,
        settings: JSON.parse(JSON.stringify(settings)),
        ...(images === undefined ? {} : { images }),
        ...(others === undefined ? {} : { outliers: others }),
      });
    }
  }
  return tasks;
}
