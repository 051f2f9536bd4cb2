import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../finding/finding.ts';
import { tinyWorkbench } from '../../testing/workbench.ts';
import { mnistCppn } from './mnist-cppn.ts';
import { mnistDirect } from './mnist-direct.ts';

let bench: Awaited<ReturnType<typeof tinyWorkbench>>;
beforeAll(async () => {
  bench = await tinyWorkbench();
});
afterAll(() => bench.dispose());

/** The number at the beginning of a cell of the first table. */
function figure({ tables }: Finding, row: number, column: number): number {
  return Number.parseFloat(tables[0]!.rows[row]![column]!);
}

it('CPPNs get the median class to 99 % within a few generations, before single pixels do', async () => {
  const cppn = (await mnistCppn.run(bench)) as Finding;
  const direct = (await mnistDirect.run(bench)) as Finding;
  expect(figure(cppn, 0, 1)).toBeGreaterThan(99);
  expect(figure(cppn, 0, 1)).toBeGreaterThanOrEqual(figure(direct, 0, 1));
  expect(cppn.galleries[0]!.pictures.length).toBe(10);
});
