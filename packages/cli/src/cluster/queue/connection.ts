/** @file A connection to the server of a queue: what BullMQ is given, and the store of objects beside it. */

import { InputError } from '@pareidolia/core';
import type { Processor, WorkerOptions } from 'bullmq';
import { createPostgresBackend, Queue, QueueEvents, Worker, withBackend } from 'bullmq';
import { PostgresStore, RedisStore } from '../store/queue-stores.ts';
import type { ObjectStore } from '../store/store.ts';
import { type QueueAddress, queueTrouble } from './address.ts';
import { loadIoredis, loadPg } from './drivers.ts';
import type { WorkerRoll } from './worker-roll.ts';
import { PostgresRoll, RedisRoll } from './worker-rolls.ts';

/** All campaigns of a server share one queue. */
const NAME = 'pareidolia-units';

/** Milliseconds that a server may take to answer at first. */
const PATIENCE = 10_000;

/** Called with what is wrong, a sentence without a full stop, and with nothing once it is over. */
export type OnTrouble = (trouble: string | undefined) => void;

export interface QueueConnection {
  readonly address: QueueAddress;
  readonly store: ObjectStore;
  readonly roll: WorkerRoll;
  queue(): Queue;
  /** Tells when units end; absent where nobody does, and one has to look. */
  events?(): QueueEvents;
  worker(process: Processor, options: Omit<WorkerOptions, 'connection'>): Worker;
  close(): Promise<void>;
}

/** @throws InputError where the server does not answer, or does not let one in */
export function connect(address: QueueAddress, onTrouble: OnTrouble): Promise<QueueConnection> {
  return address.kind === 'redis' ? connectRedis(address, onTrouble) : connectPostgres(address, onTrouble);
}

async function connectRedis(address: QueueAddress, onTrouble: OnTrouble): Promise<QueueConnection> {
  const { Redis } = await loadIoredis();
  let isOpen = false;
  const client = new Redis(address.url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: PATIENCE,
    // At first once; later for ever, for a server that is started again.
    retryStrategy: (times: number) => (isOpen ? Math.min(2000, 100 * times) : null),
  });
  client.on('error', (error: Error) => {
    if (isOpen) onTrouble(queueTrouble(address, error));
    else refusal ??= error;
  });
  client.on('ready', () => {
    if (isOpen) onTrouble(undefined);
  });
  let refusal: Error | undefined;
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    client.disconnect();
    throw new InputError(queueTrouble(address, refusal ?? error), { cause: error });
  }
  isOpen = true;
  // A lost connection says nothing by itself.
  client.on('close', () => {
    if (isOpen) onTrouble(queueTrouble(address, Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
  // BullMQ makes others of it; one that is made while the server is away outlives what it is made for.
  const clients = new Set([client]);
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (change) => {
    const other = duplicate(change);
    clients.add(other);
    return other;
  };
  const connection = client as never;
  const others = new Set<{ close(): Promise<void> }>();
  const common = { connection, prefix: 'pareidolia', skipVersionCheck: false };
  return {
    address,
    store: new RedisStore(client, address.where),
    roll: new RedisRoll(client),
    queue: () => quiet(new Queue(NAME, common), others, address, onTrouble),
    events: () => quiet(new QueueEvents(NAME, common), others, address, onTrouble),
    worker: (process, options) =>
      quiet(new Worker(NAME, process, { ...options, ...common }), others, address, onTrouble),
    close: async () => {
      isOpen = false;
      await closeAll(others);
      for (const each of clients) each.disconnect();
    },
  };
}

async function connectPostgres(address: QueueAddress, onTrouble: OnTrouble): Promise<QueueConnection> {
  const { Pool } = await loadPg();
  const pool = new Pool({ connectionString: address.url, max: 4, connectionTimeoutMillis: PATIENCE });
  pool.on('error', (error: Error) => onTrouble(queueTrouble(address, error)));
  const store = new PostgresStore(pool, address.where);
  try {
    await store.prepare();
  } catch (error) {
    await pool.end().catch(() => {});
    throw new InputError(queueTrouble(address, error), { cause: error });
  }
  const bound = withBackend(createPostgresBackend);
  const connection = { connectionString: address.url, schema: 'pareidolia_queue', migrate: true, max: 4 };
  const others = new Set<{ close(): Promise<void> }>();
  const own = quiet(new bound.Queue(NAME, { connection }) as unknown as Queue, others, address, onTrouble);
  try {
    await own.waitUntilReady();
  } catch (error) {
    await closeAll(others);
    await pool.end().catch(() => {});
    throw new InputError(queueTrouble(address, error), { cause: error });
  }
  return {
    address,
    store,
    roll: new PostgresRoll(pool),
    queue: () => own,
    worker: (process, options) =>
      quiet(
        new bound.Worker(NAME, process, { ...options, connection }) as unknown as Worker,
        others,
        address,
        onTrouble,
      ),
    close: async () => {
      await closeAll(others);
      await pool.end().catch(() => {});
    },
  };
}

interface Closable {
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(force?: boolean): Promise<void>;
}

function quiet<T extends Closable>(
  part: T,
  others: Set<{ close(): Promise<void> }>,
  address: QueueAddress,
  onTrouble: OnTrouble,
): T {
  part.on('error', (error) => {
    // A lock that was lost means that the unit is done elsewhere, too, to the same bytes.
    if (/lock/i.test(error.message)) return;
    if (/Connection is closed/.test(error.message)) return;
    onTrouble(queueTrouble(address, error));
  });
  others.add({ close: () => part.close() });
  return part;
}

/** Closes without waiting for a server that does not answer. */
async function closeAll(others: Set<{ close(): Promise<void> }>): Promise<void> {
  const closing = Promise.allSettled([...others].map((other) => other.close()));
  others.clear();
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise((resolve) => {
    timer = setTimeout(resolve, 3000);
  });
  await Promise.race([closing, enough]);
  clearTimeout(timer);
}
