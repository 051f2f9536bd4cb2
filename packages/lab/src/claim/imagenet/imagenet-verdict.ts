import { type Decision, decide, inconclusive, rateAbove, reached } from '../../finding/verdict.ts';
import type { MannWhitney } from '../../statistics/mann-whitney.ts';

/** Images that the paper tried for each of its 1000 classes. */
export const PUBLISHED_EACH = { direct: 4000, cppn: 2000 } as const;

/** The medians of the claims. */
const [NEVER_REACHED, REACHED] = [0.9, 0.88];

/** What the two searches came to. */
export interface PhotographOutcome {
  /** For each class, of the encoding that the claim is about. */
  readonly confidences: readonly number[];
  readonly median: number;
  /** CPPN confidences against direct ones. */
  readonly test: Pick<MannWhitney, 'superiority' | 'p'>;
  readonly evaluations: number;
}

/** The verdict on pixels: few classes are reached, however long the search. Only a search as long as the paper's can tell. */
export function pixelVerdict({ confidences, median, test, evaluations }: PhotographOutcome): Decision {
  const effort = effortOf(evaluations, confidences.length, 'direct');
  const stays = median >= NEVER_REACHED ? { holds: false } : reached(effort.done >= effort.published, effort);
  return decide([stays, reached(isBetter(test), effort)]);
}

/** The verdict on patterns: most classes are reached. A median that is reached sooner is reached. */
export function patternVerdict({ confidences, median, test, evaluations }: PhotographOutcome): Decision {
  const effort = effortOf(evaluations, confidences.length, 'cppn');
  const hits = confidences.filter((value) => value >= REACHED).length;
  const most = rateAbove(hits, confidences.length, 0.5, 'classes at 88 %');
  if ('holds' in most && most.holds) return { verdict: 'reproduced' };
  const short = reached(median >= REACHED, effort);
  if ('lacking' in short) return inconclusive(short.lacking);
  if ('lacking' in most) return inconclusive(most.lacking);
  return { verdict: isBetter(test) ? 'partly reproduced' : 'not reproduced' };
}

function effortOf(evaluations: number, classes: number, encoding: 'direct' | 'cppn') {
  return {
    done: Math.round(evaluations / classes),
    published: PUBLISHED_EACH[encoding],
    what: 'images that the paper tried for each class',
  };
}

function isBetter({ superiority, p }: PhotographOutcome['test']): boolean {
  return superiority > 0.5 && p < 0.01;
}
