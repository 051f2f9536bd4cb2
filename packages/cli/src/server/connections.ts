/**
 * @file Connections of strangers: whoever has not shown the token gets few of them, little time, and never all of the file
 * descriptors.
 */

import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from '@pareidolia/studio';
import { mostOpenFiles } from './open-files.ts';

/** What strangers get. */
export interface StrangerLimits {
  /** Connections that have not shown the token; for one more, the oldest one of the address that has most is closed. */
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

/** As many more, of strangers and in all, while a class is taking a quiz: six for each of the three hundred phones that may join. */
const MOST_CLASS_CONNECTIONS = 1800;

/** Half of the files that the system allows is left to everything else; where it allows fewer than 320, a class gets no more than others. */
function classConnections(files: number): number {
  return Math.max(0, Math.min(MOST_CLASS_CONNECTIONS, Math.floor(files / 2) - MOST_CONNECTIONS));
}

export class Connections {
  readonly #limits: StrangerLimits;
  readonly #hasClass: () => boolean;
  readonly #files: () => number;
  #forClass: number | undefined;
  /** Those of each address, the oldest one first. */
  readonly #strangers = new Map<string, Set<Socket>>();

  /**
   * @param hasClass whether a class is taking a quiz now
   * @param files how many this process may have open
   */
  constructor(
    server: Server,
    limits: StrangerLimits = STRANGER_LIMITS,
    hasClass: () => boolean = () => false,
    files: () => number = mostOpenFiles,
  ) {
    this.#limits = limits;
    this.#hasClass = hasClass;
    this.#files = files;
    const bound = (): void => {
      server.maxConnections = MOST_CONNECTIONS + this.#room;
    };
    bound();
    server.on('connection', (socket: Socket) => {
      bound();
      this.#admit(socket);
    });
    server.on('drop', bound);
  }

  /** A request that has shown the token: its connection may take its time from now on. */
  trust({ socket }: IncomingMessage): void {
    this.#forget(socket);
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

  get #room(): number {
    if (!this.#hasClass()) return 0;
    this.#forClass ??= classConnections(this.#files());
    return this.#forClass;
  }

  #admit(socket: Socket): void {
    const address = networkOf(socket.remoteAddress ?? '');
    // Closing the oldest lets everybody in who asks at once, and taking it from whoever has most spares those who have few.
    for (let all = this.#count(); all >= this.#limits.connections + this.#room; all--) {
      const [oldest] = this.#most();
      if (oldest === undefined) break;
      this.#forget(oldest);
      oldest.destroy();
    }
    const own = this.#strangers.get(address) ?? new Set();
    this.#strangers.set(address, own.add(socket));
    socket.setTimeout(this.#limits.body);
    socket.once('close', () => this.#forget(socket));
  }

  #count(): number {
    return [...this.#strangers.values()].reduce((sum, sockets) => sum + sockets.size, 0);
  }

  /** The connections of the address that has most of them. */
  #most(): ReadonlySet<Socket> {
    return [...this.#strangers.values()].reduce((most, own) => (own.size > most.size ? own : most), new Set<Socket>());
  }

  #forget(socket: Socket): void {
    for (const [address, sockets] of this.#strangers) {
      if (sockets.delete(socket) && sockets.size === 0) this.#strangers.delete(address);
    }
  }
}
