/** @file The images to attack, with their right classes: from a folder, or from a dataset. */

import { readdirSync, statSync } from 'node:fs';
import { basename, extname, join, relative, sep } from 'node:path';
import { argmax, type Classifier, type Images, InputError, imageSize, type OnnxClassifier } from '@pareidolia/core';
import { loadTestData } from '../data/datasets.ts';
import { readInput } from '../data/read.ts';
import { readPhotograph } from '../image/photograph.ts';
import { parseClasses } from '../model/classes.ts';

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
}

export interface SubjectRequest {
  /** A folder of pictures, or one picture. */
  readonly images?: string;
  /** Name or folder of a dataset. */
  readonly data?: string;
  /** A file with a class for each picture. */
  readonly labels?: string;
  readonly limit?: number;
  readonly seed: number;
  /** Called as pictures are read. */
  readonly onRead?: (done: number, total: number) => void;
}

/** Endings of files that are taken for pictures. */
const PICTURES = new Set(['.png', '.jpg', '.jpeg', '.webp', '.gif', '.avif', '.tif', '.tiff', '.bmp']);

/** All images together must fit in memory with room for an attack's own copies. */
const MOST_BYTES = 2 ** 31;

/** @throws InputError where nothing is there to attack, or labels are missing or unknown */
export async function loadSubjects(classifier: OnnxClassifier, request: SubjectRequest): Promise<Subjects> {
  if (request.images !== undefined && request.data !== undefined) {
    throw new InputError('--images and --data are two answers to one question; give one of them');
  }
  if (request.images === undefined) return fromDataset(classifier, request.data ?? 'digits', request);
  return fromFolder(classifier, request.images, request);
}

async function fromDataset(
  classifier: OnnxClassifier,
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
  };
}

async function fromFolder(
  classifier: OnnxClassifier,
  path: string,
  { limit, labels: labelFile, onRead }: SubjectRequest,
): Promise<Subjects> {
  const files = listPictures(path).slice(0, limit);
  const size = imageSize(classifier.shape);
  if (files.length * size > MOST_BYTES) {
    throw new InputError(`${files.length} images of ${size} values do not fit in memory; take fewer with --limit`);
  }
  const data = new Uint8Array(files.length * size);
  for (const [index, file] of files.entries()) {
    const bytes = readInput(file, 'image');
    data.set(await readPhotograph({ name: file, bytes }, classifier.shape, classifier.card), index * size);
    onRead?.(index + 1, files.length);
  }
  const images: Images = { ...classifier.shape, count: files.length, data };
  const root = statSync(path).isDirectory() ? path : join(path, '..');
  const paths = files.map((file) => relative(root, file).split(sep).join('/'));
  const found =
    labelFile === undefined ? labelsByFolder(paths, classifier) : labelsByFile(labelFile, paths, classifier);
  return {
    origin: `${files.length} ${files.length === 1 ? 'image' : 'images'} of ${path}`,
    names: uniqueNames(paths.map((file) => file.slice(0, file.length - extname(file).length).replaceAll('/', '-'))),
    images,
    labels: found ?? (await decisions(classifier, images)),
    labelling: labelFile !== undefined ? 'file' : found !== undefined ? 'folders' : 'decision',
  };
}

/** All pictures below a folder, by name; the file itself where it is one. */
function listPictures(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new InputError(`There is no folder of images ${path}; check the path`);
  if (stat.isFile()) return [path];
  const files = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && PICTURES.has(extname(entry.name).toLowerCase()))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length > 0) return files;
  throw new InputError(`${path} holds no images; put files like ${[...PICTURES].slice(0, 4).join(', ')} there`);
}

/** The class that the folder of each picture names; `undefined` where any does not. */
function labelsByFolder(paths: readonly string[], classifier: Classifier): Int32Array | undefined {
  const labels: number[] = [];
  for (const path of paths) {
    const folder = path.split('/').at(-2);
    const label = folder === undefined ? undefined : classNamed(folder, classifier.classNames);
    if (label === undefined) return undefined;
    labels.push(label);
  }
  return Int32Array.from(labels);
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

/** Lines of file and class, by tab or comma; the class is a number or a name. A first line without a class is a heading. */
function labelsByFile(path: string, files: readonly string[], classifier: Classifier): Int32Array {
  const text = new TextDecoder().decode(readInput(path, 'label file'));
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const byFile = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    const [file = '', label = ''] = line.split(line.includes('\t') ? '\t' : ',').map((cell) => cell.trim());
    const known = classNamed(label, classifier.classNames);
    if (known !== undefined) byFile.set(file.replaceAll('\\', '/'), known);
    else if (index > 0) {
      throw new InputError(
        `${path}, line ${index + 1}: the model has no class "${label}"; give numbers from 0 to ${classifier.numClasses - 1} or its names`,
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
