/** @file What asking a service has come to. */

import type { EndpointOptions } from './options.ts';
import type { QueryJournal } from './query-journal.ts';

/**
 * What was asked over all sittings of a job, the same however often it was interrupted: a sentence without a full stop.
 *
 * @param where the address without secrets
 */
export function usageSentence(
  where: string,
  { answered, flagged }: Pick<QueryJournal, 'answered' | 'flagged'>,
  { cost, queryBudget }: Pick<EndpointOptions, 'cost' | 'queryBudget'>,
): string {
  const budget = queryBudget === undefined ? '' : ` (of a budget of ${figure(queryBudget)})`;
  const blocked =
    flagged === 0 ? 'none was flagged' : `${figure(flagged)} ${flagged === 1 ? 'was' : 'were'} flagged or blocked`;
  const price =
    cost === undefined ? '' : `; at ${cost} for a thousand that is ${((answered * cost) / 1000).toFixed(2)}`;
  return `${where} has answered ${figure(answered)} queries${budget}, each an image, of which ${blocked}${price}`;
}

function figure(value: number): string {
  return value.toLocaleString('en-US');
}
