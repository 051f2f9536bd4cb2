/** @file `pareidolia train --from`: a network that the user brought, and the data that it is trained on. */

import { statSync } from 'node:fs';
import { type Model, readModel as readGraph } from '@pareidolia/autodiff';
import {
  type Freeze,
  InputError,
  type ModelCard,
  type ModelCardInput,
  type NewHead,
  type Runtime,
} from '@pareidolia/core';
import { type DataSplit, isDataset, loadData } from '../data/datasets.ts';
import { type ModelFile, readModel } from '../model/model-file.ts';
import { openNetwork } from '../model/open-classifier.ts';
import { classFolders, loadClassFolders, matchFolders } from './class-folders.ts';
import type { TrainSettings } from './settings.ts';

/** The network, what it is trained on, and what the user should know. */
export interface GivenNetwork {
  readonly file: ModelFile;
  readonly graph: Model;
  /** As the network is run. */
  readonly card: ModelCard;
  readonly data: DataSplit;
  readonly freeze: Freeze;
  /** Another last layer, where the data have other classes. */
  readonly head?: NewHead;
  /** Sentences without a full stop. */
  readonly notices: readonly string[];
}

/**
 * Opens a network and its data.
 *
 * @throws InputError where either cannot be used, or they do not fit
 */
export async function openGiven(
  settings: TrainSettings & { readonly from: string },
  seed: number,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<GivenNetwork> {
  const { from, device, data: wanted } = settings;
  const file = readModel(from, settings.card);
  const classifier = await openNetwork(file, { runtime, device, threads: 1, behindGuard: false });
  await classifier.dispose();
  const { reading, shape, numClasses } = classifier;
  const card: ModelCard = {
    ...classifier.card,
    ...(reading.from === 'probes' && reading.isScaled !== true ? { output: reading.kind } : {}),
  };
  const known = classifier.card.classNames;
  const notices = [...classifier.notices];
  let data: DataSplit;
  let isNew = settings.replaceLast;
  if (isDataset(wanted)) {
    data = await loadData(wanted, seed, signal);
    const { channels, height, width } = data.train.images;
    if (channels !== shape.channels || height !== shape.height || width !== shape.width) {
      throw new InputError(
        `${from} takes images of ${shape.channels}x${shape.height}x${shape.width}, those of ${data.name} are ${channels}x${height}x${width}; give a folder of pictures, which are resized`,
      );
    }
    isNew ||= data.train.classNames.length !== numClasses;
  } else {
    requireFolder(wanted);
    const folders = classFolders(wanted);
    const { known: matching, unknown } = matchFolders(folders, classifier.classNames);
    if (!isNew && matching.length > 0 && unknown.length > 0) {
      throw new InputError(
        `The folders ${unknown.join(', ')} of ${wanted} name no class of ${from}, ${matching.join(', ')} ${matching.length === 1 ? 'does' : 'do'}; rename them, or give --replace-last to learn the folders as new classes`,
      );
    }
    isNew ||= matching.length === 0;
    const names = isNew ? folders.folders : classifier.classNames;
    data = await loadClassFolders(folders, names, shape, card, seed, signal);
  }
  requireClasses(data);
  const classes = data.train.classNames.length;
  if (isNew) {
    notices.push(
      `The last layer is replaced: ${classes} classes (${few(data.train.classNames)}) instead of ${numClasses}`,
    );
  } else if (known !== undefined && known.join('\n') !== data.train.classNames.join('\n')) {
    notices.push(
      `The classes of the data (${few(data.train.classNames)}) are taken for those of the network (${few(known)}), in this order; --replace-last learns them as new ones`,
    );
  }
  return {
    file,
    graph: readGraph(file.bytes, { externalData: file.externalData }),
    card,
    data,
    freeze: freezeOf(settings.freeze),
    ...(isNew ? { head: { classes, keep: false, seed } } : {}),
    notices,
  };
}

/** The card of the trained network: what the card in force says of images and outputs, with the classes that it has now; but for its hash. */
export function cardOf(card: ModelCard, { name, train }: DataSplit): ModelCardInput {
  const { classNames: _, sha256: __, dataset: ___, licence, source, ...rest } = card;
  return {
    ...JSON.parse(JSON.stringify(rest)),
    ...(licence === undefined ? {} : { licence }),
    ...(source === undefined ? {} : { source }),
    classNames: [...train.classNames],
    dataset: name,
  };
}

function freezeOf(text: string): Freeze {
  if (text === 'none' || text === 'all-but-last') return text;
  return text.split(',').map((name) => name.trim());
}

/** @throws InputError where all images are of one class */
function requireClasses({ train }: DataSplit): void {
  const [first] = train.labels;
  if (train.labels.some((label) => label !== first)) return;
  throw new InputError(
    `All images of ${train.name} are of one class, ${train.classNames[first ?? 0]}; training needs at least two`,
  );
}

function requireFolder(data: string): void {
  if (statSync(data, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new InputError(
    `There are no data ${data}; give digits, things, mnist, fashion-mnist, cifar10, a folder of such files, or one with a folder of pictures for each class`,
  );
}

function few(names: readonly string[]): string {
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')}, ...`;
}
