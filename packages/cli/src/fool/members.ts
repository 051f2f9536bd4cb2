/** @file The models of a search beside the first: those that are to be fooled with it, and those that only look at the result. */

import { type Classifier, ensemble, InputError } from '@pareidolia/core';
import { isAddress } from '../endpoint/address.ts';
import type { JobConfig, JobInput } from '../job/config.ts';
import { modelInputs } from '../model/model-inputs.ts';
import { type ModelSource, type OpenedClassifier, type OpenOptions, openModel } from '../model/open-classifier.ts';

/** A model with its classifier. */
export interface Member {
  readonly model: ModelSource;
  readonly classifier: OpenedClassifier;
}

/** All models of a search. */
export interface Members {
  /** To be fooled together with the first one; none where there is one model. */
  readonly fooled: readonly Member[];
  /** Shown the elites, and not searched. */
  readonly onlookers: readonly Member[];
}

/** What a model is to the job: by that its inputs are named. */
const ROLES = { fooled: 'model', onlookers: 'onlooker' } as const;

/** Numbers of roles begin here: the first model is `model`. */
const FIRST = { fooled: 2, onlookers: 1 } as const;

/**
 * Paths of the models beside the first, as the user gives them or as the job that is resumed has them.
 *
 * @throws InputError where the job that is resumed has fewer or more
 */
export function memberPaths(
  asked: { readonly members?: readonly string[] | undefined; readonly onlookers?: readonly string[] | undefined },
  before: Pick<JobConfig<unknown>, 'inputs'> | undefined,
): { readonly fooled: readonly string[]; readonly onlookers: readonly string[] } {
  const earlier = (group: keyof typeof ROLES): string[] => {
    const paths: string[] = [];
    for (let number: number = FIRST[group]; ; number++) {
      const path = before?.inputs[`${ROLES[group]} ${number}`]?.path;
      if (path === undefined) return paths;
      paths.push(path);
    }
  };
  const paths = { fooled: asked.members ?? earlier('fooled'), onlookers: asked.onlookers ?? earlier('onlookers') };
  if (before === undefined) return paths;
  // Which ones they are is compared by their hashes; that there are more of them would pass.
  const counts = ({ fooled, onlookers }: typeof paths): string =>
    `${1 + fooled.length} to fool and ${onlookers.length} to look on`;
  const [then, now] = [{ fooled: earlier('fooled'), onlookers: earlier('onlookers') }, paths].map(counts);
  if (then === now) return paths;
  throw new InputError(
    `The search was begun with another model: ${then}, now ${now}; name the same ones, or start another search with a new --out`,
  );
}

/**
 * Opens them. Where that fails, those that are open already are closed.
 *
 * @throws InputError where one is an endpoint, or no classifier of images
 */
export async function openMembers(paths: ReturnType<typeof memberPaths>, options: OpenOptions): Promise<Members> {
  const opened: { readonly fooled: Member[]; readonly onlookers: Member[] } = { fooled: [], onlookers: [] };
  try {
    for (const group of ['fooled', 'onlookers'] as const) {
      for (const path of paths[group]) {
        if (isAddress(path)) {
          throw new InputError(`${path} is an endpoint; beside the first model, only files can be searched or look on`);
        }
        opened[group].push(await openModel(path, undefined, options));
      }
    }
    return opened;
  } catch (error) {
    await disposeMembers(opened);
    throw error;
  }
}

/** Frees all of them. */
export async function disposeMembers({ fooled, onlookers }: Members): Promise<void> {
  for (const { classifier } of [...fooled, ...onlookers]) await classifier.dispose();
}

/**
 * The first model, or the ensemble of it and the others.
 *
 * @throws InputError where they do not fit each other
 */
export function together(first: OpenedClassifier, others: readonly Member[]): OpenedClassifier {
  if (others.length === 0) return first;
  const classifiers: readonly OpenedClassifier[] = [first, ...others.map(({ classifier }) => classifier)];
  return {
    ...ensemble(classifiers),
    card: first.card,
    origin: first.origin,
    reading: { ...first.reading, why: classifiers.map(({ where, reading }) => `${where}: ${reading.why}`).join('; ') },
    notices: classifiers.flatMap(({ where, notices }) => notices.map((notice) => `${where}: ${notice}`)),
    dispose: () => first.dispose(),
  };
}

/**
 * Makes sure that onlookers can be shown the images of a search.
 *
 * @throws InputError where one takes other images, or has other classes
 */
export function requireOnlookers(scorer: Classifier, onlookers: readonly Member[]): void {
  // An ensemble of both exists where they fit.
  for (const { classifier } of onlookers) ensemble([scorer, classifier]);
}

/**
 * A sentence where another model of the search calls a class by another name than the first one: by its number alone it cannot be told
 * whether that is the same class. A model whose card names no classes is taken to have those of the first.
 */
export function classNotices(first: OpenedClassifier, { fooled, onlookers }: Members): readonly string[] {
  return [...fooled, ...onlookers].flatMap(({ classifier: other }) => {
    if (first.card.classNames === undefined || other.card.classNames === undefined) return [];
    const place = first.classNames.findIndex((name, index) => name !== other.classNames[index]);
    if (place < 0) return [];
    return [
      `${other.where} calls class ${place} ${other.classNames[place]}, and ${first.where} calls it ${first.classNames[place]}: classes are matched by their numbers, so that nothing that is said of both holds unless these are the same; bring the classes into one order`,
    ];
  });
}

/** All of them as inputs of the job. */
export function memberInputs(members: Members): Record<string, JobInput> {
  return Object.assign(
    {},
    ...(['fooled', 'onlookers'] as const).flatMap((group) =>
      members[group].map(({ model }, place) => modelInputs(model, `${ROLES[group]} ${FIRST[group] + place}`)),
    ),
  );
}
