import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../finding/finding.ts';
import { tinyWorkbench } from '../../testing/workbench.ts';
import { decisionBoundaries } from './decision-boundaries.ts';

let bench: Awaited<ReturnType<typeof tinyWorkbench>>;
beforeAll(async () => {
  bench = await tinyWorkbench();
});
afterAll(() => bench.dispose());

it('fooling points lie further from the data than adversarial ones, and certainty grows with the distance', async () => {
  const finding = (await decisionBoundaries.run(bench)) as Finding;
  expect(finding.verdict).not.toBe('not reproduced');
  const medians = finding.tables[0]!.rows.map((row) => Number.parseFloat(row[1]!));
  expect(medians.at(-1)!).toBeGreaterThanOrEqual(medians[0]!);
  expect(finding.charts.length).toBe(2);
});
