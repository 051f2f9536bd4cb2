/** @file What `campaign status`, `pause`, `resume`, `cancel` and `retry` do: they read and write small files in the folder. */

import { InputError } from '@pareidolia/core';
import { readConfig } from '../../job/config.ts';
import { workerOf } from '../../job/lock.ts';
import { OWN_MACHINE } from '../queue/local-queue.ts';
import { type CampaignStatus, readControl, readFailures, readStatus, writeControl } from './control.ts';
import { resumeWords } from './resume-words.ts';
import { CAMPAIGN } from './settings.ts';

/** A campaign as its folder tells. */
export interface CampaignView {
  readonly name: string;
  readonly out: string;
  readonly plan: string;
  /** The process that gives units away; `undefined` where none does. */
  readonly process: number | undefined;
  readonly status: CampaignStatus | undefined;
  readonly failures: Readonly<Record<string, string>>;
}

/** @throws InputError where it is none */
export function viewCampaign(out: string): CampaignView {
  const config = readConfig(out, CAMPAIGN);
  if (config === undefined)
    throw new InputError(`${out} is not the folder of a campaign; give the --out of campaign start`);
  const status = readStatus(out);
  const process = workerOf(out);
  const workers = status === undefined ? [] : workersNow(status, process !== undefined);
  const isOver = process === undefined && (status?.state === 'running' || status?.state === 'paused');
  return {
    name: config.settings.name,
    out,
    plan: config.settings.plan,
    process,
    // Killed: it could not say so itself.
    status: isOver
      ? {
          ...status,
          workers,
          state: 'stopped',
          secondsLeft: null,
          evaluationsPerSecond: 0,
          active: 0,
          waiting: 0,
          outstanding: 0,
        }
      : status && { ...status, workers },
    failures: Object.fromEntries(readFailures(out)),
  };
}

/**
 * Workers as they are by now: what was heard of them is as old as the status with it, and those of a campaign's own machine end with
 * it. Nobody listens where no process works on it, so that the others may be there or not.
 */
function workersNow({ at, queue, workers }: CampaignStatus, isAtWork: boolean): CampaignStatus['workers'] {
  const age = Math.max(0, Date.now() - at) / 1000;
  const isEnded = !isAtWork && queue === OWN_MACHINE;
  return workers.map((worker) => ({
    ...worker,
    secondsAgo: worker.secondsAgo + age,
    ended: worker.ended || isEnded,
    unit: isEnded ? null : worker.unit,
  }));
}

export type Ask = 'pause' | 'resume' | 'cancel' | 'retry';

/**
 * Asks something of a campaign.
 *
 * @returns what came of it, a sentence
 * @throws InputError where it is none
 */
export function askCampaign(out: string, what: Ask): string {
  const { process, status, name } = viewCampaign(out);
  const goOn = `go on with: ${resumeWords(out)}`;
  if (process === undefined) {
    if (what === 'cancel') {
      writeControl(out, { cancelled: true });
      return `No process works on ${name}; it is marked as cancelled, and what is finished stays in ${out}`;
    }
    if (what === 'pause') return `No process works on ${name}, so there is nothing to pause; ${goOn}`;
    if (what === 'resume' && status?.state === 'done') return `${name} is done; see ${out}`;
    return `No process works on ${name}; ${goOn}`;
  }
  if (what === 'pause') {
    writeControl(out, { paused: true });
    return `${name} is paused: units under way end, no others begin`;
  }
  if (what === 'resume') {
    writeControl(out, { paused: false });
    return `${name} goes on`;
  }
  if (what === 'cancel') {
    writeControl(out, { cancelled: true });
    return `${name} is cancelled: units that nobody has begun are taken back, and what is finished stays in ${out}`;
  }
  const { retries } = readControl(out);
  writeControl(out, { retries: retries + 1 });
  return `The failed units of ${name} are tried again`;
}
