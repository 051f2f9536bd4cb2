import { describe, expect, it } from 'vitest';
import { auditResult, emptySample, finding } from '../testing/audit-sample.ts';
import { judgeGate, parseGates } from './gates/gate.ts';
import { questionsOf } from './questions.ts';
import { numberFigure, shareFigure } from './result/figure.ts';

const garbage = (state: 'pass' | 'fail' | 'inconclusive', part: string) =>
  finding({ ruleId: `PAR-G001/${part}`, state, severity: state === 'fail' ? 'high' : 'none' });
const stopped = (name: string, hits: number, of: number) =>
  shareFigure(
    { id: `stopped.${name}`, title: `Share of ${name} stopped by the threshold`, better: 'higher' },
    hits,
    of,
  );
const threshold = numberFigure({ id: 'threshold.95', title: 'T', better: null }, 'probability', 0.8, {
  interval: [0.7, 0.85],
});
const answers = (changes: Parameters<typeof auditResult>[0]): readonly string[] =>
  questionsOf(auditResult(changes)).map(({ state }) => state);

describe('the three questions', () => {
  it('says that garbage passes where any kind or search fails, and that it does not only where all pass', () => {
    const [some] = questionsOf(auditResult({ findings: [garbage('pass', 'a'), garbage('fail', 'b')] }));
    expect(some).toMatchObject({ answer: 'Yes', state: 'bad' });
    expect(some!.why).toContain('1 of 2 kinds');
    expect(answers({ findings: [garbage('pass', 'a'), garbage('pass', 'b')] })[0]).toBe('good');
    expect(answers({ findings: [garbage('pass', 'a'), garbage('inconclusive', 'b')] })[0]).toBe('open');
    const searched = finding({ ruleId: 'PAR-S001/cppn', state: 'inconclusive', severity: 'none' });
    expect(answers({ findings: [garbage('pass', 'a'), searched] })[0]).toBe('open');
    expect(answers({ findings: [garbage('pass', 'a'), { ...searched, state: 'fail', severity: 'low' }] })[0]).toBe(
      'bad',
    );
    expect(answers({ findings: [finding({ ruleId: 'PAR-G002' })] })[0]).toBe('bad');
  });

  it('says what a threshold stops only where intervals show it', () => {
    // Wilson: 1000 of 1000 is above 95 %, 20 of 20 reaches from 84 %, 900 of 1000 lies below.
    expect(answers({ figures: [threshold, stopped('a', 1000, 1000)] })[1]).toBe('good');
    expect(answers({ figures: [threshold, stopped('a', 1000, 1000), stopped('b', 20, 20)] })[1]).toBe('open');
    const [, bad] = questionsOf(
      auditResult({ figures: [threshold, stopped('a', 1000, 1000), stopped('b', 900, 1000), stopped('c', 990, 1000)] }),
    );
    expect(bad).toMatchObject({ answer: 'No threshold does', state: 'bad' });
    expect(bad!.why.replaceAll('\u00a0', ' ')).toContain('of 1 of 3 kinds; least of b (90 %)');
    expect(answers({ figures: [stopped('a', 1000, 1000)] })[1]).toBe('open');
  });

  it('lets it go out by its gates alone', () => {
    const share = shareFigure({ id: 'garbage', title: 'G', better: 'lower' }, 500, 1000);
    const gate = (text: string) => judgeGate(parseGates(text)[0]!, new Map([['garbage', share]]));
    expect(answers({ gates: [] })[2]).toBe('open');
    expect(answers({ gates: [gate('garbage>90%')] })[2]).toBe('good');
    expect(answers({ gates: [gate('garbage>90%'), gate('garbage>1%')] })[2]).toBe('bad');
    const [, , unmeasured] = questionsOf(auditResult({ gates: [judgeGate(parseGates('garbage>1%')[0]!, new Map())] }));
    expect(unmeasured).toMatchObject({ answer: 'No', state: 'open' });
  });

  it('decides nothing where nothing was measured', () => {
    expect(questionsOf(emptySample().result).map(({ state }) => state)).toEqual(['open', 'open', 'open']);
  });
});
