/** @file What a search is told about a classifier behind a detector: that images count only where the detector accepts them. */

import type { Classifier, GradientScorer } from '../../classifier/classifier.ts';
import type { Gradients, Logits, Objective } from '../../classifier/objective.ts';
import type { Scores } from '../../classifier/scores.ts';
import { InputError } from '../../errors.ts';
import type { FloatImages } from '../../image/images.ts';

/** The most that is left of a confidence where the detector refuses. */
const REFUSED = 0.5;

/** Where a detector accepts. */
export interface Acceptance {
  /** Scores from here on are accepted. */
  readonly threshold: number;
  /** How far below the threshold a score has to be so that e times less is left of the confidence; positive. */
  readonly scale: number;
}

/**
 * A classifier whose confidences a detector lowers: p_k where the score s is at least t, else p_k e^((s - t) / scale) / 2. So an
 * image has a confidence above one half only where the detector accepts it, and a search that climbs the confidence climbs the
 * score of what is refused, too. This is the adaptive attack on classifier and detector together (Carlini and Wagner 2017, arXiv
 * 1705.07263): the search knows both.
 *
 * @param scored a classifier whose last logit is the detector's score, the others those of a softmax over the classes
 * @throws InputError where the scale is not positive
 */
export function guardedScorer(
  scored: Pick<Classifier, 'shape' | 'numClasses' | 'logits' | 'gradient'>,
  { threshold, scale }: Acceptance,
  origin: readonly number[],
): GradientScorer & { readonly numClasses: number } {
  if (!(scale > 0 && Number.isFinite(scale) && Number.isFinite(threshold))) {
    throw new InputError(
      `A threshold of ${threshold} with a scale of ${scale} says nothing; give finite numbers, and a scale above 0`,
    );
  }
  const numClasses = scored.numClasses - 1;
  const read = (logits: Logits): readonly ReadRow[] =>
    Array.from({ length: logits.count }, (_, row) =>
      readRow(logits.data.subarray(row * (numClasses + 1), (row + 1) * (numClasses + 1)), threshold, scale),
    );
  return {
    shape: scored.shape,
    numClasses,
    origin,
    async predict(images, between): Promise<Scores> {
      const rows = read(await scored.logits(images, between));
      const data = new Float32Array(images.count * numClasses);
      rows.forEach(({ probabilities, factor }, row) => {
        probabilities.forEach((p, k) => {
          data[row * numClasses + k] = p * factor;
        });
      });
      return { count: images.count, numClasses, data };
    },
    async gradient(images: FloatImages, objective: Objective, between): Promise<Gradients> {
      if (objective.kind !== 'log-confidence' && objective.kind !== 'log-probability') {
        throw new InputError(`A classifier behind a detector has no gradient of the objective ${objective.kind}`);
      }
      const rows = read(await scored.logits(images, between));
      // d log p_k / dZ_j = [j = k] - p_j, and of the score 1 / scale where it is refused.
      const weights = new Float32Array(images.count * (numClasses + 1));
      rows.forEach(({ probabilities, isRefused }, row) => {
        const own = weights.subarray(row * (numClasses + 1), (row + 1) * (numClasses + 1));
        probabilities.forEach((p, j) => {
          own[j] = (j === objective.classIndices[row] ? 1 : 0) - p;
        });
        own[numClasses] = isRefused ? 1 / scale : 0;
      });
      const { gradient } = await scored.gradient(images, { kind: 'linear', weights }, between);
      const logits = new Float32Array(images.count * numClasses);
      const value = new Float32Array(images.count);
      rows.forEach(({ logits: own, logProbabilities, logFactor }, row) => {
        logits.set(own, row * numClasses);
        value[row] = logProbabilities[objective.classIndices[row]!]! + logFactor;
      });
      return { logits, value, gradient };
    },
  };
}

interface ReadRow {
  /** Without the score. */
  readonly logits: Float32Array;
  readonly logProbabilities: Float64Array;
  readonly probabilities: Float64Array;
  readonly isRefused: boolean;
  /** By which confidences are multiplied. */
  readonly factor: number;
  readonly logFactor: number;
}

function readRow(row: Float32Array, threshold: number, scale: number): ReadRow {
  const logits = row.subarray(0, row.length - 1);
  const score = row[row.length - 1]!;
  const largest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  const logProbabilities = Float64Array.from(logits, (logit) => logit - largest - Math.log(sum));
  const isRefused = !(score >= threshold);
  const logFactor = isRefused ? Math.log(REFUSED) + (score - threshold) / scale : 0;
  return {
    logits,
    logProbabilities,
    probabilities: logProbabilities.map(Math.exp),
    isRefused,
    factor: Math.exp(logFactor),
    logFactor,
  };
}
