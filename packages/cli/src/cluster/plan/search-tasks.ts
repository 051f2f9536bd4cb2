/** @file The searches of a plan for one model: every list of an entry multiplies it. */

import { type EncodingResources, InputError, parseClasses, resolveSearch, type Settings } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import type { OpenedPlanGenerator, PlanContext, PlannedClassifier } from './plan-context.ts';
import type { PlannedSearch } from './plan-schema.ts';
import type { SearchTask } from './resolved-plan.ts';

/** Generations of a unit, where the plan does not say. */
const USUAL_EPOCH = 50;

/** The encoding that needs a generator. */
const LATENT = 'latent';

/** @throws InputError where something in the entry cannot be used */
export function searchTasks(
  entry: PlannedSearch,
  { index, name, classifier }: PlannedClassifier,
  context: PlanContext,
): readonly SearchTask[] {
  const { emitters = [undefined], presets = [undefined], generations = [undefined] } = entry;
  const classes = parseClasses(entry.classes ?? 'all', classifier.classNames).filter(
    (classIndex) => entry.classes !== undefined || classIndex !== classifier.refusedClass,
  );
  const share = Math.min(entry.share ?? classes.length, classes.length);
  const tasks: SearchTask[] = [];
  for (const { encoding, generator } of spacesOf(entry, context)) {
    const resources = resourcesOf(generator, classifier, context);
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
            undefined,
            resources,
          );
          tasks.push({
            kind: 'search',
            name: context.taskName(
              name,
              spec.encoding.name,
              generator?.name,
              spec.emitter.name,
              preset,
              generations.length > 1 ? length : undefined,
            ),
            model: index,
            ...(generator === undefined ? {} : { generator: generator.index }),
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

/** Where a search looks for images: an encoding, `undefined` for that of the emitter, with the generator where it has one. */
interface SearchSpace {
  readonly encoding: string | undefined;
  readonly generator?: OpenedPlanGenerator;
}

/** The encodings of an entry, that of latents with each of its generators. */
function spacesOf(entry: PlannedSearch, { generators }: PlanContext): readonly SearchSpace[] {
  const encodings: readonly (string | undefined)[] =
    entry.encodings ?? (entry.generators === undefined ? [undefined] : [LATENT]);
  if (entry.generators !== undefined && !encodings.includes(LATENT)) {
    throw new InputError(
      `generators belong to the encoding ${LATENT}, and encodings names ${encodings.join(', ')}; add it, or leave generators out`,
    );
  }
  const own = generators.filter(({ name }) => entry.generators?.includes(name) ?? true);
  return encodings.flatMap((encoding): readonly SearchSpace[] => {
    if (encoding !== LATENT) return [{ encoding }];
    if (own.length === 0) {
      throw new InputError(
        `the encoding ${LATENT} makes images by a generator, and the plan has none; list its file under generators, beside models`,
      );
    }
    return own.map((generator) => ({ encoding, generator }));
  });
}

function resourcesOf(
  opened: OpenedPlanGenerator | undefined,
  { shape }: PlannedClassifier['classifier'],
  { options: { onNotice } }: PlanContext,
): EncodingResources {
  if (opened === undefined) return {};
  for (const notice of opened.generator.conversions(shape)) onNotice(notice);
  return { decoder: opened.generator.decoder(shape), runtime: nodeRuntime() };
}
