/** @file Opens the queue of a campaign. */

import { FolderStore } from '../store/folder-store.ts';
import { HttpStore } from '../store/http-store.ts';
import type { ObjectStore } from '../store/store.ts';
import { readQueueAddress } from './address.ts';
import { BullQueue } from './bull-queue.ts';
import { connect, type OnTrouble } from './connection.ts';
import { serveMetrics } from './metrics.ts';

export interface OpenQueueOptions {
  /** A folder, or an HTTP(S) address, for objects; through the queue when absent. */
  readonly store?: string | undefined;
  /** A port for Prometheus. */
  readonly metrics?: number | undefined;
  readonly onTrouble: OnTrouble;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** @throws InputError where the queue or the store cannot be used */
export async function openCampaignQueue(
  given: string,
  { store, metrics, onTrouble, environment }: OpenQueueOptions,
): Promise<BullQueue> {
  const shared = store === undefined ? undefined : openStore(store, environment);
  const connection = await connect(readQueueAddress(given), onTrouble);
  try {
    let stop: () => Promise<void> = async () => {};
    const queue: BullQueue = new BullQueue(connection, shared ?? connection.store, onTrouble, () => stop());
    if (metrics !== undefined) stop = await serveMetrics(metrics, () => queue.metrics());
    return queue;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** A folder, or an address. @throws InputError where it is none */
export function openStore(store: string, environment: Readonly<Record<string, string | undefined>>): ObjectStore {
  return /^https?:\/\//i.test(store) ? new HttpStore(store, environment) : new FolderStore(store);
}
