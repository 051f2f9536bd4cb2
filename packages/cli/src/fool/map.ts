/** @file The folder `map`: the images of an archive that keeps several of each class, and where each of them lies. */

import { join } from 'node:path';
import {
  type Archive,
  argmax,
  type CellOutline,
  imageSize,
  type Measure,
  type Measures,
  NicheArchive,
  partsByMemory,
  scoresOf,
} from '@pareidolia/core';
import { makeFolderIn, removeTemporaries, writeAtomically } from '../job/files.ts';
import type { EliteContext } from './elites.ts';
import { writeImages } from './write-images.ts';

/** The image in one cell; its figures are those of its file. */
export interface MapEntry {
  readonly classIndex: number;
  /** Place among the niches. */
  readonly niche: number;
  /** In the order of the map's measures. */
  readonly measures: readonly number[];
  readonly confidence: number;
  /** The class that the network itself would answer. */
  readonly argmax: number;
  /** Relative to the run folder. */
  readonly file: string;
  /** The individual; cells that share an image share it. */
  readonly id: number;
}

/** What `map.json` holds. */
export interface SavedMap {
  readonly measures: readonly Pick<Measure, 'name' | 'title' | 'lower' | 'upper'>[];
  readonly niches: readonly CellOutline[];
  /** The cells that hold an image, by class and niche. */
  readonly entries: readonly MapEntry[];
}

const FOLDER = 'map';

/**
 * Writes the map of an archive; `undefined` where it keeps one image of each class.
 *
 * @throws DiskError
 */
export async function saveMap(
  run: string,
  archive: Archive,
  measures: Measures | undefined,
  context: EliteContext,
): Promise<SavedMap | undefined> {
  if (!(archive instanceof NicheArchive) || measures === undefined) return undefined;
  const folder = makeFolderIn(run, FOLDER);
  const { size } = archive.partition;
  const digits = [context.classNames.length - 1, size - 1].map((most) => String(most).length);
  const nameOf = (classIndex: number, niche: number): string =>
    `${String(classIndex).padStart(digits[0]!, '0')}-${String(niche).padStart(digits[1]!, '0')}.png`;
  removeTemporaries(folder, (name) => /^\d+-\d+\.png$/.test(name) || name === 'map.json');
  const cells = archive.elites.flatMap((elite, cell) => {
    if (elite === undefined) return [];
    const [classIndex, niche] = [archive.classIndices[cell]!, cell % size];
    return [{ elite, classIndex, niche, file: `${FOLDER}/${nameOf(classIndex, niche)}`, genome: elite.genome }];
  });
  const entries: MapEntry[] = [];
  for (const { from, to } of partsByMemory(cells.length, imageSize(context.scorer.shape))) {
    const part = cells.slice(from, to);
    const { images, scores } = await writeImages(run, part, context);
    const measured = await measures.of(images);
    const width = measures.all.length;
    part.forEach(({ elite, classIndex, niche, file }, row) => {
      const own = scoresOf(scores, row);
      entries.push({
        classIndex,
        niche,
        measures: [...measured.subarray(row * width, (row + 1) * width)],
        confidence: own[classIndex]!,
        argmax: argmax(own),
        file,
        id: elite.id,
      });
    });
  }
  const map: SavedMap = {
    measures: measures.all.map(({ name, title, lower, upper }) => ({ name, title, lower, upper })),
    niches: Array.from({ length: size }, (_, niche) => archive.partition.outline(niche)),
    entries,
  };
  writeAtomically(join(run, FOLDER, 'map.json'), `${JSON.stringify(map)}\n`);
  return map;
}
