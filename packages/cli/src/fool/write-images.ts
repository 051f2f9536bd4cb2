/** @file Images of genomes as PNG files, and what the classifier says of these files. */

import { join } from 'node:path';
import { type Encoding, type Images, imageSize, type Scorer, type Scores } from '@pareidolia/core';
import { decodePngs, encodePng } from '../image/png.ts';
import { replaceFile } from '../job/files.ts';
import { readElite } from './read-elite.ts';

/** An image to be written. */
export interface ImageFile {
  /** The packed genome. */
  readonly genome: Uint8Array;
  /** Relative to the run folder. */
  readonly file: string;
}

/**
 * Writes images, replacing earlier files, reads them again and scores them. All of them are in memory at once.
 *
 * @throws DiskError
 */
export async function writeImages(
  run: string,
  files: readonly ImageFile[],
  { scorer, encoding }: { readonly scorer: Scorer; readonly encoding: Encoding },
): Promise<{ readonly images: Images; readonly scores: Scores }> {
  const planes: Uint8Array[] = [];
  for (const { genome } of files) planes.push(await draw(genome, encoding));
  const pngs = await Promise.all(planes.map((own) => encodePng(own, scorer.shape)));
  pngs.forEach((png, index) => {
    replaceFile(join(run, files[index]!.file), png);
  });
  const images = await decodePngs(
    files.map(({ file }) => ({ name: file, bytes: readElite(run, file) })),
    scorer.shape,
  );
  return { images, scores: await scorer.predict(images) };
}

/** The image of a packed genome, `C x H x W`. */
async function draw(packed: Uint8Array, encoding: Encoding): Promise<Uint8Array> {
  const planes = new Uint8Array(imageSize(encoding.shape));
  await encoding.render([encoding.unpack(packed)], planes);
  return planes;
}
