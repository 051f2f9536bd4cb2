import { expect, it } from 'vitest';
import type { Claim } from '../claim/claim.ts';
import { memoryWorkbench } from './memory-workbench.ts';

const unused = async () => Promise.reject(new Error('not used'));
const runtime = { name: 'none', target: unused, createSession: unused };

const claim: Claim = {
  name: 'foreign',
  title: 'A claim of another package',
  claim: 'Two and two are four.',
  published: '4',
  source: 'arithmetic',
  run: async (bench) => {
    const sum = await bench.unit('sum', async () => 2 + 2);
    await bench.pause();
    return { verdict: 'reproduced', ours: String(sum), rule: '', caveats: [], tables: [], charts: [], galleries: [] };
  },
};

it('a claim of another package runs, and its units are kept', async () => {
  const bench = memoryWorkbench({ budget: 'tiny', runtime });
  expect(await claim.run(bench)).toMatchObject({ verdict: 'reproduced', ours: '4' });
  expect([...bench.units]).toEqual([['sum', 4]]);
  expect(await bench.network('squeezenet1.1')).toBeUndefined();
});

it('a claim ends where it pauses once the signal is aborted', async () => {
  const bench = memoryWorkbench({ budget: 'tiny', runtime, signal: AbortSignal.abort(new Error('stopped')) });
  await expect(claim.run(bench)).rejects.toThrow('stopped');
});
