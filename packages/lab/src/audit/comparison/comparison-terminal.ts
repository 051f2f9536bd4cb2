/** @file The summary of a comparison as lines of text, without colors. */

import { formatCount } from '../../format/format.ts';
import { upperFirst } from '../../format/sentence-case.ts';
import { plainText, sentence } from '../outputs/plain-text.ts';
import type { AuditComparison } from './comparison.ts';
import { modelCounts, testCounts } from './comparison-texts.ts';

const LONGEST = 600;

/** Models that are written out; the rest is counted. */
const MOST = 30;

/** Headline, counts of each model, what is better in what, what is not comparable. Fit for a terminal: no control characters. */
export function comparisonLines({
  headline,
  models,
  areas,
  tests,
  obstacles,
}: Pick<AuditComparison, 'headline' | 'models' | 'areas' | 'tests' | 'obstacles'>): readonly string[] {
  const shown = models.slice(0, MOST);
  const width = Math.min(
    40,
    shown.reduce((most, { label }) => Math.max(most, plainText(label, 40).length), 0),
  );
  const lines = [
    plainText(headline, LONGEST * 2),
    '',
    ...shown.map((model) => `  ${plainText(model.label, 40).padEnd(width)}  ${modelCounts(model)}`),
    ...(models.length > MOST ? [`  and ${formatCount(models.length - MOST)} more`] : []),
    '',
    ...areas.map(({ title, sentence: told }) => `${title}: ${sentence(plainText(told, LONGEST))}`),
    '',
    `${upperFirst(testCounts(tests))}, all adjusted together (Holm).`,
  ];
  if (obstacles.length > 0) {
    lines.push('', 'Not comparable:', ...obstacles.map((each) => `  ${sentence(plainText(each, LONGEST))}`));
  }
  return lines;
}
