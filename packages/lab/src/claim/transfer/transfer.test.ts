import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../finding/finding.ts';
import { tinyWorkbench } from '../../testing/workbench.ts';
import { transfer } from './transfer.ts';

let bench: Awaited<ReturnType<typeof tinyWorkbench>>;
beforeAll(async () => {
  bench = await tinyWorkbench();
});
afterAll(() => bench.dispose());

it('all images fool the network that they were made for, and not all of them the others', async () => {
  const finding = (await transfer.run(bench)) as Finding;
  const likely = finding.tables[1]!.rows;
  for (const [index, row] of likely.entries()) expect(row[1 + index]).toMatch(/^(100\u00a0%|–)$/);
  const off = likely.flatMap((row, from) => row.slice(1).filter((cell, to) => to !== from && cell !== '–'));
  expect(off.some((cell) => Number.parseFloat(cell) < 100)).toBe(true);
});
