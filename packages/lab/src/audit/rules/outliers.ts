import { OUTLIERS } from '../garbage/audit-sources.ts';
import type { AuditRule } from '../rule.ts';
import { ACCEPTED_SEVERITY, judgeAccepted } from './accepted-share.ts';
import { ACCEPTS_GARBAGE } from './security-names.ts';

/** The user's images of other things. */
export const outliersRule: AuditRule = {
  id: 'PAR-G002',
  title: 'Images of other things are accepted',
  severityRule: ACCEPTED_SEVERITY,
  names: ACCEPTS_GARBAGE,
  judge: (evidence) => {
    const share = evidence.figures.get(`garbage.${OUTLIERS}`);
    if (share === undefined || share.counted === null) return [];
    return [judgeAccepted(share, OUTLIERS, 'other things', evidence, 'more outliers')];
  },
};
