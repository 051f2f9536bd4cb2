/** @file Says that a job begins, where somebody asked to go on with one. */

import type { Progress } from './progress.ts';

/**
 * `--resume` begins a job where there is none, so that the same command can be repeated until it is done; whoever has the wrong folder should see it.
 *
 * @param asked whether `--resume` was given
 * @param saved what there would be to go on from, for example `epoch`
 */
export function tellNothingYet(
  progress: Pick<Progress, 'mention'>,
  asked: boolean,
  saved: string,
  { resumed, out }: { readonly resumed: boolean; readonly out: string },
): void {
  if (asked && !resumed) progress.mention(`There is no ${saved} to go on from in ${out} yet: it begins now.`);
}
