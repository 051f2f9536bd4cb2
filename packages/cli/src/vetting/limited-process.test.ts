import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LimitedProcess } from './limited-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'limited-process-'));
const module = join(folder, 'worker.mjs');
writeFileSync(
  module,
  `process.on('message', (job) => {
     if (job === 'hang') for (;;);
     if (job === 'kill') process.kill(process.pid, 'SIGSEGV');
     if (job === 'leave') { process.stderr.write('so it goes'); process.exitCode = 7; process.disconnect(); return; }
     if (job === 'grow') { globalThis.held = []; for (;;) globalThis.held.push(Buffer.alloc(2 ** 24, 1)); }
     process.send({ pid: process.pid, job });
   });
   process.send('ready');`,
);
const limits = { seconds: 20, bytes: 2 ** 30 };

describe('a limited process', () => {
  const child = new LimitedProcess(module);
  afterAll(() => {
    child.dispose();
    rmSync(folder, { recursive: true });
  });
  const pidOf = async (): Promise<unknown> => {
    const outcome = await child.run('hello', limits);
    return outcome.kind === 'answer' ? (outcome.value as { readonly pid: number }).pid : outcome;
  };

  it('does one job after the other, with bytes in them', async () => {
    const outcome = await child.run(Uint8Array.of(1, 2, 255), limits);
    expect(outcome).toMatchObject({ kind: 'answer', value: { job: Uint8Array.of(1, 2, 255) } });
    expect(await pidOf()).toBe(await pidOf());
  });

  it.each([
    ['a signal', 'kill', limits, { kind: 'crash', signal: 'SIGSEGV', code: null }],
    ['an end of its own', 'leave', limits, { kind: 'crash', signal: null, code: 7, said: 'so it goes' }],
    ['no end', 'hang', { ...limits, seconds: 0.5 }, { kind: 'too slow' }],
  ] as const)('survives %s, and is started anew', async (_, job, given, expected) => {
    const before = await pidOf();
    expect(await child.run(job, given)).toMatchObject(expected);
    const after = await pidOf();
    expect(after).toEqual(expect.any(Number));
    expect(after).not.toBe(before);
  });

  it.runIf(process.platform === 'linux')('ends what grows', async () => {
    const outcome = await child.run('grow', { ...limits, bytes: 2 ** 29 });
    expect(outcome.kind === 'too large' && outcome.bytes).toBeGreaterThan(2 ** 29);
    expect(await pidOf()).toEqual(expect.any(Number));
  });
});
