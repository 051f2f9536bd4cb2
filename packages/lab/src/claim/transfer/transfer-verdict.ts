import { type Condition, type Decision, decide } from '../../finding/verdict.ts';
import { formatPercent } from '../../format/format.ts';
import { exactInterval } from '../../statistics/exact-interval.ts';

/** Some images transfer, and others do not, between these shares. */
const [SOME, ALL] = [0.01, 0.9];

/** What networks said of the images that were made for others. */
export interface TransferOutcome {
  /** Share of the judgements that gave 99.99 %, in [0, 1]. */
  readonly carried: number;
  /** Different images: several networks judge each, so judgements are no independent trials. */
  readonly images: number;
}

/** The verdict on transfer: open while the bounds are within the interval of the share, with one trial for each image. */
export function transferVerdict({ carried, images }: TransferOutcome): Decision {
  const { low, high } = exactInterval(Math.round(carried * images), images);
  const few = `${images} different images, so the share may be anything from ${formatPercent(low)} to ${formatPercent(high)}`;
  const any: Condition = carried > 0 || high < SOME ? { holds: carried > 0 } : { lacking: few };
  const isInside = low > SOME && high < ALL;
  const between: Condition = isInside || high < SOME || low > ALL ? { holds: isInside } : { lacking: few };
  return decide([any, between]);
}
