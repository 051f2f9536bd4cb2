import { describe, expect, it } from 'vitest';
import { compareAudits } from '../../audit/comparison/compare-audits.ts';
import { winnerOf } from '../../audit/comparison/compare-figures.ts';
import { comparisonCsv } from '../../audit/comparison/comparison-csv.ts';
import { comparisonMarkdown } from '../../audit/comparison/comparison-markdown.ts';
import { comparisonLines } from '../../audit/comparison/comparison-terminal.ts';
import { modelCounts, testCounts } from '../../audit/comparison/comparison-texts.ts';
import { shareFigure } from '../../audit/result/figure.ts';
import { auditResult, auditSample, nastySample } from '../../testing/audit-sample.ts';
import { renderComparisonReport } from './comparison-report.ts';

const textOf = (page: string): string =>
  page.replace(/<(style|script)>[\s\S]*?<\/\1>|<[^>]*>/g, '').replaceAll('\u00a0', ' ');

/** The sample beside one that accepts nothing and fails less. */
function compared() {
  const first = auditSample();
  const base = first.result;
  const result = auditResult({
    model: { ...base.model, name: 'better.onnx', sha256: 'b'.repeat(64) },
    findings: base.findings.filter(({ severity }) => severity !== 'high'),
    figures: base.figures.map((figure) =>
      /^garbage(\.[^.]+)?$/.test(figure.id) && figure.counted !== null
        ? shareFigure({ id: figure.id, title: figure.title, better: 'lower' }, 0, figure.counted.of)
        : figure,
    ),
  });
  const audits = [first, { result, pictures: first.pictures }];
  const folders = ['1-a', '2-b c'];
  return {
    audits,
    comparison: compareAudits(
      audits.map((each, place) => ({ ...each, folder: folders[place]! })),
      { command: 'npx pareidolia audit a.onnx better.onnx' },
    ),
  };
}

describe('the page of a comparison', () => {
  it('answers first, and leads to the report of each model', async () => {
    const { audits, comparison } = compared();
    const page = await renderComparisonReport(comparison, audits);
    const [header] = /<header>[\s\S]*?<\/header>/.exec(page)!;
    expect(textOf(/<h1>[\s\S]*?<\/h1>/.exec(page)![0])).toBe('Of 2 models better accepts less garbage than the other');
    expect(header).toContain('href="1-a/report.html"');
    expect(header).toContain('href="2-b%20c/report.html"');
    expect(page).toContain('href="1-a/pictures/');
  });

  it('counts as JSON, CSV, Markdown and terminal do', async () => {
    const { audits, comparison } = compared();
    const { models, tests, figures } = comparison;
    const page = textOf(await renderComparisonReport(comparison, audits));
    const markdown = comparisonMarkdown(comparison).replaceAll('\\', '');
    const lines = comparisonLines(comparison).join('\n');
    for (const output of [page, markdown, lines]) {
      for (const model of models) expect(output.toLowerCase()).toContain(modelCounts(model).toLowerCase());
      expect(output.toLowerCase()).toContain(testCounts(tests).toLowerCase());
    }
    const differences = tests.shown + tests.exact;
    expect(differences).toBe(
      figures.flatMap(({ pairs }) => pairs).filter((pair) => winnerOf(pair) !== undefined).length,
    );
    expect(differences).toBeGreaterThan(0);
    const cells = comparisonCsv(comparison)
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(','));
    expect(cells.flatMap((line) => (line.at(-2) ?? '').split(';')).filter((name) => name.trim() !== '')).toHaveLength(
      differences,
    );
    expect(cells).toHaveLength(figures.flatMap(({ values }) => values).filter((value) => value !== null).length);
    const html = await renderComparisonReport(comparison, audits);
    expect(html.match(/<tr class="difference">/g)).toHaveLength(differences);
    expect(markdown).toContain(`Differences beyond chance (${differences})`);
    expect(page).toContain(`${differences} differences of two models`);
    // A badge for each finding of each model.
    const found = comparison.rules.flatMap(({ findings }) => findings).filter((each) => each !== null);
    expect(found).toHaveLength(audits.reduce((sum, { result }) => sum + result.findings.length, 0));
    expect(found.filter((each) => each.state === 'fail')).toHaveLength(
      models.reduce((sum, { counts }) => sum + counts.fail, 0),
    );
  });

  it('draws all models in one chart of garbage and one of the radius', async () => {
    const { audits, comparison } = compared();
    const page = await renderComparisonReport(comparison, audits);
    expect(page).toContain('Accuracy over the radius, Linf');
    const [chart] = /Accuracy over the radius, Linf[\s\S]*?<\/svg>/.exec(page)!;
    for (const { label } of comparison.models) expect(chart).toContain(label);
  });

  it('escapes whatever text comes with the data, loads nothing, and stays of bounded size', async () => {
    const audits = [nastySample(), nastySample(), auditSample()];
    const comparison = compareAudits(
      audits.map((each) => ({ ...each, folder: '../"><script>' })),
      { command: 'x' },
    );
    const page = await renderComparisonReport(comparison, audits);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(/(?![\t\n\r])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(page)).toBe(false);
    expect(page.length).toBeLessThan(12_000_000);
    const namespaces = /xmlns(:\w+)?="[^"]*"/g;
    expect(/https?:|<link|@import|url\(|src="(?!data:)/.test(page.replace(namespaces, ''))).toBe(false);
    const markdown = comparisonMarkdown(comparison);
    expect(markdown.length).toBeLessThan(65_000);
    expect(markdown).not.toContain('<script');
    expect(/[\p{Cc}]/u.test(comparisonLines(comparison).join(''))).toBe(false);
    for (const line of comparisonCsv(comparison).split('\r\n')) expect(line).not.toMatch(/(^|,)"?[=+@]/);
  });
});
