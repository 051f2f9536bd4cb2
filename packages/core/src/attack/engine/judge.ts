/** @file The verdict on what searches found. */

import { isFinite32 } from '../../classifier/objective.ts';
import { argmax } from '../../classifier/scores.ts';
import { type FloatImages, type Images, imageSize } from '../../image/images.ts';
import { isAdversarial } from '../criterion.ts';
import { type Ball, distances, isInside, wholeBox } from '../norm.ts';
import type { AttackResult } from '../result.ts';
import type { CutShort, Ending } from './drive.ts';
import type { Attacked, Plan, Subject } from './one-image.ts';
import { levelsOf } from './quantization.ts';
import { attackedLogits, isRefused } from './refusal.ts';
import type { TargetModel } from './target-model.ts';
import type { Stop } from './verify.ts';

/**
 * Measures what was found by asking the model again: no attack is trusted.
 *
 * @param batch images in one call of the model
 * @returns for each epsilon, one after the other, the result of each image
 */
export async function judge(
  model: TargetModel,
  subjects: readonly Subject[],
  endings: readonly Ending<Attacked>[],
  { attack, epsilons, quantize, norm }: Plan,
  batch: number,
): Promise<readonly AttackResult[]> {
  const images = new Set(endings.flatMap(({ value }) => value?.stages.flatMap(({ image }) => image ?? []) ?? []));
  const list = [...images];
  const verdicts = new Map<Float32Array, { readonly exact: Float32Array; readonly bytes: Float32Array }>();
  const ball = (epsilon: number | undefined): Ball => ({
    norm,
    epsilon: epsilon ?? wholeBox(norm, imageSize(model.shape)),
  });
  for (let from = 0; from < list.length; from += batch) {
    const some = list.slice(from, from + batch);
    const bytes = await logitsOfBatch(model, some.map(levelsOf));
    const exact = quantize ? bytes : await logitsOfBatch(model, some);
    some.forEach((image, row) => {
      verdicts.set(image, { exact: exact[row]!, bytes: bytes[row]! });
    });
  }
  return (epsilons.length === 0 ? [undefined] : epsilons).flatMap((epsilon, place) =>
    subjects.map(({ index, image: original, criterion }, at): AttackResult => {
      const { value, queries, cut } = endings[at]!;
      const reaches = (answer: Float32Array): boolean =>
        isAdversarial(criterion, attackedLogits(model, criterion.label, answer));
      const stage = value?.stages[Math.min(place, value.stages.length - 1)];
      const logits = value?.logits;
      const found = stage?.image;
      const common = {
        index,
        epsilon,
        label: criterion.label,
        target: criterion.target,
        initiallyWrong: logits !== undefined && argmax(logits) !== criterion.label,
        ...(model.refusedClass === undefined
          ? {}
          : { initiallyRefused: logits !== undefined && isRefused(model, logits) }),
        predicted: logits === undefined ? undefined : argmax(logits),
        queries: stage?.queries ?? queries,
        ...(stage === undefined ? {} : { misread: stage.misread }),
      };
      const reason = stage === undefined ? (cut ?? 'not finite') : reasonOf(stage.stop);
      const verdict = found && verdicts.get(found);
      const isAnswered = verdict === undefined || isFinite32(verdict.exact);
      const inside = found !== undefined && isInside(found, original, ball(epsilon));
      if (verdict === undefined || !inside || !isAnswered || !reaches(verdict.exact)) {
        const own = isAnswered ? reason : 'not finite';
        const before = stage?.stop === 'initially wrong' || stage?.stop === 'initially refused';
        const ending = before ? stage.stop : 'finished';
        const nothing = { decision: undefined, image: undefined, distances: undefined, by: undefined };
        return { ...common, ...nothing, success: false, survives8Bit: false, stop: own ?? ending, cut: own };
      }
      return {
        ...common,
        success: true,
        decision: argmax(verdict.exact),
        image: found,
        distances: distances(found, original),
        survives8Bit: isFinite32(verdict.bytes) && reaches(verdict.bytes),
        by: stage!.stop === 'initially wrong' ? undefined : (stage!.by ?? attack.name),
        stop: stage!.stop === 'initially wrong' ? 'initially wrong' : 'found',
        cut: reason,
      };
    }),
  );
}

/** What cut a search short; `undefined` where it came to its end. */
function reasonOf(stop: Stop): CutShort['reason'] | undefined {
  return stop === 'budget' || stop === 'not finite' || stop === 'gradient not finite' ? stop : undefined;
}

async function logitsOfBatch(
  model: TargetModel,
  images: readonly (Float32Array | Uint8Array)[],
): Promise<readonly Float32Array[]> {
  const size = imageSize(model.shape);
  const count = images.length;
  const data = images[0] instanceof Uint8Array ? new Uint8Array(count * size) : new Float32Array(count * size);
  images.forEach((image, row) => {
    data.set(image, row * size);
  });
  const logits = await model.logits({ ...model.shape, count, data } as Images | FloatImages);
  return images.map((_, row) => logits.data.subarray(row * model.numClasses, (row + 1) * model.numClasses));
}
