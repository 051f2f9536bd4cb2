import { afterAll, beforeAll, expect, it } from 'vitest';
import { tinyWorkbench } from '../../testing/workbench.ts';
import { repeats } from './repeats.ts';

let bench: Awaited<ReturnType<typeof tinyWorkbench>>;
beforeAll(async () => {
  bench = await tinyWorkbench();
});
afterAll(() => bench.dispose());

it('patterns with repeats lose confidence without one of them, and few patches are enough', async () => {
  const finding = await repeats.run(bench);
  if ('skipped' in finding) return expect(finding.skipped).toContain('repeated elements');
  const shares = finding.galleries[1]!.pictures.map(({ note }) => {
    const [, kept, all] = /(\d+) of (\d+) patches/.exec(note)!;
    return Number(kept) / Number(all);
  });
  for (const share of shares) expect(share).toBeLessThan(0.5);
});
