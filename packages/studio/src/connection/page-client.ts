/** @file The engine in the page: a worker, so that the page itself stays free. */

import type { Answers, Method, Parameters, StudioEvent } from '@pareidolia/studio';
import { wrap } from 'comlink';
import { type Client, type Connection, Listeners } from './client.ts';
import type { Device, EventMessage, WorkerEngine } from './messages.ts';

export function pageClient(device: Device): Client {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'engine' });
  const engine = wrap<WorkerEngine>(worker);
  const events = new Listeners<[StudioEvent]>();
  const connections = new Listeners<[Connection, string?]>();
  let connection: [Connection, string?] = ['connecting'];

  const connect = (...now: [Connection, string?]): void => {
    connection = now;
    connections.tell(...now);
  };
  // Comlink waits for ever where a worker has failed.
  const waiting = new Set<(reason: Error) => void>();
  const fail = (reason: string): void => {
    connect('lost', reason);
    for (const reject of waiting) reject(new Error(reason));
    waiting.clear();
  };
  worker.addEventListener('error', (event) => fail(event.message || 'The engine could not be started'));
  worker.addEventListener('message', ({ data }: MessageEvent<Partial<EventMessage>>) => {
    if (data.event !== undefined) events.tell(data.event);
  });

  engine.start(device).then(
    () => connect('ready'),
    (error: Error) => fail(error.message),
  );

  return {
    call: <M extends Method>(method: M, parameters: Parameters<M>) =>
      new Promise<Answers[M]>((resolve, reject) => {
        waiting.add(reject);
        engine
          .call(method, parameters)
          // Comlink's types forget which method was called.
          .then((answer) => resolve(answer as Answers[M]), reject)
          .finally(() => waiting.delete(reject));
      }),
    onEvent: (listener) => events.add(listener),
    onConnection: (listener) => {
      listener(...connection);
      return connections.add(listener);
    },
  };
}
