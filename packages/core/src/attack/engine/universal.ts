/** @file Universal attacks: one perturbation for all images, and what it does to each of them. */

import type { QueryCount } from '../../classifier/metered.ts';
import { isFinite32 } from '../../classifier/objective.ts';
import { argmax } from '../../classifier/scores.ts';
import { type FloatImages, imageSize } from '../../image/images.ts';
import type { UniversalPerturbation, UniversalSearch } from '../attack.ts';
import { isAdversarial } from '../criterion.ts';
import { type Ball, clip, distances, type Norm } from '../norm.ts';
import type { AttackOptions } from '../options.ts';
import type { AttackResult } from '../result.ts';
import { imageOf, roundInside } from './quantization.ts';
import { attackedLogits, isRefused } from './refusal.ts';
import type { TargetModel } from './target-model.ts';

/**
 * Looks for one perturbation at each radius, and asks the model what it does to every image.
 *
 * @param name the attack's
 * @param labels the right classes
 * @returns for each radius, one after the other, the result of each image; the queries of a search are shared out evenly
 */
export async function attackTogether(
  model: TargetModel,
  name: string,
  search: UniversalSearch,
  images: FloatImages,
  labels: Int32Array,
  norm: Norm,
  radii: readonly number[],
  { seed, batch, quantize, first = 0, signal, onProgress }: AttackOptions,
): Promise<readonly AttackResult[]> {
  const total = images.count;
  const results: AttackResult[] = [];
  let before = 0;
  for (const [place, epsilon] of radii.entries()) {
    const ball = { norm, epsilon };
    const {
      perturbation,
      queries,
      cuts = [],
    } = await search.search(model, images, labels, {
      ball,
      seed,
      batch,
      ...(signal === undefined ? {} : { signal }),
      onImage: (share, forward) => onProgress?.(Math.floor(((place + share) / radii.length) * total), before + forward),
    });
    before += queries.forward;
    const spent = { forward: Math.round(queries.forward / total), backward: Math.round(queries.backward / total) };
    const judgment = { name, ball, batch, quantize, first, cuts, spent };
    results.push(...(await judgeTogether(model, images, labels, perturbation, judgment)));
  }
  return results;
}

interface Judgment {
  readonly name: string;
  readonly ball: Ball;
  readonly batch: number;
  /** What cut the search on each image short. */
  readonly cuts: NonNullable<UniversalPerturbation['cuts']>;
  /** Number of the first image. */
  readonly first: number;
  /** Whether images are rounded to 8 bits, inside the ball, before they are judged. */
  readonly quantize: boolean;
  readonly spent: QueryCount;
}

/**
 * What one perturbation does to images.
 *
 * @param spent on each image, for the record
 */
async function judgeTogether(
  model: TargetModel,
  images: FloatImages,
  labels: Int32Array,
  perturbation: Float32Array,
  { name, ball, batch, quantize, first: number, cuts, spent }: Judgment,
): Promise<readonly AttackResult[]> {
  const size = imageSize(images);
  const results: AttackResult[] = [];
  for (let from = 0; from < images.count; from += batch) {
    const count = Math.min(batch, images.count - from);
    const originals = images.data.subarray(from * size, (from + count) * size);
    const bytes = new Uint8Array(count * size);
    const floats = new Float32Array(count * size);
    for (let row = 0; row < count; row++) {
      const original = originals.subarray(row * size, (row + 1) * size);
      const image = clip(original.map((pixel, i) => pixel + perturbation[i]!));
      const levels = roundInside(image, original, ball);
      bytes.set(levels, row * size);
      floats.set(quantize ? imageOf(levels) : image, row * size);
    }
    const before = await model.logits({ ...model.shape, count, data: originals });
    const rounded = await model.logits({ ...model.shape, count, data: bytes });
    const exact = quantize ? rounded : await model.logits({ ...model.shape, count, data: floats });
    for (let row = 0; row < count; row++) {
      const label = labels[from + row]!;
      const reaches = (logits: Float32Array): boolean =>
        isFinite32(logits) && isAdversarial({ label, target: undefined }, attackedLogits(model, label, logits));
      const [first, last, byte] = [before, exact, rounded].map(({ data }) =>
        data.subarray(row * model.numClasses, (row + 1) * model.numClasses),
      ) as [Float32Array, Float32Array, Float32Array];
      const original = originals.subarray(row * size, (row + 1) * size);
      const isAnswered = isFinite32(first);
      const refused = isAnswered && isRefused(model, first);
      const wrong = isAnswered && argmax(first) !== label && !refused;
      const isSound = isAnswered && (wrong || refused || isFinite32(last));
      const cut = isSound ? cuts[from + row] : 'not finite';
      const image = wrong ? original : floats.slice(row * size, (row + 1) * size);
      const success = wrong || (isAnswered && !refused && reaches(last));
      results.push({
        index: number + from + row,
        epsilon: ball.epsilon,
        label,
        target: undefined,
        success,
        initiallyWrong: wrong || refused,
        ...(model.refusedClass === undefined ? {} : { initiallyRefused: refused }),
        predicted: isAnswered ? argmax(first) : undefined,
        decision: success ? argmax(wrong ? first : last) : undefined,
        image: success ? image : undefined,
        distances: success ? distances(image, original) : undefined,
        queries: spent,
        by: success && !wrong ? name : undefined,
        survives8Bit: success && (wrong || reaches(byte)),
        stop: wrong ? 'initially wrong' : refused ? 'initially refused' : success ? 'found' : (cut ?? 'finished'),
        cut,
      });
    }
  }
  return results;
}
