/** @file What an attack says of one image. */

import type { QueryCount } from '../classifier/metered.ts';
import type { CutShort } from './engine/drive.ts';
import type { Stop } from './engine/verify.ts';
import type { Distances } from './norm.ts';

/**
 * Whether nobody knows if an image withstands: the network's outputs, or the gradients that the attack follows, were not finite
 * before anything was found. Such an image is neither right nor wrong.
 */
export function isUndecided({
  success,
  initiallyWrong,
  stop,
}: Pick<AttackResult, 'success' | 'initiallyWrong'> & { readonly stop: string }): boolean {
  return !success && !initiallyWrong && (stop === 'not finite' || stop === 'gradient not finite');
}

/** Whether an image was right, and accepted, and has withstood the attack: nothing was found that is accepted as another class. */
export function isRobust(result: Parameters<typeof isUndecided>[0]): boolean {
  return !result.success && !result.initiallyWrong && !isUndecided(result);
}

/** What became of one image at one epsilon. Every claim was asked of the model again after the attack had ended. */
export interface AttackResult {
  /** Number of the image: its place among those given, after `first`. */
  readonly index: number;
  /** The radius; `undefined` where the smallest was searched for. */
  readonly epsilon: number | undefined;
  readonly label: number;
  readonly target: number | undefined;
  /** Whether `image` meets the criterion: is taken for another class, or for the target. To be refused does not meet it. */
  readonly success: boolean;
  /** Whether the network had the original wrong, or its detector refuses it. */
  readonly initiallyWrong: boolean;
  /** Whether its detector refuses the original, which is not attacked then; absent where there is no detector. */
  readonly initiallyRefused?: boolean;
  /** What the network takes the original for; `undefined` where its outputs are not finite. */
  readonly predicted: number | undefined;
  /** What it takes `image` for; `undefined` where nothing was found. */
  readonly decision: number | undefined;
  /** The adversarial image: `C x H x W` in [0, 1]; `undefined` where none was found. */
  readonly image: Float32Array | undefined;
  /** From the original; `undefined` where none was found. */
  readonly distances: Distances | undefined;
  /** Spent on this image up to and with this epsilon. */
  readonly queries: QueryCount;
  /**
   * Those of the forward passes whose decision was not the label: what someone who watches the network's decisions may see of the
   * attack. Absent for universal attacks, and where outputs were not finite from the start.
   */
  readonly misread?: number;
  /** Name of the attack that found it: a member's, for an ensemble; `undefined` where none did. */
  readonly by: string | undefined;
  /** Whether the image rounded to 8 bits meets it. */
  readonly survives8Bit: boolean;
  /** Where outputs or gradients were `not finite`, the image has neither withstood nor fallen: nobody knows. */
  readonly stop: Stop;
  /** What cut the search short, also where it had found `image` by then; `undefined` where it came to its end. */
  readonly cut: CutShort['reason'] | undefined;
}
