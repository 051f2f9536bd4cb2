import { expect, it } from 'vitest';
import type { Finding } from '../../finding/finding.ts';
import { tinyWorkbench } from '../../testing/workbench.ts';
import { datasetSize } from './dataset-size.ts';

it('networks of more examples read better, and each has searches of both encodings', async () => {
  const bench = await tinyWorkbench();
  try {
    const finding = (await datasetSize.run(bench)) as Finding;
    const { rows } = finding.tables[0]!;
    expect(rows.map((row) => row.slice(0, 2))).toEqual([
      ['10', '4'],
      ['10', '40'],
      ['3', '40'],
    ]);
    const accuracy = (row: number): number => Number.parseFloat(rows[row]![2]!);
    expect(accuracy(1)).toBeGreaterThan(accuracy(0));
    expect(accuracy(2)).toBeGreaterThan(accuracy(1));
    expect([...bench.units.keys()].filter((key) => /(direct|cppn)-1$/.test(key)).length).toBe(6);
    // Two networks cannot show a correlation.
    expect(finding).toMatchObject({ verdict: 'inconclusive', lacking: expect.stringContaining('2 networks') });
  } finally {
    await bench.dispose();
  }
});
