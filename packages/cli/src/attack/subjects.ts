/** @file The images to attack, with their right classes: from a folder, or from a dataset. */

import { statSync } from 'node:fs';
import { basename, extname, join, relative, sep } from 'node:path';
import { argmax, type Classifier, type Images, InputError, imageSize, selectImages } from '@pareidolia/core';
import { parseCsv } from '../data/csv.ts';
import { loadTestData } from '../data/datasets.ts';
import { listPictures } from '../data/picture-files.ts';
import { readInput } from '../data/read.ts';
import { readPhotograph } from '../image/photograph.ts';
import { parseClasses } from '../model/classes.ts';
import type { OpenedClassifier } from '../model/open-classifier.ts';

/** What is told of the classifier that images are read for. */
type SubjectClassifier = Pick<OpenedClassifier, keyof Classifier | 'card'>;

/** What is attacked. */
export interface Subjects {
  /** For the report: `50 photographs of photos/`, `the first 1000 of mnist-test`. */
  readonly origin: string;
  /** A name for each image, fit for files. */
  readonly names: readonly string[];
  readonly images: Images;
  readonly labels: Int32Array;
  /** How the right classes are known. */
  readonly labelling: 'dataset' | 'file' | 'folders' | 'decision';
  /** What is not attacked, and why: each a sentence without a full stop. */
  readonly leftOut: readonly string[];
}

export interface SubjectRequest {
  /** A folder of pictures, or one picture. */
  readonly images?: string;
  /** Name or folder of a dataset. */
  readonly data?: string;
  /** A file with a class for each picture. */
  readonly labels?: string;
  readonly limit?: number;
  /** Whether what would be left out ends everything instead. */
  readonly strict?: boolean;
  readonly seed: number;
  /** Called as pictures are read. */
  readonly onRead?: (done: number, total: number) => void;
}

/** Files and folders that a message names at most. */
const MOST_NAMED = 10;

/** All images together must fit in memory with room for an attack's own copies. */
const MOST_BYTES = 2 ** 31;

/** @throws InputError where nothing is there to attack, or labels are missing or unknown */
export async function loadSubjects(classifier: SubjectClassifier, request: SubjectRequest): Promise<Subjects> {
  if (request.images !== undefined && request.data !== undefined) {
    throw new InputError('--images and --data are two answers to one question; give one of them');
  }
  if (request.images === undefined) return fromDataset(classifier, request.data ?? 'digits', request);
  return fromFolder(classifier, request.images, request);
}

async function fromDataset(
  classifier: SubjectClassifier,
  data: string,
  { limit, seed, labels: labelFile }: SubjectRequest,
): Promise<Subjects> {
  if (labelFile !== undefined) throw new InputError('--labels belongs to --images; a dataset has its own labels');
  const { name, images, labels } = await loadTestData(data, seed, limit ?? Number.MAX_SAFE_INTEGER);
  const { channels, height, width } = classifier.shape;
  if (images.channels !== channels || images.height !== height || images.width !== width) {
    throw new InputError(
      `The model takes images of ${channels} x ${height} x ${width}, those of ${name} are ${images.channels} x ${images.height} x ${images.width}; choose a dataset that fits it`,
    );
  }
  const beyond = labels.find((label) => label >= classifier.numClasses);
  if (beyond !== undefined) {
    throw new InputError(
      `${name} has a class ${beyond}, the model has ${classifier.numClasses} classes; choose data that fit it`,
    );
  }
  const { count } = images;
  return {
    origin: count === limit ? `the first ${count} images of ${name}` : `all ${count} images of ${name}`,
    names: Array.from({ length: count }, (_, index) => String(index).padStart(5, '0')),
    images,
    labels,
    labelling: 'dataset',
    leftOut: [],
  };
}

async function fromFolder(
  classifier: SubjectClassifier,
  path: string,
  { limit = Number.MAX_SAFE_INTEGER, labels: labelFile, strict, onRead }: SubjectRequest,
): Promise<Subjects> {
  const { files, skipped } = listPictures(path);
  const root = statSync(path).isDirectory() ? path : join(path, '..');
  const all = files.map((file) => relative(root, file).split(sep).join('/'));
  const byFolder = labelFile === undefined ? labelsByFolder(all, classifier) : undefined;
  const leftOut = [...skipped, ...(byFolder === undefined ? [] : strangersOf(all, byFolder))];
  if (strict && leftOut.length > 0)
    throw new InputError(`${leftOut[0]}; mend it, or go on without by leaving out --strict`);
  const chosen = all.flatMap((_, index) => (byFolder === undefined || byFolder[index] !== undefined ? [index] : []));
  const size = imageSize(classifier.shape);
  const most = Math.min(limit, chosen.length);
  if (most * size > MOST_BYTES) {
    throw new InputError(`${most} images of ${size} values do not fit in memory; take fewer with --limit`);
  }
  const data = new Uint8Array(most * size);
  const read: number[] = [];
  const unread: InputError[] = [];
  for (const index of chosen) {
    if (read.length === most) break;
    const file = files[index]!;
    try {
      const picture = { name: file, bytes: readInput(file, 'image') };
      data.set(await readPhotograph(picture, classifier.shape, classifier.card), read.length * size);
      read.push(index);
    } catch (error) {
      if (!(error instanceof InputError) || strict || files.length === 1) throw error;
      unread.push(error);
    }
    onRead?.(read.length + unread.length, most);
  }
  if (read.length === 0) throw new InputError(`No image of ${path} can be read: ${unread[0]!.message}`);
  if (unread.length > 0) {
    leftOut.push(
      `${quantity(unread.length, 'picture')} cannot be read and ${isOrAre(unread.length)} left out: ${listed(unread.map(({ message }) => message))}`,
    );
  }
  const images: Images = { ...classifier.shape, count: read.length, data: data.subarray(0, read.length * size) };
  const paths = read.map((index) => all[index]!);
  const found = byFolder === undefined ? undefined : Int32Array.from(read, (index) => byFolder[index]!);
  const given = labelFile === undefined ? found : labelsByFile(labelFile, paths, classifier);
  return {
    origin: `${quantity(read.length, 'image')} of ${path}`,
    names: uniqueNames(paths.map((file) => file.slice(0, file.length - extname(file).length).replaceAll('/', '-'))),
    images,
    labels: given ?? (await decisions(classifier, images)),
    labelling: labelFile !== undefined ? 'file' : found !== undefined ? 'folders' : 'decision',
    leftOut,
  };
}

/**
 * The class that the folder of each picture names, or one further up; `undefined` where none of them does.
 *
 * @returns `undefined` where no folder names a class at all
 */
function labelsByFolder(paths: readonly string[], classifier: Classifier): (number | undefined)[] | undefined {
  const known = new Map<string, number | undefined>();
  const named = (folder: string): number | undefined => {
    if (!known.has(folder)) known.set(folder, classNamed(folder, classifier.classNames));
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

/** Rows of file and class; the class is a number or a name. A first row without a class is a heading. */
function labelsByFile(path: string, files: readonly string[], classifier: Classifier): Int32Array {
  const byFile = new Map<string, number>();
  for (const [index, { line, cells }] of parseCsv(new TextDecoder().decode(readInput(path, 'label file'))).entries()) {
    const [file = '', label = ''] = cells;
    const known = classNamed(label, classifier.classNames);
    if (known !== undefined) byFile.set(file.replaceAll('\\', '/').replace(/^\.\//, ''), known);
    else if (index > 0) {
      throw new InputError(
        `${path}, line ${line}: the model has no class "${label}"; give numbers from 0 to ${classifier.numClasses - 1} or its names`,
      );
    }
  }
  return Int32Array.from(files, (file) => {
    const label = byFile.get(file) ?? byFile.get(basename(file)) ?? byEnding(byFile, file);
    if (label !== undefined) return label;
    throw new InputError(`${path} has no class for ${file}; add a line "${file},<class>"`);
  });
}

/** Label files often name pictures from another folder down: `images/a.png` for `a.png`. */
function byEnding(byFile: ReadonlyMap<string, number>, file: string): number | undefined {
  const found = [...byFile].filter(([name]) => name.endsWith(`/${file}`));
  return found.length === 1 ? found[0]![1] : undefined;
}

/** `1 image`, `2 images`. */
function quantity(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function isOrAre(count: number): string {
  return count === 1 ? 'is' : 'are';
}

/** The first ones, and how many more there are. */
function listed(items: readonly string[], between = '; '): string {
  const more = items.length - MOST_NAMED;
  return more <= 0 ? items.join(between) : `${items.slice(0, MOST_NAMED).join(between)}${between}and ${more} more`;
}

/**
 * The images that can be aimed at a class: those of it are left out.
 *
 * @throws InputError where none is left
 */
export function withoutClass(subjects: Subjects, target: number, classNames: readonly string[]): Subjects {
  const { images, labels, names } = subjects;
  const kept = Array.from(labels.keys()).filter((index) => labels[index] !== target);
  const dropped = labels.length - kept.length;
  if (dropped === 0) return subjects;
  const name = classNames[target];
  if (kept.length === 0) {
    throw new InputError(`All images are of the class ${name} already; aim at another one, or at random`);
  }
  return {
    ...subjects,
    names: kept.map((index) => names[index]!),
    images: selectImages(images, kept),
    labels: Int32Array.from(kept, (index) => labels[index]!),
    leftOut: [
      ...subjects.leftOut,
      `${quantity(dropped, 'image')} of the class ${name} ${isOrAre(dropped)} left out, since that is the class aimed at`,
    ],
  };
}

async function decisions(classifier: Classifier, images: Images): Promise<Int32Array> {
  const { data, numClasses } = await classifier.logits(images);
  return Int32Array.from({ length: images.count }, (_, row) =>
    argmax(data.subarray(row * numClasses, (row + 1) * numClasses)),
  );
}

/** Names of which no two give the same file, also where case does not matter. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let n = 2; filesOf(own).some((file) => taken.has(file)); n++) own = `${name}-${n}`;
    for (const file of filesOf(own)) taken.add(file);
    return own;
  });
}

/** What is written for an image: what an attack made of it, and the perturbation. */
function filesOf(name: string): string[] {
  return [name, `${name}-perturbation`].map((file) => file.toLowerCase());
}
