/**
 * @file What a queue says of a unit: names and hashes, no paths, no addresses, nothing that is run. All else follows from the plan,
 * which is asked for by its hash.
 */

import { InputError } from '@pareidolia/core';
import { z } from 'zod';
import { HASH, PLAN_FORMAT } from '../plan/resolved-plan.ts';

/** Characters of a message, at most. */
const MOST = 65_536;

const message = z.strictObject({
  format: z.literal(PLAN_FORMAT),
  /** The plan's hash: the campaign. */
  plan: HASH,
  key: z.string().min(1).max(400),
  previous: HASH.exactOptional(),
  /** The elites that islands have exchanged. */
  elites: HASH.exactOptional(),
  /** The version of the program that has to do it. */
  pareidolia: z.string().max(100),
  /** The processors that results so far are of; any when absent. */
  hardware: z.string().max(1000).exactOptional(),
});

export type UnitMessage = z.infer<typeof message>;

/** @throws InputError where it is none; one sentence, whatever it is */
export function parseUnitMessage(value: unknown): UnitMessage {
  let length: number;
  try {
    length = JSON.stringify(value)?.length ?? 0;
  } catch {
    length = Number.POSITIVE_INFINITY;
  }
  if (length > MOST) throw new InputError('A unit in the queue is larger than 64 KiB, so it is refused');
  const found = message.safeParse(value);
  if (found.success) return found.data;
  const issue = found.error.issues[0]!;
  const field = issue.path.join('.') || 'the whole';
  throw new InputError(`A unit in the queue is none of this version (${field}: ${issue.message}), so it is refused`);
}

const outcome = z.strictObject({
  object: HASH,
  size: z.int().min(0),
  /** Whether the island needs no further epoch; true for other units. */
  last: z.boolean(),
  /** Images shown to the network. */
  evaluations: z.int().min(0),
  seconds: z.number().min(0),
  hardware: z.string().max(1000),
  /** Who did it, for display. */
  worker: z.string().max(200),
});

/** What a worker says of a unit that it has done; the result itself is in the store. */
export type UnitOutcome = z.infer<typeof outcome>;

/** @throws InputError where it is none */
export function parseOutcome(value: unknown): UnitOutcome {
  const found = outcome.safeParse(value);
  if (found.success) return found.data;
  throw new InputError(`What the queue says of a finished unit is wrong (${found.error.issues[0]!.path.join('.')})`);
}
