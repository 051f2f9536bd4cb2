import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../finding/finding.ts';
import { tinyWorkbench } from '../testing/workbench.ts';
import { rubbish } from './rubbish.ts';

let bench: Awaited<ReturnType<typeof tinyWorkbench>>;
beforeAll(async () => {
  bench = await tinyWorkbench();
});
afterAll(() => bench.dispose());

it('a ReLU network is certain at the far end of rays from the data', async () => {
  const finding = (await rubbish.run(bench)) as Finding;
  expect(finding.verdict).toBe('reproduced');
});

it('what was done once is read, and gives the same finding', async () => {
  const once = await rubbish.run(bench);
  const before = bench.units.size;
  expect(await rubbish.run(bench)).toEqual(once);
  expect(bench.units.size).toBe(before);
});
