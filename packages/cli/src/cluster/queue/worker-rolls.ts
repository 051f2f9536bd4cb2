/** @file The rolls of workers in Redis and in PostgreSQL. */

import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { FORGOTTEN_AFTER, seenWorkers, type WorkerCard, type WorkerRoll, type WorkerSeen } from './worker-roll.ts';

const KEY = 'pareidolia:workers';

/** A hash: the time of the last sign of life, in milliseconds of the server, and what was said. */
export class RedisRoll implements WorkerRoll {
  readonly #client: Redis;

  constructor(client: Redis) {
    this.#client = client;
  }

  async tell(name: string, card: WorkerCard): Promise<void> {
    await this.#client.hset(KEY, name, `${await this.#now()} ${JSON.stringify(card)}`);
  }

  async look(): Promise<readonly WorkerSeen[]> {
    const [now, fields] = await Promise.all([this.#now(), this.#client.hgetall(KEY)]);
    const rows = Object.entries(fields).map(([name, value]) => {
      const space = value.indexOf(' ');
      return { name, text: value.slice(space + 1), secondsAgo: (now - Number(value.slice(0, space))) / 1000 };
    });
    const old = rows.filter(({ secondsAgo }) => !(secondsAgo < FORGOTTEN_AFTER)).map(({ name }) => name);
    if (old.length > 0) await this.#client.hdel(KEY, ...old);
    return seenWorkers(rows);
  }

  async #now(): Promise<number> {
    const [seconds, microseconds] = await this.#client.time();
    return Number(seconds) * 1000 + Number(microseconds) / 1000;
  }
}

export class PostgresRoll implements WorkerRoll {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async tell(name: string, card: WorkerCard): Promise<void> {
    await this.#pool.query(
      'INSERT INTO pareidolia.workers (name, card) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET card = EXCLUDED.card, at = now()',
      [name, JSON.stringify(card)],
    );
  }

  async look(): Promise<readonly WorkerSeen[]> {
    await this.#pool.query("DELETE FROM pareidolia.workers WHERE at < now() - interval '1 day'");
    const { rows } = await this.#pool.query(
      'SELECT name, card, extract(epoch FROM now() - at)::float8 AS ago FROM pareidolia.workers ORDER BY at DESC LIMIT 1000',
    );
    return seenWorkers(rows.map(({ name, card, ago }) => ({ name, text: card, secondsAgo: Number(ago) })));
  }
}
