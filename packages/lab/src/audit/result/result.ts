/**
 * @file What an audit comes to: one object, from which every output is written, so that their counts agree. Published as
 * JSON Schema (`schema/audit-1.schema.json`).
 */

import { z } from '@pareidolia/core';
import { FIGURE } from './figure.ts';

/** Of the object's form. It rises when a program that reads it would have to change. */
export const AUDIT_VERSION = 1;

const TABLE = z.strictObject({
  title: z.string(),
  caption: z.string(),
  head: z.array(z.string()).readonly(),
  rows: z.array(z.array(z.string()).readonly()).readonly(),
});

const CHART = z.strictObject({
  title: z.string(),
  caption: z.string(),
  spec: z.record(z.string(), z.unknown()).readonly().describe('A Vega-Lite specification without config.'),
});

const PICTURE = z.strictObject({
  id: z.string().describe('Stable within an audit: garbage-uniform-noise-0.'),
  file: z.string().describe('Path of the PNG, relative to this file.'),
  source: z.string().describe('How it was made: the name of a source of garbage, a search, an attack.'),
  caption: z.string(),
  classIndex: z.int().nullable().describe('What the network takes it for; null where it gave no answer.'),
  className: z.string().nullable(),
  confidence: z.number().nullable().describe('Of the 8-bit image in the file, in [0, 1]; null where there is none.'),
});

const NAME = z.strictObject({
  scheme: z.enum(['MITRE ATLAS', 'NIST AI 100-2', 'OWASP ML', 'CWE']),
  id: z.string(),
  title: z.string(),
});

const FINDING = z.strictObject({
  ruleId: z.string().describe('Stable: it never changes its meaning.'),
  title: z.string(),
  state: z.enum(['pass', 'fail', 'inconclusive']),
  severity: z.enum(['high', 'medium', 'low', 'none']).describe('none where the state is not fail.'),
  sentence: z.string().describe('What was found, with its numbers.'),
  severityRule: z.string().describe('How state and severity follow from the figures.'),
  settles: z.string().nullable().describe('What would settle it, where it is inconclusive.'),
  figures: z.array(z.string()).readonly().describe('Ids of the figures it rests on.'),
  pictures: z.array(z.string()).readonly().describe('Ids of the pictures that show it.'),
  command: z.string().nullable().describe('A command that repeats the evidence; null where only the audit does.'),
  names: z.array(NAME).readonly().describe('What security people call it. No claim of compliance with anything.'),
});

const GATE = z.strictObject({
  text: z.string().describe('As it was given: garbage>1%.'),
  figure: z.string(),
  operator: z.enum(['<', '<=', '>', '>=']),
  limit: z.number(),
  state: z
    .enum(['pass', 'fail', 'inconclusive'])
    .describe('inconclusive fails, too: what was not shown does not pass.'),
  sentence: z.string(),
});

const SECTION = z.strictObject({
  id: z.string(),
  title: z.string(),
  text: z.array(z.string()).readonly().describe('Paragraphs.'),
  figures: z.array(z.string()).readonly(),
  tables: z.array(TABLE).readonly(),
  charts: z.array(CHART).readonly(),
  pictures: z.array(z.string()).readonly(),
});

const CHANGE = z.strictObject({
  figure: z.string(),
  before: z.number().nullable(),
  now: z.number().nullable(),
  verdict: z.enum(['better', 'same', 'worse', 'not comparable']),
  sentence: z.string(),
});

/** The schema of {@link AuditResult}. */
export const AUDIT_RESULT = z
  .strictObject({
    format: z.literal('pareidolia-audit'),
    version: z.literal(AUDIT_VERSION),
    tool: z.strictObject({ name: z.literal('pareidolia'), version: z.string(), runtime: z.string() }),
    command: z.string().describe('Repeats the audit.'),
    seed: z.int(),
    budget: z.enum(['quick', 'standard', 'thorough']),
    threshold: z.number().describe('An image is accepted where its largest confidence is at least this.'),
    headline: z.string().describe('The answer in one sentence.'),
    model: z.strictObject({
      name: z.string(),
      kind: z.enum(['file', 'endpoint', 'embedded']),
      sha256: z.string(),
      classes: z.int(),
      channels: z.int(),
      height: z.int(),
      width: z.int(),
      facts: z.array(z.strictObject({ name: z.string(), value: z.string() })).readonly(),
      notices: z.array(z.string()).readonly(),
    }),
    images: z
      .strictObject({
        origin: z.string(),
        count: z.int(),
        used: z.int().describe('Images that the audit looked at.'),
        labelled: z.boolean(),
        leftOut: z.array(z.string()).readonly(),
      })
      .nullable(),
    outliers: z.strictObject({ origin: z.string(), count: z.int() }).nullable(),
    figures: z.array(FIGURE).readonly(),
    findings: z.array(FINDING).readonly(),
    gates: z.array(GATE).readonly(),
    sections: z.array(SECTION).readonly(),
    pictures: z.array(PICTURE).readonly(),
    limits: z.array(z.string()).readonly().describe('What the audit could not do, and why: each a sentence.'),
    queries: z.strictObject({ forward: z.int(), backward: z.int() }),
    baseline: z
      .strictObject({ name: z.string(), changes: z.array(CHANGE).readonly() })
      .nullable()
      .describe('What changed since another audit.'),
  })
  .describe('The result of pareidolia audit.');

/** The result of an audit. */
export type AuditResult = z.output<typeof AUDIT_RESULT>;
/** What a rule found. */
export type AuditFinding = z.output<typeof FINDING>;
/** A gate, and whether it is passed. */
export type AuditGate = z.output<typeof GATE>;
/** What a check tells beside its figures. */
export type AuditSection = z.output<typeof SECTION>;
/** What became of a figure since another audit. */
export type AuditChange = z.output<typeof CHANGE>;
/** A picture, without its pixels. */
export type AuditPicture = z.output<typeof PICTURE>;
/** A name that security people have for a finding. */
export type SecurityName = z.output<typeof NAME>;

/** The JSON Schema of {@link AuditResult}. */
export function auditJsonSchema(): Record<string, unknown> {
  return { $id: 'https://pareidolia.example/schema/audit-1.schema.json', ...z.toJSONSchema(AUDIT_RESULT) };
}
