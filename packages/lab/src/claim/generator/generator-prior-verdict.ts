import { type Condition, type Decision, decide, rateAbove } from '../../finding/verdict.ts';
import type { Counted } from '../../statistics/fisher-exact.ts';

/** Images that all other networks take for the class that they were made for. */
export interface PriorOutcome {
  /** Made through a generator. */
  readonly latent: Counted;
  /** Evolved as CPPNs. */
  readonly cppn: Counted;
}

/** Images are recognizable where other networks agree on more than half of them. */
const HALF = 0.5;

/** The verdict on what a generator makes recognizable: open while half is within an interval. */
export function generatorPriorVerdict({ latent, cppn }: PriorOutcome): Decision {
  const agreed = rateAbove(
    latent.hits,
    latent.of,
    HALF,
    'images through the generator that all other networks recognize',
  );
  const other = rateAbove(cppn.hits, cppn.of, HALF, 'CPPN images that all other networks recognize');
  const not: Condition = 'lacking' in other ? other : { holds: !other.holds };
  return decide([agreed, not]);
}
