/** @file MAP-Elites among a generator's latents: images that a network is certain of, and that the discriminator takes for no real ones. */

import {
  type Discriminator,
  type Images,
  imageSize,
  isoLineOf,
  latentEncoding,
  type OnnxClassifier,
  Random,
  scoresOf,
} from '@pareidolia/core';
import { atBudget, type Workbench } from '../../workbench/workbench.ts';
import { FOOLS } from './fooling-sets.ts';
import { type GeneratorSubject, oddsOf } from './subject.ts';

const WORK = {
  tiny: { generations: 8, batch: 40 },
  small: { generations: 150, batch: 100 },
  paper: { generations: 1000, batch: 200 },
} as const;

/** Cells along each of the two axes. */
const SIDE = 16;

/** The ends of the axes: share of pixels above half, and mean level of these. */
const [MOST_INK, LEAST_LEVEL] = [0.4, 0.6];

const STREAM = 0x6c7369;

/** What was found: plain data. */
export type Illuminated = {
  /** Cells with an image that the network is certain of. */
  readonly count: number;
  /** Cells in all, and images that were tried. */
  readonly cells: number;
  readonly evaluations: number;
  /** Confidence in the class, and the discriminator's log-odds, cell by cell. */
  readonly confidences: readonly number[];
  readonly odds: readonly number[];
  readonly images: Uint8Array;
};

/**
 * Searches for images of a class by MAP-Elites (arXiv 1504.04909) with variation along lines (arXiv 1804.03906), as pyribs does with
 * CMA-ME in its example `lsi_mnist`. A cell is a share of ink and a mean level of ink; in each the image is kept of which the network is at
 * least 99 % certain that it is of the class, and that the discriminator takes for least real; before there is one, that of which the
 * network is most certain.
 */
export function illuminate(
  bench: Workbench,
  { network, generator }: GeneratorSubject,
  discriminator: Discriminator,
  classIndex: number,
): Promise<Illuminated> {
  const { generations, batch } = atBudget(bench, WORK);
  return bench.unit(`${network.where}/illuminated-${classIndex}`, async () => {
    const { shape } = network;
    const encoding = latentEncoding({ decoder: generator.decoder(shape), runtime: bench.runtime, reach: 3, norm: 1.2 });
    const variation = isoLineOf(encoding);
    const cells = new Map<number, Cell>();
    const size = imageSize(shape);
    for (let generation = 0; generation <= generations; generation++) {
      await bench.pause();
      bench.progress(0.7 + (0.3 * generation) / generations, 'MAP-Elites among latents');
      const filled = [...cells.values()];
      const genomes = Array.from({ length: batch }, (_, place) => {
        const random = Random.stream(1, STREAM, generation, place);
        if (filled.length === 0) return encoding.random(random);
        const parent = (): Float32Array => filled[random.integer(filled.length)]!.genome;
        return variation.apply([parent(), parent()], random, generation);
      });
      const data = new Uint8Array(batch * size);
      await encoding.render(genomes, data);
      const { channels, height, width } = shape;
      const images: Images = { channels, height, width, count: batch, data };
      for (const cell of await scored(network, discriminator, images, genomes, classIndex)) {
        const before = cells.get(cell.place);
        if (before === undefined || cell.quality > before.quality) cells.set(cell.place, cell);
      }
    }
    await encoding.dispose?.();
    const certain = [...cells.entries()]
      .sort(([a], [b]) => a - b)
      .flatMap(([, cell]) => (cell.confidence >= FOOLS ? [cell] : []));
    const images = new Uint8Array(certain.length * size);
    certain.forEach(({ image }, row) => {
      images.set(image, row * size);
    });
    return {
      count: certain.length,
      cells: SIDE * SIDE,
      evaluations: batch * (generations + 1),
      confidences: certain.map(({ confidence }) => confidence),
      odds: certain.map(({ odds }) => odds),
      images,
    };
  });
}

interface Cell {
  readonly place: number;
  readonly genome: Float32Array;
  readonly image: Uint8Array;
  readonly confidence: number;
  readonly odds: number;
  readonly quality: number;
}

async function scored(
  network: OnnxClassifier,
  discriminator: Discriminator,
  images: Images,
  genomes: readonly Float32Array[],
  classIndex: number,
): Promise<readonly Cell[]> {
  const scores = await network.predict(images);
  const odds = await oddsOf(discriminator, images);
  const size = imageSize(images);
  return genomes.map((genome, row) => {
    const image = images.data.slice(row * size, (row + 1) * size);
    const confidence = scoresOf(scores, row)[classIndex]!;
    // Certain images come before all others, and the less real they look the better.
    const quality = confidence >= FOOLS ? 1 + 1 / (1 + Math.exp(odds[row]!)) : confidence;
    return { place: placeOf(image), genome, image, confidence, odds: odds[row]!, quality };
  });
}

/** The cell of an image. */
function placeOf(image: Uint8Array): number {
  let [ink, sum] = [0, 0];
  for (const level of image) {
    if (level < 128) continue;
    ink++;
    sum += level / 255;
  }
  const along = (share: number): number => Math.min(SIDE - 1, Math.max(0, Math.floor(share * SIDE)));
  const level = ink === 0 ? LEAST_LEVEL : sum / ink;
  return SIDE * along(ink / image.length / MOST_INK) + along((level - LEAST_LEVEL) / (1 - LEAST_LEVEL));
}
