/** @file The engine in the local server, which may go and come back. */

import type { Answers, Method, Parameters, StudioEvent } from '@pareidolia/studio';
import { decodeMessage, decodeMessages, encodeMessage } from '@pareidolia/studio/wire';
import { type Client, type Connection, Listeners } from './client.ts';

/** Milliseconds without a sign of life after which the connection counts as lost; the server gives one every 5 seconds. */
const SILENCE = 15_000;

/** Milliseconds until the next attempt to connect: at first, and at most. */
const [SOON, LATE] = [300, 5000];

/** @param token from the address that the command printed */
export function serverClient(token: Promise<string>): Client {
  const events = new Listeners<[StudioEvent]>();
  const connections = new Listeners<[Connection, string?]>();
  let connection: [Connection, string?] = ['connecting'];
  const headers = async () => ({ Authorization: `Bearer ${await token}` });

  const connect = (...now: [Connection, string?]): void => {
    if (connection[0] === now[0] && connection[1] === now[1]) return;
    connection = now;
    connections.tell(...now);
  };

  /** Listens until the connection breaks. */
  const listen = async (): Promise<void> => {
    const abort = new AbortController();
    let timer = setTimeout(() => abort.abort(), SILENCE);
    try {
      const response = await fetch('api/events', { headers: await headers(), signal: abort.signal, cache: 'no-store' });
      if (response.status === 401)
        throw new Refused('The address has no valid token; open the one that the command printed');
      if (!response.ok || response.body === null) throw new Error(`The server answers ${response.status}`);
      connect('ready');
      for await (const message of decodeMessages(pieces(response.body))) {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), SILENCE);
        const event = message as StudioEvent | { readonly type: 'alive' };
        if (event.type !== 'alive') events.tell(event);
      }
    } finally {
      clearTimeout(timer);
    }
  };

  const keepListening = async (): Promise<void> => {
    for (let wait = SOON; ; wait = Math.min(LATE, 2 * wait)) {
      const begin = performance.now();
      try {
        await listen();
      } catch (error) {
        if (error instanceof Refused) return connect('lost', error.message);
      }
      connect('lost', 'The server does not answer; trying again');
      if (performance.now() - begin > LATE) wait = SOON;
      await new Promise((resolve) => {
        setTimeout(resolve, wait);
        // Waking up, and a network that is back, are good moments.
        addEventListener('online', resolve, { once: true });
        document.addEventListener('visibilitychange', resolve, { once: true });
      });
    }
  };
  void keepListening();

  return {
    async call<M extends Method>(method: M, parameters: Parameters<M>): Promise<Answers[M]> {
      const body = encodeMessage(parameters);
      const response = await fetch(`api/call/${method}`, {
        method: 'POST',
        headers: { ...(await headers()), 'Content-Type': 'application/msgpack' },
        body,
      }).catch((cause: unknown) => {
        throw new Error('The server does not answer', { cause });
      });
      const answer = decodeMessage(new Uint8Array(await response.arrayBuffer()));
      if (!response.ok) throw new Error((answer as { readonly error: string }).error);
      return answer as Answers[M];
    },
    onEvent: (listener) => events.add(listener),
    onConnection: (listener) => {
      listener(...connection);
      return connections.add(listener);
    },
  };
}

class Refused extends Error {}

async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}
