import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { expect, it } from 'vitest';
import { Connections } from './connections.ts';

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string;
  isClosed = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  setTimeout(): void {
    // Time stands still here.
  }

  destroy(): void {
    this.isClosed = true;
    this.emit('close');
  }
}

function opened({ hasClass = false, files = 256 } = {}) {
  const server = new EventEmitter() as EventEmitter & { maxConnections: number };
  new Connections(
    server as unknown as Server,
    { connections: 8, headers: 1, body: 1 },
    () => hasClass,
    () => files,
  );
  const connect = (address: string): FakeSocket => {
    const socket = new FakeSocket(address);
    server.emit('connection', socket);
    return socket;
  };
  return { server, connect };
}

it('whoever has most connections loses the oldest of them when others come', () => {
  const { connect } = opened();
  const few = [connect('10.0.0.2'), connect('10.0.0.3')];
  const many = Array.from({ length: 6 }, () => connect('10.0.0.66'));
  const more = Array.from({ length: 100 }, () => connect('10.0.0.66'));
  expect(few.map(({ isClosed }) => isClosed)).toEqual([false, false]);
  expect(many.every(({ isClosed }) => isClosed)).toBe(true);
  expect(more.filter(({ isClosed }) => !isClosed)).toHaveLength(6);
  // Addresses of one network of IPv6 are one machine's.
  const six = Array.from({ length: 20 }, (_, i) => connect(`2001:db8:1:2:0:0:0:${i}`));
  expect(six.at(-1)!.isClosed).toBe(false);
  expect(few.map(({ isClosed }) => isClosed)).toEqual([false, false]);
});

it('while a class takes a quiz there is room for it, for as long as it does', () => {
  const { server, connect } = opened({ hasClass: true, files: 1024 });
  const phones = Array.from({ length: 40 }, (_, i) => Array.from({ length: 6 }, () => connect(`10.0.1.${i}`))).flat();
  expect(phones.filter(({ isClosed }) => isClosed)).toEqual([]);
  expect(server.maxConnections).toBe(512);
  expect(opened().server.maxConnections).toBe(160);
});

it.each([
  // With what is usual, the three hundred that may join.
  [1024, 58],
  [4096, 300],
  [Number.POSITIVE_INFINITY, 300],
])('with %d open files there is room for %d phones with six connections each', (files, count) => {
  const { connect } = opened({ hasClass: true, files });
  const phones = Array.from({ length: count }, (_, i) =>
    Array.from({ length: 6 }, () => connect(`10.0.${i}.1`)),
  ).flat();
  expect(phones.filter(({ isClosed }) => isClosed)).toEqual([]);
});

it.each([64, 256, 319, 320, 1024, 100_000])(
  'with %d open files at most half of them are connections, or as many as without a class',
  (files) => {
    const { server } = opened({ hasClass: true, files });
    expect(server.maxConnections).toBeLessThanOrEqual(Math.max(160, files / 2));
  },
);
