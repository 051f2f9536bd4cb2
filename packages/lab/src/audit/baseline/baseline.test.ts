import { describe, expect, it } from 'vitest';
import { auditResult } from '../../testing/audit-sample.ts';
import { type Figure, missingFigure, numberFigure, shareFigure } from '../result/figure.ts';
import type { AuditChange } from '../result/result.ts';
import { becameWorse, compareWithBaseline, type Measured } from './baseline.ts';

const share = (hits: number, id = 'garbage', better: Figure['better'] = 'lower', doubt?: string): Figure =>
  shareFigure({ id, title: 'Share', better }, hits, 500, doubt);

const audit = (figures: readonly Figure[], changes: Partial<Measured> = {}): Measured => ({
  figures,
  threshold: 0.9,
  budget: 'quick',
  images: null,
  ...changes,
});

const images = (origin: string): Measured['images'] => ({ origin, count: 10, used: 10, labelled: true, leftOut: [] });

function only(before: Measured, now: Measured): AuditChange {
  const changes = compareWithBaseline(before, now);
  expect(changes).toHaveLength(1);
  return changes[0]!;
}

describe('a change', () => {
  // Wilson's intervals of 500: 10 %: 7.67 to 12.94; 14 %: 11.24 to 17.31; 20 %: 16.73 to 23.73 (the formula by hand).
  it.each([
    [50, 70, 'lower', 'same'],
    [50, 100, 'lower', 'worse'],
    [50, 100, 'higher', 'better'],
    [100, 50, 'lower', 'better'],
    [100, 50, 'higher', 'worse'],
    [50, 50, 'lower', 'same'],
  ] as const)('from %d to %d of 500, %s is better: %s', (before, now, better, verdict) => {
    const change = only(audit([share(before, 'garbage', better)]), audit([share(now, 'garbage', better)]));
    expect(change).toMatchObject({ figure: 'garbage', before: before / 500, now: now / 500, verdict });
  });

  it('is not told of figures without intervals, unless they count', () => {
    const of = (unit: Figure['unit'], value: number): Measured =>
      audit([numberFigure({ id: 'x', title: 'X', better: 'lower' }, unit, value)]);
    expect(only(of('distance', 1), of('distance', 2)).verdict).toBe('not comparable');
    expect(only(of('distance', 1), of('distance', 1)).verdict).toBe('same');
    expect(only(of('count', 1), of('count', 2)).verdict).toBe('worse');
    expect(only(of('count', 1), of('number', 2)).verdict).toBe('not comparable');
  });

  it('is not told where either figure is in doubt, or was not measured', () => {
    const missing = missingFigure({ id: 'garbage', title: 'Share', better: 'lower' }, 'share', 'No');
    for (const doubtful of [share(400, 'garbage', 'lower', 'Only a bound'), missing]) {
      expect(only(audit([share(50)]), audit([doubtful])).verdict).toBe('not comparable');
      expect(only(audit([doubtful]), audit([share(50)])).verdict).toBe('not comparable');
    }
    expect(only(audit([]), audit([share(50)]))).toMatchObject({ before: null, verdict: 'not comparable' });
    expect(only(audit([share(50)]), audit([]))).toMatchObject({ now: null, verdict: 'not comparable' });
  });

  it.each([
    ['garbage', { threshold: 0.5 }, false],
    ['garbage.white', { threshold: 0.5 }, false],
    ['garbage.white.mean', { threshold: 0.5 }, true],
    ['refused', { threshold: 0.5 }, false],
    ['accuracy', { threshold: 0.5 }, true],
    ['robust@linf:8/255', { threshold: 0.5 }, true],
    ['robust@linf:8/255', { budget: 'thorough' }, false],
    ['searched', { budget: 'thorough' }, false],
    ['garbage', { budget: 'thorough' }, true],
    ['accuracy', { images: images('other/') }, false],
    ['accuracy', { images: images('/elsewhere/photos') }, true],
    ['garbage', { images: images('other/') }, true],
  ] as const)('of %s with %j now is comparable: %s', (id, changes, comparable) => {
    const before = audit([share(50, id)], { images: images('photos/') });
    const now = audit([share(100, id)], { images: images('photos/'), ...changes });
    expect(only(before, now).verdict).toBe(comparable ? 'worse' : 'not comparable');
  });

  it('is not listed where neither way is better', () => {
    expect(compareWithBaseline(audit([share(1, 'x', null)]), audit([share(2, 'x', null)]))).toEqual([]);
  });
});

it('only what became worse fails', () => {
  const verdicts = ['better', 'same', 'worse', 'not comparable'] as const;
  const changes = verdicts.map((verdict) => ({ figure: 'x', before: 1, now: 2, verdict, sentence: verdict }));
  expect(becameWorse(auditResult({ baseline: { name: 'b', changes } })).map(({ verdict }) => verdict)).toEqual([
    'worse',
  ]);
  expect(becameWorse(auditResult({ baseline: null }))).toEqual([]);
});
