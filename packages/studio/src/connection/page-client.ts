/** @file The engine in the page: a worker, so that the page itself stays free. */

import type { Answers, Method, Parameters, StudioEvent } from '@pareidolia/studio';
import { type Client, type Connection, Listeners } from './client.ts';
import type { Device, WorkerMessage, WorkerRequest, WorkerStart } from './messages.ts';

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (reason: Error) => void;
}

export function pageClient(device: Device): Client {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'engine' });
  const waiting = new Map<number, Waiting>();
  const events = new Listeners<[StudioEvent]>();
  const connections = new Listeners<[Connection, string?]>();
  let connection: [Connection, string?] = ['connecting'];
  let tickets = 0;

  const connect = (...now: [Connection, string?]): void => {
    connection = now;
    connections.tell(...now);
  };
  const fail = (reason: string): void => {
    connect('lost', reason);
    for (const { reject } of waiting.values()) reject(new Error(reason));
    waiting.clear();
  };
  worker.addEventListener('error', (event) => fail(event.message || 'The engine could not be started'));
  worker.addEventListener('message', ({ data }: MessageEvent<WorkerMessage>) => {
    switch (data.kind) {
      case 'ready':
        return data.error === undefined ? connect('ready') : fail(data.error);
      case 'event':
        return events.tell(data.event);
      case 'answer':
        waiting.get(data.ticket)?.resolve(data.result as never);
        break;
      case 'refusal':
        waiting.get(data.ticket)?.reject(new Error(data.error));
    }
    waiting.delete(data.ticket);
  });

  worker.postMessage({ device } satisfies WorkerStart);

  return {
    call: <M extends Method>(method: M, parameters: Parameters<M>) =>
      new Promise<Answers[M]>((resolve, reject) => {
        const ticket = tickets++;
        waiting.set(ticket, { resolve, reject });
        const request: WorkerRequest = { ticket, method, parameters };
        worker.postMessage(request);
      }),
    onEvent: (listener) => events.add(listener),
    onConnection: (listener) => {
      listener(...connection);
      return connections.add(listener);
    },
  };
}
