import { describe, expect, it } from 'vitest';
import { drawChart } from '../../chart/draw-chart.ts';
import { history } from '../../testing/fool-report-data.ts';
import { historyCharts, POINTS } from './history-charts.ts';

/** The drawings of the charts. */
function drawn(rows: Parameters<typeof historyCharts>[0]): Promise<string[]> {
  return Promise.all(historyCharts(rows).map((chart) => drawChart(chart)));
}

/** The paths of the curves. */
function curves(svg: string): string[] {
  return [...svg.matchAll(/aria-roledescription="line mark"[^>]* d="([^"]*)"/g)].map(([, path]) => path!);
}

describe('charts of a history', () => {
  it('show the confidences, the shares and the replacements, each curve with its name', async () => {
    const names = [
      ['median', 'mean', 'worst class'],
      ['median', 'mean', 'worst class'],
      ['≥ 90 %', '≥ 99 %', '≥ 99.99 %'],
      ['replacements'],
    ];
    const all = await drawn(history(20));
    expect(all).toHaveLength(names.length);
    for (const [index, svg] of all.entries()) {
      expect(curves(svg)).toHaveLength(names[index]!.length);
      if (names[index]!.length > 1) for (const name of names[index]!) expect(svg).toContain(`>${name}<`);
    }
  });

  it('draw at most so many points of a long history', async () => {
    for (const svg of await drawn(history(3 * POINTS))) {
      for (const path of curves(svg)) expect(path.match(/[ML]/g)).toHaveLength(POINTS);
    }
  });

  it('name the nines on the log-odds scale, and write percentages like the text', async () => {
    const [linear, logOdds] = await drawn(history(2000));
    for (const tick of ['50 %', '90 %', '99 %', '99.9 %']) expect(logOdds).toContain(`>${tick}<`);
    expect(linear).toContain('>100\u00a0%<');
  });

  it('survive certainty and impossibility', async () => {
    const rows = history(3).map((row, index) => ({ ...row, mean: index / 2, median: 1, worst: 0 }));
    for (const svg of await drawn(rows)) expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('take their colors from the page, so that they are read on light and on dark', async () => {
    for (const svg of await drawn(history(5))) {
      const colors = [...svg.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, color]) => color);
      expect(new Set(colors.map((color) => color!.replace(/var\(--[\w-]+\)/, 'var')))).toEqual(
        new Set(['none', 'var']),
      );
    }
  });

  it('are left out where there is no curve', () => {
    expect(historyCharts([])).toEqual([]);
    expect(historyCharts(history(1))).toEqual([]);
  });
});
