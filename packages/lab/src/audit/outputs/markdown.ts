/** @file An audit as Markdown: the comment of a pull request, or the summary of a job. */

import { figureText } from '../result/figure-text.ts';
import type { AuditResult } from '../result/result.ts';
import { bySeverity, countsOf, countsText } from './counts.ts';
import { plainText, sentence } from './plain-text.ts';

/** GitHub takes comments of 65,536 characters. */
const MOST_CHARACTERS = 60_000;

const MOST_ROWS = 60;

const LONGEST = 300;

/** Headline, gates, findings that do not pass, what changed, and all figures folded away. */
export function auditMarkdown(result: AuditResult): string {
  const { model, gates, baseline, figures, limits, command } = result;
  const findings = bySeverity(result.findings).filter(({ state }) => state !== 'pass');
  const parts = [
    `## Pareidolia audit of ${text(model.name)}`,
    `**${text(result.headline)}**`,
    `${sentence(countsText(countsOf(result)))}`,
    ...(gates.length === 0
      ? []
      : [
          table(
            ['gate', 'state', ''],
            gates.map((gate) => [gate.text, gate.state, gate.sentence]),
          ),
        ]),
    ...(findings.length === 0
      ? []
      : [
          table(
            ['finding', 'severity', ''],
            findings.map(({ ruleId, state, severity, sentence: told }) => [
              ruleId,
              state === 'fail' ? severity : 'inconclusive',
              told,
            ]),
          ),
        ]),
    ...(baseline === null
      ? []
      : [
          `### Since ${text(baseline.name)}`,
          table(
            ['verdict', ''],
            baseline.changes
              .filter(({ verdict }) => verdict === 'worse' || verdict === 'better')
              .map(({ verdict, sentence: told }) => [verdict, told]),
          ),
        ]),
    ...(limits.length === 0 ? [] : [`Not done:\n\n${limits.map((limit) => `- ${text(sentence(limit))}`).join('\n')}`]),
    `<details><summary>All figures</summary>\n\n${table(
      ['figure', ''],
      figures.map((figure) => [figure.title, figureText(figure)]),
    )}\n\n</details>`,
    ...(command === '' ? [] : [`Repeat it: \`${plainText(command, LONGEST).replaceAll('`', "'")}\``]),
  ];
  // What stands last matters least.
  while (parts.length > 3 && parts.join('\n\n').length > MOST_CHARACTERS) parts.pop();
  return `${parts.join('\n\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => text(cell)).join(' | ')} |`;
  const more = rows.length <= MOST_ROWS ? '' : `\n\nand ${rows.length - MOST_ROWS} more`;
  return `${[line(head), `|${' --- |'.repeat(head.length)}`, ...rows.slice(0, MOST_ROWS).map(line)].join('\n')}${more}`;
}

/** Text that means nothing to Markdown or HTML, on one line. */
function text(value: string): string {
  return plainText(value, LONGEST)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]|#@~]/g, (character) => `\\${character}`);
}
