import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { pareidolia, temporaryFolder } from './support/command.ts';
import { writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const path = (name: string): string => join(folder.path, name);
const campaign = (...args: readonly string[]) => pareidolia(['campaign', ...args], { cwd: folder.path });
writeTinyNetwork(path('tiny.onnx'));
writeFileSync(
  path('plan.yaml'),
  'models: [tiny.onnx]\nsearches:\n  - { encodings: direct, seeds: 1-2, generations: 29, batch: 30, epoch: 3 }\n',
);

it('a campaign that is killed with all its processes is resumed, and ends with the hash of one that was not', {
  timeout: 600_000,
}, async () => {
  const alone = await campaign('start', 'plan.yaml', '--local', '1', '--out', 'alone', '--json');
  expect(alone.code).toBe(0);
  const killed = await pareidolia(['campaign', 'start', 'plan.yaml', '--local', '2', '--out', 'killed'], {
    cwd: folder.path,
    // In the middle of the fourth unit that is written down.
    faults: { FAULT: 'kill 9', FAULT_FOLDER: 'killed/journal.jsonl' },
  });
  expect(killed).toMatchObject({ signal: 'SIGKILL' });
  const lines = (): string[] => readFileSync(path('killed/journal.jsonl'), 'utf8').split('\n');
  expect(lines()).toHaveLength(4);
  const before = lines().slice(0, 3);
  const told = await campaign('resume', 'killed');
  expect(told.stdout).toContain(
    'No process works on plan; go on with: npx pareidolia campaign start --resume --out killed',
  );
  const resumed = await campaign('start', '--resume', '--out', 'killed', '--local', '2', '--json');
  expect(resumed.code).toBe(0);
  expect(lines().slice(0, 3)).toEqual(before);
  const { archive } = JSON.parse(alone.stdout);
  expect(archive).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.parse(resumed.stdout).archive).toBe(archive);
  const status = await campaign('status', 'killed', '--json');
  expect(JSON.parse(status.stdout)).toMatchObject({
    name: 'plan',
    status: { state: 'done', done: 20, total: 20, failed: 0 },
  });
});

it('a campaign that cannot begin says so in one sentence, and writes nothing', { timeout: 600_000 }, async () => {
  const ended = await campaign('start', 'plan.yaml', '--queue', 'redis://:s3cret@127.0.0.1:1', '--out', 'bad');
  const stderr =
    'pareidolia: Redis at redis://127.0.0.1:1 does not answer (ECONNREFUSED); start it, or check the address\n';
  expect(ended).toEqual({ code: 2, signal: null, stdout: '', stderr });
  expect(existsSync(path('bad'))).toBe(false);
  const both = await campaign('start', 'plan.yaml', '--queue', 'redis://x', '--local', '2');
  expect(both).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--local and --queue are different ways to run a campaign'),
  });
});
