/**
 * @file Who works on a queue: each worker says every few seconds that it is there, and what it does. Times are those of the queue's
 * server, so that no clock of another machine matters.
 */

import { z } from 'zod';

/** Milliseconds between two signs of life of a worker. */
export const BEAT = 5000;

/** Seconds without one after which a worker counts as lost: three were missed. */
export const LOST_AFTER = 20;

/** Seconds after which a worker is forgotten. */
export const FORGOTTEN_AFTER = 24 * 3600;

/** Workers that are told of, at most: those that were seen last. */
const MOST = 500;

const card = z.strictObject({
  hardware: z.string().max(1000),
  /** Of what it computes now; `null` where it waits. */
  unit: z.string().max(400).nullable(),
  /** Units that it has done since it was started. */
  done: z.int().min(0),
  /** Whether it has said that it ends. */
  ended: z.boolean(),
});

/** What a worker says of itself. */
export type WorkerCard = z.infer<typeof card>;

/** A worker, for display. */
export const WORKER_SEEN = card.extend({
  name: z.string().max(200),
  /** Seconds since it was heard of. */
  secondsAgo: z.number().min(0),
});

export type WorkerSeen = z.infer<typeof WORKER_SEEN>;

/** The workers of a queue. */
export interface WorkerRoll {
  tell(name: string, card: WorkerCard): Promise<void>;
  look(): Promise<readonly WorkerSeen[]>;
}

/** Whether it is at work, or could be. */
export function isAlive({ ended, secondsAgo }: Pick<WorkerSeen, 'ended' | 'secondsAgo'>): boolean {
  return !ended && secondsAgo < LOST_AFTER;
}

/** What a server has kept, the last seen first. Whatever is no worker's is left out: others can write there, too. */
export function seenWorkers(
  rows: Iterable<{ readonly name: string; readonly text: string; readonly secondsAgo: number }>,
): readonly WorkerSeen[] {
  const seen = [...rows].flatMap(({ name, text, secondsAgo }) => {
    const found = WORKER_SEEN.safeParse({ ...parsed(text), name, secondsAgo: Math.max(0, secondsAgo) });
    return found.success && secondsAgo < FORGOTTEN_AFTER ? [found.data] : [];
  });
  return seen.sort((a, b) => Number(isAlive(b)) - Number(isAlive(a)) || (a.name < b.name ? -1 : 1)).slice(0, MOST);
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
