import { describe, expect, it } from 'vitest';
import { auditResult, finding } from '../../testing/audit-sample.ts';
import { type Figure, missingFigure, numberFigure, shareFigure } from '../result/figure.ts';
import type { AuditResult } from '../result/result.ts';
import type { SingleAnswers } from '../singles/single-answers.ts';
import { compareAudits } from './compare-audits.ts';
import { AUDIT_COMPARISON, type AuditComparison } from './comparison.ts';

const share = (id: string, hits: number, of: number, doubt?: string): Figure =>
  shareFigure({ id, title: id, better: /^(accuracy|robust)/.test(id) ? 'higher' : 'lower' }, hits, of, doubt);
const exact = (id: string, hits: number, of: number): Figure => ({ ...share(id, hits, of), interval: null });

const audit = (name: string, figures: readonly Figure[], changes: Partial<AuditResult> = {}): AuditResult => {
  const base = auditResult();
  const nothing = { findings: [], gates: [], pictures: [], sections: [], baseline: null };
  return auditResult({ ...nothing, ...changes, figures, model: { ...base.model, ...changes.model, name } });
};

/** Of so many images the first ones count. */
const singles = (figure: string, values: readonly number[], asked = 'x'): SingleAnswers => ({ figure, asked, values });
const hits = (...runs: readonly (readonly [count: number, value: number])[]): number[] =>
  runs.flatMap(([count, value]) => Array.from({ length: count }, () => value));

const figureOf = ({ figures }: AuditComparison, id: string) => figures.find((figure) => figure.id === id)!;
const areaOf = ({ areas }: AuditComparison, id: string) => areas.find((area) => area.id === id)!;

describe('a comparison of audits', () => {
  it("takes shares of which nothing else is known for separate samples, by Fisher's test", () => {
    const comparison = compareAudits([
      { result: audit('a.onnx', [share('accuracy', 490, 500)]) },
      { result: audit('b.onnx', [share('accuracy', 470, 500)]) },
    ]);
    const { pairs, best } = figureOf(comparison, 'accuracy');
    // SciPy's fisher_exact.
    expect(pairs[0]!.p! / 0.0018083493190978333).toBeCloseTo(1, 9);
    expect(pairs[0]).toMatchObject({ test: 'unpaired', verdict: 'first better', adjusted: pairs[0]!.p });
    expect(best).toBe(0);
    expect(comparison.headline).toContain('a is right more often than the other');
    expect(comparison.tests).toEqual({ count: 1, paired: 0, shown: 1, exact: 0 });
    expect(AUDIT_COMPARISON.parse(comparison)).toEqual(comparison);
  });

  it('takes the same images in pairs, and ranks nothing whose intervals overlap', () => {
    const [one, other] = [hits([490, 1], [10, 0]), hits([478, 1], [22, 0])];
    const comparison = compareAudits([
      { result: audit('a', [share('accuracy', 490, 500)]), singles: [singles('accuracy', one)] },
      { result: audit('b', [share('accuracy', 478, 500)]), singles: [singles('accuracy', other)] },
    ]);
    const { pairs, best } = figureOf(comparison, 'accuracy');
    // All of 12 images on one side: 2 / 2^12.
    expect(pairs[0]).toMatchObject({ test: 'paired', verdict: 'first better' });
    expect(pairs[0]!.p! / 2 ** -11).toBeCloseTo(1, 9);
    expect(best).toBeNull();
    expect(areaOf(comparison, 'accuracy').best).toBeNull();
    expect(comparison.headline).toContain('None of the 2 models is shown to be better');
  });

  it.each([
    ['other images', singles('accuracy', hits([478, 1], [22, 0]), 'y')],
    ['answers that are not those that were counted', singles('accuracy', hits([400, 1], [100, 0]))],
    ['fewer answers', singles('accuracy', hits([478, 1], [21, 0]))],
  ])('makes no pairs of %s', (_, second) => {
    const comparison = compareAudits([
      { result: audit('a', [share('accuracy', 490, 500)]), singles: [singles('accuracy', hits([490, 1], [10, 0]))] },
      { result: audit('b', [share('accuracy', 478, 500)]), singles: [second] },
    ]);
    expect(figureOf(comparison, 'accuracy').pairs[0]!.test).toBe('unpaired');
  });

  it('adjusts for all tests together: what one test shows many do not', () => {
    const many = Array.from({ length: 30 }, (_, k) => share(`garbage.kind-${k}`, 50, 100));
    const comparison = compareAudits([
      { result: audit('a', [share('accuracy', 490, 500), ...many]) },
      { result: audit('b', [share('accuracy', 470, 500), ...many]) },
    ]);
    const [pair] = figureOf(comparison, 'accuracy').pairs;
    expect(pair!.adjusted! / (31 * 0.0018083493190978333)).toBeCloseTo(1, 9);
    expect(pair!.verdict).toBe('no difference shown');
    expect(comparison.tests).toMatchObject({ count: 31, shown: 0 });
    expect(comparison.headline).toContain('No difference is shown between the 2 models: none of 31 tests');
  });

  it('calls none better by what was tried as a whole alone, and tells it', () => {
    const noise = share('garbage.uniform-noise', 50, 100);
    const comparison = compareAudits([
      { result: audit('a', [exact('garbage.black', 0, 1), noise]) },
      { result: audit('b', [exact('garbage.black', 1, 1), noise]) },
    ]);
    expect(figureOf(comparison, 'garbage.black').pairs[0]).toMatchObject({
      test: 'exact',
      p: null,
      verdict: 'first better',
    });
    expect(areaOf(comparison, 'garbage').best).toBeNull();
    expect(comparison.tests).toMatchObject({ count: 1, shown: 0, exact: 1 });
  });

  it('calls a model best only where it is worse than none in anything', () => {
    const of = (noise: number, stripes: number) => [
      share('garbage.uniform-noise', noise, 200),
      share('garbage.stripes', stripes, 200),
    ];
    const models = (third: readonly Figure[]) =>
      compareAudits([
        { result: audit('a', of(0, 0)) },
        { result: audit('b', of(180, 190)) },
        { result: audit('c', third) },
      ]);
    const led = models(of(150, 0));
    expect(areaOf(led, 'garbage').best).toBe(0);
    expect(figureOf(led, 'garbage.stripes').best).toBeNull();
    expect(led.headline).toContain('a accepts less garbage than every other');
    const mixed = compareAudits([{ result: audit('a', of(0, 100)) }, { result: audit('b', of(100, 0)) }]);
    expect(areaOf(mixed, 'garbage').best).toBeNull();
    expect(areaOf(mixed, 'garbage').sentence).toContain('a and b are each better in some (1 and 1 of 2 figures)');
  });

  it('names what differs in the conditions, and compares nothing that depends on it', () => {
    const figures = [share('accuracy', 490, 500), share('garbage.stripes', 0, 100), share('robust@linf:0.1', 0, 24)];
    const base = auditResult();
    const comparison = compareAudits([
      { result: audit('a', figures) },
      { result: audit('b', figures, { threshold: 0.5, budget: 'quick' }) },
      { result: audit('c', figures, { images: { ...base.images!, origin: 'photos/' } }) },
      { result: audit('d', figures, { model: { ...base.model, channels: 3, height: 32, width: 32 } }) },
    ]);
    const verdicts = (id: string) =>
      Object.fromEntries(figureOf(comparison, id).pairs.map((each) => [`${each.first}${each.second}`, each.verdict]));
    const [same, unlike] = ['no difference shown', 'not comparable'];
    expect(verdicts('garbage.stripes')).toEqual({
      '01': unlike,
      '02': same,
      '03': same,
      '12': unlike,
      '13': unlike,
      '23': same,
    });
    expect(verdicts('accuracy')).toEqual({
      '01': same,
      '02': unlike,
      '03': same,
      '12': unlike,
      '13': same,
      '23': unlike,
    });
    expect(verdicts('robust@linf:0.1')['03']).toBe(unlike);
    const told = comparison.obstacles.join('\n');
    for (const word of ['thresholds differ', 'real images differ', 'sizes of the images differ', 'd: 3 x 32 x 32']) {
      expect(told).toContain(word);
    }
  });

  it('compares nothing that is in doubt, was not measured, or was not set to be tested', () => {
    const name = { id: 'garbage.stripes', title: 'Stripes', better: 'lower' } as const;
    const comparison = compareAudits([
      {
        result: audit('a', [
          share('accuracy', 1, 9, 'Doubtful'),
          share('garbage.stripes', 1, 9),
          share('garbage', 1, 9),
        ]),
      },
      {
        result: audit('b', [share('accuracy', 9, 9), missingFigure(name, 'share', 'Refused'), share('garbage', 9, 9)]),
      },
    ]);
    expect(figureOf(comparison, 'accuracy').pairs[0]).toMatchObject({ verdict: 'not comparable', p: null });
    expect(figureOf(comparison, 'accuracy').pairs[0]!.sentence).toContain('in doubt for a: Doubtful');
    expect(figureOf(comparison, 'garbage.stripes').pairs[0]!.sentence).toContain('not measured for b (Refused)');
    expect(figureOf(comparison, 'garbage').pairs[0]).toMatchObject({ verdict: 'not tested', test: 'none' });
    expect(comparison.headline).toContain('Nothing could be compared between the 2 models');
  });

  it('compares distances to the same images by the sign test', () => {
    const name = { id: 'distance.l2', title: 'Distance', better: 'higher' } as const;
    const near = numberFigure(name, 'distance', 0.5, { interval: [0.4, 0.6] });
    const far = numberFigure(name, 'distance', 2, { interval: [1.5, 2.5] });
    const comparison = compareAudits([
      { result: audit('a', [near]), singles: [singles('distance.l2', hits([12, 0.5], [1, Number.NaN], [1, 0.5]))] },
      {
        result: audit('b', [far]),
        singles: [singles('distance.l2', hits([11, 2], [1, Number.POSITIVE_INFINITY], [1, 2], [1, Number.NaN]))],
      },
    ]);
    const [pair] = figureOf(comparison, 'distance.l2').pairs;
    expect(pair).toMatchObject({ test: 'paired', verdict: 'second better' });
    // 12 of 12: the others were not looked for in one of them.
    expect(pair!.p! / 2 ** -11).toBeCloseTo(1, 9);
    expect(areaOf(comparison, 'l2').best).toBe(1);
  });

  it('sets findings and gates of all models side by side', () => {
    const gate = { figure: 'garbage', operator: '>', limit: 0.01, sentence: 'So it is' } as const;
    const comparison = compareAudits([
      {
        result: audit('a', [], {
          findings: [finding({ ruleId: 'PAR-G001/black' }), finding({ ruleId: 'PAR-P001' })],
          gates: [{ ...gate, text: 'garbage>1%', state: 'fail' }],
        }),
      },
      {
        result: audit('b', [], {
          findings: [finding({ ruleId: 'PAR-G001/white', state: 'pass', severity: 'none' })],
          gates: [{ ...gate, text: 'garbage>1%', state: 'pass' }],
        }),
      },
    ]);
    expect(
      comparison.rules.map(({ ruleId, findings }) => [ruleId, findings.map((each) => each?.state ?? null)]),
    ).toEqual([
      ['PAR-G001/black', ['fail', null]],
      ['PAR-G001/white', [null, 'pass']],
      ['PAR-P001', ['fail', null]],
    ]);
    expect(comparison.gates).toEqual([
      {
        text: 'garbage>1%',
        results: [
          { state: 'fail', sentence: 'So it is' },
          { state: 'pass', sentence: 'So it is' },
        ],
      },
    ]);
    expect(comparison.headline).toContain('1 of 2 have findings of high severity');
  });

  it('numbers models of the same name, and says that they are the same file', () => {
    const result = audit('lenet.onnx', [share('accuracy', 9, 10)]);
    const { models, notes } = compareAudits([{ result }, { result }, { result: audit('other.onnx', []) }]);
    expect(models.map(({ label }) => label)).toEqual(['lenet (1)', 'lenet (2)', 'other']);
    expect(notes.join(' ')).toContain('lenet (1), lenet (2) and other are the same file');
  });

  it('needs two audits', () => {
    expect(() => compareAudits([{ result: audit('a', []) }])).toThrow('nothing to compare');
  });
});
