import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { statusLine } from '../../commands/campaign-action.ts';
import { newConfig } from '../../job/config.ts';
import { JobFolder } from '../../job/folder.ts';
import { OWN_MACHINE } from '../queue/local-queue.ts';
import { isAlive, LOST_AFTER } from '../queue/worker-roll.ts';
import { type CampaignStatus, writeStatus } from './control.ts';
import { viewCampaign } from './inspect-campaign.ts';
import { CAMPAIGN } from './settings.ts';

const parent = mkdtempSync(join(tmpdir(), 'pareidolia-inspect-'));
const out = join(parent, 'campaign');
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** A campaign whose last word is so many seconds old. */
function spoken(queue: string, secondsAgo: number): CampaignStatus {
  return {
    at: Date.now() - 1000 * secondsAgo,
    state: 'running',
    total: 9,
    mayGrow: false,
    done: 3,
    failed: 0,
    outstanding: 2,
    waiting: 0,
    active: 2,
    workers: [{ name: 'w', hardware: 'x', unit: 'a/b', done: 3, ended: false, secondsAgo: 1 }],
    evaluations: 1,
    evaluationsPerSecond: 1,
    secondsLeft: 9,
    atLeast: false,
    trouble: null,
    hardware: ['x'],
    queue,
  };
}

it('workers of a campaign that was killed are as old as its last word, and those of its own machine are gone with it', async () => {
  const settings = { plan: 'a'.repeat(64), name: 'fake', allowMixed: false };
  const config = newConfig(CAMPAIGN, { runtime: 'none', inputs: {}, settings, seed: null, command: 'none' });
  const job = JobFolder.open(out, CAMPAIGN, config, 'begin');
  await job.use('go on', async () => job.keep());
  writeStatus(out, spoken('redis://host', 3));
  const [near] = viewCampaign(out).status!.workers;
  expect(isAlive(near!)).toBe(true);
  expect(near!.secondsAgo).toBeGreaterThanOrEqual(4);
  writeStatus(out, spoken('redis://host', LOST_AFTER));
  expect(viewCampaign(out).status!.workers.map(isAlive)).toEqual([false]);
  writeStatus(out, spoken(OWN_MACHINE, 0));
  const { status } = viewCampaign(out);
  expect(status!.workers).toMatchObject([{ ended: true, unit: null }]);
  expect(statusLine(status!)).toBe('stopped  3/9 units  0 under way, 0 waiting');
});

it('of one that is at work the workers are counted that were heard of', () => {
  expect(statusLine(spoken(OWN_MACHINE, 0))).toContain('2 under way, 0 waiting  1 worker  ');
  const workers = [{ ...spoken(OWN_MACHINE, 0).workers[0]!, secondsAgo: LOST_AFTER }];
  expect(statusLine({ ...spoken('redis://host', 0), workers })).toContain(
    `0 workers  1 not heard of for ${LOST_AFTER} s`,
  );
});
