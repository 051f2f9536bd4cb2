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
  if (kind === 'postgres') decideSslMode(url);
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

/**
 * Of the modes of libpq those that encrypt check the certificate here, and its name: what does not check it protects from nobody who
 * can change what is sent. `no-verify` says so.
 *
 * @throws InputError where there is no such mode
 */
function decideSslMode(url: URL): void {
  const mode = url.searchParams.get('sslmode');
  if (mode === null || url.searchParams.has('uselibpqcompat')) return;
  if (['require', 'verify-ca', 'verify-full'].includes(mode)) url.searchParams.set('sslmode', 'verify-full');
  else if (mode !== 'disable' && mode !== 'no-verify') {
    throw new InputError(
      `--queue has an sslmode that is none; choose verify-full (also for require and verify-ca), no-verify or disable`,
    );
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Why TLS fails; `undefined` where it is something else. */
function tlsTrouble(kind: QueueAddress['kind'], code: string | undefined, text: string): string | undefined {
  if (/altname|ERR_TLS_CERT_ALTNAME_INVALID/i.test(`${code} ${text}`)) {
    return `has a certificate for another name (${text}); write the name that is in it, or give it a certificate for this one`;
  }
  if (/certificate has expired|CERT_HAS_EXPIRED|not yet valid/i.test(`${code} ${text}`)) {
    return `has a certificate that is not valid now (${text}); renew it, or set the clock of this machine right`;
  }
  if (/self.signed|unable to verify|unable to get (local )?issuer/i.test(text)) {
    return `has a certificate that is not trusted (${text}); name the file of the authority that has signed it: NODE_EXTRA_CA_CERTS=ca.pem`;
  }
  if (/does not support SSL|wrong version number/i.test(text)) {
    return `speaks no TLS (${text}); ${kind === 'redis' ? 'write redis://' : 'leave sslmode out, or write sslmode=disable'}`;
  }
  if (/no pg_hba\.conf entry.*no encryption/i.test(text)) {
    return 'lets nobody in without TLS, or not this user; add ?sslmode=verify-full to the address, or change its pg_hba.conf';
  }
  if (/certificate|SSL|TLS/i.test(text)) return `fails to speak TLS (${text}); check its certificate and the address`;
  return undefined;
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
  const tls = tlsTrouble(kind, code, text);
  if (tls !== undefined) return `${name} at ${where} ${tls}`;
  if (
    code === 'ECONNREFUSED' ||
    code === 'ENOTFOUND' ||
    code === 'ECONNRESET' ||
    code === 'ETIMEDOUT' ||
    code === 'EHOSTUNREACH' ||
    code === 'EAI_AGAIN'
  ) {
    const isTls = where.startsWith('rediss:');
    const other =
      kind === 'postgres' || (code !== 'ECONNRESET' && code !== 'ETIMEDOUT')
        ? ''
        : isTls
          ? ', or write redis:// where it speaks no TLS'
          : ', or write rediss:// where it speaks TLS';
    return `${name} at ${where} does not answer (${code}); start it, ${other === '' ? 'or ' : ''}check the address${other}`;
  }
  return `${name} at ${where}: ${text || code || 'no reason given'}`;
}
