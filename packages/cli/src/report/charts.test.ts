import { describe, expect, it } from 'vitest';
import { charts, POINTS } from './charts.ts';
import { history } from './testing/sample.ts';

describe('charts', () => {
  it('show the confidences, the shares and the replacements, each curve with its name', async () => {
    const drawn = await charts(history(20));
    expect(drawn.map(({ series }) => series)).toEqual([
      ['median', 'mean', 'worst class'],
      ['median', 'mean', 'worst class'],
      ['≥ 90 %', '≥ 99 %', '≥ 99.99 %'],
      ['replacements'],
    ]);
    for (const { svg, series } of drawn) {
      expect(curves(svg)).toHaveLength(series.length);
      if (series.length > 1) for (const name of series) expect(svg).toContain(`>${name}<`);
    }
  });

  it('draw at most so many points of a long history', async () => {
    for (const { svg } of await charts(history(3 * POINTS))) {
      for (const path of curves(svg)) expect(path.match(/[ML]/g)).toHaveLength(POINTS);
    }
  });

  it('name the nines on the log-odds scale', async () => {
    const [, logOdds] = await charts(history(2000));
    for (const tick of ['50 %', '90 %', '99 %', '99.9 %']) expect(logOdds!.svg).toContain(`>${tick}<`);
  });

  it('survive certainty and impossibility', async () => {
    const rows = history(3).map((row, index) => ({ ...row, mean: index / 2, median: 1, worst: 0 }));
    for (const { svg } of await charts(rows)) expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('take their colors from the page, so that they are read on light and on dark', async () => {
    for (const { svg } of await charts(history(5))) {
      const colors = [...svg.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, color]) => color);
      expect(new Set(colors.map((color) => color!.replace(/var\(--[\w-]+\)/, 'var')))).toEqual(
        new Set(['none', 'var']),
      );
    }
  });

  it('are left out where there is no curve', async () => {
    expect(await charts([])).toEqual([]);
    expect(await charts(history(1))).toEqual([]);
  });
});

/** The paths of the curves. */
function curves(svg: string): string[] {
  return [...svg.matchAll(/aria-roledescription="line mark"[^>]* d="([^"]*)"/g)].map(([, path]) => path!);
}
