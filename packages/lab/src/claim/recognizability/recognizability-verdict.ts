import { type Condition, type Decision, inconclusive, rateAbove } from '../../finding/verdict.ts';
import { mannWhitney } from '../../statistics/mann-whitney.ts';
import type { Rate } from './recognizability-rates.ts';

/** Images from which on a test that finds nothing says something: a rate of 0.3 is then seldom taken for one of 0.1. */
const ENOUGH = 50;

/** What the verdict needs of a rate. */
export type JudgedRate = Pick<Rate, 'judge' | 'images' | 'p' | 'chosen' | 'below'>;

/**
 * The verdict on features that other networks share.
 *
 * @param patterns CPPN images, for each network that judges them
 * @param noise direct images, the control
 */
export function recognizabilityVerdict(patterns: readonly JudgedRate[], noise: readonly JudgedRate[]): Decision {
  if (patterns.length === 0) return inconclusive('no CPPN image has 50 % confidence');
  const nearest = patterns.map(({ p, images }): Condition => found(p < 0.001, images));
  const others = patterns.flatMap((rate): Condition[] => [isChosen(rate), isAboveControl(rate, noise)]);
  const lacking = [...nearest, ...others].flatMap((one) => ('lacking' in one ? [one.lacking] : []));
  if (lacking.length > 0) return inconclusive(...lacking);
  const holds = (one: Condition): boolean => 'holds' in one && one.holds;
  if (!nearest.some(holds)) return { verdict: 'not reproduced' };
  return { verdict: [...nearest, ...others].every(holds) ? 'reproduced' : 'partly reproduced' };
}

function isChosen({ chosen, images }: JudgedRate): Condition {
  return rateAbove(Math.round(chosen * images), images, 0.5, 'CPPN images whose class is chosen');
}

function isAboveControl({ judge, below }: JudgedRate, noise: readonly JudgedRate[]): Condition {
  const control = noise.find((rate) => rate.judge === judge);
  if (control === undefined) return { lacking: 'no direct image has 50 % confidence, so there is no control' };
  const { superiority, p } = mannWhitney(below, control.below);
  return found(superiority > 0.5 && p < 0.05, Math.min(below.length, control.below.length));
}

function found(holds: boolean, images: number): Condition {
  return holds || images >= ENOUGH
    ? { holds }
    : { lacking: `a test on ${images} images finds nothing, and needs ${ENOUGH} for that to say something` };
}
