/** @file The main directions in which the activations of a hidden layer differ: principal components. */

import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Classifier, Scorer } from '../classifier/classifier.ts';
import type { Features } from '../classifier/scores.ts';
import type { Encoding } from '../encoding/encoding.ts';
import { InputError } from '../errors.ts';
import { type Images, imageSize } from '../image/images.ts';
import { Random } from '../random/random.ts';

/** Key of the streams that the random images are drawn from, beside those of the search. */
const SAMPLE_STREAM = 2;

/** Random images that the components are fitted to. */
const SAMPLE = 256;

/** Components that are kept. */
export const COMPONENTS = 3;

/** Where a component's range ends, in standard deviations over random images: images that fool lie farther out than these. */
const DEVIATIONS = 6;

/**
 * Principal components of what a network's last layer is fed with, fitted to random images of an encoding (as AURORA does with the images of
 * a search; Grillotti and Cully 2022). A component's sign is such that its largest weight is positive.
 */
export class HiddenActivations {
  readonly #features: NonNullable<Classifier['features']>;
  readonly #mean: Float64Array;
  /** `components x width`. */
  readonly #directions: readonly Float64Array[];
  readonly #deviations: readonly number[];
  readonly #seen = new WeakMap<Images, Promise<Features>>();

  private constructor(features: NonNullable<Classifier['features']>, { count, width, data }: Features) {
    this.#features = features;
    this.#mean = new Float64Array(width);
    for (let i = 0; i < data.length; i++) this.#mean[i % width]! += data[i]! / count;
    const centered = Array.from({ length: count }, (_, row) =>
      Float64Array.from({ length: width }, (_, i) => data[row * width + i]! - this.#mean[i]!),
    );
    // Of whichever is smaller: the products of images, or of activations.
    const ofImages = count <= width;
    const vectors = ofImages ? centered : columnsOf(centered, width);
    const n = vectors.length;
    const products = new Matrix(n, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const product = dot(vectors[i]!, vectors[j]!);
        products.set(i, j, product);
        products.set(j, i, product);
      }
    }
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(products, { assumeSymmetric: true });
    const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
    const largest = Math.max(0, realEigenvalues[order[0]!] ?? 0);
    const kept = order.slice(0, COMPONENTS).filter((at) => realEigenvalues[at]! > 1e-9 * largest);
    this.#directions = kept.map((at) => {
      const vector = eigenvectorMatrix.getColumn(at);
      return signed(ofImages ? mixed(vector, centered, width) : Float64Array.from(vector));
    });
    this.#deviations = kept.map((at) => Math.sqrt(realEigenvalues[at]! / count));
  }

  /** @throws InputError where the classifier shows no hidden layer */
  static async fit(scorer: Scorer, encoding: Encoding, seed: number): Promise<HiddenActivations> {
    const { features } = scorer as Partial<Classifier>;
    if (features === undefined) {
      throw new InputError(
        'The measures hidden-1 to hidden-3 are activations of a hidden layer, and this model shows none; choose other --measures',
      );
    }
    const genomes = Array.from({ length: SAMPLE }, (_, i) => encoding.random(Random.stream(seed, SAMPLE_STREAM, i)));
    const data = new Uint8Array(SAMPLE * imageSize(encoding.shape));
    await encoding.render(genomes, data);
    const ask = features.bind(scorer) as NonNullable<Classifier['features']>;
    return new HiddenActivations(ask, await ask({ ...encoding.shape, count: SAMPLE, data }));
  }

  /** Components that there are; fewer than three where activations differ in fewer directions. */
  get components(): number {
    return this.#directions.length;
  }

  /** How far a component's range reaches to both sides of 0, the mean of random images. */
  reach(component: number): number {
    return DEVIATIONS * this.#deviations[component]!;
  }

  /** Coordinates of images along a component. The network is asked once for all components of the same images. */
  async coordinates(images: Images, component: number): Promise<Float64Array> {
    let asked = this.#seen.get(images);
    if (asked === undefined) {
      asked = this.#features(images);
      this.#seen.set(images, asked);
    }
    const { count, width, data } = await asked;
    const direction = this.#directions[component]!;
    return Float64Array.from({ length: count }, (_, row) => {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += direction[i]! * (data[row * width + i]! - this.#mean[i]!);
      return sum;
    });
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function columnsOf(rows: readonly Float64Array[], width: number): Float64Array[] {
  return Array.from({ length: width }, (_, i) => Float64Array.from(rows, (row) => row[i]!));
}

/** The sum of rows by weights, of length 1. */
function mixed(weights: readonly number[], rows: readonly Float64Array[], width: number): Float64Array {
  const sum = new Float64Array(width);
  rows.forEach((row, at) => {
    for (let i = 0; i < width; i++) sum[i]! += weights[at]! * row[i]!;
  });
  const length = Math.sqrt(dot(sum, sum));
  return sum.map((value) => value / length);
}

/** With the sign that makes the largest weight positive. */
function signed(direction: Float64Array): Float64Array {
  const largest = direction.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? direction.map((value) => -value) : direction;
}
