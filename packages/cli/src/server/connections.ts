/**
 * @file Connections of strangers: whoever has not shown the token gets few of them, little time, and never all of the file
 * descriptors.
 */

import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** What strangers get. */
export interface StrangerLimits {
  /** Connections that have not shown the token; for one more, the oldest of them is closed. */
  readonly connections: number;
  /** Milliseconds until the headers of a request are there. */
  readonly headers: number;
  /** Milliseconds until the body of a request is there, and between two signs of life while it is answered. */
  readonly body: number;
}

/** With 256 file descriptors, the least that systems give, more than half are left. */
export const STRANGER_LIMITS: StrangerLimits = { connections: 64, headers: 10_000, body: 10_000 };

/** Connections in all: a browser opens six to a server. */
const MOST_CONNECTIONS = 160;

export class Connections {
  readonly #limits: StrangerLimits;
  /** The oldest one first. */
  readonly #strangers = new Set<Socket>();

  constructor(server: Server, limits: StrangerLimits = STRANGER_LIMITS) {
    this.#limits = limits;
    server.maxConnections = MOST_CONNECTIONS;
    server.on('connection', (socket: Socket) => this.#admit(socket));
  }

  /** A request that has shown the token: its connection may take its time from now on. */
  trust({ socket }: IncomingMessage): void {
    this.#strangers.delete(socket);
    socket.setTimeout(0);
  }

  /** A request without the token: its body has to come soon. */
  hurry(request: IncomingMessage): void {
    const { socket } = request;
    const timer = setTimeout(() => {
      if (!request.complete) socket.destroy();
    }, this.#limits.body);
    timer.unref();
    request.once('close', () => clearTimeout(timer));
    // Node forgets this between two requests.
    socket.setTimeout(this.#limits.body);
  }

  #admit(socket: Socket): void {
    // Closing the oldest lets everybody in who asks at once, whoever else keeps connections open.
    for (const oldest of this.#strangers) {
      if (this.#strangers.size < this.#limits.connections) break;
      this.#strangers.delete(oldest);
      oldest.destroy();
    }
    this.#strangers.add(socket);
    socket.setTimeout(this.#limits.body);
    socket.once('close', () => this.#strangers.delete(socket));
  }
}
