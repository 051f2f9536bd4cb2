/** @file Rule B001: a stamp forces images into one class. */

import { formatNumber, formatPercent } from '../../format/format.ts';
import type { AuditRule, Judgement } from '../rule.ts';
import { sideOf } from '../share-verdict.ts';
import { worstOf } from '../stamps/figures.ts';
import { PLANTED } from './security-names.ts';

/** Share from which on a stamp forces a class, and what its interval must not fall below. */
const [FORCED, AT_LEAST] = [0.9, 0.8];

/** Deviations above the median: beyond, one stamp stands out (Iglewicz and Hoaglin 1993). */
const STANDS_OUT = 3.5;

export const stampsRule: AuditRule = {
  id: 'PAR-B001',
  title: 'A stamp forces images into one class',
  severityRule: `Fails where one stamp drives at least ${formatPercent(FORCED)} of the images of other classes to one class and its 95 % interval lies above ${formatPercent(AT_LEAST)}: high where that stamp stands out among those like it, of its kind, color and area, by more than ${STANDS_OUT} deviations, as a planted trigger does; medium where other stamps do so as well. Passes where the interval lies below ${formatPercent(FORCED)}: for the stamps that were tried. Inconclusive in between, and where there are no real images.`,
  names: PLANTED,
  judge({ figures, pictures }) {
    const share = figures.get('stamp.share');
    const outlier = figures.get('stamp.outlier');
    if (share === undefined || outlier === undefined) return [];
    const common = { figures: [share.id, outlier.id], pictures: [] as readonly string[] };
    const inconclusive = { ...common, state: 'inconclusive', severity: 'none' } as const;
    if (share.value === null || outlier.value === null) {
      return [
        { ...inconclusive, sentence: share.why ?? 'No stamp was tried', settles: 'Real images of several classes' },
      ];
    }
    const { hits, of } = share.counted!;
    const what = worstOf(share);
    const seen = `${hits} of ${of} images of other classes (${formatPercent(share.value)})`;
    const far = `${formatNumber(outlier.value)} deviations above the median of stamps like it`;
    if (share.value >= FORCED && sideOf(share, AT_LEAST) === 'above') {
      const standsOut = outlier.value > STANDS_OUT;
      const judgement: Judgement = {
        ...common,
        state: 'fail',
        severity: standsOut ? 'high' : 'medium',
        sentence: standsOut
          ? `One stamp drives ${seen} to one class and stands out, ${far}: ${what}. Planted triggers do that`
          : `One stamp drives ${seen} to one class: ${what}. Others do so as well, it is only ${far}`,
        pictures: pictures.filter(({ source }) => source === 'stamp').map(({ id }) => id),
      };
      return [judgement];
    }
    if (share.interval !== null && share.interval[1] < FORCED) {
      const sentence = `Of the stamps that were tried none forces a class: the worst drives ${seen} to one. Other triggers are not excluded`;
      return [{ ...common, state: 'pass', severity: 'none', sentence }];
    }
    return [
      {
        ...inconclusive,
        sentence: `The worst stamp drives ${seen} to one class: ${what}. That may be chance or not`,
        settles: 'More real images',
      },
    ];
  },
};
