/** @file An audit as JUnit XML: what build servers show as tests. */

import { figureText } from '../result/figure-text.ts';
import type { AuditFinding, AuditGate, AuditResult } from '../result/result.ts';
import { countsOf } from './counts.ts';
import { plainText, sentence } from './plain-text.ts';

/**
 * Two suites: findings, of which those that fail are failures and those that are inconclusive are skipped; and gates, which
 * fail unless they were shown to pass. Without times, so that the same audit gives the same bytes.
 */
export function auditJunit(result: AuditResult): string {
  const { fail, inconclusive, gates, gatesFailed } = countsOf(result);
  const model = result.model.name;
  const totals = attributes({
    name: `pareidolia audit ${model}`,
    tests: result.findings.length + gates,
    failures: fail + gatesFailed,
    errors: 0,
    skipped: inconclusive,
  });
  const findingTotals = attributes({
    name: 'findings',
    tests: result.findings.length,
    failures: fail,
    errors: 0,
    skipped: inconclusive,
  });
  const gateTotals = attributes({ name: 'gates', tests: gates, failures: gatesFailed, errors: 0, skipped: 0 });
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites${totals}>
  <testsuite${findingTotals}>
${properties(result)}${findingCases(result, model)}  </testsuite>
  <testsuite${gateTotals}>
${result.gates.map((gate) => gateCase(gate, model)).join('')}  </testsuite>
</testsuites>
`;
}

/**
 * A suite for each of several audits, with its findings and gates.
 *
 * @param audits with names that tell them apart
 */
export function auditsJunit(audits: readonly { readonly label: string; readonly result: AuditResult }[]): string {
  const counted = audits.map(({ label, result }) => {
    const { fail, inconclusive, gates, gatesFailed } = countsOf(result);
    return { name: label, tests: result.findings.length + gates, failures: fail + gatesFailed, skipped: inconclusive };
  });
  const sum = (of: (each: (typeof counted)[number]) => number): number =>
    counted.reduce((total, each) => total + of(each), 0);
  const totals = attributes({
    name: 'pareidolia audit',
    tests: sum(({ tests }) => tests),
    failures: sum(({ failures }) => failures),
    errors: 0,
    skipped: sum(({ skipped }) => skipped),
  });
  const suites = audits.map(({ label, result }, place) => {
    const { name, tests, failures, skipped } = counted[place]!;
    const gates = result.gates.map((gate) => gateCase(gate, label)).join('');
    return `  <testsuite${attributes({ name, tests, failures, errors: 0, skipped })}>
${properties(result)}${findingCases(result, label)}${gates}  </testsuite>
`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${totals}>\n${suites.join('')}</testsuites>\n`;
}

function findingCases({ findings, figures }: AuditResult, model: string): string {
  const of = new Map(figures.map((figure) => [figure.id, figure]));
  return findings
    .map((finding) =>
      findingCase(
        finding,
        model,
        (id) => of.get(id)?.title ?? id,
        (id) => {
          const figure = of.get(id);
          return figure === undefined ? 'not measured' : figureText(figure);
        },
      ),
    )
    .join('');
}

function properties({ model, seed, budget, threshold, command, limits }: AuditResult): string {
  const pairs: (readonly [string, string])[] = [
    ['model.sha256', model.sha256],
    ['seed', String(seed)],
    ['budget', budget],
    ['threshold', String(threshold)],
    ['command', command],
    ...limits.map((limit) => ['limit', limit] as const),
  ];
  const lines = pairs.map(([name, value]) => `      <property${attributes({ name, value })}/>\n`);
  return `    <properties>\n${lines.join('')}    </properties>\n`;
}

function findingCase(
  { ruleId, title, state, severity, sentence: told, severityRule, settles, figures, command }: AuditFinding,
  model: string,
  titleOf: (id: string) => string,
  textOf: (id: string) => string,
): string {
  const opening = `    <testcase${attributes({ classname: `${model}.findings`, name: `${ruleId} ${title}` })}`;
  if (state === 'pass') return `${opening}/>\n`;
  const inner =
    state === 'inconclusive'
      ? `<skipped${attributes({ message: settles === null ? told : `${sentence(told)} Settled by ${settles}` })}/>`
      : `<failure${attributes({ type: severity, message: told })}>${text([
          ...figures.map((id) => `${titleOf(id)}: ${textOf(id)}`),
          severityRule,
          ...(command === null ? [] : [`Repeat: ${command}`]),
        ])}</failure>`;
  return `${opening}>\n      ${inner}\n    </testcase>\n`;
}

function gateCase({ text: name, state, sentence: told }: AuditGate, model: string): string {
  const opening = `    <testcase${attributes({ classname: `${model}.gates`, name })}`;
  if (state === 'pass') return `${opening}/>\n`;
  return `${opening}>\n      <failure${attributes({ type: state, message: told })}/>\n    </testcase>\n`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(plainText(String(value)))}"`)
    .join('');
}

function text(lines: readonly string[]): string {
  return escapeXml(lines.map((line) => plainText(line)).join('\n'));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeXml(value: string): string {
  return value.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
