/** @file Where gradient ascent takes its steps: among pixels, or among the latents of a generator. */

import { type Model, readModel } from '@pareidolia/autodiff';
import type { GradientScorer } from '../../classifier/classifier.ts';
import type { Gradients, Objective } from '../../classifier/objective.ts';
import type { Encoding } from '../../encoding/encoding.ts';
import { isLatentEncoding, type LatentEncoding } from '../../encoding/latent.ts';
import { InputError } from '../../errors.ts';
import { drawLatent } from '../../generator/latent-space.ts';
import { type FloatImages, imageSize, toBytes } from '../../image/images.ts';
import type { Random } from '../../random/random.ts';
import { blur, clipSmallBenefit, clipSmallNorm } from './regularizers.ts';
import { ASCENT_SETTINGS, type AscentSettings } from './settings.ts';

/** What is moved in an ascent: rows of `size` numbers, `N x size`. */
export interface AscentSpace {
  readonly size: number;
  /** Writes where an ascent begins. */
  begin(row: Float32Array, random: Random): void;
  /** The objective's value and its gradient with respect to rows. */
  gradient(x: Float32Array, objective: Objective): Promise<Gradients>;
  /** Works on rows after a step, in place; decay towards 0 is not its business. */
  regularize(x: Float32Array, gradient: Float32Array, step: number): void;
  /** Keeps rows where images are, in place. */
  clip(x: Float32Array): void;
  /** Packed genomes of rows. */
  genomes(x: Float32Array): readonly Uint8Array[];
}

/** @throws InputError where ascent does not work on the encoding */
export function requireSpace(encoding: Encoding): void {
  if (encoding.name === 'pixels' || isLatentEncoding(encoding)) return;
  throw new InputError(
    `gradient-ascent works on the encodings pixels and latent, not on ${encoding.name}; choose one of these, or another emitter`,
  );
}

/**
 * The space of an encoding.
 *
 * @throws InputError where there is none, or settings do not belong to it
 */
export function ascentSpace(scorer: GradientScorer, encoding: Encoding, settings: AscentSettings): AscentSpace {
  requireSpace(encoding);
  return isLatentEncoding(encoding) ? new LatentAscent(scorer, encoding, settings) : new PixelAscent(scorer, settings);
}

/** Rows are images, as deviations from the pixel that the network receives as zero. */
class PixelAscent implements AscentSpace {
  readonly size: number;
  readonly #scorer: GradientScorer;
  readonly #settings: AscentSettings;

  constructor(scorer: GradientScorer, settings: AscentSettings) {
    this.#scorer = scorer;
    this.#settings = settings;
    this.size = imageSize(scorer.shape);
  }

  /** Noise about the origin. */
  begin(row: Float32Array, random: Random): void {
    for (let i = 0; i < row.length; i++) row[i] = (random.normal() * this.#settings.startDeviation) / 255;
  }

  gradient(x: Float32Array, objective: Objective): Promise<Gradients> {
    return this.#scorer.gradient(this.#images(x), objective);
  }

  regularize(x: Float32Array, gradient: Float32Array, step: number): void {
    const { blurRadius, blurEvery, smallNorm, smallBenefit } = this.#settings;
    const { shape } = this.#scorer;
    if (blurRadius > 0 && step % blurEvery === 0) blur(x, shape, blurRadius);
    if (smallNorm > 0) clipSmallNorm(x, shape, smallNorm);
    if (smallBenefit > 0) clipSmallBenefit(x, gradient, shape, smallBenefit);
  }

  /** Keeps pixels in [0, 1]. */
  clip(x: Float32Array): void {
    this.#eachPlane(x, (plane, origin) => {
      for (let i = 0; i < plane.length; i++) plane[i] = Math.min(1 - origin, Math.max(-origin, plane[i]!));
    });
  }

  /** The 8-bit images themselves. */
  genomes(x: Float32Array): readonly Uint8Array[] {
    const { data } = toBytes(this.#images(x));
    return rowsOf(data, this.size);
  }

  #images(x: Float32Array): FloatImages {
    const { channels, height, width } = this.#scorer.shape;
    const data = x.slice();
    this.#eachPlane(data, (plane, origin) => {
      for (let i = 0; i < plane.length; i++) plane[i] = Math.min(1, Math.max(0, plane[i]! + origin));
    });
    return { channels, height, width, count: data.length / this.size, data };
  }

  #eachPlane(x: Float32Array, visit: (plane: Float32Array, origin: number) => void): void {
    const { shape, origin } = this.#scorer;
    const size = shape.height * shape.width;
    for (let start = 0, plane = 0; start < x.length; start += size, plane++) {
      visit(x.subarray(start, start + size), origin[plane % shape.channels]!);
    }
  }
}

/** Settings that mean something of pixels alone. */
const OF_PIXELS = ['startDeviation', 'blurRadius', 'smallNorm', 'smallBenefit'] as const;

/**
 * Rows are latents: gradients flow through network and generator as one graph (Nguyen et al. 2016, arXiv 1605.09304). Ascents begin at
 * random latents; `maxStep` is in units of a latent's numbers, and `decay` is the penalty on the code's length.
 */
class LatentAscent implements AscentSpace {
  readonly size: number;
  readonly #scorer: GradientScorer;
  readonly #encoding: LatentEncoding;
  #decoder: Model | undefined;

  constructor(scorer: GradientScorer, encoding: LatentEncoding, settings: AscentSettings) {
    if (scorer.gradientBehind === undefined) {
      throw new InputError(
        'Gradient ascent through a generator needs the graph of the network itself; choose another --emitter for this model',
      );
    }
    const usual = ASCENT_SETTINGS.parse({});
    const stray = OF_PIXELS.find((name) => settings[name] !== usual[name]);
    if (stray !== undefined) {
      throw new InputError(
        `The setting ${stray} is about pixels, and the ascent moves latents; leave it out, and presets with it`,
      );
    }
    this.#scorer = scorer;
    this.#encoding = encoding;
    this.size = encoding.dimension;
  }

  begin(row: Float32Array, random: Random): void {
    row.set(drawLatent(this.#encoding.decoder.latents, random));
  }

  gradient(x: Float32Array, objective: Objective): Promise<Gradients> {
    this.#decoder ??= readModel(this.#encoding.decoder.graph);
    const rows = { channels: 1, height: 1, width: this.size, count: x.length / this.size, data: x } as const;
    return this.#scorer.gradientBehind!({ model: this.#decoder, width: this.size }, rows, objective);
  }

  regularize(): void {}

  clip(x: Float32Array): void {
    for (let start = 0; start < x.length; start += this.size) this.#encoding.hold(x.subarray(start, start + this.size));
  }

  genomes(x: Float32Array): readonly Uint8Array[] {
    return rowsOf(new Uint8Array(x.slice().buffer), 4 * this.size);
  }
}

/** Rows as views. */
function rowsOf(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  return Array.from({ length: bytes.length / size }, (_, row) => bytes.subarray(row * size, (row + 1) * size));
}
