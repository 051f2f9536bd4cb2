/** @file How many findings there are, as figures that gates may name: `findings.high>0`. */

import { type Figure, numberFigure } from '../result/figure.ts';
import type { AuditFinding } from '../result/result.ts';

const COUNTS: readonly (readonly [name: string, title: string, counts: (finding: AuditFinding) => boolean])[] = [
  ['high', 'Findings of high severity', ({ state, severity }) => state === 'fail' && severity === 'high'],
  ['medium', 'Findings of medium severity', ({ state, severity }) => state === 'fail' && severity === 'medium'],
  ['low', 'Findings of low severity', ({ state, severity }) => state === 'fail' && severity === 'low'],
  ['inconclusive', 'Inconclusive findings', ({ state }) => state === 'inconclusive'],
];

/** Exact counts, of each severity and of those that are inconclusive. They are not among the figures of a result. */
export function countFindings(findings: readonly AuditFinding[]): readonly Figure[] {
  return COUNTS.map(([name, title, counts]) =>
    numberFigure({ id: `findings.${name}`, title, better: 'lower' }, 'count', findings.filter(counts).length),
  );
}
