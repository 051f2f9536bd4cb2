import { formatPercent } from '../../format/format.ts';
import type { AuditRule, Judgement } from '../rule.ts';
import { sideOf } from '../share-verdict.ts';
import { DETECTS_GARBAGE } from './security-names.ts';

const LIMIT = 0.1;
const MEDIUM = 0.25;
const HIGH = 0.5;

/** What the threshold in use costs in real images. */
export const thresholdCostsRule: AuditRule = {
  id: 'PAR-D002',
  title: 'Real images that the threshold in use refuses',
  severityRule:
    'Fails where the 95 % interval of the share of real images refused lies above 10 %: high where it lies above 50 %, medium above 25 %, else low. Passes where it lies at or below 10 %.',
  names: DETECTS_GARBAGE,
  judge: ({ figures, bench }) => {
    const refused = figures.get('refused');
    if (refused === undefined || refused.value === null) return [];
    const side = sideOf(refused, LIMIT);
    const severity =
      sideOf(refused, HIGH) === 'above' ? 'high' : sideOf(refused, MEDIUM) === 'above' ? 'medium' : 'low';
    const verdict: Pick<Judgement, 'state' | 'severity' | 'settles'> =
      side === 'above'
        ? { state: 'fail', severity }
        : side === 'below'
          ? { state: 'pass', severity: 'none' }
          : { state: 'inconclusive', severity: 'none', settles: 'more real images' };
    const interval =
      refused.interval === null
        ? ''
        : ` (95 % interval ${refused.interval.map((end) => formatPercent(end)).join(' to ')})`;
    return [
      {
        ...verdict,
        sentence: `The threshold of ${formatPercent(bench.threshold)} refuses ${formatPercent(refused.value)} of the real images${interval}`,
        figures: [refused.id],
        pictures: [],
      },
    ];
  },
};
