/** @file One attempt of one request. */

import { InputError, type RemoteRequest, type RemoteResponse } from '@pareidolia/core';

/** A response that may be another one in a moment: too many requests, or a server that is not there now. */
export class BusyResponse extends Error {
  readonly response: RemoteResponse;
  /** Milliseconds that the server asks to wait. */
  readonly wait: number;

  constructor(response: RemoteResponse, wait: number) {
    super(`status ${response.status}`);
    this.response = response;
    this.wait = wait;
  }
}

/** No whole response came. */
export class BrokenExchange extends Error {
  /** Whether the address is wrong rather, unless it has answered before. */
  readonly isUnreachable: boolean;

  constructor(message: string, isUnreachable: boolean, cause: unknown) {
    super(message, { cause });
    this.isUnreachable = isUnreachable;
  }
}

const BUSY: readonly number[] = [408, 425, 429, 500, 502, 503, 504];
/** Bytes of a response, at most. */
const MOST_BYTES = 64 * 2 ** 20;
/** Redirects that are followed, all on the same server. */
const REDIRECTS = 3;
/** Seconds that a server may ask to wait, at most. */
const LONGEST_WAIT = 600;

/** What an attempt needs beside the request. */
export interface AttemptOptions {
  /** The address without secrets. */
  readonly where: string;
  readonly authorization: string | undefined;
  readonly userAgent: string;
  /** In milliseconds. */
  readonly timeout: number;
}

/**
 * Sends a request once.
 *
 * @throws BusyResponse, BrokenExchange where another attempt may go better; InputError where it would not: a redirect to another
 *   server, a response that is too large
 */
export async function attempt(request: RemoteRequest, options: AttemptOptions): Promise<RemoteResponse> {
  const { where, timeout } = options;
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await follow(request, options, signal);
    const whole = { status: response.status, text: await readText(response, where) };
    if (BUSY.includes(response.status)) throw new BusyResponse(whole, retryAfter(response.headers.get('retry-after')));
    return whole;
  } catch (error) {
    if (error instanceof BusyResponse || error instanceof InputError) throw error;
    if (signal.aborted) throw new BrokenExchange(`does not answer within ${timeout / 1000} s`, false, error);
    throw broken(error);
  }
}

/** The response behind redirects, which stay on the server and keep method and body. */
async function follow(
  request: RemoteRequest,
  { where, authorization, userAgent }: AttemptOptions,
  signal: AbortSignal,
): Promise<Response> {
  let { url } = request;
  for (let hop = 0; ; hop++) {
    const response = await fetch(url, {
      method: request.method,
      headers: headersOf(request, { accept: 'application/json', 'user-agent': userAgent }, authorization),
      ...(request.body === undefined ? {} : { body: bodyOf(request.body) }),
      redirect: 'manual',
      signal,
    });
    if (response.status < 300 || response.status >= 400 || response.status === 304) return response;
    await response.body?.cancel();
    const location = response.headers.get('location') ?? '';
    const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
    if (target === undefined || target.origin !== new URL(url).origin) {
      throw new InputError(
        `${where} redirects to ${target?.origin ?? 'nowhere'}, and only the server that you named is called; name the other one if you trust it`,
      );
    }
    if (![307, 308].includes(response.status) || hop >= REDIRECTS) {
      throw new InputError(
        `${where} redirects (${response.status}) to ${target.pathname}; name that address if it is the right one`,
      );
    }
    url = target.href;
  }
}

/** Later ones replace earlier ones, however they are spelled. */
function headersOf(request: RemoteRequest, usual: Record<string, string>, authorization: string | undefined): Headers {
  const headers = new Headers({ ...usual, ...typeOf(request) });
  if (authorization !== undefined) headers.set('authorization', authorization);
  for (const [name, value] of Object.entries(request.headers ?? {})) headers.set(name, value);
  return headers;
}

function typeOf({ body }: RemoteRequest): Record<string, string> {
  if (body === undefined || body.kind === 'form') return {};
  return { 'content-type': body.kind === 'json' ? 'application/json' : 'image/png' };
}

function bodyOf(body: NonNullable<RemoteRequest['body']>): string | Uint8Array<ArrayBuffer> | FormData {
  if (body.kind === 'json') return body.text;
  if (body.kind === 'png') return new Uint8Array(body.png);
  const form = new FormData();
  for (const [name, value] of Object.entries(body.fields)) form.append(name, value);
  form.append(body.file, new Blob([new Uint8Array(body.png)], { type: 'image/png' }), 'image.png');
  return form;
}

async function readText(response: Response, where: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  if (response.body === null) return '';
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > MOST_BYTES) {
      await reader.cancel();
      throw new InputError(
        `${where} answers with more than ${MOST_BYTES / 2 ** 20} MB, which is no list of scores; check the address`,
      );
    }
    pieces.push(value);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** `Retry-After` in milliseconds: seconds, or a date. */
function retryAfter(header: string | null): number {
  if (header === null) return 0;
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? 1000 * Math.min(LONGEST_WAIT, Math.max(0, seconds)) : 0;
}

/** Breaks that another attempt may mend at any time. */
const PASSING: readonly string[] = [
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
];

/** What went wrong on the way, in words. */
function broken(error: unknown): BrokenExchange {
  const code = codeOf(error);
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'cannot be reached: nothing listens there (ECONNREFUSED)',
    ENOTFOUND: 'cannot be reached: there is no such host (ENOTFOUND)',
    ECONNRESET: 'breaks the connection off (ECONNRESET)',
    UND_ERR_SOCKET: 'breaks the connection off',
  };
  return new BrokenExchange(words[code] ?? `cannot be reached (${code})`, !PASSING.includes(code), error);
}

/** The code of an error, or of what caused it; a message could hold the address. */
function codeOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
    if (cause instanceof AggregateError && cause.errors.length > 0) return codeOf(cause.errors[0]);
  }
  return error instanceof Error ? error.name : 'unknown reason';
}
