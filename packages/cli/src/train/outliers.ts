/** @file The outliers that `pareidolia train` learns from: made, or read. */

import { statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  type Dataset,
  datasetShape,
  GARBAGE,
  garbageNamed,
  generatedOutliers,
  type Images,
  InputError,
  imageOutliers,
  imageSize,
  type ModelCard,
  mixedOutliers,
  type OutlierSource,
  parseIdx,
  smoothedNoise,
} from '@pareidolia/core';
import { dataInput } from '../data/data-input.ts';
import { DATASET_NAMES } from '../data/dataset-names.ts';
import { isDataset, loadData, loadTestData } from '../data/datasets.ts';
import { dataFolder } from '../data/folder.ts';
import { isPictureName, listPictures } from '../data/picture-files.ts';
import { readInput } from '../data/read.ts';
import { readPhotograph } from '../image/photograph.ts';
import type { JobInput } from '../job/config.ts';

/** What outliers are drawn from, and the same as an input of the job. */
export interface Outliers {
  readonly source: OutlierSource;
  /** Absent where they are all made, not read. */
  readonly input?: JobInput;
}

/**
 * @param text by commas: `noise`, a source of garbage, a data set, a folder of pictures or of IDX files, an IDX file of images
 * @param train what the network learns, whose pixels may be permuted
 * @param card how pictures are resized
 * @param data what the user named to be learned
 * @throws InputError where something cannot be read, is not of the size of the training images, or is these themselves
 */
export async function openOutliers(
  text: string,
  train: Dataset,
  card: Pick<ModelCard, 'resize'>,
  seed: number,
  data: string,
): Promise<Outliers> {
  const names = text.split(',').map((name) => name.trim());
  const shape = datasetShape(train);
  const read: { readonly name: string; readonly images: Images }[] = [];
  const sources: OutlierSource[] = [];
  for (const name of names) {
    if (name === 'noise') sources.push(smoothedNoise(shape, train.images));
    else if (GARBAGE.some((source) => source.name === name)) sources.push(garbage(name, train));
    else {
      if (name === data || resolve(name) === resolve(data)) {
        throw new InputError(`The outliers ${name} are what the network is to learn; choose others`);
      }
      const images = await readImages(name, train, card, seed);
      requireSize(name, images, train);
      read.push({ name, images });
      sources.push(imageOutliers(name, images));
    }
  }
  const source = mixedOutliers(sources);
  if (read.length === 0) return { source };
  const parts = read.map(({ images }) => ({ images, labels: new Int32Array(), classNames: [] }));
  return { source, input: dataInput(read.map(({ name }) => name).join(','), parts) };
}

function garbage(name: string, { images, classNames }: Dataset): OutlierSource {
  const source = garbageNamed(name);
  if (source.shows?.(classNames) === true) {
    throw new InputError(`The outliers ${name} show classes that the network is to learn; choose others`);
  }
  return generatedOutliers(source, images, images);
}

async function readImages(
  name: string,
  { images: own }: Dataset,
  card: Pick<ModelCard, 'resize'>,
  seed: number,
): Promise<Images> {
  if (DATASET_NAMES.includes(name)) return (await anyPart(name, seed)).images;
  const stat = statSync(name, { throwIfNoEntry: false });
  if (stat === undefined) {
    const made = ['noise', ...GARBAGE.map((source) => source.name)].join(', ');
    throw new InputError(
      `There are no outliers ${name}; give a folder, an IDX file of images, a data set (${DATASET_NAMES.join(', ')}), or ${made}`,
    );
  }
  if (stat.isDirectory()) return isDataset(name) ? (await anyPart(name, seed)).images : pictures(name, own, card);
  if (isPictureName(name)) return pictures(name, own, card);
  const { dims, data } = await parseIdx(readInput(name, 'IDX file'), name);
  const [count = 0, height = 0, width = 0] = dims;
  if (dims.length !== 3) throw new InputError(`${name} is no IDX file of images: it has ${dims.length} axes, not 3`);
  return { channels: 1, height, width, count, data };
}

/** The training images, or else the test images: nothing of them is a label here. */
async function anyPart(data: string, seed: number): Promise<Dataset> {
  try {
    return (await loadData(data, seed)).train;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const folder = DATASET_NAMES.includes(data) ? join(dataFolder(), data) : data;
    if (!isDataset(folder)) throw error;
    return loadTestData(data, seed, Number.MAX_SAFE_INTEGER);
  }
}

/** All pictures below a folder, resized, in memory. */
async function pictures(path: string, shape: Images, card: Pick<ModelCard, 'resize'>): Promise<Images> {
  const { files } = listPictures(path);
  const { channels, height, width } = shape;
  const size = imageSize(shape);
  const data = new Uint8Array(files.length * size);
  for (const [index, file] of files.entries()) {
    data.set(await readPhotograph({ name: file, bytes: readInput(file, 'image') }, shape, card), index * size);
  }
  return { channels, height, width, count: files.length, data };
}

function requireSize(name: string, { channels, height, width }: Images, train: Dataset): void {
  const own = train.images;
  if (channels === own.channels && height === own.height && width === own.width) return;
  const shown = basename(resolve(name));
  throw new InputError(
    `The outliers ${shown} are ${channels}x${height}x${width}, those of ${train.name} are ${own.channels}x${own.height}x${own.width}; give images of that size, or a folder of pictures, which are resized`,
  );
}
