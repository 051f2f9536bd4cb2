/** @file The folder `elites`: for each class its image, the network's confidence and answer, and its genome. */

import { basename, join } from 'node:path';
import {
  type Archive,
  argmax,
  bestOfClasses,
  type Elite,
  type Encoding,
  imageSize,
  partsByMemory,
  type Scorer,
  scoresOf,
} from '@pareidolia/core';
import { makeFolderIn, removeTemporaries, replaceFile } from '../job/files.ts';
import { slug } from '../model/classes.ts';
import { writeImages } from './write-images.ts';

/** The image of one class, as it lies on disk. */
export interface SavedElite {
  readonly classIndex: number;
  readonly className: string;
  /** The network's confidence in the class for the decoded file. */
  readonly confidence: number;
  /** The class that the network itself would answer. */
  readonly argmax: number;
  /** Relative to the run folder. */
  readonly file: string;
  /** The individual; classes that share an image share it. */
  readonly id: number;
}

/** What is needed to write elites. */
export interface EliteContext {
  readonly scorer: Scorer;
  readonly classNames: readonly string[];
  readonly encoding: Encoding;
}

const FOLDER = 'elites';

/** Of the files of a class. */
const ENDING = /\.(png|json|genes)$/;

/**
 * Writes the elite of each class, the best one where it has several, replacing earlier files, and measures each from its file. Doing it
 * again gives the same files and figures.
 *
 * @throws DiskError
 */
export async function saveElites(run: string, archive: Archive, context: EliteContext): Promise<SavedElite[]> {
  const folder = makeFolderIn(run, FOLDER);
  const best = bestOfClasses(archive);
  const cells = best.classIndices.flatMap((classIndex, place) => {
    const elite = best.elites[place];
    return elite === undefined ? [] : [{ classIndex, elite }];
  });
  const stems = new Set(cells.map(({ classIndex }) => basename(stemOf(classIndex, context.classNames))));
  removeTemporaries(folder, (name) => ENDING.test(name) && stems.has(name.replace(ENDING, '')));
  const saved: SavedElite[] = [];
  for (const { from, to } of partsByMemory(cells.length, imageSize(context.scorer.shape))) {
    saved.push(...(await saveSome(run, cells.slice(from, to), context)));
  }
  return saved;
}

interface Cell {
  readonly classIndex: number;
  readonly elite: Elite;
}

async function saveSome(run: string, cells: readonly Cell[], context: EliteContext): Promise<SavedElite[]> {
  const { scorer, classNames, encoding } = context;
  const stems = cells.map(({ classIndex }) => stemOf(classIndex, classNames));
  const files = cells.map(({ elite }, index) => ({ genome: elite.genome, file: `${stems[index]}.png` }));
  const { scores } = await writeImages(run, files, { scorer, encoding });
  return cells.map(({ classIndex, elite }, index) => {
    const row = scoresOf(scores, index);
    const confidence = row[classIndex]!;
    const answer = argmax(row);
    const stem = stems[index]!;
    const description = { classIndex, className: classNames[classIndex], confidence, argmax: answer, id: elite.id };
    const document = { ...description, ...saveGenome(run, stem, elite.genome, encoding) };
    replaceFile(join(run, `${stem}.json`), `${JSON.stringify(document, null, 2)}\n`);
    return {
      classIndex,
      className: classNames[classIndex]!,
      confidence,
      argmax: answer,
      file: `${stem}.png`,
      id: elite.id,
    };
  });
}

/** Where the files of a class lie, relative to the run folder and without their endings. */
function stemOf(classIndex: number, classNames: readonly string[]): string {
  const digits = String(classNames.length - 1).length;
  const name = [String(classIndex).padStart(digits, '0'), slug(classNames[classIndex]!)].filter((part) => part !== '');
  return `${FOLDER}/${name.join('-')}`;
}

/**
 * Writes the genome where it has a file of its own.
 *
 * @returns what the JSON beside the image says of it
 */
function saveGenome(folder: string, stem: string, packed: Uint8Array, encoding: Encoding): object {
  const document = encoding.document(encoding.unpack(packed));
  if (document.kind === 'image') return { encoding: encoding.name };
  if (document.kind === 'json') return { encoding: encoding.name, genome: document.value };
  const { extension, type } = document;
  replaceFile(join(folder, `${stem}.${extension}`), packed);
  return { encoding: encoding.name, genome: { file: `${basename(stem)}.${extension}`, type } };
}
