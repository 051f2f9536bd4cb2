import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { workerOf } from '../packages/cli/src/job/lock.ts';
import { decodeMessage, encodeMessage } from '../packages/studio/src/wire/wire.ts';

const PROGRAM = new URL('../packages/cli/bin/pareidolia.js', import.meta.url).pathname;

let folder: string;
let server: ChildProcess | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'studio-alone-'));
});
afterAll(async () => {
  server?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

it('a search ends, and is saved, when the server that began it is killed', async () => {
  const child = spawn(process.execPath, [PROGRAM, 'studio', '--no-open', '--json', '--runs', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  server = child;
  const line = await new Promise<string>((resolve) => child.stdout.once('data', (text) => resolve(`${text}`)));
  const address = new URL((JSON.parse(line) as { readonly url: string }).url);
  const token = new URLSearchParams(address.hash.slice(1)).get('token');
  const call = async (method: string, parameters: unknown): Promise<unknown> => {
    const response = await fetch(new URL(`/api/call/${method}`, address), {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/msgpack' },
      body: encodeMessage(parameters) as Uint8Array<ArrayBuffer>,
    });
    const answer = decodeMessage(new Uint8Array(await response.arrayBuffer()));
    expect(response.status, JSON.stringify(answer)).toBe(200);
    return answer;
  };
  const { first } = (await call('about', {})) as { readonly first: string };
  const request = { model: first, encoding: 'direct', generations: 1_000_000, batch: 100, seed: 1 };
  const { run } = (await call('runs.start', request)) as { readonly run: string };
  const path = join(folder, run);
  expect(workerOf(path)).toBeDefined();
  child.kill('SIGKILL');
  await expect.poll(() => workerOf(path), { interval: 100 }).toBeUndefined();
  // In good order: the lock is given back, and there is something to go on from.
  expect(existsSync(join(path, 'lock'))).toBe(false);
  expect(existsSync(join(path, 'checkpoint.json'))).toBe(true);
});
