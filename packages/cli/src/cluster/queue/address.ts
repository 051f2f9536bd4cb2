/** @file Where a queue is, and what of its address may be shown. */

import { InputError } from '@pareidolia/core';

export interface QueueAddress {
  readonly kind: 'redis' | 'postgres';
  /** With its password: for the client alone. */
  readonly url: string;
  /** Without secrets. */
  readonly where: string;
  /** What must never be shown. */
  readonly secrets: readonly string[];
}

const KINDS: Readonly<Record<string, QueueAddress['kind']>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};

/** @throws InputError where it is no address of a queue; the address is not quoted, since it may hold a password */
export function readQueueAddress(text: string): QueueAddress {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch (cause) {
    throw new InputError(
      '--queue is no address; write redis://host:6379, rediss://host:6380 or postgres://host:5432/database',
      {
        cause,
      },
    );
  }
  const kind = KINDS[url.protocol];
  if (kind === undefined) {
    throw new InputError(
      `--queue begins with ${url.protocol}//, which is no queue; write redis://, rediss:// (TLS) or postgres://`,
    );
  }
  if (url.hostname === '') throw new InputError(`--queue has no host; write ${url.protocol}//host:port`);
  const secrets = [
    url.password,
    decoded(url.password),
    ...['password', 'sslpassword', 'sslkey'].flatMap((name) => url.searchParams.getAll(name)),
  ];
  const port = url.port === '' ? (kind === 'redis' ? '6379' : '5432') : url.port;
  return {
    kind,
    url: url.href,
    where: `${url.protocol}//${url.hostname}:${port}${url.pathname === '/' ? '' : url.pathname}`,
    secrets: [...new Set(secrets)].filter((secret) => secret !== ''),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Why a queue does not do what it should, in one sentence without secrets and without a full stop. */
export function queueTrouble({ kind, where, secrets }: QueueAddress, error: unknown): string {
  const name = kind === 'redis' ? 'Redis' : 'PostgreSQL';
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  const { code, message = String(inner) } = (inner ?? {}) as NodeJS.ErrnoException;
  const text = secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), message.replaceAll(/\s+/g, ' '));
  if (/\bOOM\b/.test(text))
    return `${name} at ${where} is out of memory (maxmemory), so it takes nothing; give it more, or wait until units are done`;
  if (
    /NOAUTH|WRONGPASS|invalid username-password|password authentication|no password supplied|SASL|28P01/i.test(
      `${code} ${text}`,
    )
  ) {
    return `${name} at ${where} wants a password that is right; put it into the address (redis://user:password@host), best in PAREIDOLIA_QUEUE`;
  }
  if (/MISCONF|ENOSPC|No space left|could not extend file|53100/.test(`${code} ${text}`)) {
    return `${name} at ${where} cannot write to its disk; free some space there`;
  }
  if (/READONLY/.test(text))
    return `${name} at ${where} is a replica that takes nothing; give the address of the primary`;
  if (/certificate|SSL|TLS|self.signed|wrong version number/i.test(text)) {
    return `${name} at ${where}: TLS fails (${text}); use rediss:// where the server has TLS only there, and NODE_EXTRA_CA_CERTS for a certificate of your own`;
  }
  if (
    code === 'ECONNREFUSED' ||
    code === 'ENOTFOUND' ||
    code === 'ECONNRESET' ||
    code === 'ETIMEDOUT' ||
    code === 'EHOSTUNREACH' ||
    code === 'EAI_AGAIN'
  ) {
    return `${name} at ${where} does not answer (${code}); start it, or check the address`;
  }
  return `${name} at ${where}: ${text || code || 'no reason given'}`;
}
