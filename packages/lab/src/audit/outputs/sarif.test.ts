import { describe, expect, it } from 'vitest';
import {
  auditResult,
  auditSample,
  emptySample,
  finding,
  nastySample,
  type SampleChanges,
} from '../../testing/audit-sample.ts';
import { auditSarif } from './sarif.ts';

interface Rule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly fullDescription: { readonly text: string };
  readonly help: { readonly text: string; readonly markdown: string };
  readonly defaultConfiguration: { readonly level: string };
  readonly properties: Readonly<Record<string, unknown>> & { readonly tags: readonly string[] };
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly kind: string;
  readonly level?: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: object };
  }[];
  readonly partialFingerprints: { readonly primaryLocationLineHash: string };
}

interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly Rule[] } };
  readonly results: readonly Result[];
  readonly invocations: readonly { readonly executionSuccessful: boolean }[];
}

function runOf(changes: SampleChanges = {}): Run {
  return JSON.parse(auditSarif([auditResult(changes)])).runs[0];
}

const ruleOf = ({ tool }: Run, { ruleIndex }: Result): Rule => tool.driver.rules[ruleIndex]!;

describe.each([
  ['as it looks in practice', auditSample().result],
  ['with the worst that data can hold', nastySample().result],
  ['of nothing', emptySample().result],
])('the SARIF of an audit %s', (_, result) => {
  const log = JSON.parse(auditSarif([result]));
  const run: Run = log.runs[0];

  it('has what GitHub requires, within its limits', () => {
    expect([log.$schema, log.version]).toEqual(['https://json.schemastore.org/sarif-2.1.0.json', '2.1.0']);
    expect(run.results.length).toBeLessThanOrEqual(25_000);
    for (const { id, shortDescription, fullDescription, help, defaultConfiguration, properties } of run.tool.driver
      .rules) {
      for (const text of [id, shortDescription.text, fullDescription.text]) {
        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThanOrEqual(1024);
      }
      expect(help.text).not.toBe('');
      expect(help.markdown).not.toContain('<script');
      expect(['note', 'warning', 'error']).toContain(defaultConfiguration.level);
      expect(properties.tags.length).toBeLessThanOrEqual(20);
      expect(new Set(properties.tags).size).toBe(properties.tags.length);
    }
    const ids = run.tool.driver.rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has results that name their rule, a file below the root, and one fingerprint each', () => {
    for (const each of run.results) {
      expect(ruleOf(run, each).id).toBe(each.ruleId);
      const { uri } = each.locations[0]!.physicalLocation.artifactLocation;
      expect(uri).toMatch(/^[^/\s<>"\\][^\s<>"\\]*$/);
      expect(uri.split('/')).not.toContain('..');
      expect(() => decodeURIComponent(uri)).not.toThrow();
      // A level goes with the kind fail and with no other (3.27.10).
      expect(each.level === undefined).toBe(each.kind === 'open');
      expect(each.message.text).not.toMatch(/\p{Cc}/u);
      // Links and arguments of messages (3.11.5, 3.11.6).
      expect(each.message.text).not.toMatch(/(?<!\\)\[/);
      expect(each.message.text.replaceAll('{{', '').replaceAll('}}', '')).not.toMatch(/[{}]/);
    }
    const prints = run.results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
    expect(new Set(prints).size).toBe(prints.length);
    for (const print of prints) expect(print).toMatch(/^[0-9a-f]{16}:\d+$/);
  });
});

describe('the SARIF of an audit', () => {
  it('takes severities to levels, and to scores only where security people have a name for it', () => {
    const names = finding().names;
    const run = runOf({
      gates: [],
      findings: [
        finding({ ruleId: 'A', severity: 'high', names }),
        finding({ ruleId: 'B', severity: 'medium', names }),
        finding({ ruleId: 'C', severity: 'low', names }),
        finding({ ruleId: 'D', severity: 'high', names: [] }),
        finding({ ruleId: 'E', state: 'inconclusive', severity: 'none', names }),
        finding({ ruleId: 'F', state: 'pass', severity: 'none', names }),
      ],
    });
    const told = run.results.map((each) => [
      each.ruleId,
      each.kind,
      each.level,
      ruleOf(run, each).properties['security-severity'],
    ]);
    expect(told).toEqual([
      ['A', 'fail', 'error', '8.0'],
      ['D', 'fail', 'error', undefined],
      ['B', 'fail', 'warning', '5.5'],
      ['C', 'fail', 'note', '2.5'],
      ['E/open', 'open', undefined, undefined],
    ]);
    expect(ruleOf(run, run.results[4]!).defaultConfiguration.level).toBe('note');
  });

  it('gives a finding the same fingerprint when its numbers change, and another for another model', () => {
    const print = (run: Run): string => run.results[0]!.partialFingerprints.primaryLocationLineHash;
    const model = auditSample().result.model;
    const one = runOf({ findings: [finding({ sentence: 'one' })] });
    expect(print(runOf({ findings: [finding({ sentence: 'two', severity: 'low' })] }))).toBe(print(one));
    expect(print(runOf({ findings: [finding()], model: { ...model, name: 'other.onnx' } }))).not.toBe(print(one));
  });

  it.each([
    ['models/net.onnx', 'models/net.onnx'],
    ['../a/./net 1.onnx', 'a/net%201.onnx'],
    ['C:\\nets\\a.onnx', 'nets/a.onnx'],
    ['/abs/net.onnx', 'abs/net.onnx'],
    ['https://host:8000/v2/models/lenet', 'host%3A8000/v2/models/lenet'],
    ['..', 'model'],
  ])('shows the results of %s at %s', (name, uri) => {
    const run = runOf({ model: { ...auditSample().result.model, name } });
    expect(run.results[0]!.locations[0]!.physicalLocation.artifactLocation.uri).toBe(uri);
  });

  it('keeps the most severe where there are more than GitHub takes', () => {
    const findings = Array.from({ length: 25_010 }, (_, k) =>
      finding({ ruleId: `PAR-${k}`, severity: k === 25_009 ? 'high' : 'low', names: [] }),
    );
    const run = runOf({ findings, gates: [] });
    expect(run.results).toHaveLength(25_000);
    expect(run.results[0]!.ruleId).toBe('PAR-25009');
  });

  it('says that an audit did not end', () => {});
});
