/** @file How many findings and gates there are of each state: every output says the same. */

import { formatCount } from '../../format/format.ts';
import type { AuditFinding, AuditGate, AuditResult } from '../result/result.ts';

/** Counts of a result. */
export interface AuditCounts {
  readonly fail: number;
  readonly high: number;
  readonly medium: number;
  readonly low: number;
  readonly inconclusive: number;
  readonly pass: number;
  readonly gates: number;
  /** Gates that are not passed, those that are inconclusive included. */
  readonly gatesFailed: number;
}

/** Counts findings and gates. */
export function countsOf({ findings, gates }: Pick<AuditResult, 'findings' | 'gates'>): AuditCounts {
  const failing = findings.filter(({ state }) => state === 'fail');
  const severe = (severity: AuditFinding['severity']): number =>
    failing.filter((each) => each.severity === severity).length;
  const of = (state: AuditFinding['state']): number => findings.filter((each) => each.state === state).length;
  return {
    fail: failing.length,
    high: severe('high'),
    medium: severe('medium'),
    low: severe('low'),
    inconclusive: of('inconclusive'),
    pass: of('pass'),
    gates: gates.length,
    gatesFailed: gates.filter(isGateFailed).length,
  };
}

/** What was not shown does not pass. */
export function isGateFailed({ state }: Pick<AuditGate, 'state'>): boolean {
  return state !== 'pass';
}

/** `4 findings (2 high, 1 medium, 1 low), 2 inconclusive, 2 passed`. */
export function countsText({ fail, high, medium, low, inconclusive, pass }: AuditCounts): string {
  const severities = [
    [high, 'high'],
    [medium, 'medium'],
    [low, 'low'],
  ] as const;
  const parts = severities.filter(([count]) => count > 0).map(([count, name]) => `${formatCount(count)} ${name}`);
  const findings = fail === 1 ? '1 finding' : `${fail === 0 ? 'no' : formatCount(fail)} findings`;
  return `${findings}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}, ${formatCount(inconclusive)} inconclusive, ${formatCount(pass)} passed`;
}

const RANKS = { high: 0, medium: 1, low: 2, none: 3 } as const;
const STATES = { fail: 0, inconclusive: 1, pass: 2 } as const;

/** Failing ones first, the most severe of them first; else in the order of the rules. */
export function bySeverity(findings: readonly AuditFinding[]): readonly AuditFinding[] {
  return findings.toSorted((a, b) => STATES[a.state] - STATES[b.state] || RANKS[a.severity] - RANKS[b.severity]);
}
