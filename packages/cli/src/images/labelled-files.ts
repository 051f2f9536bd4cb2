/** @file Pictures of a folder with their right classes: from the names of their folders, or from a file. */

import { statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type Classifier, InputError, parseClasses } from '@pareidolia/core';
import { labelsOfTable } from '../data/label-file.ts';
import { listPictures } from '../data/picture-files.ts';
import { readInput } from '../data/read.ts';

/** What the labels of pictures are looked up by. */
export type ClassNames = Pick<Classifier, 'classNames' | 'numClasses'>;

/** A picture, not read yet. */
export interface LabelledFile {
  /** Where it lies. */
  readonly file: string;
  /** The same relative to the folder, with slashes. */
  readonly path: string;
  /**
   * The right class; `undefined` where nothing tells it.
   *
   * @throws InputError where there is a label file without this picture
   */
  label(): number | undefined;
}

/** The pictures of a folder. */
export interface LabelledFiles {
  readonly files: readonly LabelledFile[];
  /** How the right classes are known; `undefined` where they are not. */
  readonly labelling: 'file' | 'folders' | undefined;
  /** What is left out, and why: each a sentence without a full stop. */
  readonly leftOut: readonly string[];
  /** Whether the path is one picture. */
  readonly isSingle: boolean;
}

/** Files and folders that a message names at most. */
const MOST_NAMED = 10;

/**
 * Finds the pictures below a folder. Where some folders name classes, pictures in others are left out.
 *
 * @param path a folder, or one picture
 * @param labelFile with a class for each picture; their folders' names when absent
 * @param strict whether what would be left out ends everything instead
 * @throws InputError where there is none
 */
export function labelledFiles(
  path: string,
  { labels: labelFile, strict }: { readonly labels?: string | undefined; readonly strict?: boolean | undefined },
  classes: ClassNames,
): LabelledFiles {
  const { files, skipped } = listPictures(path);
  const root = statSync(path).isDirectory() ? path : join(path, '..');
  const all = files.map((file) => relative(root, file).split(sep).join('/'));
  const byFolder = labelFile === undefined ? labelsByFolder(all, classes) : undefined;
  const leftOut = [...skipped, ...(byFolder === undefined ? [] : strangersOf(all, byFolder))];
  if (strict && leftOut.length > 0) {
    throw new InputError(`${leftOut[0]}; mend it, or go on without by leaving out --strict`);
  }
  const given = labelFile === undefined ? undefined : labelsByFile(labelFile, all, classes);
  return {
    files: files.flatMap((file, index): LabelledFile[] => {
      const own = all[index]!;
      if (byFolder === undefined) return [{ file, path: own, label: () => given?.(own) }];
      const label = byFolder[index];
      return label === undefined ? [] : [{ file, path: own, label: () => label }];
    }),
    labelling: labelFile !== undefined ? 'file' : byFolder !== undefined ? 'folders' : undefined,
    leftOut,
    isSingle: files.length === 1,
  };
}

/** Says which pictures a label file lacks; nothing where it has all. */
export function unlabelledPictures(errors: readonly InputError[]): string[] {
  if (errors.length === 0) return [];
  const why = listed(errors.map(({ message }) => message));
  return [`${quantity(errors.length, 'image')} ${isOrAre(errors.length)} left out, since ${why}`];
}

/** Says which pictures cannot be read; nothing where all can. */
export function unreadPictures(errors: readonly InputError[]): string[] {
  if (errors.length === 0) return [];
  const why = listed(errors.map(({ message }) => message));
  return [`${quantity(errors.length, 'picture')} cannot be read and ${isOrAre(errors.length)} left out: ${why}`];
}

/**
 * The class that the folder of each picture names, or one further up; `undefined` where none of them does.
 *
 * @returns `undefined` where no folder names a class at all
 */
function labelsByFolder(paths: readonly string[], classes: ClassNames): (number | undefined)[] | undefined {
  const known = new Map<string, number | undefined>();
  const named = (folder: string): number | undefined => {
    if (!known.has(folder)) known.set(folder, classNamed(folder, classes.classNames));
    return known.get(folder);
  };
  const labels = paths.map((path) =>
    path
      .split('/')
      .slice(0, -1)
      .reduceRight<number | undefined>((label, folder) => label ?? named(folder), undefined),
  );
  return labels.some((label) => label !== undefined) ? labels : undefined;
}

/** Says which pictures are left out since their folders name no class. */
function strangersOf(paths: readonly string[], labels: readonly (number | undefined)[]): string[] {
  const strangers = paths.filter((_, index) => labels[index] === undefined);
  if (strangers.length === 0) return [];
  const folders = [...new Set(strangers.map((path) => path.split('/').slice(0, -1).join('/')))];
  const inFolders = folders.filter((folder) => folder !== '').map((folder) => `"${folder}"`);
  const which = [
    ...(inFolders.length === 0
      ? []
      : [`the ${inFolders.length === 1 ? 'folder' : 'folders'} ${listed(inFolders, ', ')}`]),
    ...(folders.includes('') ? ['the folder of all'] : []),
  ].join(' and ');
  return [
    `${quantity(strangers.length, 'image')} of ${which} ${isOrAre(strangers.length)} left out, since ${folders.length === 1 ? 'it names' : 'they name'} no class of the model`,
  ];
}

function classNamed(name: string, classNames: readonly string[]): number | undefined {
  for (const text of [name, name.replaceAll('_', ' ')]) {
    try {
      const [only, ...others] = parseClasses(text, classNames);
      if (only !== undefined && others.length === 0 && text !== 'all') return only;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return undefined;
}

function labelsByFile(
  path: string,
  files: readonly string[],
  { classNames, numClasses }: ClassNames,
): (file: string) => number {
  return labelsOfTable(new TextDecoder().decode(readInput(path, 'label file')), {
    path,
    files,
    classNamed: (text) => classNamed(text, classNames),
    choices: `numbers from 0 to ${numClasses - 1} or its names`,
  });
}

/** `1 image`, `2 images`. */
export function quantity(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

export function isOrAre(count: number): string {
  return count === 1 ? 'is' : 'are';
}

/** The first ones, and how many more there are. */
export function listed(items: readonly string[], between = '; '): string {
  const more = items.length - MOST_NAMED;
  return more <= 0 ? items.join(between) : `${items.slice(0, MOST_NAMED).join(between)}${between}and ${more} more`;
}
