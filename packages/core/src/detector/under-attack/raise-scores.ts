/** @file Outliers that are moved inside a ball until a detector takes them for the known kind, as far as that can be reached. */

import { autoPgd } from '../../attack/engine/auto-pgd.ts';
import { drive, type StopSignal } from '../../attack/engine/drive.ts';
import { roundInside } from '../../attack/engine/quantization.ts';
import { logitsOf, logitsOfEach, type Steps } from '../../attack/engine/query.ts';
import { randomStart } from '../../attack/engine/random-start.ts';
import type { TargetModel } from '../../attack/engine/target-model.ts';
import type { Ball } from '../../attack/norm.ts';
import { InputError } from '../../errors.ts';
import { type Images, imageSize } from '../../image/images.ts';
import { Random } from '../../random/random.ts';

const TOP = 255;

/** A little more than what float32 loses of a level. */
const ROUNDING = 1e-4;

/** How hard it is tried. */
export interface RaiseOptions {
  /** The largest change of a pixel in [0, 1]: the radius of the ball in Linf. */
  readonly epsilon: number;
  /** Gradient steps of each climb; 100 when absent. */
  readonly steps?: number;
  /** Climbs: the first from the outlier itself, the others from random places in the ball; 2 when absent. */
  readonly climbs?: number;
  readonly seed: number;
  /** Images in one call of the network; 32 when absent. */
  readonly batch?: number;
  /**
   * Versions of the same outliers from elsewhere, such as those made against another detector. Each that lies in the ball is
   * scored, and the best one is a further start.
   */
  readonly others?: readonly Images[];
  /** Told how many images are done. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: StopSignal;
}

/** Outliers with the largest scores that were found in their balls. */
export interface RaisedOutliers {
  /** 8 bits, each within the ball of its outlier. */
  readonly images: Images;
  /** Of these images, as files hold them: never below that of the outlier itself. */
  readonly scores: Float64Array;
  /** Of the outliers as they were. */
  readonly before: Float64Array;
  /** Images on which a gradient was not finite, so that a climb ended early. */
  readonly unsound: number;
}

/**
 * Moves each outlier inside a ball of Linf so that the score becomes as large as can be found: Auto-PGD on the score (Croce and
 * Hein 2020), as Bitterwolf, Meinke and Hein 2020 (arXiv 2007.08473) do for the area under the curve under attack. What it finds
 * is a lower bound of what can be reached, so that area is an upper one.
 *
 * @param model whose logits include the score, as the one at `place`
 * @throws InputError where the ball is empty, or no gradient flows
 */
export async function raiseScores(
  model: TargetModel,
  place: number,
  outliers: Images,
  options: RaiseOptions,
): Promise<RaisedOutliers> {
  const { epsilon, steps = 100, climbs = 2, seed, batch = 32, others = [], onProgress, signal } = options;
  const levels = Math.floor(epsilon * TOP + ROUNDING);
  if (!(levels >= 1 && epsilon <= 1)) {
    throw new InputError(`A ball of ${epsilon} holds no other 8-bit image; give at least 1/255 and at most 1`);
  }
  const size = imageSize(outliers);
  for (const other of others) {
    if (other.data.length !== outliers.data.length)
      throw new InputError('Versions of the outliers are as many and as large as these');
  }
  // Whole levels: the corners of the ball, to which a climb goes, are then images that a file can hold.
  const ball: Ball = { norm: 'linf', epsilon: levels / TOP };
  const weights = new Float32Array(model.numClasses);
  weights[place] = 1;
  const found = new Uint8Array(outliers.data);
  const scores = new Float64Array(outliers.count);
  const before = new Float64Array(outliers.count);
  const imageOf = (images: Images, row: number): Uint8Array => images.data.subarray(row * size, (row + 1) * size);
  const isInside = (bytes: Uint8Array, original: Uint8Array): boolean =>
    bytes.every((level, i) => Math.abs(level - original[i]!) <= levels);
  const searches = Array.from({ length: outliers.count }, (_, row) => (): Steps => {
    const bytes = imageOf(outliers, row);
    const original = Float32Array.from(bytes, (level) => level / TOP);
    const random = Random.stream(seed, row);
    const keep = (image: Uint8Array, score: number): boolean => {
      if (!(score > scores[row]!)) return false;
      scores[row] = score;
      found.set(image, row * size);
      return true;
    };
    return (function* (): Steps {
      const own = (yield* logitsOf(bytes))[place]!;
      before[row] = own;
      scores[row] = own;
      const versions = others.map((each) => imageOf(each, row)).filter((each) => isInside(each, bytes));
      const starts: Float32Array[] = [original];
      if (versions.length > 0) {
        const answers = yield* logitsOfEach(versions);
        let best: Uint8Array | undefined;
        answers.forEach((logits, i) => {
          if (keep(versions[i]!, logits[place]!)) best = versions[i];
        });
        if (best !== undefined) starts.unshift(Float32Array.from(best, (level) => level / TOP));
      }
      while (starts.length < climbs) {
        const start = new Float32Array(size);
        randomStart(start, { image: original, random }, ball);
        starts.push(start);
      }
      for (const start of starts) {
        const { image } = yield* autoPgd(
          original,
          start,
          ball,
          { objective: { kind: 'linear', weights }, sign: 1 },
          steps,
        );
        const rounded = roundInside(image, original, ball);
        keep(rounded, (yield* logitsOf(rounded))[place]!);
      }
    })();
  });
  const endings = await drive(model, searches, {
    batch,
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    images: { ...outliers, data: found },
    scores,
    before,
    unsound: endings.filter(({ cut }) => cut !== undefined).length,
  };
}
