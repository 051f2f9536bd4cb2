import { OUTLIERS } from '../garbage/audit-sources.ts';
import type { AuditRule } from '../rule.ts';
import { ACCEPTED_SEVERITY, judgeAccepted } from './accepted-share.ts';
import { ACCEPTS_GARBAGE } from './security-names.ts';

const SHARE = /^garbage\.([a-z0-9-]+)$/;
const TITLE = /^Share of (.+) accepted$/;

/** One finding for each source: `PAR-G001/black`. */
export const garbageRule: AuditRule = {
  id: 'PAR-G001',
  title: 'Images that show nothing are accepted',
  severityRule: ACCEPTED_SEVERITY,
  names: ACCEPTS_GARBAGE,
  judge: (evidence) =>
    [...evidence.figures.values()].flatMap((figure) => {
      const name = SHARE.exec(figure.id)?.[1];
      if (name === undefined || name === OUTLIERS || figure.value === null) return [];
      const what = TITLE.exec(figure.title)?.[1] ?? name;
      return [{ ...judgeAccepted(figure, name, what, evidence), part: name, title: `Accepted: ${what}` }];
    }),
};
