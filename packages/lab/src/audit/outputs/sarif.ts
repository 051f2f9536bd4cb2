/** @file Audits as SARIF 2.1.0, as code scanning on GitHub takes it. */

import type { AuditFinding, AuditGate, AuditResult } from '../result/result.ts';
import { bySeverity, isGateFailed } from './counts.ts';
import { plainText, sentence } from './plain-text.ts';

/** GitHub's `security-severity` of a rule: from 7 on it reads as high, from 4 on as medium. */
const SCORES = { high: '8.0', medium: '5.5', low: '2.5' } as const;

const LEVELS = { high: 'error', medium: 'warning', low: 'note', none: 'note' } as const;

const GATE_RULE = 'PAR-GATE';

/** Characters of a description that GitHub takes. */
const LONGEST = 1000;

/** GitHub refuses a run with more. */
const MOST_RESULTS = 25_000;

const MOST_TAGS = 20;

/** A rule, as SARIF has it. */
interface Descriptor {
  readonly id: string;
  readonly defaultConfiguration: { readonly level: 'error' | 'warning' | 'note' };
  readonly [name: string]: unknown;
}

/** A result with the rule that it is of. */
interface Told {
  readonly rule: Descriptor;
  readonly kind: 'fail' | 'open';
  readonly text: string;
  /** What tells it from other results of the run, the same from one audit to the next. */
  readonly identity: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * A log with one run for each audit. Results are the findings that fail, the gates that are not passed, and, of kind `open`,
 * the findings that are inconclusive; what passes is no result, for GitHub would show it as one.
 *
 * GitHub takes the severity of a security finding from its rule. So what is inconclusive has a rule of its own, without one.
 */
export function auditSarif(results: readonly AuditResult[]): string {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    // GitHub takes one run of a category: a model that was audited twice has two.
    runs: results.map((result, place) => {
      const before = results.slice(0, place).filter(({ model }) => uriOf(model) === uriOf(result.model)).length;
      return runOf(result, before === 0 ? '' : `-${before + 1}`);
    }),
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** @param suffix tells runs of the same model apart */
function runOf(result: AuditResult, suffix: string): object {
  const { findings, gates, limits, model, tool, command } = result;
  const ordered = bySeverity(findings);
  const failed = ordered.filter(({ state }) => state === 'fail');
  // Two findings of one rule share what the rule says: the worse of their severities, which is the last one set here.
  const worst = new Map(failed.toReversed().map(({ ruleId, severity }) => [ruleId, severity]));
  const told = [
    ...failed.map((finding) => failing(finding, worst.get(finding.ruleId)!)),
    ...gates.filter(isGateFailed).map(gateResult),
    ...ordered.filter(({ state }) => state === 'inconclusive').map(open),
  ];
  const rules = [...new Map(told.map(({ rule }) => [rule.id, rule])).values()];
  const places = new Map(rules.map(({ id }, place) => [id, place]));
  const uri = uriOf(model);
  const seen = new Map<string, number>();
  return {
    tool: {
      driver: {
        name: 'Pareidolia',
        ...(tool.version === '' ? {} : { version: tool.version }),
        informationUri: 'https://pareidolia.example/pareidolia',
        rules,
      },
    },
    automationDetails: { id: `pareidolia/${uri}${suffix}/` },
    originalUriBaseIds: { '%SRCROOT%': { description: { text: 'The root of the repository.' } } },
    invocations: [
      {
        executionSuccessful: true,
        ...(command === '' ? {} : { commandLine: plainText(command) }),
        toolExecutionNotifications: limits.map((limit) => ({ level: 'note', message: message(limit) })),
      },
    ],
    results: told.slice(0, MOST_RESULTS).map(({ rule, kind, text, identity, properties }) => {
      const count = (seen.get(identity) ?? 0) + 1;
      seen.set(identity, count);
      const print = `${fingerprint(`${identity}\n${uri}`)}:${count}`;
      return {
        ruleId: rule.id,
        ruleIndex: places.get(rule.id)!,
        kind,
        // SARIF has no level for what is open; GitHub then takes that of the rule.
        ...(kind === 'fail' ? { level: properties.level ?? rule.defaultConfiguration.level } : {}),
        message: message(text),
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri, uriBaseId: '%SRCROOT%' },
              // A network has no lines; GitHub wants one.
              region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
            },
          },
        ],
        // The name of the only one that GitHub looks at.
        partialFingerprints: { primaryLocationLineHash: print },
        properties: Object.fromEntries(Object.entries(properties).filter(([name]) => name !== 'level')),
      };
    }),
    properties: { left: Math.max(0, told.length - MOST_RESULTS) },
  };
}

function failing(finding: AuditFinding, worst: AuditFinding['severity']): Told {
  const { ruleId, title, severity, names } = finding;
  const score = worst === 'none' ? undefined : SCORES[worst];
  const isSecurity = names.length > 0 && score !== undefined;
  return {
    rule: {
      ...descriptor(idOf(ruleId), title, finding, LEVELS[worst]),
      properties: {
        tags: tagsOf(finding, isSecurity),
        precision: 'high',
        ...(isSecurity ? { 'security-severity': score } : {}),
      },
    },
    kind: 'fail',
    text: `${title}: ${finding.sentence}`,
    identity: ruleId,
    properties: { state: 'fail', severity, level: LEVELS[severity], figures: finding.figures },
  };
}

function open(finding: AuditFinding): Told {
  const { ruleId, title, settles, figures } = finding;
  const settled = settles === null ? '' : ` What would settle it: ${settles}`;
  return {
    rule: {
      ...descriptor(`${idOf(ruleId)}/open`, `${title} (inconclusive)`, finding, 'note'),
      properties: { tags: tagsOf(finding, false), 'problem.severity': 'recommendation' },
    },
    kind: 'open',
    text: `${title} (inconclusive): ${sentence(finding.sentence)}${settled}`,
    identity: `${ruleId}/open`,
    properties: { state: 'inconclusive', severity: 'none', figures },
  };
}

function gateResult({ text, figure, state, sentence: why }: AuditGate): Told {
  const told = 'The condition of a gate is met, or its figure could not be measured';
  const about = { severityRule: told, names: [] };
  return {
    rule: {
      ...descriptor(GATE_RULE, 'A gate of the audit is not passed', about, 'error'),
      properties: { tags: ['gate', 'machine-learning'], 'problem.severity': 'error' },
    },
    kind: 'fail',
    text: `Gate ${text}: ${why}`,
    identity: `${GATE_RULE} ${text}`,
    properties: { state: state === 'inconclusive' ? 'gate inconclusive' : 'gate', figures: [figure] },
  };
}

function descriptor(
  id: string,
  title: string,
  { severityRule, names }: Pick<AuditFinding, 'severityRule' | 'names'>,
  level: Descriptor['defaultConfiguration']['level'],
): Descriptor {
  const rule = sentence(plainText(severityRule, LONGEST));
  const known = names
    .slice(0, MOST_TAGS)
    .map(({ scheme, id: own, title: name }) => plainText(`${scheme} ${own}: ${name}`, 200));
  const elsewhere = known.length === 0 ? '' : `\n\nWhat others call it (no claim of compliance): ${known.join('; ')}.`;
  return {
    id,
    shortDescription: { text: plainText(title, LONGEST) || id },
    fullDescription: { text: rule || id },
    help: { text: `${rule || id}${elsewhere}`, markdown: markdown(`${rule || id}${elsewhere}`) },
    defaultConfiguration: { level },
  };
}

/** Classes of weaknesses are tagged as GitHub's own queries do it. */
function tagsOf({ names }: Pick<AuditFinding, 'names'>, isSecurity: boolean): readonly string[] {
  const ids = names.map(({ scheme, id }) => {
    const plain = plainText(id, 60);
    return scheme === 'CWE' ? `external/cwe/${plain.toLowerCase()}` : plain;
  });
  return [...new Set([...(isSecurity ? ['security'] : []), 'machine-learning', ...ids])].slice(0, MOST_TAGS);
}

function idOf(ruleId: string): string {
  return plainText(ruleId, 200);
}

/** Brackets would be links, and braces stand for arguments (SARIF 2.1.0, 3.11). */
function message(text: string): object {
  const plain = sentence(plainText(text, LONGEST));
  return { text: plain.replace(/[[\]\\]/g, '\\$&').replace(/[{}]/g, '$&$&') };
}

function markdown(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]|#@~]/g, '\\$&');
}

/**
 * Code scanning shows results at files of the repository: that of the model, as it was named, below the root. An endpoint has
 * none; its address stands for it, without the scheme, which GitHub would hold against that of the checkout.
 */
function uriOf({ name }: AuditResult['model']): string {
  const path = plainText(name, 400)
    .replaceAll('\\', '/')
    .replace(/^[a-z][a-z0-9+.-]*:\/*/i, '')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  return path.length === 0 ? 'model' : path.map((part) => encodeURIComponent(part)).join('/');
}

/** FNV-1a of 64 bits over the UTF-16 units, in hexadecimal: tells results apart, and is no secret. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    for (const byte of [unit >> 8, unit & 255]) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
