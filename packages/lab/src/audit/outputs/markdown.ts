/** @file An audit as Markdown: the comment of a pull request, or the summary of a job. */

import { formatCount } from '../../format/format.ts';
import { upperFirst } from '../../format/sentence-case.ts';
import { questionsOf } from '../questions.ts';
import { countedText, intervalText, valueText } from '../result/figure-text.ts';
import type { AuditFinding, AuditResult } from '../result/result.ts';
import { bySeverity, countsOf, countsText, isGateFailed } from './counts.ts';
import { code, escaped, fitted, folded, more, table } from './markdown-text.ts';
import { plainText, sentence } from './plain-text.ts';

const GATE_MARKS = { pass: '✅ pass', fail: '❌ fail', inconclusive: '❌ inconclusive' } as const;
const ANSWER_MARKS = { good: '✅', bad: '❌', open: '❔' } as const;
const CHANGE_MARKS = {
  worse: '❌ worse',
  better: '✅ better',
  same: 'same',
  'not comparable': 'not comparable',
} as const;

/**
 * Headline, the three questions, gates, findings that fail with their figures, what changed, and the rest folded away; below 65,000 characters.
 * Text of the model is escaped: it makes no markup, notifies nobody, and links nowhere.
 */
export function auditMarkdown(result: AuditResult): string {
  return fitted((rows) => partsOf(result, rows));
}

function partsOf(result: AuditResult, rows: number): readonly string[] {
  const { model, gates, baseline, figures, limits, command } = result;
  const counts = countsOf(result);
  const ordered = bySeverity(result.findings);
  const of = (state: AuditFinding['state']): readonly AuditFinding[] => ordered.filter((each) => each.state === state);
  const gatesPassed = formatCount(counts.gates - counts.gatesFailed);
  const passed = gates.length === 0 ? '' : `; ${gatesPassed} of ${formatCount(gates.length)} gates passed`;
  const values = new Map(figures.map((figure) => [figure.id, figure]));
  const measured = ({ figures: ids }: AuditFinding): string =>
    ids
      .slice(0, 6)
      .flatMap((id) => {
        const figure = values.get(id);
        if (figure === undefined) return [];
        const range = intervalText(figure);
        return `${plainText(figure.title, 80)}: ${valueText(figure)}${range === '' ? '' : ` (${range})`}`;
      })
      .join('; ');
  const parts = [
    `## Audit of ${escaped(model.name)}`,
    `**${escaped(sentence(result.headline), 1200)}**`,
    questionsOf(result)
      .map(
        ({ question, answer, state, why }) =>
          `- ${ANSWER_MARKS[state]} **${question} ${escaped(answer)}.** ${escaped(sentence(why))}`,
      )
      .join('\n'),
    `${upperFirst(countsText(counts))}${passed}.`,
  ];
  if (gates.length > 0) {
    const failedFirst = gates.toSorted((a, b) => Number(isGateFailed(b)) - Number(isGateFailed(a)));
    const body = failedFirst.map(({ text, state, sentence: told }) => [GATE_MARKS[state], text, sentence(told)]);
    parts.push('### Gates', table(['', 'fails where', 'measured'], body, rows));
  }
  if (counts.fail > 0) {
    const body = of('fail').map((each) => [each.severity, each.ruleId, sentence(each.sentence), measured(each)]);
    parts.push('### Findings', table(['severity', 'rule', 'what was found', 'figures (95 % interval)'], body, rows));
  }
  if (baseline !== null) {
    const told = baseline.changes.filter(({ verdict }) => verdict === 'worse' || verdict === 'better');
    const body = told
      .toSorted((a, b) => Number(b.verdict === 'worse') - Number(a.verdict === 'worse'))
      .map(({ verdict, sentence: change }) => [CHANGE_MARKS[verdict], sentence(change)]);
    parts.push(
      `### Against ${escaped(baseline.name)}`,
      body.length === 0 ? 'Nothing changed beyond its interval.' : table(['', 'change'], body, rows),
    );
  }
  if (counts.inconclusive > 0) {
    const body = of('inconclusive').map((each) => [
      each.ruleId,
      sentence(each.sentence),
      sentence(each.settles ?? '–'),
    ]);
    parts.push(
      folded(
        `${formatCount(counts.inconclusive)} inconclusive`,
        table(['rule', 'what is open', 'what would settle it'], body, rows),
      ),
    );
  }
  if (counts.pass > 0) {
    const body = of('pass').map((each) => [each.ruleId, sentence(each.sentence)]);
    parts.push(folded(`${formatCount(counts.pass)} passed`, table(['rule', 'what was found'], body, rows)));
  }
  if (limits.length > 0) {
    const lines = limits.slice(0, rows).map((limit) => `- ${escaped(sentence(limit))}`);
    parts.push(
      folded(`What the audit could not do (${formatCount(limits.length)})`, `${lines.join('\n')}${more(limits, rows)}`),
    );
  }
  if (figures.length > 0) {
    const body = figures.map((each) => [
      each.title,
      valueText(each),
      intervalText(each),
      countedText(each),
      each.why ?? '',
    ]);
    parts.push(
      folded(
        `All figures (${formatCount(figures.length)})`,
        table(['figure', 'value', '95 % interval', 'counted', 'doubt'], body, rows),
      ),
    );
  }
  if (command !== '') parts.push(`Run it again: ${code(command)}`);
  return parts;
}
