/** @file Slopes of class scores with respect to the vectors of an encoding. */

import { type GradientScorer, hasGradient, type Scorer } from '../classifier/classifier.ts';
import { isFinite32 } from '../classifier/objective.ts';
import { type DifferentiableEncoding, type Encoding, isDifferentiableEncoding } from '../encoding/encoding.ts';
import { InputError } from '../errors.ts';
import { imageSize, toFloat } from '../image/images.ts';

/** Smallest 1 - p that is divided by. */
const LEAST_DOUBT = 1e-7;

/**
 * The log-odds of classes at the 8-bit images of vectors, and their gradients with respect to the vectors: rounding counts as the
 * identity (the straight-through estimator).
 *
 * @param vectors N vectors of the encoding
 * @param classIndices the class that each of them is about
 * @returns for each vector its gradient; `undefined` where it is zero or not finite
 */
export async function classSlopes(
  scorer: GradientScorer,
  encoding: DifferentiableEncoding,
  vectors: readonly Float32Array[],
  classIndices: readonly number[],
): Promise<readonly (Float32Array | undefined)[]> {
  const { channels, height, width } = encoding.shape;
  const size = imageSize(encoding.shape);
  const levels = new Uint8Array(vectors.length * size);
  const genomes = vectors.map((vector) => encoding.fromVector(vector));
  await encoding.render(genomes, levels);
  const images = toFloat({ channels, height, width, count: vectors.length, data: levels });
  const objective = { kind: 'log-confidence', classIndices: Int32Array.from(classIndices) } as const;
  const { value, gradient } = await scorer.gradient(images, objective);
  return genomes.map((genome, row) => {
    const slope = new Float32Array(encoding.dimension);
    encoding.vectorGradient(genome, gradient.subarray(row * size, (row + 1) * size), slope);
    // The slope of log p / (1 - p), which does not vanish where p is close to 1 as that of log p does.
    const scale = 1 / Math.max(LEAST_DOUBT, -Math.expm1(value[row]!));
    for (let i = 0; i < slope.length; i++) slope[i]! *= scale;
    return isFinite32(slope) && slope.some((each) => each !== 0) ? slope : undefined;
  });
}

/** The root of the sum of squares. */
export function lengthOf(vector: Float32Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}

/** @throws InputError where gradients cannot be carried back to the vectors of the encoding */
export function requireDifferentiable(emitter: string, encoding: Encoding): asserts encoding is DifferentiableEncoding {
  if (isDifferentiableEncoding(encoding)) return;
  throw new InputError(
    `${emitter} needs an encoding that carries gradients back, as direct and pixels do, which ${encoding.name} does not; choose another encoding, or another emitter`,
  );
}

/** @throws InputError where the classifier gives no gradients */
export function requireGradient(emitter: string, scorer: Scorer): asserts scorer is GradientScorer {
  if (scorer.noGradient !== undefined) {
    throw new InputError(`${emitter} needs gradients: ${scorer.noGradient}; choose another --emitter`);
  }
  if (!hasGradient(scorer)) throw new InputError(`${emitter} needs a classifier that gives gradients`);
}
