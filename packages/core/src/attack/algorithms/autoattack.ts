/** @file The ensemble of Croce and Hein, with the checks under which its verdict can be believed. */

import { type FloatImages, type Images, imageSize, toFloat } from '../../image/images.ts';
import { type Attack, fixedEpsilon, inBall } from '../attack.ts';
import type { TargetModel } from '../engine/target-model.ts';
import type { AttackResult } from '../run.ts';
import { apgdCe, apgdT } from './apgd.ts';
import { fabT } from './fab.ts';
import { square } from './square.ts';

/**
 * The standard version (Croce and Hein 2020, section 6): APGD on the cross-entropy, targeted APGD, targeted FAB, Square;
 * each on what is left. `apgd-t` needs four classes.
 */
export const autoattack: Attack = fixedEpsilon({
  name: 'autoattack',
  title: 'AutoAttack',
  paper: 'Croce and Hein 2020, arXiv 2003.01690',
  summary: 'APGD-CE, APGD-T, FAB-T and Square, each on the images that the ones before left',
  access: 'gradients',
  norms: ['linf', 'l2'],
  targeted: true,
  leastClasses: 4,
  settings: {},
  members: [apgdCe, apgdT, inBall(fabT), square],
  *search() {},
});

/** Something about a network that makes a verdict of robustness doubtful. */
export interface Flag {
  readonly kind: 'random outputs' | 'zero gradients' | 'black box stronger';
  /** One sentence for the report. */
  readonly what: string;
}

/** Share of images whose gradient may be zero before it is flagged. */
const ZERO_SHARE = 0.05;

/**
 * Looks for what AutoAttack's own program warns of: outputs that differ between two calls, and gradients that are zero, so
 * that attacks which follow them stand still.
 */
export async function checkTarget(
  model: TargetModel,
  images: Images | FloatImages,
  labels: Int32Array,
): Promise<readonly Flag[]> {
  const floats = images.data instanceof Uint8Array ? toFloat(images as Images) : (images as FloatImages);
  const [first, second] = [await model.logits(floats), await model.logits(floats)];
  const flags: Flag[] = [];
  if (first.data.some((value, i) => value !== second.data[i])) {
    flags.push({
      kind: 'random outputs',
      what: 'Two calls with the same images gave different logits: a randomised network needs expectation over transformations',
    });
  }
  const { gradient } = await model.gradient(floats, { kind: 'log-probability', classIndices: labels });
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

/** Whether the attack without gradients found images where those with them had failed: a sign of masked gradients. */
export function checkResults(results: readonly AttackResult[]): readonly Flag[] {
  const late = results.filter(({ by }) => by === square.name).length;
  const found = results.filter(({ success, initiallyWrong }) => success && !initiallyWrong).length;
  if (late === 0 || late <= 0.01 * found) return [];
  return [
    {
      kind: 'black box stronger',
      what: `Square found ${late} images where the attacks that see gradients had failed: gradients are masked, and the robustness may be less than it looks`,
    },
  ];
}
