/** @file What tests of queues begin with: folders, workers and queues that end with the test. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HashedPlan } from '../plan/resolved-plan.ts';
import type { BullQueue } from '../queue/bull-queue.ts';
import { LocalQueue } from '../queue/local-queue.ts';
import { openCampaignQueue } from '../queue/open-queue.ts';
import { type WorkObserver, type WorkRequest, work } from '../worker/work.ts';
import { FakeExecutor, FakeFolder, fakePlan } from './fake-campaign.ts';

/** A worker of this process. */
export interface Working {
  readonly told: string[];
  /** Resolves once it has ended; rejects with why it had to. */
  readonly ended: Promise<number>;
  stop(): Promise<unknown>;
}

export class QueueFixture {
  readonly plan = fakePlan();
  readonly cache = mkdtempSync(join(tmpdir(), 'pareidolia-cache-'));
  /** What is done after a test, the last first. */
  readonly ends: (() => Promise<unknown> | unknown)[] = [];

  /** After each test. */
  async end(): Promise<void> {
    for (const end of this.ends.splice(0).reverse()) await end();
  }

  /** After all tests. */
  remove(): void {
    rmSync(this.cache, { recursive: true, force: true });
  }

  newFolder(of = this.plan, path?: string): FakeFolder {
    const folder = new FakeFolder(of, path);
    this.ends.push(() => folder.remove());
    return folder;
  }

  /** What one process comes to. */
  async alone(of: HashedPlan = this.plan): Promise<string> {
    const folder = this.newFolder(of);
    const queue = new LocalQueue({ executors: [new FakeExecutor()], store: folder.objects, hardware: 'here' });
    const ending = await folder.run(queue);
    if (ending !== 'done') throw new Error(`It ended as ${ending}`);
    return (await folder.hash())!;
  }

  working(url: string, change: Partial<WorkRequest> = {}): Working {
    const told: string[] = [];
    const stop = new AbortController();
    const observer: WorkObserver = {
      begin: () => {},
      unit: () => {},
      done: () => {},
      failed: (key, why) => told.push(`${key}: ${why}`),
      notice: (notice) => told.push(notice),
    };
    const request: WorkRequest = {
      queue: url,
      cache: this.cache,
      threads: 1,
      lockSeconds: 1,
      environment: {},
      hardware: 'here',
      executor: new FakeExecutor(),
      ...change,
    };
    const ended = work(request, stop.signal, observer);
    ended.catch(() => {});
    const end = (): Promise<unknown> => {
      stop.abort();
      return ended.catch(() => {});
    };
    this.ends.push(end);
    return { told, ended, stop: end };
  }

  async opened(url: string, troubles: (string | undefined)[] = []): Promise<BullQueue> {
    const queue = await openCampaignQueue(url, { onTrouble: (trouble) => troubles.push(trouble), environment: {} });
    this.ends.push(() => queue.close());
    return queue;
  }
}
