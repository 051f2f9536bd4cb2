/** @file How a campaign gives units away and hears of them: to processes of this machine, or through Redis or PostgreSQL. */

import type { ObjectStore } from '../store/store.ts';
import type { UnitMessage, UnitOutcome } from '../units/unit-message.ts';
import type { WorkerSeen } from './worker-roll.ts';

/** Why a unit was not done. */
export type FailureKind =
  /** An object was not in the store: it is sent again. */
  | 'missing'
  /** The machine's trouble, or its end: another one may do it. */
  | 'trouble'
  /** The unit's own: it would be refused anywhere. */
  | 'refused';

/** Where a unit stands that was given away. */
export type Standing =
  | { readonly state: 'waiting' | 'active' }
  | { readonly state: 'done'; readonly outcome: UnitOutcome }
  | { readonly state: 'failed'; readonly kind: FailureKind; readonly why: string }
  /** The queue knows nothing of it any more. */
  | { readonly state: 'gone' };

/** What a queue holds, of all campaigns. */
export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
}

export interface UnitQueue {
  /** In words, without secrets. */
  readonly where: string;
  /** The way by which objects reach workers and come back. */
  readonly store: ObjectStore;
  /** Gives a unit away. One that is there already stays as it is. */
  offer(id: string, message: UnitMessage): Promise<void>;
  /** Where units stand of which something may have changed since they were last looked at. */
  look(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, Standing>>;
  /** Takes a unit out that is done or has failed. */
  remove(id: string): Promise<void>;
  /** Takes a unit back where nobody has begun it, and says whether that was so. */
  withdraw(id: string): Promise<boolean>;
  /** Resolves when something has changed, or after so many milliseconds. */
  changed(most: number): Promise<void>;
  counts(): Promise<QueueCounts>;
  /** Who works on it, as was heard a few seconds ago at most. */
  workers(): Promise<readonly WorkerSeen[]>;
  close(): Promise<void>;
}

/** What a failed unit says, as the queue keeps it: the kind and the sentence. */
export function failureText(kind: FailureKind, why: string): string {
  return `${kind}: ${why}`;
}

/** The counterpart of {@link failureText}; what the queue itself says, of a worker that was lost, is trouble. */
export function parseFailure(text: string): { readonly kind: FailureKind; readonly why: string } {
  const [, kind, why] = /^(missing|trouble|refused): ([\s\S]*)$/.exec(text) ?? [];
  if (kind === undefined) return { kind: 'trouble', why: text };
  return { kind: kind as FailureKind, why: why! };
}
