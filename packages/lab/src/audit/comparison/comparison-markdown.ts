/** @file A comparison of audits as Markdown: the comment of a pull request, or the summary of a job. */

import { formatCount } from '../../format/format.ts';
import { upperFirst } from '../../format/sentence-case.ts';
import { code, escaped, fitted, folded, more, table } from '../outputs/markdown-text.ts';
import { plainText, sentence } from '../outputs/plain-text.ts';
import { isDecisive } from './areas.ts';
import { winnerOf } from './compare-figures.ts';
import type { AuditComparison } from './comparison.ts';
import { bestCell, modelCounts, ruleCell, testCounts, valueCell } from './comparison-texts.ts';

/** Characters of a headline. */
const LONGEST = 1200;

/**
 * Headline, models with their counts, what each is better in, the figures that decide it, and the rest folded away; below
 * 65,000 characters.
 */
export function comparisonMarkdown(comparison: AuditComparison): string {
  return fitted((rows) => partsOf(comparison, rows));
}

function partsOf(comparison: AuditComparison, rows: number): readonly string[] {
  const { models, areas, figures, rules, gates, obstacles, notes, tests, headline, command } = comparison;
  const labels = models.map(({ label }) => escaped(label, 80));
  const parts = [
    `## Comparison of ${formatCount(models.length)} audits`,
    `**${escaped(sentence(headline), LONGEST)}**`,
    table(
      ['model', 'findings and gates', 'what its audit says'],
      models.map((model) => [model.label, modelCounts(model), model.headline]),
      rows,
    ),
    '### Better in what',
    areas.map((area) => `- **${escaped(area.title)}**: ${escaped(area.sentence, LONGEST)}`).join('\n'),
    `${upperFirst(testCounts(tests))}.`,
  ];
  if (obstacles.length > 0) parts.push('### Not comparable', bullets(obstacles, rows));
  if (gates.length > 0) {
    const body = gates.map(({ text, results }) => [text, ...results.map((result) => result?.state ?? '–')]);
    parts.push('### Gates', table(['fails where', ...labels], body, rows));
  }
  const decisive = figures.filter(({ id }) => isDecisive(id));
  if (decisive.length > 0) {
    const body = decisive.map((figure) => [
      figure.title,
      ...models.map((_, place) => valueCell(figure, place)),
      bestCell(figure, models),
    ]);
    parts.push('### Figures (95 % interval)', table(['figure', ...labels, 'best'], body, rows));
  }
  const differences = figures.flatMap(({ title, pairs }) =>
    pairs
      .filter((pair) => winnerOf(pair) !== undefined)
      .map((pair) => [title, models[winnerOf(pair)!]!.label, sentence(pair.sentence)]),
  );
  if (differences.length > 0) {
    parts.push(
      folded(
        `Differences beyond chance (${formatCount(differences.length)})`,
        table(['figure', 'better', 'measured'], differences, rows),
      ),
    );
  }
  if (rules.length > 0) {
    const body = rules.map((rule) => [rule.ruleId, rule.title, ...models.map((_, place) => ruleCell(rule, place))]);
    parts.push(folded(`Findings (${formatCount(rules.length)} rules)`, table(['rule', '', ...labels], body, rows)));
  }
  parts.push(folded('How to read it', bullets(notes, rows)));
  if (command !== '') parts.push(`Run it again: ${code(plainText(command))}`);
  return parts;
}

function bullets(sentences: readonly string[], rows: number): string {
  return `${sentences
    .slice(0, rows)
    .map((each) => `- ${escaped(sentence(each), LONGEST)}`)
    .join('\n')}${more(sentences, rows)}`;
}
