/**
 * @file What a comparison of audits comes to: one object, from which every output is written, so that their counts agree.
 * Published as JSON Schema (`schema/audit-comparison-1.schema.json`).
 */

import { z } from '@pareidolia/core';
import { FIGURE } from '../result/figure.ts';
import { AUDIT_RESULT } from '../result/result.ts';

/** Of the object's form. It rises when a program that reads it would have to change. */
export const COMPARISON_VERSION = 1;

const place = z.int().min(0);

const COUNTS = z.strictObject({
  fail: z.int(),
  high: z.int(),
  medium: z.int(),
  low: z.int(),
  inconclusive: z.int(),
  pass: z.int(),
  gates: z.int(),
  gatesFailed: z.int(),
});

const audit = AUDIT_RESULT.shape;

const MODEL = z.strictObject({
  label: z.string().describe('What it is called here: its name, with a number behind it where another has the same.'),
  name: z.string(),
  kind: audit.model.shape.kind,
  sha256: z.string(),
  classes: z.int(),
  channels: z.int(),
  height: z.int(),
  width: z.int(),
  folder: z.string().nullable().describe('Of its own audit, relative to this file; null where it is not known.'),
  headline: z.string(),
  threshold: audit.threshold,
  budget: audit.budget,
  seed: audit.seed,
  images: audit.images,
  outliers: audit.outliers,
  command: z.string(),
  counts: COUNTS.describe('Of its findings and gates.'),
  queries: audit.queries,
});

const VALUE = FIGURE.pick({
  title: true,
  value: true,
  interval: true,
  counted: true,
  state: true,
  why: true,
});

const PAIR = z.strictObject({
  first: place.describe('Place among the models.'),
  second: place.describe('Place among the models, larger than first.'),
  test: z
    .enum(['paired', 'unpaired', 'exact', 'none'])
    .describe(
      'paired: McNemar’s exact test, of distances the sign test, on the same images; unpaired: Fisher’s exact test; exact: all images there are were tried, so nothing is left to chance; none: not tested.',
    ),
  p: z.number().nullable().describe('Of the test alone, two-sided; null where there is none.'),
  adjusted: z.number().nullable().describe('The same adjusted for the number of all tests of the comparison (Holm).'),
  verdict: z
    .enum(['first better', 'second better', 'no difference shown', 'not tested', 'not comparable'])
    .describe('Better is told where the adjusted probability is at most the significance, or the difference is exact.'),
  sentence: z.string(),
});

const COMPARED_FIGURE = z.strictObject({
  id: FIGURE.shape.id,
  title: z.string(),
  unit: FIGURE.shape.unit,
  better: FIGURE.shape.better,
  values: z.array(VALUE.nullable()).readonly().describe('One for each model; null where its audit has no such figure.'),
  pairs: z
    .array(PAIR)
    .readonly()
    .describe('One for each two models that have the figure; none where no side is better.'),
  best: place
    .nullable()
    .describe(
      'The model that is better than every other one, by its tests and by intervals that do not overlap; null where none is.',
    ),
});

const FINDING = audit.findings.unwrap().element.pick({ state: true, severity: true, sentence: true });

const COMPARED_RULE = z.strictObject({
  ruleId: z.string(),
  title: z.string(),
  findings: z.array(FINDING.nullable()).readonly().describe('One for each model; null where the rule does not apply.'),
});

const GATE = audit.gates.unwrap().element.pick({ state: true, sentence: true });

const COMPARED_GATE = z.strictObject({
  text: z.string(),
  results: z.array(GATE.nullable()).readonly().describe('One for each model.'),
});

const STANDING = z.strictObject({
  first: place,
  second: place,
  firstBetter: z.int().describe('Figures in which the first is better beyond chance.'),
  secondBetter: z.int(),
  compared: z.int().describe('Figures that could be compared.'),
});

const AREA = z.strictObject({
  id: z.enum(['garbage', 'search', 'linf', 'l2', 'accuracy', 'threshold']),
  title: z.string(),
  figures: z.array(z.string()).readonly().describe('Ids of the figures that decide it.'),
  standings: z.array(STANDING).readonly().describe('One for each two models.'),
  best: place
    .nullable()
    .describe(
      'The model that is best in some figure shown by a test, and worse than another in none; null where none is.',
    ),
  sentence: z.string(),
});

/** The schema of {@link AuditComparison}. */
export const AUDIT_COMPARISON = z
  .strictObject({
    format: z.literal('pareidolia-audit-comparison'),
    version: z.literal(COMPARISON_VERSION),
    tool: z.strictObject({ name: z.literal('pareidolia'), version: z.string() }),
    command: z.string().describe('Repeats the audits and their comparison; empty where it is not known.'),
    headline: z.string().describe('The answer in one sentence.'),
    significance: z.number().describe('The chance that any difference told is wrong is at most this.'),
    tests: z.strictObject({
      count: z.int().describe('Tests of all figures and all pairs of models together, that the adjustment is for.'),
      paired: z.int().describe('Those on the same images.'),
      shown: z.int().describe('Those that show a difference.'),
      exact: z.int().describe('Differences that need no test: all images there are were tried.'),
    }),
    models: z.array(MODEL).min(2).readonly(),
    areas: z.array(AREA).readonly(),
    figures: z.array(COMPARED_FIGURE).readonly(),
    rules: z.array(COMPARED_RULE).readonly(),
    gates: z.array(COMPARED_GATE).readonly(),
    obstacles: z.array(z.string()).readonly().describe('What is not comparable, and why: each a sentence.'),
    notes: z.array(z.string()).readonly().describe('What to know in reading it: each a sentence.'),
  })
  .describe('The result of pareidolia audit for several models.');

/** The result of a comparison. */
export type AuditComparison = z.output<typeof AUDIT_COMPARISON>;
/** A model of a comparison. */
export type ComparedModel = z.output<typeof MODEL>;
/** A figure with its value for each model. */
export type ComparedFigure = z.output<typeof COMPARED_FIGURE>;
/** A figure of one model. */
export type ComparedValue = z.output<typeof VALUE>;
/** Two models in one figure. */
export type ComparedPair = z.output<typeof PAIR>;
/** What a rule found for each model. */
export type ComparedRule = z.output<typeof COMPARED_RULE>;
/** A gate for each model. */
export type ComparedGate = z.output<typeof COMPARED_GATE>;
/** What the figures of one kind say together. */
export type ComparedArea = z.output<typeof AREA>;

/** The JSON Schema of {@link AuditComparison}. */
export function comparisonJsonSchema(): Record<string, unknown> {
  return {
    $id: `https://pareidolia.example/schema/audit-comparison-${COMPARISON_VERSION}.schema.json`,
    ...z.toJSONSchema(AUDIT_COMPARISON),
  };
}
