import { describe, expect, it } from 'vitest';
import { renderAuditReport } from '../../report/audit/audit-report.ts';
import { auditSample, nastySample } from '../../testing/audit-sample.ts';
import { AUDIT_RESULT } from '../result/result.ts';
import { auditCsv } from './csv.ts';
import { auditJunit } from './junit.ts';
import { auditMarkdown } from './markdown.ts';
import { auditSarif } from './sarif.ts';
import { auditLines } from './terminal.ts';

const { result } = auditSample();
const nasty = nastySample();
const failing = result.findings.filter(({ state }) => state === 'fail').length;
const open = result.findings.filter(({ state }) => state === 'inconclusive').length;
const gatesFailed = result.gates.filter(({ state }) => state !== 'pass').length;

describe('the outputs of an audit', () => {
  it('are about a result that its schema takes', () => {
    expect(AUDIT_RESULT.parse(JSON.parse(JSON.stringify(result)))).toEqual(JSON.parse(JSON.stringify(result)));
    expect(failing).toBeGreaterThan(0);
    expect(open).toBeGreaterThan(0);
    expect(gatesFailed).toBeGreaterThan(0);
  });

  it('agree in their counts', () => {
    const [run] = JSON.parse(auditSarif([result])).runs;
    const states = run.results.map((each: { properties?: { state: string } }) => each.properties?.state ?? 'gate');
    const count = (state: string): number => states.filter((each: string) => each === state).length;
    expect([count('fail'), count('inconclusive'), count('gate')]).toEqual([failing, open, gatesFailed]);
    const junit = auditJunit(result);
    expect(junit).toContain(`failures="${failing + gatesFailed}"`);
    expect(junit.match(/<failure /g)).toHaveLength(failing + gatesFailed);
    expect(junit.match(/<skipped /g)).toHaveLength(open);
    expect(auditCsv(result).trimEnd().split('\r\n')).toHaveLength(1 + result.figures.length);
    expect(auditLines(result).join('\n')).toContain(`${open} inconclusive`);
  });

  it('name a rule of the log for each result, and a fingerprint that no other has', () => {
    const [run] = JSON.parse(auditSarif([result])).runs;
    const rules: { id: string }[] = run.tool.driver.rules;
    const prints = run.results.map((each: { partialFingerprints: object }) => JSON.stringify(each.partialFingerprints));
    expect(new Set(prints).size).toBe(prints.length);
    for (const { ruleId, ruleIndex, message, locations } of run.results) {
      if (ruleIndex >= 0) expect(rules[ruleIndex]!.id).toBe(ruleId);
      expect(message.text).not.toMatch(/\p{Cc}/u);
      expect(locations[0].physicalLocation.artifactLocation.uri).toMatch(/^[^\s<>"]+$/);
    }
  });

  it('let no text of a model become markup, formulas or control characters', async () => {
    const page = await renderAuditReport(nasty);
    expect(page).not.toMatch(/<script|onerror=|<img src=x/i);
    expect(page).toMatch(/default-src (&#39;|')none/);
    // The command stands in a code span, where nothing is markup.
    const prose = auditMarkdown(nasty.result).replace(/^Repeat it: `[^`]*`$/m, '');
    expect(prose).not.toMatch(/<script|<img/i);
    expect(auditMarkdown(nasty.result).length).toBeLessThan(65_536);
    expect(auditCsv(nasty.result)).not.toMatch(/(^|,)"?[=+@]/m);
    for (const line of auditLines(nasty.result)) expect(line).not.toMatch(/\p{Cc}/u);
  });
});
