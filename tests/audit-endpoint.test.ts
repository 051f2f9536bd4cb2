/** @file `pareidolia audit` of a service that dies in the middle, and one whose queries end. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ModelServer, startModelServer } from '../packages/cli/src/testing/model-server.ts';
import { type Ended, pareidolia, temporaryFolder } from './support/command.ts';

const folder = temporaryFolder();
const servers: ModelServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
  folder.remove();
});

const at = (...names: readonly string[]): string => join(folder.path, ...names);
const audit = (...args: readonly string[]): Promise<Ended> =>
  pareidolia(['audit', ...args, '--retries', '0'], { cwd: folder.path });
const result = (out: string) => JSON.parse(readFileSync(at(out, 'audit.json'), 'utf8'));

describe('pareidolia audit on an endpoint', { timeout: 900_000 }, () => {
  it('writes a report where the service dies, and goes on to the same bytes once it answers', async () => {
    // The 45th request and those after it find it loading, until it is told to be well.
    let isWell = false;
    const server = await startModelServer({ fault: (request) => (isWell || request < 45 ? undefined : 'unavailable') });
    servers.push(server);
    const settings = ['--data', 'digits', '--limit', '12', '--max-queries', '4000'];
    const url = `${server.url}/v2/models/digits`;
    const ended = await audit(url, ...settings, '--out', 'dying');
    isWell = true;
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /answers 503 .* What was measured until then is in dying\/report\.html; once it answers/,
    );
    const partial = result('dying');
    expect(partial.headline).toContain('the service stopped answering before the audit was done');
    expect(partial.limits.join()).toContain('the service stopped answering');
    const measured = partial.figures.filter(({ id, state }: { id: string; state: string }) => {
      return /^garbage\.[a-z-]+$/.test(id) && state === 'measured';
    });
    expect(measured.length).toBeGreaterThan(0);
    expect(measured.length).toBeLessThan(15);
    expect(readFileSync(at('dying', 'report.html'), 'utf8')).toContain('stopped answering');

    expect(await audit('--resume', '--out', 'dying', '--max-queries', '4000')).toMatchObject({ code: 0 });
    expect(await audit(url, ...settings, '--out', 'whole')).toMatchObject({ code: 0 });
    expect(readFileSync(at('dying', 'audit.json'), 'utf8')).toBe(readFileSync(at('whole', 'audit.json'), 'utf8'));
  });

  it('says what a budget cut off, and goes on with a larger one', async () => {
    const cut = result('whole');
    expect(cut.limits.join()).toMatch(/queries (ended|were spent)/);
    const robust = cut.findings.filter(({ ruleId }: { ruleId: string }) => /^PAR-P00[12]$/.test(ruleId));
    expect(robust.map(({ state }: { state: string }) => state)).toEqual(['inconclusive', 'inconclusive']);
    for (const { settles } of robust) expect(settles).toContain('--max-queries');
    const ended = await audit('--resume', '--out', 'whole', '--max-queries', '5000');
    expect(ended.code).toBe(0);
    const [, answered] = /has answered ([\d,]+) queries \(of a budget of 5,000\)/.exec(ended.stderr)!;
    expect(Number(answered!.replace(',', ''))).toBeGreaterThan(4000);
    expect(result('whole').queries.forward).toBeGreaterThan(cut.queries.forward);
  });
});
