import { expect, it } from 'vitest';
import type { Finding } from '../../finding/finding.ts';
import { tinyWorkbench } from '../../testing/workbench.ts';
import { retraining } from './retraining.ts';

it('a retrained network knows fooling images of the one before, reads digits, and is fooled again', async () => {
  const bench = await tinyWorkbench();
  try {
    const finding = (await retraining.run(bench)) as Finding;
    const [first, second] = finding.tables[0]!.rows.map((row) => row.map((cell) => Number.parseFloat(cell)));
    // Two searches for ten classes, with elites of the first and of the last generation.
    expect(second![4]).toBe(40);
    // More than by chance among eleven.
    expect(second![6]).toBeGreaterThan(100 / 11);
    expect(first![3]).toBeGreaterThan(60);
    expect(second![3]).toBeGreaterThan(60);
    expect(second![1]).toBeGreaterThan(100 / 11);
    expect(finding.galleries.map(({ pictures }) => pictures.length)).toEqual([10, 10]);
    const units = bench.units.size;
    expect(await retraining.run(bench)).toEqual(finding);
    expect(bench.units.size).toBe(units);
  } finally {
    await bench.dispose();
  }
});
