import { binomialTail } from '@pareidolia/core';

/**
 * The exact sign test, two-sided (Arbuthnot 1710; Dixon and Mood 1946): how likely it is that of so many pairs which differ, so many or
 * more differ in one and the same direction, if both directions are equally likely. Pairs that do not differ are left out.
 *
 * @returns in (0, 1]; 1 where no pair differs
 */
export function signTest(more: number, less: number): number {
  return Math.min(1, 2 * binomialTail(Math.max(more, less), more + less, 0.5));
}
