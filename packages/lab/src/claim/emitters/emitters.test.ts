import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../finding/finding.ts';
import { tinyWorkbench } from '../../testing/workbench.ts';
import { emitters } from './emitters.ts';
import { type Contest, emittersVerdict } from './emitters-verdict.ts';

const never = Number.POSITIVE_INFINITY;
const contest = (paper: readonly number[], portfolio: readonly number[], limit = 20_000): Contest => ({
  encoding: 'direct',
  paper,
  portfolio,
  limit,
});
const [slow, fast] = [
  [9000, 9100, 9200, 9300, 9400],
  [500, 510, 520, 530, 540],
];

describe('a tenth of the evaluations', () => {
  it.each<[string, Contest, string]>([
    ['with every seed', contest(slow, fast), 'reproduced'],
    ['where the paper’s search never gets there', contest([never, never, never, never, never], fast), 'reproduced'],
    ['but not a tenth', contest(slow, [1000, 1100, 1200, 1300, 1400]), 'not reproduced'],
    ['with seeds that overlap', contest([500, 9000, 9000, 9000, 9000], [400, 500, 600, 9100, 9200]), 'not reproduced'],
    ['with too few seeds', contest([9000, 9000, 9000], [500, 500, 500]), 'inconclusive'],
    ['in too few evaluations to tell', contest([never, never, never, never, never], fast, 2000), 'inconclusive'],
    [
      'where nobody gets there',
      contest([never, never, never, never, never], [never, never, never, never, never]),
      'inconclusive',
    ],
  ])('%s', (_, one, verdict) => {
    expect(emittersVerdict([one]).verdict).toBe(verdict);
  });

  it('with one encoding of two is partly reproduced', () => {
    expect(emittersVerdict([contest(slow, fast), contest(fast, slow)]).verdict).toBe('partly reproduced');
  });
});

describe('the claim', () => {
  let bench: Awaited<ReturnType<typeof tinyWorkbench>>;
  beforeAll(async () => {
    bench = await tinyWorkbench();
  });
  afterAll(() => bench.dispose());

  it('follows the emitters to the same target: gradients get there in the tiny budget, and two seeds decide nothing', async () => {
    const finding = (await emitters.run(bench)) as Finding;
    expect(finding.verdict).toBe('inconclusive');
    expect(finding.lacking).toContain('2 seeds');
    const rows = finding.tables[0]!.rows.map(([encoding, emitter, to99]) => [encoding, emitter, to99]);
    expect(rows.map(([encoding, emitter]) => `${encoding} ${emitter}`)).toHaveLength(8);
    const auto = rows.filter(([, emitter]) => emitter === 'auto').map(([, , to99]) => to99!);
    for (const to99 of auto) expect(Number.parseInt(to99.replace(',', ''), 10)).toBeLessThanOrEqual(1500);
    expect(finding.charts).toHaveLength(2);
  });
});
