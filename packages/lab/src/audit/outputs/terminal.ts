/** @file The summary of an audit as lines of text, without colors. */

import { formatCount } from '../../format/format.ts';
import { lowerFirst, upperFirst } from '../../format/sentence-case.ts';
import { becameWorse } from '../baseline/baseline.ts';
import { questionsOf } from '../questions.ts';
import type { AuditResult } from '../result/result.ts';
import { bySeverity, countsOf, countsText, isGateFailed } from './counts.ts';
import { plainText, sentence } from './plain-text.ts';

const LONGEST = 400;

/** Findings and gates that are written out; the rest is counted. */
const MOST = 50;

const GATE_MARKS = { pass: 'pass', fail: 'FAIL', inconclusive: 'FAIL (inconclusive)' } as const;

/** Headline, the three questions, findings by severity, gates, what became worse, limits. Fit for a terminal: no control characters. */
export function auditLines(result: AuditResult): readonly string[] {
  const counts = countsOf(result);
  const lines = [
    plainText(result.headline, LONGEST * 3),
    '',
    ...questionsOf(result).map(({ question, answer, why }) => `${question} ${told(`${answer}: ${lowerFirst(why)}`)}`),
    '',
    upperFirst(sentence(countsText(counts))),
  ];
  const open = bySeverity(result.findings).filter(({ state }) => state !== 'pass');
  lines.push(
    ...listed(open, (finding) => {
      const mark = finding.state === 'fail' ? finding.severity : 'inconclusive';
      const text = `  ${mark.padEnd(13)}${plainText(finding.ruleId, 40)}  ${told(finding.sentence)}`;
      return finding.settles === null ? [text] : [text, `${' '.repeat(15)}settled by ${told(finding.settles)}`];
    }),
  );
  if (counts.gates > 0) {
    lines.push('', `Gates: ${formatCount(counts.gates - counts.gatesFailed)} of ${formatCount(counts.gates)} passed.`);
    const failedFirst = result.gates.toSorted((a, b) => Number(isGateFailed(b)) - Number(isGateFailed(a)));
    lines.push(
      ...listed(failedFirst, ({ text, state, sentence: why }) => [
        `  ${GATE_MARKS[state]}  ${plainText(text, 60)}: ${told(why)}`,
      ]),
    );
  }
  if (result.baseline !== null) {
    const worse = becameWorse(result);
    lines.push(
      '',
      `Worse than ${plainText(result.baseline.name, 100)}: ${worse.length === 0 ? 'nothing' : formatCount(worse.length)}.`,
    );
    lines.push(...listed(worse, (change) => [`  ${told(change.sentence)}`]));
  }
  if (result.limits.length > 0) {
    lines.push('', 'Not done:', ...listed(result.limits, (limit) => [`  ${told(limit)}`]));
  }
  return lines;
}

function listed<T>(items: readonly T[], write: (item: T) => readonly string[]): readonly string[] {
  const lines = items.slice(0, MOST).flatMap(write);
  return items.length <= MOST ? lines : [...lines, `  and ${formatCount(items.length - MOST)} more, in the report`];
}

function told(text: string): string {
  return sentence(plainText(text, LONGEST));
}
