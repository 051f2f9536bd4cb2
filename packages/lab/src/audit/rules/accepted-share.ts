/** @file How a share of images accepted that should have been refused is judged. */

import { formatCount, formatPercent } from '../../format/format.ts';
import type { Figure } from '../result/figure.ts';
import type { Evidence, Judgement } from '../rule.ts';
import { sideOf } from '../share-verdict.ts';

/** As little as this passes. */
const LIMIT = 0.01;
const MEDIUM = 0.1;
const HIGH = 0.5;

/** In words. */
export const ACCEPTED_SEVERITY =
  'Fails where the 95 % interval of the share accepted lies above 1 %: high where it lies above 50 %, medium above 10 %, else low. Passes where it lies at or below 1 %. Where every image of a source was tried the share is exact and has no interval.';

/**
 * Judges a share by its interval, or as it stands where it has none.
 *
 * @param share measured
 * @param what the images, at the end of a sentence
 * @param settles what settles it where the interval reaches over the limit
 */
export function judgeAccepted(
  share: Figure,
  name: string,
  what: string,
  evidence: Evidence,
  settles: string,
): Omit<Judgement, 'part'> {
  const { figures, pictures, bench } = evidence;
  const { hits, of } = share.counted!;
  const mean = figures.get(`${share.id}.mean`);
  const highest = figures.get(`${share.id}.highest`);
  const interval =
    share.interval === null ? '' : ` (95 % interval ${share.interval.map((end) => formatPercent(end)).join(' to ')})`;
  const surest =
    highest?.value == null ? '' : `; the ${of === 1 ? '' : 'highest '}confidence is ${formatPercent(highest.value)}`;
  const counted =
    of === 1
      ? `The one image of ${what} is ${hits === 1 ? 'accepted' : 'refused'}`
      : `${formatCount(hits)} of ${formatCount(of)} images of ${what} ${hits === 1 ? 'is' : 'are'} accepted`;
  const common = {
    sentence: `${counted} at ${formatPercent(bench.threshold)}${interval}${surest}`,
    figures: [share, mean, highest].flatMap((figure) => (figure === undefined ? [] : [figure.id])),
    pictures: pictures.filter(({ source }) => source === name).map(({ id }) => id),
  };
  if (share.state === 'inconclusive') {
    return {
      ...common,
      state: 'inconclusive',
      severity: 'none',
      sentence: `${common.sentence}. ${share.why}`,
      settles: bench.classifier.answers === 'labels' ? 'a service that gives confidences' : 'names of the classes',
    };
  }
  if (sideOf(share, LIMIT) === 'above') {
    const severity = sideOf(share, HIGH) === 'above' ? 'high' : sideOf(share, MEDIUM) === 'above' ? 'medium' : 'low';
    return { ...common, state: 'fail', severity };
  }
  if (sideOf(share, LIMIT) === 'below') return { ...common, state: 'pass', severity: 'none' };
  return {
    ...common,
    state: 'inconclusive',
    severity: 'none',
    settles,
  };
}
