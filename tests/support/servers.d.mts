import type { Certificates } from './certificates.mjs';

/** A server of a queue. */
export interface Server {
  readonly port: number;
  readonly url: string;
  /** Starts it again, on its port and with what it had on its disk. */
  start(): Promise<void>;
  /** By SIGKILL. */
  kill(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export function findRedis(): string | undefined;
export function findPostgres(): string | undefined;
export function freePort(): Promise<number>;
export function startRedis(given?: {
  readonly port?: number;
  readonly options?: readonly string[];
  readonly appendOnly?: boolean;
  /** By which it speaks TLS, and nothing else. */
  readonly tls?: Pick<Certificates, 'certificate' | 'key' | 'ca'>;
}): Promise<Server>;
export function startPostgres(given?: {
  readonly durable?: boolean;
  readonly tls?: Pick<Certificates, 'certificate' | 'key'>;
}): Promise<Server>;
