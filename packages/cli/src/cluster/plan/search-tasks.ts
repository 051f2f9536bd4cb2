/** @file The searches of a plan for one model: every list of an entry multiplies it. */

import { InputError, parseClasses, resolveSearch, type Settings } from '@pareidolia/core';
import type { PlanContext, PlannedClassifier } from './plan-context.ts';
import type { PlannedSearch } from './plan-schema.ts';
import type { SearchTask } from './resolved-plan.ts';

/** Generations of a unit, where the plan does not say. */
const USUAL_EPOCH = 50;

/** @throws InputError where something in the entry cannot be used */
export function searchTasks(
  entry: PlannedSearch,
  { index, name, classifier }: PlannedClassifier,
  context: PlanContext,
): readonly SearchTask[] {
  const { encodings = [undefined], emitters = [undefined], presets = [undefined], generations = [undefined] } = entry;
  const classes = parseClasses(entry.classes ?? 'all', classifier.classNames).filter(
    (classIndex) => entry.classes !== undefined || classIndex !== classifier.refusedClass,
  );
  const share = Math.min(entry.share ?? classes.length, classes.length);
  const tasks: SearchTask[] = [];
  for (const encoding of encodings) {
    if (encoding === 'latent') {
      throw new InputError(
        'the encoding latent makes images by a generator, and a plan names none: a worker would need it, too; search its latents with pareidolia fool --generator',
      );
    }
    for (const emitter of emitters) {
      for (const preset of presets) {
        for (const length of generations) {
          const spec = resolveSearch(
            {
              ...(encoding === undefined ? {} : { encoding }),
              ...(emitter === undefined ? {} : { emitter }),
              ...(preset === undefined ? {} : { preset }),
              ...(length === undefined ? {} : { generations: length }),
              ...(entry.archive === undefined ? {} : { archive: entry.archive }),
              ...(entry.batch === undefined ? {} : { batch: entry.batch }),
              ...(entry.settings === undefined ? {} : { settings: entry.settings as Settings }),
            },
            classifier.shape,
          );
          tasks.push({
            kind: 'search',
            name: context.taskName(
              name,
              spec.encoding.name,
              spec.emitter.name,
              preset,
              generations.length > 1 ? length : undefined,
            ),
            model: index,
            classes,
            seeds: entry.seeds ?? [1],
            share,
            epoch: entry.epoch ?? USUAL_EPOCH,
            exchange: (entry.exchange ?? true) && (entry.seeds ?? [1]).length > 1,
            spec: JSON.parse(JSON.stringify(spec)),
          });
        }
      }
    }
  }
  return tasks;
}
