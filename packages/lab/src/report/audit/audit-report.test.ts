import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { auditResult, auditSample, emptySample, nastySample } from '../../testing/audit-sample.ts';
import { renderAuditReport } from './audit-report.ts';

const textOf = (page: string): string =>
  page.replace(/<style>[\s\S]*?<\/style>|<[^>]*>/g, '').replaceAll('\u00a0', ' ');

describe('the report of an audit', () => {
  it('answers first, in a sentence with the key figures', async () => {
    const page = await renderAuditReport(auditSample());
    const [header] = /<header>[\s\S]*?<\/header>/.exec(page)!;
    expect(
      /<h1>([\s\S]*?)<\/h1>/
        .exec(page)![1]!
        .replace(/<[^>]*>/g, '')
        .replaceAll('\u00a0', ' '),
    ).toBe(
      'It accepts images that show nothing: of the worst kind (uniform noise) 97.4 % are accepted at 90 % confidence',
    );
    for (const told of ['97.4 %', '10 of 10', '≤ 59 %', '99.1 %', '2 of 5', '3 of 5 gates are not passed']) {
      expect(textOf(header)).toContain(told);
    }
    expect(header.match(/<img src="data:image\/png/g)).toHaveLength(6);
  });

  it('has as many findings of each kind as the result', async () => {
    const { result } = auditSample();
    const page = await renderAuditReport(auditSample());
    for (const severity of ['high', 'medium', 'low'] as const) {
      const failing = result.findings.filter((each) => each.state === 'fail' && each.severity === severity);
      expect(page.split(`<article class="finding ${severity}">`)).toHaveLength(failing.length + 1);
    }
    expect(page.split('<article class="finding open">')).toHaveLength(3);
    expect(textOf(page)).toContain('4 findings (2 high, 1 medium, 1 low), 2 inconclusive, 2 passed');
    expect(textOf(page)).toContain('What would settle it: images of other things');
  });

  it('shows each picture once below its head, with class, confidence and a link to its file', async () => {
    const { result } = auditSample();
    const page = await renderAuditReport(auditSample());
    const body = page.slice(page.indexOf('</header>'));
    for (const { file } of result.pictures) expect(body.split(`href="${file}"`)).toHaveLength(2);
    // The confidence stands beside the class, in one line.
    expect(body).toMatch(/<b title="eight">eight<\/b><span class="sure">9\d\.?\d*\u00a0%<\/span>/);
  });

  it('leaves pictures that have no room to their files', async () => {
    const page = await renderAuditReport(auditSample(), 3000);
    expect(page.match(/<img /g)!.length).toBeLessThan(10);
    expect(page).toContain('in the file beside this page');
  });

  it('allows no script but its own, and loads nothing', async () => {
    const page = await renderAuditReport(auditSample());
    const [, script] = /<script>([\s\S]*?)<\/script>/.exec(page)!;
    const hash = createHash('sha256').update(script!).digest('base64');
    expect(page).toContain(`script-src &#39;sha256-${hash}&#39;`);
    expect(page.match(/<script/g)).toHaveLength(1);
    const namespaces = /xmlns(:\w+)?="[^"]*"/g;
    expect(/https?:|<link|@import|url\(|src="(?!data:)/.test(page.replace(namespaces, ''))).toBe(false);
  });

  it('escapes whatever text comes with the data, and stays of bounded size', async () => {
    const page = await renderAuditReport(nastySample());
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(/(?![\t\n\r])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(page)).toBe(false);
    expect(page.length).toBeLessThan(8_000_000);
  });

  it('of nothing still stands', async () => {
    const page = textOf(await renderAuditReport(emptySample()));
    expect(page).toContain('Nothing failed.');
    expect(page).toContain('No real images were given.');
  });

  it('says what it is compared with, the worse first', async () => {
    const page = textOf(await renderAuditReport(auditSample()));
    expect(page.indexOf('worse')).toBeGreaterThan(0);
    expect(page).toContain('Compared with runs/last/audit.json');
    const unlike = { figure: 'x', before: null, now: 1, verdict: 'not comparable' as const, sentence: 'X' };
    const result = auditResult({ baseline: { name: 'b', changes: [unlike] } });
    expect(textOf(await renderAuditReport({ result, pictures: new Map() }))).toContain('not comparable');
  });

  it('folds what is the same as before', async () => {
    const change = (figure: string, verdict: 'worse' | 'same') => ({
      ...{ figure, before: 1, now: 1, verdict },
      sentence: `${figure} is told`,
    });
    const changes = [change('a', 'same'), change('b', 'worse'), change('c', 'same')];
    const result = auditResult({ baseline: { name: 'b', changes } });
    const page = await renderAuditReport({ result, pictures: new Map() });
    const [, folded] = /<summary>2 figures are the same<\/summary>([\s\S]*?)<\/details>/.exec(page)!;
    expect(['a', 'b', 'c'].map((figure) => folded!.includes(`${figure} is told`))).toEqual([true, false, true]);
    expect(page).toContain('b is told');
  });
});
