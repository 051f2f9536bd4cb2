import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { COMMAND, pareidolia, temporaryFolder } from './support/command.ts';
import { findPostgres, findRedis, type Server, startPostgres, startRedis } from './support/servers.mjs';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const folder = temporaryFolder();
const path = (name: string): string => join(folder.path, name);
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(folder.remove);

writeFileSync(
  path('plan.yaml'),
  'models: [digits]\nsearches:\n  - { encodings: direct, seeds: 1-3, generations: 29, batch: 20, epoch: 3 }\n',
);

/** A process that is ten days ahead. */
const AHEAD = `data:text/javascript,${encodeURIComponent(
  'const real = Date.now; const ahead = 864e6; Date.now = () => real() + ahead; globalThis.Date = class extends Date { constructor(...given) { if (given.length === 0) super(Date.now()); else super(...given); } static now() { return real() + ahead; } };',
)}`;

interface Process {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  told: string;
}

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Process {
  const env = { ...process.env, PAREIDOLIA_TRUST_MODELS: '1', XDG_CACHE_HOME: path('cache'), ...environment };
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: folder.path,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const started: Process = { child, ended, told: '' };
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (text) => {
      started.told += text;
    });
  }
  ends.push(() => child.kill('SIGKILL'));
  return started;
}

const lines = (out: string): string[] => {
  const journal = path(`${out}/journal.jsonl`);
  return existsSync(journal) ? readFileSync(journal, 'utf8').trimEnd().split('\n') : [];
};

const resultOf = (out: string) => JSON.parse(readFileSync(path(`${out}/campaign.json`), 'utf8'));

async function until(what: () => boolean, milliseconds = 20): Promise<void> {
  while (!what()) await pause(milliseconds);
}

/** What one process comes to. */
const alone = (async () => {
  const ended = await pareidolia(['campaign', 'start', 'plan.yaml', '--local', '1', '--out', 'alone', '--json'], {
    cwd: folder.path,
  });
  return JSON.parse(ended.stdout);
})();

const BACKENDS = [
  { name: 'Redis', find: findRedis, start: () => startRedis() },
  { name: 'PostgreSQL', find: findPostgres, start: () => startPostgres() },
];

for (const { name, find, start } of BACKENDS) {
  describe.skipIf(find() === undefined || process.platform === 'win32')(`a campaign on ${name}`, () => {
    let server: Server;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.stop());

    it('counts nothing twice where a worker stops for longer than its lock, and goes on while another has its unit', async () => {
      const expected = await alone;
      const worker = (who: string, environment = {}) =>
        run(['worker', '--queue', server.url, '--lock-seconds', '1', '--threads', '1', '--name', who], environment);
      const first = worker('first');
      const out = `stopped-${name}`;
      const campaign = run(['campaign', 'start', 'plan.yaml', '--queue', server.url, '--out', out]);
      const status = () => JSON.parse(readFileSync(path(`${out}/status.json`), 'utf8'));
      await until(() => lines(out).length > 2);
      // In the middle of a unit: it has one nearly all the time, and is stopped again where it had none.
      for (;;) {
        first.child.kill('SIGSTOP');
        const { at } = status();
        await until(() => status().at > at + 700);
        if (status().active > 0) break;
        first.child.kill('SIGCONT');
        await pause(50);
      }
      const before = lines(out).length;
      // The other one has a clock that is ten days ahead.
      const second = worker('second', { NODE_OPTIONS: `--import ${AHEAD}` });
      await until(() => lines(out).length > before + 2);
      first.child.kill('SIGCONT');
      expect(await campaign.ended).toBe(0);
      const found = resultOf(out);
      expect(found).toMatchObject({ complete: true, archive: expected.archive, evaluations: expected.evaluations });
      const keys = lines(out).map((line) => JSON.parse(line).key);
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.sort()).toEqual(
        lines('alone')
          .map((line) => JSON.parse(line).key)
          .sort(),
      );
      // Both are still there.
      expect([first.child.exitCode, second.child.exitCode]).toEqual([null, null]);
      const { workers } = status();
      // A worker tells of itself every few seconds: of the second one that may come after the campaign has ended.
      expect(['first', 'first second']).toContain(
        workers
          .map((each: { name: string }) => each.name)
          .sort()
          .join(' '),
      );
      for (const { secondsAgo } of workers) expect(secondsAgo).toBeLessThan(3600);
    });
  });
}

/** A small disk, where this user may make one. */
function smallDisk(kilobytes: number): { readonly path: string; grow(): void; remove(): void } | undefined {
  const at = path('disk');
  mkdirSync(at, { recursive: true });
  const mount = (...args: readonly string[]) => spawnSync('mount', args).status === 0;
  if (process.platform !== 'linux' || !mount('-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', at)) return undefined;
  return {
    path: at,
    grow: () => void mount('-o', 'remount,size=256m', at),
    remove: () => {
      spawnSync('umount', ['-l', at]);
      rmSync(at, { recursive: true, force: true });
    },
  };
}

const probe = smallDisk(64);
probe?.remove();

describe.skipIf(probe === undefined)('a disk that is full', () => {
  it('under a campaign ends it in one sentence, and it goes on once there is room, to the same hash', async () => {
    const expected = await alone;
    const disk = smallDisk(1850)!;
    ends.push(() => disk.remove());
    const out = join(disk.path, 'campaign');
    const full = await pareidolia(['campaign', 'start', 'plan.yaml', '--local', '1', '--out', out], {
      cwd: folder.path,
    });
    expect(full.code).not.toBe(0);
    const said = full.stderr.split('\n').filter((line) => line.startsWith('pareidolia'));
    expect(said).toEqual([expect.stringMatching(/^pareidolia[^:]*: .*disk is full.*\(ENOSPC\)/i)]);
    disk.grow();
    const resumed = await pareidolia(['campaign', 'start', '--resume', '--out', out, '--local', '1', '--json'], {
      cwd: folder.path,
    });
    expect(JSON.parse(resumed.stdout)).toMatchObject({ complete: true, archive: expected.archive });
  });

  it.skipIf(findRedis() === undefined)(
    'under the store of a worker has its unit given back; under its cache it goes on without one',
    async () => {
      const expected = await alone;
      const server = await startRedis();
      ends.push(() => server.stop());
      const disk = smallDisk(40)!;
      ends.push(() => disk.remove());
      // The model does not fit into its cache.
      const cacheless = run(['worker', '--queue', server.url, '--threads', '1', '--cache', join(disk.path, 'cache')]);
      const first = run(['campaign', 'start', 'plan.yaml', '--queue', server.url, '--out', 'cacheless']);
      expect(await first.ended).toBe(0);
      expect(resultOf('cacheless').archive).toBe(expected.archive);
      await expect.poll(() => cacheless.told).toMatch(/disk is full[^\n]*; the worker goes on without its cache/i);
      cacheless.child.kill('SIGKILL');
      await cacheless.ended;
      disk.remove();

      const store = smallDisk(1900)!;
      ends.push(() => store.remove());
      const at = ['--queue', server.url, '--store', join(store.path, 'objects')];
      const campaign = run(['campaign', 'start', 'plan.yaml', ...at, '--out', 'store']);
      const full = run(['worker', '--threads', '1', ...at]);
      const codes = await Promise.race([full.ended, campaign.ended.then(() => 'campaign' as const)]);
      // Whoever meets the full disk first says so and ends.
      expect(codes === 'campaign' ? campaign.told : full.told).toMatch(/disk is full[^\n]*\(ENOSPC\)/i);
      store.grow();
      if (codes === 'campaign') run(['campaign', 'start', '--resume', ...at, '--out', 'store']);
      run(['worker', '--threads', '1', ...at]);
      await until(() => existsSync(path('store/campaign.json')), 100);
      await until(() => resultOf('store').complete === true, 100);
      expect(resultOf('store').archive).toBe(expected.archive);
    },
  );
});
