/**
 * @file Objects that go through the queue's own server, up to a size: no folder need be shared. They are kept for a week at most; what
 * is gone is sent again.
 */

import { InputError } from '@pareidolia/core';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { type ObjectStore, requireHash, requireRoomFor } from './store.ts';

/** Bytes of an object, at most: a queue's memory is dear. */
export const MOST_THROUGH_QUEUE = 64 * 2 ** 20;

const WEEK = 7 * 24 * 3600;

export class RedisStore implements ObjectStore {
  readonly where: string;
  readonly most = MOST_THROUGH_QUEUE;
  readonly #client: Redis;

  constructor(client: Redis, where: string) {
    this.#client = client;
    this.where = where;
  }

  async get(hash: string): Promise<Uint8Array | undefined> {
    // One answer, of one byte more than it may have at most.
    const bytes = await this.#client.getrangeBuffer(keyOf(hash), 0, this.most);
    if (bytes.length === 0) return undefined;
    if (bytes.length > this.most) requireSize(await this.#client.strlen(keyOf(hash)), this);
    return requireHash(new Uint8Array(bytes), hash, this.where);
  }

  async put(hash: string, bytes: Uint8Array): Promise<void> {
    requireRoomFor(bytes.length, this);
    await this.#client.set(keyOf(hash), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 'EX', WEEK);
  }

  async forget(hash: string): Promise<void> {
    await this.#client.del(keyOf(hash));
  }
}

function keyOf(hash: string): string {
  return `pareidolia:objects:${hash}`;
}

export class PostgresStore implements ObjectStore {
  readonly where: string;
  readonly most = MOST_THROUGH_QUEUE;
  readonly #pool: Pool;

  constructor(pool: Pool, where: string) {
    this.#pool = pool;
    this.where = where;
  }

  /** Makes the tables, that of workers too, and lets go of what is old. */
  async prepare(): Promise<void> {
    await this.#pool.query('CREATE SCHEMA IF NOT EXISTS pareidolia').catch(raced);
    await this.#pool
      .query(
        'CREATE TABLE IF NOT EXISTS pareidolia.objects (sha256 text PRIMARY KEY, bytes bytea NOT NULL, at timestamptz NOT NULL DEFAULT now())',
      )
      .catch(raced);
    await this.#pool
      .query(
        'CREATE TABLE IF NOT EXISTS pareidolia.workers (name text PRIMARY KEY, card text NOT NULL, at timestamptz NOT NULL DEFAULT now())',
      )
      .catch(raced);
    await this.#pool.query("DELETE FROM pareidolia.objects WHERE at < now() - interval '7 days'");
  }

  async get(hash: string): Promise<Uint8Array | undefined> {
    const sizes = await this.#pool.query(
      'SELECT octet_length(bytes) AS size FROM pareidolia.objects WHERE sha256 = $1',
      [hash],
    );
    if (sizes.rows.length === 0) return undefined;
    requireSize(Number(sizes.rows[0].size), this);
    const { rows } = await this.#pool.query('SELECT bytes FROM pareidolia.objects WHERE sha256 = $1', [hash]);
    return rows.length === 0 ? undefined : requireHash(new Uint8Array(rows[0].bytes), hash, this.where);
  }

  async put(hash: string, bytes: Uint8Array): Promise<void> {
    requireRoomFor(bytes.length, this);
    await this.#pool.query(
      'INSERT INTO pareidolia.objects (sha256, bytes) VALUES ($1, $2) ON CONFLICT (sha256) DO UPDATE SET bytes = EXCLUDED.bytes, at = now()',
      [hash, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)],
    );
  }

  async forget(hash: string): Promise<void> {
    await this.#pool.query('DELETE FROM pareidolia.objects WHERE sha256 = $1', [hash]);
  }
}

/** Two that make the same thing at once: one of them is told that it is there already. */
function raced(error: unknown): void {
  const { code } = error as { readonly code?: string };
  if (!['42P06', '42P07', '23505'].includes(code ?? '')) throw error;
}

function requireSize(size: number, { most, where }: ObjectStore): void {
  if (size > most)
    throw new InputError(
      `${where} has an object of ${Math.ceil(size / 2 ** 20)} MiB, which is more than any that is sent, so it is not read`,
    );
}
