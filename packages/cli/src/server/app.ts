/** @file The local server of the studio: its pages, its methods, and a stream of events. */

import type { ServerResponse } from 'node:http';
import { InputError } from '@pareidolia/core';
import {
  type Classroom,
  LARGEST_MODEL,
  type Method,
  PARAMETERS,
  ParametersError,
  type StudioEngine,
  type StudioEvent,
} from '@pareidolia/studio';
import { decodeMessage, encodeMessage, type MessageLimits } from '@pareidolia/studio/wire';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { DiskError } from '../job/disk-error.ts';
import { writeError } from '../terminal/output.ts';
import { sentenceOf } from '../terminal/sentence.ts';
import { addClassRoutes } from './class-routes.ts';
import { Connections, STRANGER_LIMITS, type StrangerLimits } from './connections.ts';
import { type Refusal, refuse } from './guard.ts';
import type { PageFile } from './pages.ts';
import { hasToken, type OneTimeCode } from './token.ts';

/** Milliseconds between two signs of life. */
const ALIVE_EVERY = 5000;

/** A listener that falls behind by so many bytes is cut off; it reconnects and catches up. */
const MOST_BEHIND = 32 * 1024 * 1024;

const MESSAGE = 'application/msgpack';

/** What a request may hold. The most values are in a genome's document or a card's class names. */
const REQUEST: Partial<MessageLimits> = { depth: 16, values: 1_000_000 };

/** The same before the token is known: `{ code }`. */
const EXCHANGE: Partial<MessageLimits> = { depth: 1, values: 16, bytes: 1024 };

/** Bytes of a request's body, unless it is a call. */
const SMALL = 1024;

/** Milliseconds in which a request has to be there, be it the largest model over a slow network. */
const REQUEST_TIME = 15 * 60_000;

const UNREADABLE: Refusal = { status: 400, error: 'The request cannot be read; reload the page' };
const OPENED: Refusal = {
  status: 401,
  error: 'This address has been opened already; open the one that the command printed',
};

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
  /** Where pupils take a quiz; there is none when absent. */
  readonly classroom?: Classroom;
  readonly pages: ReadonlyMap<string, PageFile>;
  readonly token: string;
  /** What a browser that we open has instead. */
  readonly code: OneTimeCode;
  /** The names of the server, as in a Host header without the port. */
  readonly names: readonly string[];
  /** For whoever has not shown the token. */
  readonly strangers?: StrangerLimits;
}

export interface App {
  readonly server: FastifyInstance;
  /** Sends an event to all pages. */
  readonly emit: (event: StudioEvent) => void;
}

export function createApp(options: AppOptions): App {
  const { engine, classroom, pages, token, code, names, strangers = STRANGER_LIMITS } = options;
  const server = fastify({
    bodyLimit: SMALL,
    logger: false,
    forceCloseConnections: true,
    requestTimeout: REQUEST_TIME,
    http: { headersTimeout: strangers.headers, connectionsCheckingInterval: Math.min(2000, strangers.headers) },
    // Addresses and headers that cannot be read, which come before any route.
    frameworkErrors: (_, __, reply: FastifyReply) => {
      void reply.code(400).headers(HEADERS).type(MESSAGE).send(refused(UNREADABLE));
    },
    clientErrorHandler: (_, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      else socket.destroy();
    },
  });
  const connections = new Connections(server.server, strangers, () => classroom?.isOpen === true);
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
    if (refusal === undefined && hasToken(headers.authorization, token)) connections.trust(request.raw);
    else connections.hurry(request.raw);
    if (refusal === undefined) return undefined;
    // Nor is the connection kept for the body that may follow.
    return reply.code(refusal.status).header('Connection', 'close').type(MESSAGE).send(refused(refusal));
  });
  server.addHook('onClose', async () => {
    clearInterval(timer);
    for (const listener of listeners) listener.destroy();
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(MESSAGE, { parseAs: 'buffer' }, (_, body, done) => done(null, body));

  // A message around the largest model.
  const call = { bodyLimit: LARGEST_MODEL + 1024 * 1024 };
  server.post<{ Params: { method: string } }>('/api/call/:method', call, async (request, reply) => {
    reply.type(MESSAGE).header('Cache-Control', 'no-store');
    const { method } = request.params;
    const parameters = Object.hasOwn(PARAMETERS, method) ? readBody(request.body, REQUEST) : undefined;
    if (parameters === undefined) return reply.code(400).send(refused(UNREADABLE));
    try {
      const answer = await engine.call(method as Method, parameters as never);
      return Buffer.from(encodeMessage(answer));
    } catch (error) {
      const expected = error instanceof InputError || error instanceof DiskError;
      if (!expected) writeError(`studio, ${method}: ${error instanceof Error ? error.stack : error}\n`);
      const status = error instanceof ParametersError ? 400 : expected ? 422 : 500;
      return reply.code(status).send(refused({ status, error: sentenceOf(error) }));
    }
  });

  // Without the token, for that is what it gives; so a code that is spent is refused before the body is read, and nobody may
  // send much.
  const isOpen = async (_: FastifyRequest, reply: FastifyReply) =>
    code.isSpent ? reply.code(401).header('Connection', 'close').type(MESSAGE).send(refused(OPENED)) : undefined;
  const exchange = { config: { isPage: true }, onRequest: isOpen };
  server.post('/api/exchange', exchange, async (request, reply) => {
    reply.type(MESSAGE).header('Cache-Control', 'no-store');
    const given = readBody(request.body, EXCHANGE);
    const text = typeof given === 'object' && given !== null && 'code' in given ? given.code : undefined;
    if (code.take(text)) return Buffer.from(encodeMessage({ token }));
    return reply.code(401).send(refused(OPENED));
  });

  if (classroom !== undefined) addClassRoutes(server, classroom);

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
    return reply
      .code(status)
      .type(MESSAGE)
      .send(refused(status === 413 ? { status, error: 'The file is larger than what is taken here' } : UNREADABLE));
  });
  return { server, emit: tellAll };
}

/** @returns undefined where it is no message within the limits */
function readBody(body: unknown, limits: Partial<MessageLimits>): unknown {
  try {
    return body instanceof Uint8Array ? decodeMessage(body, limits) : undefined;
  } catch {
    return undefined;
  }
}

function refused({ error }: Refusal): Buffer {
  return Buffer.from(encodeMessage({ error }));
}
