/** @file Answers Prometheus: the text that BullMQ makes of the queue. */

import { createServer } from 'node:http';
import { InputError } from '@pareidolia/core';

/**
 * @param port of 127.0.0.1
 * @returns ends it
 * @throws InputError where the port is taken
 */
export async function serveMetrics(port: number, metrics: () => Promise<string>): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    metrics().then(
      (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
      () => response.writeHead(503).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new InputError(`--metrics ${port}: the port cannot be used (${cause.code}); choose another`, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}
