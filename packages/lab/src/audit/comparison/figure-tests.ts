/** @file Whether two models differ in a figure by more than chance: the test that fits, before any adjustment. */

import { type Discordant, mcNemarTest } from '@pareidolia/core';
import { formatCount } from '../../format/format.ts';
import { fisherExactTest } from '../../statistics/fisher-exact.ts';
import type { Figure } from '../result/figure.ts';
import type { SingleAnswers } from '../singles/single-answers.ts';

/** What a test says. */
export interface FigureTest {
  readonly test: 'paired' | 'unpaired' | 'exact';
  /** Two-sided; `null` where nothing is left to chance. */
  readonly p: number | null;
  /** Which of the two has the larger value by what was tested. */
  readonly larger: 'first' | 'second' | 'neither';
  /** What was counted and how it was tested, in words. */
  readonly told: string;
}

/** A figure of a model with what stands behind it. */
export interface Measurement {
  readonly figure: Figure;
  readonly singles: SingleAnswers | undefined;
}

/**
 * The test that fits two measured values of a figure:
 *
 * - of shares that were counted on all images there are: none, for nothing is left to chance
 * - of shares on the same images, with the single answers at hand: McNemar's exact test
 * - of other shares: Fisher's exact test, as of separate samples; on the same images it finds less than a paired test would
 * - of distances to the same images: the sign test
 *
 * @returns `undefined` where no test fits
 */
export function testFigure(first: Measurement, second: Measurement): FigureTest | undefined {
  const [one, other] = [first.figure, second.figure];
  const pairs = pairsOf(first.singles, second.singles);
  if (one.unit === 'share' && one.counted !== null && other.counted !== null) {
    if (one.interval === null && other.interval === null) {
      if (one.counted.of !== other.counted.of) return undefined;
      return {
        test: 'exact',
        p: null,
        larger: largerOf(one.counted.hits, other.counted.hits),
        told: 'all images there are were tried, so the difference is none of chance',
      };
    }
    if (one.interval === null || other.interval === null) return undefined;
    if (pairs !== undefined && agrees(first) && agrees(second)) {
      return paired(pairs, 'counted for the first alone', 'for the second alone', "McNemar's exact test");
    }
    return {
      test: 'unpaired',
      p: fisherExactTest(one.counted, other.counted),
      larger: largerOf(one.value!, other.value!),
      told: "taken as separate samples, Fisher's exact test",
    };
  }
  if (one.unit === 'distance' && pairs !== undefined) {
    return paired(pairs, 'farther for the first', 'farther for the second', 'the sign test');
  }
  return undefined;
}

/** Whether the single answers are those that a share was counted from. */
function agrees({ figure: { counted }, singles }: Measurement): boolean {
  const values = Array.from(singles!.values);
  return values.length === counted!.of && values.filter((value) => value === 1).length === counted!.hits;
}

/** On how many of the same images each has the larger value; `undefined` where they are not the same. */
function pairsOf(first: SingleAnswers | undefined, second: SingleAnswers | undefined): Discordant | undefined {
  if (first === undefined || second === undefined) return undefined;
  if (first.asked !== second.asked || first.values.length !== second.values.length) return undefined;
  let [one, other] = [0, 0];
  for (let place = 0; place < first.values.length; place++) {
    const [a, b] = [first.values[place]!, second.values[place]!];
    if (a > b) one++;
    // Of what was not looked for neither is larger.
    else if (a < b) other++;
  }
  return { first: one, second: other };
}

function paired({ first, second }: Discordant, alone: string, otherwise: string, name: string): FigureTest {
  return {
    test: 'paired',
    p: mcNemarTest({ first, second }),
    larger: largerOf(first, second),
    told: `on the same images, ${formatCount(first)} ${alone} and ${formatCount(second)} ${otherwise}, ${name}`,
  };
}

function largerOf(first: number, second: number): FigureTest['larger'] {
  return first === second ? 'neither' : first > second ? 'first' : 'second';
}
