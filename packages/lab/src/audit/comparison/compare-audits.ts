/** @file Audits side by side. */

import { InputError } from '@pareidolia/core';
import { countsOf } from '../outputs/counts.ts';
import { sentence } from '../outputs/plain-text.ts';
import { compareAreas } from './compare-areas.ts';
import { compareFigures, SIGNIFICANCE, winnerOf } from './compare-figures.ts';
import { type ComparedAudit, type LabelledAudit, labelled } from './compared-audit.ts';
import {
  type AuditComparison,
  COMPARISON_VERSION,
  type ComparedGate,
  type ComparedModel,
  type ComparedRule,
} from './comparison.ts';
import { comparisonHeadline } from './comparison-headline.ts';
import { notesOf, obstaclesOf } from './unlike-conditions.ts';

/** What is told of the comparison itself. */
export interface ComparisonOptions {
  /** The command that repeats it. */
  readonly command?: string;
}

/**
 * Compares audits: figures side by side with their intervals, differences that are beyond chance, findings and gates of each
 * rule, and in what a model is better than every other one. Audits of the same images with the same seed, whose single answers
 * are at hand, are compared in pairs. All tests are adjusted together (Holm 1979). What differs in the conditions is named and not
 * compared.
 *
 * @param audits at least two, in the order in which they are to stand
 * @throws InputError where there are fewer
 */
export function compareAudits(
  audits: readonly ComparedAudit[],
  { command = '' }: ComparisonOptions = {},
): AuditComparison {
  if (audits.length < 2) throw new InputError('There is nothing to compare; give the audits of two models or more');
  const named = labelled(audits);
  const models = named.map(modelOf);
  const figures = compareFigures(named);
  const areas = compareAreas(figures, models);
  const all = figures.flatMap((figure) => figure.pairs);
  const pairs = all.filter(({ p }) => p !== null);
  const tests = {
    count: pairs.length,
    paired: pairs.filter(({ test }) => test === 'paired').length,
    shown: pairs.filter((pair) => winnerOf(pair) !== undefined).length,
    exact: all.filter((pair) => pair.test === 'exact' && winnerOf(pair) !== undefined).length,
  };
  return {
    format: 'pareidolia-audit-comparison',
    version: COMPARISON_VERSION,
    tool: { name: 'pareidolia', version: audits[0]!.result.tool.version },
    command,
    headline: comparisonHeadline({ models, areas, tests }),
    significance: SIGNIFICANCE,
    tests,
    models,
    areas: areas.map((area) => ({ ...area, sentence: sentence(area.sentence) })),
    figures,
    rules: rulesOf(named),
    gates: gatesOf(named),
    obstacles: obstaclesOf(named).map(sentence),
    notes: notesOf(named, tests, SIGNIFICANCE).map(sentence),
  };
}

function modelOf({ label, folder, result }: LabelledAudit): ComparedModel {
  const { model, headline, threshold, budget, seed, images, outliers, command, queries } = result;
  const { name, kind, sha256, classes, channels, height, width } = model;
  return {
    ...{ label, name, kind, sha256, classes, channels, height, width },
    folder: folder ?? null,
    ...{ headline, threshold, budget, seed, images, outliers, command },
    counts: { ...countsOf(result) },
    queries,
  };
}

/** In the order in which they first appear, those of one rule together. */
function rulesOf(audits: readonly LabelledAudit[]): readonly ComparedRule[] {
  const known = audits.map(({ result }) => new Map(result.findings.map((finding) => [finding.ruleId, finding])));
  const ids = [...new Set(audits.flatMap(({ result }) => result.findings.map(({ ruleId }) => ruleId)))];
  const rules = [...new Set(ids.map(ruleOf))];
  return rules
    .flatMap((rule) => ids.filter((id) => ruleOf(id) === rule))
    .map((ruleId) => {
      const findings = known.map((own) => own.get(ruleId));
      return {
        ruleId,
        title: findings.find((finding) => finding !== undefined)!.title,
        findings: findings.map((finding) => {
          if (finding === undefined) return null;
          const { state, severity, sentence: told } = finding;
          return { state, severity, sentence: told };
        }),
      };
    });
}

/** `PAR-G001` of `PAR-G001/black`. */
function ruleOf(ruleId: string): string {
  return ruleId.split('/', 1)[0]!;
}

function gatesOf(audits: readonly LabelledAudit[]): readonly ComparedGate[] {
  const texts = [...new Set(audits.flatMap(({ result }) => result.gates.map(({ text }) => text)))];
  return texts.map((text) => ({
    text,
    results: audits.map(({ result }) => {
      const gate = result.gates.find((each) => each.text === text);
      return gate === undefined ? null : { state: gate.state, sentence: gate.sentence };
    }),
  }));
}
