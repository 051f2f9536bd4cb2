/** @file The folder `elites`: for each class its image, what the network says of it, and its genome. */

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  argmax,
  cppnEncoding,
  createEncoding,
  type Elite,
  type EliteArchive,
  type ImageShape,
  imageSize,
  partsByMemory,
  type Scorer,
  scoresOf,
  toCppnDocument,
} from '@pareidolia/core';
import { decodePngs, encodePng } from '../image/png.ts';
import { makeFolder, removeTemporaries, replaceFile } from '../job/files.ts';
import { slug } from './classes.ts';
import { encodingSpec, type MethodSpec } from './method.ts';

/** The image of one class, as it lies on disk. */
export interface SavedElite {
  readonly classIndex: number;
  readonly className: string;
  /** What the network says of the decoded file. */
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
  readonly method: MethodSpec;
}

const FOLDER = 'elites';

/**
 * Writes all elites, over those that may be there, and measures each from its file. Both are the same whenever and
 * however often it is done.
 *
 * @throws DiskFullError
 */
export async function saveElites(run: string, archive: EliteArchive, context: EliteContext): Promise<SavedElite[]> {
  makeFolder(join(run, FOLDER));
  removeTemporaries(join(run, FOLDER));
  const cells = archive.classIndices.flatMap((classIndex, cell) => {
    const elite = archive.elites[cell];
    return elite === undefined ? [] : [{ classIndex, elite }];
  });
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
  const { scorer, classNames, method } = context;
  const draw = drawing(method, scorer.shape);
  const digits = String(classNames.length - 1).length;
  const stems = cells.map(({ classIndex }) => {
    const name = [String(classIndex).padStart(digits, '0'), slug(classNames[classIndex]!)].filter(
      (part) => part !== '',
    );
    return `${FOLDER}/${name.join('-')}`;
  });
  const pngs = await Promise.all(cells.map(({ elite }) => encodePng(draw(elite.genome), scorer.shape)));
  pngs.forEach((png, index) => {
    replaceFile(join(run, `${stems[index]}.png`), png);
  });
  const files = stems.map((stem) => ({ name: `${stem}.png`, bytes: readFileSync(join(run, `${stem}.png`)) }));
  const scores = await scorer.predict(await decodePngs(files, scorer.shape));
  return cells.map(({ classIndex, elite }, index) => {
    const row = scoresOf(scores, index);
    const confidence = row[classIndex]!;
    const answer = argmax(row);
    const stem = stems[index]!;
    const description = { classIndex, className: classNames[classIndex], confidence, argmax: answer, id: elite.id };
    const document = { ...description, ...saveGenome(run, stem, elite.genome, context) };
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

/** From packed genome to image planes. */
function drawing(method: MethodSpec, shape: ImageShape): (genome: Uint8Array) => Uint8Array {
  if (method.name === 'ascent') return (genome) => genome;
  const encoding = createEncoding(encodingSpec(method, shape));
  return (genome) => {
    const planes = new Uint8Array(imageSize(shape));
    encoding.render([encoding.unpack(genome)], planes);
    return planes;
  };
}

/**
 * Writes the genome where it has a file of its own.
 *
 * @returns what the JSON beside the image says of it
 */
function saveGenome(run: string, stem: string, genome: Uint8Array, { method, scorer }: EliteContext): object {
  if (method.name === 'ascent') return { encoding: 'ascent' };
  if (method.name === 'direct') {
    replaceFile(join(run, `${stem}.genes`), genome);
    return { encoding: 'direct', genes: { file: basename(`${stem}.genes`), type: 'uint16 little-endian' } };
  }
  return { encoding: 'cppn', genome: toCppnDocument(cppnEncoding(scorer.shape).unpack(genome)) };
}
