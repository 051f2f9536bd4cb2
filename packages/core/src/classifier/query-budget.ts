/** @file A classifier that answers so often and no more. */

import { InputError } from '../errors.ts';
import type { Classifier } from './classifier.ts';
import { metered, type QueryCount } from './metered.ts';

/** A call needs more queries than are left. */
export class QueryBudgetError extends InputError {
  override name = 'QueryBudgetError';
}

/** A classifier with a budget of queries. */
export interface BudgetedClassifier extends Classifier {
  /** What has been asked so far. */
  readonly queries: QueryCount;
  /** Passes forward that are left. */
  readonly remaining: number;
}

/**
 * Limits how many images a classifier is asked about, as an attacker's queries to a service are limited. A call that needs
 * more than is left is refused as a whole, before it is made, and costs nothing.
 *
 * @param budget passes forward, one for each image of each call; a gradient takes one as well
 * @returns the classifier; its calls reject with a {@link QueryBudgetError} where the budget does not suffice
 * @throws InputError where the budget is not a whole number of at least 0
 */
export function queryBudget(inner: Classifier, budget: number): BudgetedClassifier {
  if (!(Number.isInteger(budget) && budget >= 0)) {
    throw new InputError(`A budget of ${budget} queries is not possible; give a whole number`);
  }
  let queries: QueryCount = { forward: 0, backward: 0 };
  const classifier = metered(inner, ({ forward, backward }) => {
    const left = budget - queries.forward;
    if (forward > left) {
      throw new QueryBudgetError(
        `${inner.where} has ${left} of ${budget} queries left, and ${forward} more were asked for; give a larger budget`,
      );
    }
    queries = { forward: queries.forward + forward, backward: queries.backward + backward };
  });
  return {
    ...classifier,
    get queries() {
      return queries;
    },
    get remaining() {
      return budget - queries.forward;
    },
  };
}
