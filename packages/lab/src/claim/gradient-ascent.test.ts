import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../finding/finding.ts';
import { tinyWorkbench } from '../testing/workbench.ts';
import { gradientAscent } from './gradient-ascent.ts';

let bench: Awaited<ReturnType<typeof tinyWorkbench>>;
beforeAll(async () => {
  bench = await tinyWorkbench();
});
afterAll(() => bench.dispose());

/** The number at the beginning of a cell of the first table. */
function figure({ tables }: Finding, row: number, column: number): number {
  return Number.parseFloat(tables[0]!.rows[row]![column]!);
}

it('ascent comes near certainty, and its images are rougher than CPPN images', async () => {
  const finding = (await gradientAscent.run(bench)) as Finding;
  expect(figure(finding, 0, 1)).toBeGreaterThan(90);
  const roughness = finding.tables[0]!.rows.map((_, row) => figure(finding, row, 3));
  expect(finding.tables[0]!.rows.map(([name]) => name)).toEqual(['ascent, plain', 'evolved, cppn', 'evolved, direct']);
  expect(roughness[0]!).toBeGreaterThan(roughness[1]!);
  expect(roughness[2]!).toBeGreaterThan(roughness[1]!);
});
