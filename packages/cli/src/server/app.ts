import { decodeMessage, encodeMessage } from '@pareidolia/studio/wire';
/** @file The local server of the studio: its pages, its methods, and a stream of events. */

import type { ServerResponse } from 'node:http';
import { InputError } from '@pareidolia/core';
import { LARGEST_MODEL, type Method, PARAMETERS, type StudioEngine, type StudioEvent } from '@pareidolia/studio';
import { type FastifyInstance, fastify } from 'fastify';
import { DiskError } from '../job/disk-error.ts';
import { type Refusal, refuse } from './guard.ts';
import type { PageFile } from './pages.ts';
import type { OneTimeCode } from './token.ts';

/** Milliseconds between two signs of life. */
const ALIVE_EVERY = 5000;

/** A listener that falls behind by so many bytes is cut off; it reconnects and catches up. */
const MOST_BEHIND = 32 * 1024 * 1024;

const MESSAGE = 'application/msgpack';

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

export interface AppOptions {
  readonly engine: StudioEngine;
  readonly pages: ReadonlyMap<string, PageFile>;
  readonly token: string;
  /** What a browser that we open has instead. */
  readonly code: OneTimeCode;
  /** The names of the server, as in a Host header without the port. */
  readonly names: readonly string[];
}

export interface App {
  readonly server: FastifyInstance;
  /** Sends an event to all pages. */
  readonly emit: (event: StudioEvent) => void;
}

export function createApp({ engine, pages, token, code, names }: AppOptions): App {
  // A message around the largest model.
  const server = fastify({ bodyLimit: LARGEST_MODEL + 1024 * 1024, logger: false, forceCloseConnections: true });
  const listeners = new Set<ServerResponse>();

  const send = (listener: ServerResponse, bytes: Uint8Array): void => {
    if (listener.writableLength > MOST_BEHIND) listener.destroy();
    else listener.write(bytes);
  };
  const tellAll = (message: unknown): void => {
    if (listeners.size === 0) return;
    const bytes = encodeMessage(message);
    for (const listener of listeners) send(listener, bytes);
  };
  const timer = setInterval(() => tellAll({ type: 'alive' }), ALIVE_EVERY);
  timer.unref();

  server.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    const port = request.socket.localPort ?? 0;
    const { headers, method } = request;
    const { isPage = false } = request.routeOptions.config as { readonly isPage?: boolean };
    const refusal = refuse({ headers, method, isPage: isPage || request.is404 }, { names, port, token });
    if (refusal !== undefined) return reply.code(refusal.status).type(MESSAGE).send(refused(refusal));
  });
  server.addHook('onClose', async () => {
    clearInterval(timer);
    for (const listener of listeners) listener.destroy();
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(MESSAGE, { parseAs: 'buffer' }, (_, body, done) => done(null, body));

  server.post<{ Params: { method: string } }>('/api/call/:method', async (request, reply) => {
    reply.type(MESSAGE).header('Cache-Control', 'no-store');
    const { method } = request.params;
    const parameters = readBody(request.body);
    if (!Object.hasOwn(PARAMETERS, method) || parameters === undefined) {
      return reply.code(400).send(refused({ status: 400, error: 'The request cannot be read; reload the page' }));
    }
    try {
      const answer = await engine.call(method as Method, parameters as never);
      return Buffer.from(encodeMessage(answer));
    } catch (error) {
      const expected = error instanceof InputError || error instanceof DiskError;
      if (!expected) process.stderr.write(`studio, ${method}: ${error instanceof Error ? error.stack : error}\n`);
      const sentence = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error);
      return reply.code(expected ? 422 : 500).send(refused({ status: 0, error: sentence }));
    }
  });

  // Without the token, for that is what it gives; so nobody may send much, either.
  server.post('/api/exchange', { config: { isPage: true }, bodyLimit: 1024 }, async (request, reply) => {
    reply.type(MESSAGE).header('Cache-Control', 'no-store');
    const given = readBody(request.body) as { readonly code?: unknown } | undefined;
    if (code.take(given?.code)) return Buffer.from(encodeMessage({ token }));
    const error = 'This address has been opened already; open the one that the command printed';
    return reply.code(401).send(refused({ status: 401, error }));
  });

  server.get('/api/events', (_, reply) => {
    const { raw } = reply;
    const headers = Object.fromEntries(Object.entries(HEADERS));
    raw.writeHead(200, { ...headers, 'Content-Type': MESSAGE, 'Cache-Control': 'no-store' });
    reply.hijack();
    listeners.add(raw);
    raw.on('close', () => listeners.delete(raw));
    send(raw, encodeMessage({ type: 'alive' }));
  });

  for (const [address, { type, read, lasting }] of pages) {
    server.get(address, { config: { isPage: true } }, async (_, reply) => {
      reply.type(type).header('Cache-Control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache');
      return read();
    });
  }
  server.setNotFoundHandler((_, reply) => reply.code(404).type('text/plain').send('There is nothing here.\n'));
  server.setErrorHandler((error: { readonly statusCode?: number; readonly message: string }, _, reply) => {
    const status = error.statusCode ?? 500;
    const sentence =
      status === 413 ? 'The file is larger than what is taken here' : 'The request cannot be read; reload the page';
    return reply
      .code(status)
      .type(MESSAGE)
      .send(refused({ status, error: sentence }));
  });
  return { server, emit: tellAll };
}

function readBody(body: unknown): unknown {
  try {
    return body instanceof Uint8Array ? decodeMessage(body) : undefined;
  } catch {
    return undefined;
  }
}

function refused({ error }: Refusal): Buffer {
  return Buffer.from(encodeMessage({ error }));
}
