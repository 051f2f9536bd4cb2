/** @file What makes a verdict of robustness doubtful. */

import { ESTIMATED_GRADIENT } from '../../classifier/estimated-gradient.ts';
import { unsoundImages } from '../../classifier/objective.ts';
import { finiteRows } from '../../classifier/scores.ts';
import { type FloatImages, type Images, imageSize, requireImages, toFloat } from '../../image/images.ts';
import type { EnsembleAttack } from '../attack.ts';
import type { AttackResult } from '../result.ts';
import { checkClasses } from './check-request.ts';
import { acceptedClasses } from './refusal.ts';
import type { TargetModel } from './target-model.ts';

/** Something about a network that makes a verdict of robustness doubtful. */
export interface Flag {
  readonly kind:
    | 'random outputs'
    | 'outputs not finite'
    | 'estimated gradient'
    | 'zero gradients'
    | 'gradients not finite'
    | 'black box stronger'
    | 'little work';
  /** One sentence for the report. */
  readonly what: string;
}

/** Share of images whose gradient may be zero before it is flagged. */
const ZERO_SHARE = 0.05;

/**
 * Looks for what AutoAttack's own program warns of: outputs that differ between two calls, and gradients that are zero, so
 * that attacks which follow them stand still. Says also where gradients are an estimate. Where there are none, only outputs
 * are looked at.
 *
 * @throws InputError where the images do not have the model's shape, or there is not one label for each
 */
export async function checkTarget(
  model: TargetModel,
  images: Images | FloatImages,
  labels: Int32Array,
): Promise<readonly Flag[]> {
  requireImages(images, model.shape, 'The model');
  checkClasses('label', labels, images.count, acceptedClasses(model));
  const floats = images.data instanceof Uint8Array ? toFloat(images as Images) : (images as FloatImages);
  const [first, second] = [await model.logits(floats), await model.logits(floats)];
  const flags: Flag[] = [];
  if (first.data.some((value, i) => !Object.is(value, second.data[i]))) {
    flags.push({
      kind: 'random outputs',
      what: 'Two calls with the same images gave different logits: a randomised network needs expectation over transformations',
    });
  }
  if (model.gradientKind === 'straight-through') {
    flags.push({
      kind: 'estimated gradient',
      what: `${ESTIMATED_GRADIENT}: attacks that follow them may miss adversarial images, compare those that see scores or decisions only`,
    });
  }
  if (model.noGradient !== undefined) return flags;
  const refused = model.refusedClass === undefined ? {} : { refusedAs: labels };
  const answer = await model.gradient(floats, { kind: 'log-probability', classIndices: labels, ...refused });
  const { gradient } = answer;
  // Where the outputs are not finite already, nobody asks for a gradient.
  const answered = new Set(finiteRows(first));
  const unsound = unsoundImages(answer).filter((image) => answered.has(image));
  if (unsound.length > 0) {
    flags.push({
      kind: 'gradients not finite',
      what: `The gradient is not finite (NaN or infinite) at ${unsound.length} of ${images.count} images, the first of them image ${unsound[0]}: attacks that follow it end there without a result`,
    });
  }
  const size = imageSize(images);
  let zeros = 0;
  for (let row = 0; row < images.count; row++) {
    if (gradient.subarray(row * size, (row + 1) * size).every((value) => value === 0)) zeros++;
  }
  if (zeros > ZERO_SHARE * images.count) {
    flags.push({
      kind: 'zero gradients',
      what: `The gradient is zero at ${zeros} of ${images.count} images: attacks that follow it stand still, trust those that see scores or decisions only`,
    });
  }
  return flags;
}

/**
 * Whether members of an ensemble that see no gradients found images where those with them had failed: a sign of masked
 * gradients.
 *
 * @param results of the ensemble
 */
export function checkResults(
  { members }: Pick<EnsembleAttack, 'members'>,
  results: readonly Pick<AttackResult, 'by' | 'success' | 'initiallyWrong'>[],
): readonly Flag[] {
  const blind = members.filter(({ access }) => access !== 'gradients');
  const late = results.filter(({ by }) => blind.some(({ name }) => name === by));
  const found = results.filter(({ success, initiallyWrong }) => success && !initiallyWrong).length;
  if (late.length === 0 || late.length <= LATE_SHARE * found) return [];
  const titles = blind.filter(({ name }) => late.some(({ by }) => by === name)).map(({ title }) => title);
  return [
    {
      kind: 'black box stronger',
      what: `${titles.join(' and ')} found ${late.length} images where the attacks that see gradients had failed: gradients are masked, and the robustness may be less than it looks`,
    },
  ];
}

/** Share of the images found without gradients that is too small to be a sign. */
const LATE_SHARE = 0.01;
