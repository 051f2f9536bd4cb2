import { describe, expect, it } from 'vitest';
import { auditResult, auditSample, emptySample, finding, NASTY, nastySample } from '../../testing/audit-sample.ts';
import { numberFigure } from '../result/figure.ts';
import { AUDIT_RESULT, type AuditResult } from '../result/result.ts';
import { auditCsv } from './csv.ts';
import { auditJunit } from './junit.ts';
import { auditMarkdown } from './markdown.ts';
import { auditSarif } from './sarif.ts';
import { auditLines } from './terminal.ts';

const sample = auditSample().result;
const nasty = nastySample().result;
const nothing = emptySample().result;

/** The digits of a formatted count. */
const digits = (text: string | undefined): number => Number((text ?? 'none').replace(/^no$/, '0').replaceAll(',', ''));

describe.each([
  ['as it looks in practice', sample],
  ['with the worst that data can hold', nasty],
  ['of nothing', nothing],
])('the outputs of an audit %s', (_, result) => {
  const of = (state: string): number => result.findings.filter((each) => each.state === state).length;
  const [fail, open, pass] = [of('fail'), of('inconclusive'), of('pass')];
  const gates = result.gates.length;
  const gatesFailed = result.gates.filter(({ state }) => state !== 'pass').length;

  it('are about a result that its schema takes, also after a file', () => {
    const read: unknown = JSON.parse(JSON.stringify(result));
    expect(AUDIT_RESULT.parse(read)).toEqual(read);
  });

  it('agree in their counts', () => {
    const [run] = JSON.parse(auditSarif([result])).runs;
    const told: { kind: string; ruleId: string }[] = run.results;
    const ofGates = told.filter(({ ruleId }) => ruleId === 'PAR-GATE').length;
    const failing = told.filter(({ kind }) => kind === 'fail').length - ofGates;
    expect([failing, told.filter(({ kind }) => kind === 'open').length, ofGates]).toEqual([fail, open, gatesFailed]);

    const suites = [...auditJunit(result).matchAll(/<testsuite [^>]*>[\s\S]*?<\/testsuite>/g)].map(([suite]) => ({
      declared: ['tests', 'failures', 'skipped'].map((name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)![1])),
      counted: [/<testcase /g, /<failure /g, /<skipped /g].map((tag) => (suite.match(tag) ?? []).length),
    }));
    const expected = [
      [fail + open + pass, fail, open],
      [gates, gatesFailed, 0],
    ];
    expect(suites.map(({ declared }) => declared)).toEqual(expected);
    expect(suites.map(({ counted }) => counted)).toEqual(expected);

    for (const text of [auditMarkdown(result), auditLines(result).join('\n')]) {
      const [, failed, inconclusive, passed] =
        /([\d,]+|no) findings?(?: \([^)]*\))?, ([\d,]+) inconclusive, ([\d,]+) passed/i.exec(text)!;
      expect([failed!.toLowerCase(), inconclusive, passed].map(digits)).toEqual([fail, open, pass]);
      const [, good, all] = /([\d,]+) of ([\d,]+)(?: gates)? passed/.exec(text) ?? [];
      if (gates > 0) expect([good, all].map(digits)).toEqual([gates - gatesFailed, gates]);
    }
    expect(auditCsv(result).trimEnd().split('\r\n')).toHaveLength(1 + result.figures.length);
  });

  it('hold no control characters, and are well-formed', () => {
    const texts = [
      auditMarkdown(result),
      auditCsv(result),
      auditJunit(result),
      auditSarif([result]),
      ...auditLines(result),
    ];
    for (const text of texts) {
      expect(/(?![\r\n])[\p{Cc}\p{Cs}\u202a-\u202e]/u.test(text)).toBe(false);
    }
  });

  it('are the same again', () => {
    const again: AuditResult = JSON.parse(JSON.stringify(result));
    for (const write of [auditMarkdown, auditCsv, auditJunit, auditLines]) expect(write(again)).toEqual(write(result));
    expect(auditSarif([again])).toBe(auditSarif([result]));
  });
});

describe('JUnit', () => {
  it('is XML whose tags close, with nothing unescaped', () => {
    const open: string[] = [];
    const tags = [
      ...auditJunit(nasty).matchAll(/<([/?]?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/|\?)?>|<|&(?!(?:amp|lt|gt|quot);)/g),
    ];
    for (const [whole, before, name, , after] of tags) {
      expect(whole.length).toBeGreaterThan(1);
      if (before === '/') expect(open.pop()).toBe(name);
      else if (before === '' && after === undefined) open.push(name!);
    }
    expect(open).toEqual([]);
  });

  it('says of a failure what it rests on, and how to repeat it', () => {
    const text = auditJunit(sample);
    expect(text).toContain('<failure type="high" message="487 of 500 images of uniform noise');
    expect(text).toContain('Accepted of uniform noise: 97.4\u00a0% (95.6\u00a0% to 98.5\u00a0%)');
    expect(text).toContain('Repeat: npx pareidolia score digits.onnx');
    expect(text).toContain(
      '<skipped message="Whether images of other things are told apart was not measured. Settled by',
    );
  });
});

describe('CSV', () => {
  it('has every figure with all its digits', () => {
    const lines = auditCsv(sample).split('\r\n');
    expect(lines[0]).toBe('id,title,unit,value,low,high,hits,of,better,state,why');
    const accuracy = lines.find((line) => line.startsWith('accuracy,'))!.split(',');
    expect(accuracy.slice(2, 4)).toEqual(['share', '0.991']);
    expect(accuracy.slice(6)).toEqual(['1982', '2000', 'higher', 'measured', '']);
    expect(lines.find((line) => line.startsWith('auroc.outliers'))).toContain('probability,,,,,,higher,not measured,');
  });

  it.each([
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'=1"`],
    [' =1', `"'=1"`],
    ['"=1', `"'""=1"`],
    ['＝1', `"'＝1"`],
    ['a "b", c', '"a ""b"", c"'],
    ['plain', 'plain'],
  ])('writes %j so that a spreadsheet shows it', (title, cell) => {
    const figures = [numberFigure({ id: 'x', title, better: null }, 'number', -1)];
    expect(auditCsv({ figures }).split('\r\n')[1]).toBe(`x,${cell},number,-1,,,,,,measured,`);
  });
});

describe('Markdown', () => {
  it('is short enough for a comment, whatever there is', () => {
    for (const result of [sample, nasty, nothing]) expect(auditMarkdown(result).length).toBeLessThan(65_000);
  });

  it('takes no markup, mention, reference or link from text', () => {
    const text = auditMarkdown(nasty).replace(/`[^`\n]*`$/m, '');
    expect(/<(?!\/?(details|summary)>)/.test(text)).toBe(false);
    expect(/@\w|#\d|:\/\//.test(text)).toBe(false);
    expect(/(?<!\\)\]\(/.test(text)).toBe(false);
    // As many cells in each row as in its head, so no text ended a cell.
    const width = (line: string): number => line.match(/(?<!\\)\|/g)!.length;
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    for (const [at, row] of rows.entries()) {
      if (!/^\|( --- \|)+$/.test(row)) continue;
      for (let next = at + 1; next < rows.length && !/^\|( --- \|)+$/.test(rows[next + 1] ?? ''); next++) {
        expect(width(rows[next]!)).toBe(width(row));
      }
    }
  });

  it('shows gates, failing findings with figures, and changes before what is folded away', () => {
    const text = auditMarkdown(sample);
    const places = ['### Gates', '### Findings', '### Against runs/last/audit.json', '<details>'].map((part) =>
      text.indexOf(part),
    );
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(text).toContain('Accepted of uniform noise: 97.4\u00a0% \\(95.6\u00a0% to 98.5\u00a0%\\)');
    expect(text).toContain('❌ worse');
  });
});

describe('the summary in the terminal', () => {
  it('has the headline first, and findings by severity', () => {
    const lines = auditLines(sample);
    expect(lines[0]).toBe(sample.headline);
    const marks = lines.flatMap((line) => /^ {2}(high|medium|low|inconclusive) /.exec(line)?.[1] ?? []);
    expect(marks).toEqual(['high', 'high', 'medium', 'low', 'inconclusive', 'inconclusive']);
  });

  it('is of bounded length, and says what it leaves out', () => {
    const findings = Array.from({ length: 1000 }, () => finding({ sentence: NASTY.repeat(100) }));
    const lines = auditLines(auditResult({ findings }));
    expect(lines.length).toBeLessThan(200);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(1300);
    expect(lines.join('\n')).toContain('and 950 more');
  });
});
