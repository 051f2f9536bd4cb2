import { InputError } from '@pareidolia/core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  findPostgres,
  findRedis,
  freePort,
  type Server,
  startPostgres,
  startRedis,
} from '../../../../../tests/support/servers.mjs';
import { DiskFullError } from '../../job/disk-error.ts';
import { sha256 } from '../../job/hash.ts';
import type { CoordinatorOptions } from '../campaign/coordinator.ts';
import { FakeExecutor, type FakeFolder, fakePlan } from '../testing/fake-campaign.ts';
import { QueueFixture } from '../testing/queue-fixture.ts';
import { UnitTroubleError } from '../worker/executor.ts';
import { readQueueAddress } from './address.ts';
import { connect } from './connection.ts';
import { openCampaignQueue } from './open-queue.ts';
import { LOST_AFTER } from './worker-roll.ts';

/** Milliseconds that nothing takes, however busy the machine is. */
const LONG = 600_000;
vi.setConfig({ testTimeout: LONG });

const fixture = new QueueFixture();
const { plan, ends } = fixture;
const newFolder = fixture.newFolder.bind(fixture);
const alone = fixture.alone.bind(fixture);
const working = fixture.working.bind(fixture);
const opened = fixture.opened.bind(fixture);
afterEach(async () => {
  vi.restoreAllMocks();
  await fixture.end();
});
afterAll(() => fixture.remove());

const BACKENDS = [
  { name: 'Redis', find: findRedis, start: () => startRedis() },
  { name: 'PostgreSQL', find: findPostgres, start: () => startPostgres() },
];

for (const { name, find, start } of BACKENDS) {
  describe.skipIf(find() === undefined)(`a campaign on ${name}`, () => {
    let server: Server;
    let expected: string;
    const run = async (folder: FakeFolder, change: Partial<CoordinatorOptions> = {}): Promise<string> => {
      const queue = await opened(server.url);
      try {
        return await folder.run(queue, change);
      } finally {
        await queue.close();
      }
    };
    beforeAll(async () => {
      server = await start();
      expected = await alone();
    }, LONG);
    afterAll(() => server?.stop());

    it('ends with the hash of one process, with one worker and with three, and two campaigns of one plan at once', async () => {
      const first = newFolder();
      const one = working(server.url);
      expect(await run(first)).toBe('done');
      expect(await first.hash()).toBe(expected);
      const others = [working(server.url), working(server.url)];
      const [second, third] = [newFolder(), newFolder()];
      expect(await Promise.all([run(second), run(third)])).toEqual(['done', 'done']);
      expect(await second.hash()).toBe(expected);
      expect(await third.hash()).toBe(expected);
      for (const worker of [one, ...others]) await worker.stop();
    });

    it('goes on in another process after it was stopped, and loses nothing', async () => {
      const folder = newFolder();
      const stop = new AbortController();
      const worker = working(server.url);
      const ending = run(folder, {
        signal: stop.signal,
        onUnit: () => stop.abort(),
      });
      expect(await ending).toBe('stopped');
      const before = await folder.units();
      expect(before.length).toBeGreaterThan(0);
      expect(await folder.hash()).toBeUndefined();
      expect(await run(folder)).toBe('done');
      expect((await folder.units()).slice(0, before.length)).toEqual(before);
      expect(await folder.hash()).toBe(expected);
      await worker.stop();
    });

    it('is paused, goes on, and has no more units in the queue than it may', async () => {
      const folder = newFolder();
      const queue = await opened(server.url);
      const executor = new FakeExecutor(20);
      const worker = working(server.url, { executor });
      let most = 0;
      let isPaused = false;
      const running = folder.run(queue, {
        window: 3,
        onStatus: ({ outstanding, paused }) => {
          most = Math.max(most, outstanding);
          isPaused = paused;
        },
      });
      await vi.waitFor(async () => expect((await folder.units()).length).toBeGreaterThan(1), LONG);
      folder.control = { ...folder.control, paused: true };
      await vi.waitFor(async () => {
        expect(isPaused).toBe(true);
        expect(await queue.counts()).toMatchObject({ waiting: 0, active: 0 });
      }, LONG);
      const { runs } = executor;
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(executor.runs).toBe(runs);
      folder.control = { ...folder.control, paused: false };
      expect(await running).toBe('done');
      expect(most).toBeLessThanOrEqual(3);
      expect(await folder.hash()).toBe(expected);
      await worker.stop();
    });

    it('is cancelled: what nobody has begun is taken back', async () => {
      const folder = newFolder();
      const queue = await opened(server.url);
      const running = folder.run(queue);
      await vi.waitFor(async () => expect((await queue.counts()).waiting).toBeGreaterThan(2), LONG);
      folder.control = { ...folder.control, cancelled: true };
      expect(await running).toBe('cancelled');
      expect(await queue.counts()).toMatchObject({ waiting: 0, active: 0 });
    });

    it('says why a unit has failed, does the others, and tries it again on demand', async () => {
      const folder = newFolder();
      let isBroken = true;
      const executor = new FakeExecutor(0, ({ key }) => {
        if (isBroken && key === 'apart/share-0/seed-4/epoch-0') throw new InputError('this network has no scores');
      });
      const worker = working(server.url, { executor });
      expect(await run(folder)).toBe('incomplete');
      expect([...folder.failures]).toEqual([['apart/share-0/seed-4/epoch-0', 'this network has no scores']]);
      expect(await folder.hash()).toBeUndefined();
      isBroken = false;
      folder.failures.clear();
      expect(await run(folder)).toBe('done');
      expect(await folder.hash()).toBe(expected);
      await worker.stop();
    });

    it('survives a worker that takes a unit and never says anything again, and a queue that gives it up for that', async () => {
      const folder = newFolder();
      const connection = await connect(readQueueAddress(server.url), () => {});
      ends.push(() => connection.close());
      let taken = 0;
      const silent = connection.worker(
        () => {
          taken++;
          return new Promise(() => {});
        },
        { lockDuration: 1000, skipLockRenewal: true, skipStalledCheck: true },
      );
      const running = run(folder);
      await vi.waitFor(() => expect(taken).toBe(1), LONG);
      await silent.close(true);
      // This one gives every unit up that was lost once.
      const worker = working(server.url, { maxStalledCount: 0 });
      expect(await running).toBe('done');
      expect(await folder.hash()).toBe(expected);
      await worker.stop();
    });

    it('counts a unit once that is in the queue twice, and is done by two workers at the same time', async () => {
      const expected = await alone();
      const folder = newFolder();
      const key = 'apart/share-0/seed-4/epoch-0';
      const begun: (() => void)[] = [];
      // Each waits for the other one.
      const together = ({ key: own }: { readonly key: string }): Promise<void> | undefined =>
        own !== key || begun.length > 1
          ? undefined
          : new Promise((resolve) => {
              begun.push(resolve);
              if (begun.length === 2) for (const goOn of begun) goOn();
            });
      const executors = [new FakeExecutor(0, together), new FakeExecutor(0, together)];
      const running = run(folder);
      const connection = await connect(readQueueAddress(server.url), () => {});
      ends.push(() => connection.close());
      const queue = connection.queue();
      const offered = await vi.waitFor(async () => {
        const found = (await queue.getJobs(['waiting'])).find(({ data }) => data?.key === key);
        expect(found).toBeDefined();
        return found!;
      }, LONG);
      await queue.add('unit', offered.data, { jobId: 'the-same-again' });
      const workers = executors.map((executor) => working(server.url, { executor }));
      expect(await running).toBe('done');
      expect(begun.length).toBe(2);
      const units = await folder.units();
      expect(units.filter((each) => each === key)).toEqual([key]);
      // One of the runs is not counted, and nobody asks for its result.
      await vi.waitFor(() => expect(executors.reduce((sum, { runs }) => sum + runs, 0)).toBe(units.length + 1), LONG);
      expect(await folder.hash()).toBe(expected);
      for (const worker of workers) await worker.stop();
      await queue.remove('the-same-again');
    });

    it('names the unit that is lost again and again, does the others, and tries it again on demand', async () => {
      const expected = await alone();
      const folder = newFolder();
      const key = 'apart/share-0/seed-5/epoch-0';
      let isBroken = true;
      let lost = 0;
      const executor = new FakeExecutor(0, ({ key: own }) => {
        if (!isBroken || own !== key) return;
        lost++;
        throw new UnitTroubleError('The process that computed it has ended (SIGKILL)');
      });
      const worker = working(server.url, { executor });
      expect(await run(folder)).toBe('incomplete');
      expect([...folder.failures]).toEqual([[key, 'The process that computed it has ended (SIGKILL)']]);
      // Eight more times than the first one.
      expect(lost).toBe(9);
      isBroken = false;
      folder.failures.clear();
      expect(await run(folder)).toBe('done');
      expect(await folder.hash()).toBe(expected);
      await worker.stop();
    });

    it('sees its workers: what each has done, and which one has ended', async () => {
      const queue = await opened(server.url);
      const worker = working(server.url, { name: 'somebody' });
      const card = async () => (await queue.workers()).find(({ name: own }) => own === 'somebody');
      await vi.waitFor(async () => expect(await card()).toMatchObject({ unit: null, ended: false, done: 0 }), LONG);
      expect((await card())!.secondsAgo).toBeLessThan(LOST_AFTER);
      await worker.stop();
      await vi.waitFor(async () => expect(await card()).toMatchObject({ ended: true }), LONG);
    });

    it('is not harmed by hostile units, of which none is run', async () => {
      const folder = newFolder();
      const connection = await connect(readQueueAddress(server.url), () => {});
      ends.push(() => connection.close());
      const queue = connection.queue();
      const good = {
        format: 1,
        plan: plan.hash,
        key: 'together/share-0/seed-1/epoch-0',
        pareidolia: fakePlan().plan.pareidolia,
      };
      const evil = new TextEncoder().encode('{"format":1,"name":"/etc/passwd"}');
      await connection.store.put(sha256(evil), evil);
      const hostile = [
        { ...good, plan: '/etc/passwd' },
        { ...good, key: '../../x' },
        { ...good, key: 'x'.repeat(200_000) },
        { ...good, extra: { $ref: 'file:///etc/passwd' } },
        { ...good, plan: sha256(evil) },
        { ...good, plan: 'f'.repeat(64) },
        ['an', 'array'],
      ];
      for (const [place, data] of hostile.entries())
        await queue.add('unit', data, { jobId: `hostile-${place}`, removeOnFail: false });
      const executor = new FakeExecutor();
      const worker = working(server.url, { executor });
      expect(await run(folder)).toBe('done');
      expect(await folder.hash()).toBe(expected);
      const reasons = await Promise.all(
        hostile.map(async (_, place) => (await queue.getJob(`hostile-${place}`))?.failedReason),
      );
      for (const reason of reasons) expect(reason).toMatch(/^(refused|missing): [^\n]+$/);
      expect(executor.runs).toBe((await folder.units()).length);
      await worker.stop();
      for (const place of hostile.keys()) await queue.remove(`hostile-${place}`);
    });

    it('takes no result of another version or of other processors, and its worker says so and ends', async () => {
      const folder = newFolder();
      const old = working(server.url, { version: '0.0.1' });
      const running = run(folder);
      await expect(old.ended).rejects.toThrow(/The campaign runs with Pareidolia .*, this worker is 0\.0\.1/);
      const here = working(server.url, { executor: new FakeExecutor(30) });
      await vi.waitFor(async () => expect((await folder.units()).length).toBeGreaterThan(8), LONG);
      const there = working(server.url, { hardware: 'there' });
      await expect(there.ended).rejects.toThrow(
        'The campaign was begun on other processors (here) than this one (there)',
      );
      expect(await running).toBe('done');
      expect(await folder.hash()).toBe(expected);
      await here.stop();
    });

    it('goes on where the disk of a worker is full: the unit is given back', async () => {
      const folder = newFolder();
      const full = working(server.url, {
        executor: new FakeExecutor(0, () => {
          throw new DiskFullError('The disk is full: /cache could not be written (ENOSPC); free some space');
        }),
      });
      const running = run(folder);
      await expect(full.ended).rejects.toThrow('The disk is full');
      const worker = working(server.url);
      expect(await running).toBe('done');
      expect(await folder.hash()).toBe(expected);
      await worker.stop();
    });

    it('does not care for a clock that jumps', async () => {
      const real = Date.now.bind(Date);
      let calls = 0;
      vi.spyOn(Date, 'now').mockImplementation(
        () => real() + [0, 86_400_000, -86_400_000, 0][Math.floor(calls++ / 7) % 4]!,
      );
      const folder = newFolder();
      const worker = working(server.url, { executor: new FakeExecutor(5) });
      expect(await run(folder)).toBe('done');
      expect(await folder.hash()).toBe(expected);
      await worker.stop();
    });
  });
}

describe.skipIf(findRedis() === undefined)('Redis', () => {
  const started = async (given: Parameters<typeof startRedis>[0] = {}): Promise<Server> => {
    const server = await startRedis(given);
    ends.unshift(() => server.stop());
    return server;
  };

  it('that loses all it had, or is killed, costs time and nothing else', async () => {
    const expected = await alone();
    const server = await started();
    const troubles: (string | undefined)[] = [];
    const queue = await opened(server.url, troubles);
    const folder = newFolder();
    const worker = working(server.url, { executor: new FakeExecutor(20) });
    const running = folder.run(queue);
    await vi.waitFor(async () => expect((await folder.units()).length).toBeGreaterThan(2), LONG);
    await server.kill();
    await vi.waitFor(
      () => expect(troubles.at(-1)).toMatch(/^Redis at redis:\/\/127.0.0.1:\d+ does not answer \(/),
      LONG,
    );
    await server.start();
    expect(await running).toBe('done');
    await vi.waitFor(() => expect(troubles.at(-1)).toBeUndefined(), LONG);
    expect(await folder.hash()).toBe(expected);
    await worker.stop();
  });

  it('that is out of memory is waited for, and said so in one sentence', async () => {
    const expected = await alone();
    const server = await started({ options: ['--maxmemory', '1', '--maxmemory-policy', 'noeviction'] });
    const troubles: (string | undefined)[] = [];
    const queue = await opened(server.url, troubles);
    const folder = newFolder();
    const running = folder.run(queue);
    await vi.waitFor(() => expect(troubles[0]).toMatch(/is out of memory \(maxmemory\), so it takes nothing; /), LONG);
    const { Redis } = await import('ioredis');
    const client = new Redis(server.url);
    ends.push(() => client.disconnect());
    await client.config('SET', 'maxmemory', '0');
    const worker = working(server.url);
    expect(await running).toBe('done');
    expect(await folder.hash()).toBe(expected);
    await worker.stop();
  });

  it('that wants a password gets it, and no message shows it', async () => {
    const server = await started({ options: ['--requirepass', 's3cret'] });
    for (const url of [server.url, server.url.replace('//', '//:wr0ng@')]) {
      await expect(opened(url)).rejects.toThrow(
        /^Redis at redis:\/\/127\.0\.0\.1:\d+ wants a password that is right; [^\n]*$/,
      );
      await expect(opened(url)).rejects.not.toThrow(/wr0ng/);
    }
    const queue = await opened(server.url.replace('//', '//:s3cret@'));
    expect(queue.where).not.toContain('s3cret');
    expect(await queue.counts()).toMatchObject({ waiting: 0 });
  });

  it('that is not there is told at once', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    await expect(opened(url)).rejects.toThrow(
      `Redis at ${url} does not answer (ECONNREFUSED); start it, or check the address`,
    );
    await expect(working(url).ended).rejects.toThrow('does not answer (ECONNREFUSED)');
  });

  it('answers Prometheus through the campaign', async () => {
    const server = await started();
    const port = await freePort();
    const queue = await openCampaignQueue(server.url, { metrics: port, onTrouble: () => {}, environment: {} });
    ends.push(() => queue.close());
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toMatch(/bullmq_job_count\{queue="pareidolia-units", ?state="waiting"\} 0/);
  });
});
