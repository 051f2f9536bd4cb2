/** @file Datasets by name: drawn by us, or read from files in the formats of MNIST and of CIFAR-10. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  CIFAR10_LABELS,
  type Classifier,
  cifarDataset,
  type Dataset,
  DIGIT_LABELS,
  type DrawnDataset,
  InputError,
  idxDataset,
  type NamedBytes,
  sliceDataset,
} from '@pareidolia/core';
import { readIfThere } from '../job/files.ts';
import { DATASET_NAMES, FETCHED_DATASETS } from './dataset-names.ts';
import { drawInParts, drawnNamed } from './drawn-datasets.ts';
import { dataFolder } from './folder.ts';
import { readInput } from './read.ts';

/** What a network is trained on, what it is watched by meanwhile, and what it is judged by in the end. */
export interface DataSplit {
  /** Name of the data, for the model card. */
  readonly name: string;
  readonly train: Dataset;
  readonly validation: Dataset;
  /** Absent where the data have none. */
  readonly test?: Dataset;
}

/** The share of the training images that is held out for validation: 5,000 of MNIST's 60,000. */
const HELD_OUT = 1 / 12;

/** Names of files in an IDX folder, each plain or with `.gz`. */
const FILES = {
  train: ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'],
  test: ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'],
} as const;

/** Whether data are those of a name, or a folder of files of such data: not of pictures. */
export function isDataset(data: string): boolean {
  if (DATASET_NAMES.includes(data)) return true;
  if (!statSync(data, { throwIfNoEntry: false })?.isDirectory()) return false;
  const files = [...FILES.train, ...FILES.test].some((file) => findFile(data, file) !== undefined);
  return files || cifarFiles(data, 'train').length > 0 || cifarFiles(data, 'test').length > 0;
}

/**
 * @param data `digits`, `things`, `mnist`, `fashion-mnist`, `cifar10`, or a folder of files named like MNIST's or CIFAR-10's
 * @param seed what is drawn
 * @param signal ends the drawing, which takes a while
 * @throws InputError where files are missing or damaged; the signal's reason
 */
export async function loadData(data: string, seed: number, signal?: AbortSignal): Promise<DataSplit> {
  const drawn = drawnNamed(data);
  if (drawn !== undefined) return drawnSplit(data, drawn, seed, signal);
  const known = FETCHED_DATASETS.includes(data);
  const folder = known ? join(dataFolder(), data) : data;
  if (!known && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InputError(
      `There are no data ${data}; give digits, things, mnist, fashion-mnist, cifar10, or a folder of such files`,
    );
  }
  const name = known ? data : basename(resolve(folder));
  const labels = readLabels(folder);
  if (!existsSync(folder)) throw missing(folder, data);
  const whole = await readPart(`${name}-train`, folder, 'train', labels);
  if (whole === undefined) throw missing(folder, data);
  const held = Math.max(1, Math.round(whole.images.count * HELD_OUT));
  if (held >= whole.images.count) throw new InputError(`${folder} holds one training image; give at least 2`);
  const cut = whole.images.count - held;
  const test = await readPart(`${name}-test`, folder, 'test', labels);
  return {
    name,
    train: sliceDataset(whole, 0, cut),
    validation: sliceDataset(whole, cut, whole.images.count),
    ...(test === undefined ? {} : { test }),
  };
}

/**
 * The part of the data that networks are judged by: the test part, or where there is none the part held out.
 *
 * @param limit examples at most
 * @param signal ends the drawing, which takes a while
 * @throws InputError where files are missing or damaged; the signal's reason
 */
export async function loadTestData(data: string, seed: number, limit: number, signal?: AbortSignal): Promise<Dataset> {
  const drawn = drawnNamed(data);
  if (drawn !== undefined) {
    const { train, validation, test } = drawn.parts;
    return drawInParts(drawn, Math.min(limit, test), seed, train + validation, signal);
  }
  const known = FETCHED_DATASETS.includes(data);
  const folder = known ? join(dataFolder(), data) : data;
  const only = existsSync(folder)
    ? await readPart(`${basename(resolve(folder))}-test`, folder, 'test', readLabels(folder))
    : undefined;
  const split = only === undefined ? await loadData(data, seed) : undefined;
  const whole = only ?? split?.test ?? split!.validation;
  return sliceDataset(whole, 0, Math.min(limit, whole.images.count));
}

/** @throws InputError where a network does not take the images of a dataset, or lacks one of its classes */
export function requireFitting(
  { name, images, labels }: Pick<Dataset, 'name' | 'images' | 'labels'>,
  { shape, numClasses }: Pick<Classifier, 'shape' | 'numClasses'>,
): void {
  const { channels, height, width } = shape;
  if (images.channels !== channels || images.height !== height || images.width !== width) {
    throw new InputError(
      `The model takes images of ${channels} x ${height} x ${width}, those of ${name} are ${images.channels} x ${images.height} x ${images.width}; choose a dataset that fits it`,
    );
  }
  const beyond = labels.find((label) => label >= numClasses);
  if (beyond !== undefined) {
    throw new InputError(`${name} has a class ${beyond}, the model has ${numClasses} classes; choose data that fit it`);
  }
}

async function drawnSplit(
  name: string,
  drawn: DrawnDataset,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<DataSplit> {
  const { train, validation, test } = drawn.parts;
  return {
    name,
    train: await drawInParts(drawn, train, seed, 0, signal),
    validation: await drawInParts(drawn, validation, seed, train, signal),
    test: await drawInParts(drawn, test, seed, train + validation, signal),
  };
}

/** Files of records: `data_batch_1.bin` and on are to train with, `test_batch.bin` is the test part; pieces of them, too. */
function cifarFiles(folder: string, part: keyof typeof FILES): string[] {
  const pattern = part === 'test' ? /^test.*\.bin$/ : /^(data_batch|train).*\.bin$/;
  return readdirSync(folder)
    .filter((file) => pattern.test(file))
    .sort()
    .map((file) => join(folder, file));
}

/** The names of the classes are in `classes.txt`, one a line; `undefined` without that file. */
function readLabels(folder: string): readonly string[] | undefined {
  const text = readIfThere(join(folder, 'classes.txt'), { follow: true });
  if (text === undefined) return undefined;
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
}

/** @returns undefined where neither of the two files is there */
async function readPart(
  name: string,
  folder: string,
  part: keyof typeof FILES,
  labels: readonly string[] | undefined,
): Promise<Dataset | undefined> {
  const binary = cifarFiles(folder, part);
  if (binary.length > 0) return cifarDataset(name, binary.map(named), labels ?? CIFAR10_LABELS);
  const [images, classes] = FILES[part].map((file) => findFile(folder, file));
  if (images === undefined && classes === undefined) return undefined;
  if (images === undefined || classes === undefined) {
    const [wanted, other] = images === undefined ? FILES[part] : [...FILES[part]].reverse();
    throw new InputError(`${folder} has ${other} but not ${wanted} (or ${wanted}.gz); put it there`);
  }
  return idxDataset(name, named(images), named(classes), labels ?? DIGIT_LABELS);
}

function named(path: string): NamedBytes {
  return { name: path, bytes: readInput(path, 'IDX file') };
}

function findFile(folder: string, file: string): string | undefined {
  return [join(folder, file), join(folder, `${file}.gz`)].find((path) => existsSync(path));
}

function missing(folder: string, data: string): InputError {
  const known = FETCHED_DATASETS.includes(data);
  const how = known
    ? `fetch them with pareidolia data fetch ${data}, or set PAREIDOLIA_DATA to the folder that holds them`
    : 'put them there';
  const files =
    data === 'cifar10' ? 'data_batch_1.bin and on, and test_batch.bin' : `${FILES.train.join(' and ')} (plain or .gz)`;
  return new InputError(`${folder} lacks ${files}; ${how}`);
}
