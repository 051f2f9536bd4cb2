import { type Condition, type Decision, decide, rateAbove } from '../../finding/verdict.ts';
import { formatSignificance } from '../../format/format.ts';
import { type Counted, fisherExactTest } from '../../statistics/fisher-exact.ts';

/** What a discriminator refuses. */
export interface RejectionOutcome {
  readonly evolved: Counted;
  readonly ascended: Counted;
  readonly adversarial: Counted;
}

const [HALF, BEYOND_CHANCE] = [0.5, 0.05];

/** The verdict on what a discriminator refuses: most of what means nothing, and less of what was real before. */
export function rejectionVerdict({ evolved, ascended, adversarial }: RejectionOutcome): Decision {
  return decide([
    rateAbove(evolved.hits, evolved.of, HALF, 'evolved images that are refused'),
    rateAbove(ascended.hits, ascended.of, HALF, 'ascended images that are refused'),
    isLess(adversarial, evolved),
  ]);
}

function isLess(adversarial: Counted, evolved: Counted): Condition {
  const p = fisherExactTest(adversarial, evolved);
  if (p >= BEYOND_CHANCE || adversarial.of === 0 || evolved.of === 0) {
    return {
      lacking: `of ${adversarial.of} adversarial and ${evolved.of} evolved images the shares refused do not differ beyond chance (Fisher's exact test, ${formatSignificance(p)})`,
    };
  }
  return { holds: adversarial.hits / adversarial.of < evolved.hits / evolved.of };
}
