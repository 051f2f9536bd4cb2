/** @file Values that are offered where an option takes others, too: names out of a registry, several by commas. */

import type { Argument, Option } from 'commander';

export interface SuggestedValues {
  readonly values: readonly string[];
  /** Whether several may be given by commas. */
  readonly several: boolean;
}

const SUGGESTED = new WeakMap<Option | Argument, SuggestedValues>();

/** Lets an option or argument offer values, which it need not be one of. */
export function suggestValues<Taker extends Option | Argument>(
  taker: Taker,
  values: readonly string[],
  { several = false }: { readonly several?: boolean } = {},
): Taker {
  SUGGESTED.set(taker, { values, several });
  return taker;
}

/** What an option or argument offers; `undefined` where that is not known. */
export function suggestedValues(taker: Option | Argument): SuggestedValues | undefined {
  const { argChoices } = taker;
  return SUGGESTED.get(taker) ?? (argChoices === undefined ? undefined : { values: argChoices, several: false });
}
