/** @file What other commands ask of a campaign, and what it says of itself: small files in its folder. */

import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { z } from 'zod';
import { readIfThere, replaceFile, writeAtomically } from '../../job/files.ts';
import { WORKER_SEEN } from '../queue/worker-roll.ts';

const control = z.strictObject({
  paused: z.boolean().default(false),
  cancelled: z.boolean().default(false),
  /** Counts up: failed units are tried again each time. */
  retries: z.int().min(0).default(0),
});

export type Control = z.infer<typeof control>;

const status = z.strictObject({
  /** When this was written, in milliseconds since 1970 on the campaign's machine. */
  at: z.number(),
  state: z.enum(['running', 'paused', 'done', 'incomplete', 'cancelled', 'stopped']),
  /** Units that are known of; `null` where an emitter ends by itself, so that nobody knows. */
  total: z.int().nullable(),
  /** Whether there may be more than `total`: what an audit takes shows as it goes on. */
  mayGrow: z.boolean(),
  done: z.int(),
  failed: z.int(),
  /** Given away and not finished. */
  outstanding: z.int(),
  /** Of the queue, all campaigns in it. */
  waiting: z.int(),
  active: z.int(),
  workers: z.array(WORKER_SEEN),
  evaluations: z.int(),
  evaluationsPerSecond: z.number(),
  /** `null` where nothing is known yet. */
  secondsLeft: z.number().nullable(),
  /** Whether some kind of unit has not been timed, so that it takes longer than that. */
  atLeast: z.boolean(),
  /** What stands in the way now, a sentence without a full stop. */
  trouble: z.string().nullable(),
  hardware: z.array(z.string()),
  queue: z.string(),
});

export type CampaignStatus = z.infer<typeof status>;

const failures = z.record(z.string(), z.string());

export function readControl(folder: string): Control {
  return read(join(folder, 'control.json'), control) ?? control.parse({});
}

/** @throws DiskError */
export function writeControl(folder: string, change: Partial<Control>): Control {
  const next = { ...readControl(folder), ...change };
  writeAtomically(join(folder, 'control.json'), `${JSON.stringify(next)}\n`);
  return next;
}

export function readStatus(folder: string): CampaignStatus | undefined {
  return read(join(folder, 'status.json'), status);
}

export function writeStatus(folder: string, now: CampaignStatus): void {
  replaceFile(join(folder, 'status.json'), `${JSON.stringify(now)}\n`);
}

/** Units that have failed, by key, and why. */
export function readFailures(folder: string): Map<string, string> {
  return new Map(Object.entries(read(join(folder, 'failures.json'), failures) ?? {}));
}

export function writeFailures(folder: string, failed: ReadonlyMap<string, string>): void {
  writeAtomically(join(folder, 'failures.json'), `${JSON.stringify(Object.fromEntries(failed), null, 2)}\n`);
}

function read<T>(path: string, schema: z.ZodType<T>): T | undefined {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new InputError(`${path} is damaged; remove it`, { cause });
  }
}
