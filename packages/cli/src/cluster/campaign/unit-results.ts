/** @file The results of units as they come from a queue: perhaps a stranger's, and taken only where they are what they should be. */

import type { UnitQueue } from '../queue/unit-queue.ts';
import type { ObjectStore } from '../store/store.ts';
import { type AuditPart, readAuditPart } from '../units/audit-object.ts';
import { readIsland } from '../units/search-object.ts';
import type { Unit } from '../units/unit.ts';
import type { UnitOutcome } from '../units/unit-message.ts';
import type { Ledger } from './ledger.ts';

export interface ResultOptions {
  readonly queue: Pick<UnitQueue, 'store'>;
  /** Where the campaign keeps all objects. */
  readonly objects: ObjectStore;
  readonly ledger: Pick<Ledger, 'hardware'>;
  readonly allowMixed: boolean;
}

/**
 * Brings a result into the campaign's folder.
 *
 * @returns what it is, of a part of an audit; or in words what is wrong with it, where it is not taken
 * @throws InputError where it is no result of such a unit; DiskError
 */
export async function fetchResult(
  unit: Unit,
  outcome: UnitOutcome,
  options: ResultOptions,
): Promise<{ readonly part: AuditPart | undefined } | string> {
  const { queue, objects } = options;
  const { object, size } = outcome;
  const other = otherHardware(outcome, options);
  if (other !== undefined) return other;
  const bytes = await queue.store.get(object);
  if (bytes === undefined) return `its result ${object.slice(0, 12)}... is not in ${queue.store.where}`;
  if (bytes.length !== size) return `its result has ${bytes.length} bytes instead of ${size}`;
  if (unit.kind === 'search') readIsland(bytes, unit.island.classes.length);
  const part = unit.kind === 'audit' ? readAuditPart(bytes) : undefined;
  await objects.put(object, bytes);
  return { part };
}

/** Why a result is not for this campaign, since it was computed on another processor. */
export function otherHardware(
  { worker, hardware }: UnitOutcome,
  { ledger, allowMixed }: Pick<ResultOptions, 'ledger' | 'allowMixed'>,
): string | undefined {
  const [kind] = ledger.hardware;
  if (allowMixed || kind === undefined || kind === hardware) return undefined;
  return `${worker} has computed it on another processor (${hardware}) than what is finished (${kind}); results may differ in their last bits`;
}
