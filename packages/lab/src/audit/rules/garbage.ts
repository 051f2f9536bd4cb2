import { COUNTS, OUTLIERS } from '../garbage/audit-sources.ts';
import type { AuditRule } from '../rule.ts';
import { ACCEPTED_SEVERITY, judgeAccepted } from './accepted-share.ts';
import { ACCEPTS_GARBAGE } from './security-names.ts';

const SHARE = /^garbage\.([a-z0-9-]+)$/;
const TITLE = /^Share of (.+) accepted$/;

/** What settles a share that is open, at each budget. */
const SETTLES = {
  quick: `more images: --budget standard tries ${COUNTS.standard} of each source`,
  standard: `more images: --budget thorough tries ${COUNTS.thorough} of each source`,
  thorough: 'more images than an audit tries: the share is near 1 %',
} as const;

/** One finding for each source: `PAR-G001/black`. */
export const garbageRule: AuditRule = {
  id: 'PAR-G001',
  title: 'Images that show nothing are accepted',
  severityRule: ACCEPTED_SEVERITY,
  names: ACCEPTS_GARBAGE,
  judge: (evidence) => {
    const settles = SETTLES[evidence.bench.budget];
    return [...evidence.figures.values()].flatMap((figure) => {
      const name = SHARE.exec(figure.id)?.[1];
      if (name === undefined || name === OUTLIERS || figure.counted === null) return [];
      const what = TITLE.exec(figure.title)?.[1] ?? name;
      return [{ ...judgeAccepted(figure, name, what, evidence, settles), part: name, title: `Garbage: ${what}` }];
    });
  },
};
