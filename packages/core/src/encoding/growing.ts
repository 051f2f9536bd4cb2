/** @file A direct encoding that grows: few large squares at first, which divide into smaller ones down to the pixels. */

import { z } from 'zod';
import { InputError } from '../errors.ts';
import { type ImageShape, imageSize } from '../image/images.ts';
import type { Random } from '../random/random.ts';
import { resolveSettings, type Settings } from '../settings/settings.ts';
import { directEncoding } from './direct.ts';
import type { Encoding } from './encoding.ts';
import { defineEncoding } from './kind.ts';

/** How an image begins. */
export const GROWING_SETTINGS = z.object({
  firstSide: z.int().min(1).max(256).default(4).describe('squares along a side of the first images'),
});

/** The level of resolution, then the genes of its squares as the direct encoding has them for pixels. */
export type GrowingGenome = Uint16Array;

/** The direct encoding at several resolutions. */
export interface GrowingEncoding extends Encoding<GrowingGenome> {
  readonly name: 'growing';
  /** How many resolutions there are; that of the last is the image's own. */
  readonly levels: number;
  /**
   * The same image in the squares of a higher level.
   *
   * @param level below `levels`; the genome itself is given back where it is there already, or beyond
   */
  grow(genome: GrowingGenome, level: number): GrowingGenome;
}

/** Whether an encoding is {@link growingEncoding}. */
export function isGrowingEncoding(encoding: Encoding): encoding is GrowingEncoding & Encoding {
  return encoding.name === 'growing' && 'grow' in encoding;
}

/**
 * At level `k` there are `firstSide x 2^k` squares along each side, at most as many as pixels; a pixel has the color of the square that its
 * center is in. Genes are those of the direct encoding: 255 times a gene is the grey, three genes are hue, saturation and value.
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function growingEncoding(shape: ImageShape, changes: Settings = {}): GrowingEncoding {
  return new Growing(shape, resolveSettings('growing', GROWING_SETTINGS, changes).firstSide);
}

class Growing implements GrowingEncoding {
  readonly name = 'growing';
  readonly shape: ImageShape;
  readonly levels: number;
  readonly #grids: readonly ImageShape[];

  constructor(shape: ImageShape, firstSide: number) {
    this.shape = shape;
    const grids: ImageShape[] = [];
    for (let side = firstSide; ; side *= 2) {
      const [height, width] = [Math.min(side, shape.height), Math.min(side, shape.width)];
      grids.push({ channels: shape.channels, height, width });
      if (height === shape.height && width === shape.width) break;
    }
    this.#grids = grids;
    this.levels = grids.length;
  }

  random(random: Random): GrowingGenome {
    return withLevel(0, directEncoding(this.#grids[0]!).random(random));
  }

  render(genomes: readonly GrowingGenome[], images: Uint8Array): void {
    const size = imageSize(this.shape);
    genomes.forEach((genome, index) => {
      const grid = this.#grids[genome[0]!]!;
      const squares = new Uint8Array(imageSize(grid));
      directEncoding(grid).render([genome.slice(1)], squares);
      enlarge(squares, grid, this.shape, images.subarray(index * size, (index + 1) * size));
    });
  }

  /** Level and genes, low byte first, as on every machine that has ONNX Runtime; a view, since genomes never change. */
  pack(genome: GrowingGenome): Uint8Array {
    return new Uint8Array(genome.buffer, genome.byteOffset, genome.byteLength);
  }

  unpack(bytes: Uint8Array): GrowingGenome {
    // Not by slice(), which makes only a view where it is Node's Buffer.
    const aligned = bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array(bytes);
    const genome = new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length >> 1);
    const grid = this.#grids[genome[0] ?? -1];
    if (bytes.length % 2 !== 0 || grid === undefined || genome.length !== 1 + imageSize(grid)) {
      throw new InputError(
        `${bytes.length} bytes are not a growing genome here: take it from a run with the same firstSide on images of the same shape`,
      );
    }
    return genome;
  }

  document() {
    return { kind: 'file', extension: 'genes', type: 'uint16 little-endian, the level first' } as const;
  }

  grow(genome: GrowingGenome, level: number): GrowingGenome {
    if (genome[0]! >= level) return genome;
    const [from, to] = [this.#grids[genome[0]!]!, this.#grids[level]!];
    const genes = new Uint16Array(imageSize(to));
    enlarge(genome.subarray(1), from, to, genes);
    return withLevel(level, genes);
  }
}

function withLevel(level: number, genes: Uint16Array): GrowingGenome {
  const genome = new Uint16Array(1 + genes.length);
  genome[0] = level;
  genome.set(genes, 1);
  return genome;
}

/** Nearest neighbor. Halving whole numbers twice is halving them by four, so an image stays the same whichever way it grows. */
function enlarge(
  from: Uint8Array | Uint16Array,
  grid: ImageShape,
  to: ImageShape,
  into: Uint8Array | Uint16Array,
): void {
  for (let channel = 0, at = 0; channel < to.channels; channel++) {
    for (let y = 0; y < to.height; y++) {
      const row = (channel * grid.height + middle(y, to.height, grid.height)) * grid.width;
      for (let x = 0; x < to.width; x++) into[at++] = from[row + middle(x, to.width, grid.width)]!;
    }
  }
}

/** The square that the center of a pixel is in. */
function middle(pixel: number, pixels: number, squares: number): number {
  return Math.floor(((2 * pixel + 1) * squares) / (2 * pixels));
}

/** The growing encoding as it is chosen by name. */
export const growing = defineEncoding({
  name: 'growing',
  summary: 'the direct encoding of few large squares, which divide as generations pass',
  explanation: 'Each image began as a few random squares, which divided into smaller ones as the search went on.',
  settings: GROWING_SETTINGS,
  create: growingEncoding,
});
