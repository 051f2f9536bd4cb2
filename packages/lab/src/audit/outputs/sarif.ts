/** @file Audits as SARIF 2.1.0, as code scanning on GitHub takes it. */

import type { AuditFinding, AuditResult } from '../result/result.ts';
import { RULES } from '../rules/registry.ts';
import { isGateFailed } from './counts.ts';
import { plainText, sentence } from './plain-text.ts';

/** GitHub's `security-severity` of a rule: 7 and above reads as high, 4 as medium. */
const SEVERITY = { high: '7.5', medium: '5.0', low: '2.5', none: '0.0' } as const;

const LEVEL = { high: 'error', medium: 'warning', low: 'note', none: 'note' } as const;

const GATE_RULE = 'PAR-GATE';

const LONGEST = 1000;

/**
 * A log with one run for each audit. Results are the findings that fail or are inconclusive (as notes), and the gates that
 * are not passed; what passes is no result. Fingerprints follow from the rule and the model's name, so that a finding stays the
 * same from one audit to the next.
 */
export function auditSarif(results: readonly AuditResult[]): string {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: results.map(runOf),
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function runOf(result: AuditResult): object {
  const { findings, gates, model, tool } = result;
  const rules = [...RULES.map(({ id, title, severityRule }) => rule(id, title, severityRule)), gateRule()];
  const indexOf = (id: string): number => rules.findIndex((each) => each.id === id);
  const told = findings.filter(({ state }) => state !== 'pass');
  return {
    tool: {
      driver: {
        name: 'Pareidolia',
        ...(tool.version === '' ? {} : { version: tool.version }),
        rules,
      },
    },
    automationDetails: { id: `pareidolia/${plainText(model.name, 100)}/` },
    results: [
      ...told.map((finding) => {
        const base = finding.ruleId.split('/')[0]!;
        return {
          ruleId: base,
          ruleIndex: indexOf(base),
          level: finding.state === 'fail' ? LEVEL[finding.severity] : 'note',
          message: { text: messageOf(finding) },
          locations: [locationOf(result)],
          partialFingerprints: { 'pareidolia/v1': `${finding.ruleId}:${plainText(model.name, 200)}` },
          properties: { state: finding.state, severity: finding.severity },
        };
      }),
      ...gates.filter(isGateFailed).map(({ text, sentence: why }) => ({
        ruleId: GATE_RULE,
        ruleIndex: indexOf(GATE_RULE),
        level: 'error',
        message: { text: sentence(plainText(`Gate ${text}: ${why}`, LONGEST)) },
        locations: [locationOf(result)],
        partialFingerprints: { 'pareidolia/v1': `${GATE_RULE}:${text}:${plainText(model.name, 200)}` },
      })),
    ],
  };
}

function rule(id: string, title: string, severityRule: string) {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: sentence(severityRule) },
    help: { text: sentence(severityRule) },
    defaultConfiguration: { level: 'warning' },
    properties: { tags: ['security', 'machine-learning'], 'security-severity': SEVERITY.medium },
  };
}

function gateRule() {
  const text = 'A gate of the audit is not passed: its condition is met, or its figure could not be measured.';
  return { ...rule(GATE_RULE, 'A gate of the audit is not passed', text), defaultConfiguration: { level: 'error' } };
}

function messageOf({ title, state, sentence: told, settles }: AuditFinding): string {
  const open = state === 'inconclusive' ? ' (inconclusive)' : '';
  const settled = settles === null ? '' : ` Settled by ${settles}`;
  return sentence(plainText(`${title}${open}: ${sentence(told)}${settled}`, LONGEST));
}

/** Code scanning shows results at files: that of the model, as it was named. */
function locationOf({ model }: AuditResult): object {
  const uri = encodeURI(plainText(model.name, 200).replaceAll('\\', '/'));
  return {
    physicalLocation: { artifactLocation: { uri: uri === '' ? 'model' : uri }, region: { startLine: 1 } },
  };
}
