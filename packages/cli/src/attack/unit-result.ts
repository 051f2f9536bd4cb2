/** @file The result of a work unit, as the journal holds it. */

import { type AttackResult, type Classifier, type Flag, type Images, imageSize, levelsOf } from '@pareidolia/core';
import { soundScores } from './sound-scores.ts';

/** The result of one image at one epsilon. */
export type ImageResult = {
  readonly index: number;
  /** `null` where the smallest was searched for. */
  readonly epsilon: number | null;
  readonly label: number;
  readonly target: number | null;
  readonly success: boolean;
  readonly initiallyWrong: boolean;
  /** Absent where there is no detector. */
  readonly initiallyRefused?: boolean;
  readonly predicted: number | null;
  readonly decision: number | null;
  /** The probability of `decision` for the 8-bit image; `null` where none was found. */
  readonly confidence: number | null;
  readonly distances: { readonly l0: number; readonly l1: number; readonly l2: number; readonly linf: number } | null;
  readonly queries: { readonly forward: number; readonly backward: number };
  /** Of the forward passes, those whose decision was not the label; `null` where they are not counted. */
  readonly misread: number | null;
  readonly survives8Bit: boolean;
  readonly stop: string;
  readonly cut: string | null;
  readonly by: string | null;
  /** `C x H x W`, 8 bits, of what was found; `null` where nothing was, or where the image cannot be among those that are written. */
  readonly image: Uint8Array | null;
};

export type UnitResult = {
  /** Of `check`. */
  readonly flags: readonly { readonly kind: Flag['kind']; readonly what: string }[];
  /** For each epsilon, from small to large, the result of each image. */
  readonly images: readonly ImageResult[];
};

/** Whether a result is an adversarial example that the attack has made. */
export function isFresh({ success, stop }: Pick<ImageResult, 'success' | 'stop'>): boolean {
  return success && stop !== 'initially wrong';
}

/** Results that are turned into 8 bits at a time: there may be thousands, of which few are kept. */
const AT_A_TIME = 32;

/**
 * The results of an attack as plain data.
 *
 * @param pictures images that are written for each epsilon, at most; no more than that are kept of a unit
 */
export async function imageResults(
  classifier: Classifier,
  results: readonly AttackResult[],
  pictures: number,
): Promise<ImageResult[]> {
  const kept = new Map<number | undefined, number>();
  const all: ImageResult[] = [];
  for (let from = 0; from < results.length; from += AT_A_TIME) {
    const some = results.slice(from, from + AT_A_TIME);
    const levels = some.map(({ image }) => image && levelsOf(image));
    const confidences = await confidencesOf(classifier, some, levels);
    some.forEach((result, row) => {
      const { epsilon, target, predicted, decision, distances, by, image: _, stop, cut, ...common } = result;
      const place = kept.get(epsilon) ?? 0;
      const keep = isFresh(result) && place < pictures;
      if (keep) kept.set(epsilon, place + 1);
      all.push({
        ...common,
        epsilon: epsilon ?? null,
        target: target ?? null,
        predicted: predicted ?? null,
        decision: decision ?? null,
        confidence: confidences[row]!,
        distances: distances === undefined ? null : { ...distances },
        queries: { ...common.queries },
        misread: common.misread ?? null,
        by: by ?? null,
        stop,
        cut: cut ?? null,
        // Without a confidence it cannot be shown.
        image: keep && confidences[row] !== null ? levels[row]! : null,
      });
    });
  }
  return all;
}

/** The network's confidence in its decision on the 8-bit image of each result; `null` where there is none. */
async function confidencesOf(
  classifier: Classifier,
  results: readonly AttackResult[],
  levels: readonly (Uint8Array | undefined)[],
): Promise<(number | null)[]> {
  const found = levels.flatMap((image) => image ?? []);
  if (found.length === 0) return results.map(() => null);
  const size = imageSize(classifier.shape);
  const data = new Uint8Array(found.length * size);
  found.forEach((image, row) => {
    data.set(image, row * size);
  });
  const images: Images = { ...classifier.shape, count: found.length, data };
  // What is adversarial in floating point may have no finite outputs as a file.
  const { places: sound, scores } = await soundScores(classifier, images);
  const places = new Map(sound.map((place, row) => [place, row]));
  let place = 0;
  return results.map(({ decision }, at) => {
    if (levels[at] === undefined) return null;
    const row = places.get(place++);
    return row === undefined ? null : scores.data[row * scores.numClasses + decision!]!;
  });
}
