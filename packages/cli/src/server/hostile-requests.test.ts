import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMessage, encodeMessage } from '@pareidolia/studio/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressWarning, refuse } from './guard.ts';
import { type RunningStudio, serveStudio } from './studio-server.ts';

const PROGRAM = new URL('../../bin/pareidolia.js', import.meta.url).pathname;
const TOKEN = 'a'.repeat(43);
const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MESSAGE = { 'Content-Type': 'application/msgpack' };

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function post(base: URL, path: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = base;
    const outgoing = request(
      { hostname, port, path, method: 'POST', headers: { ...MESSAGE, ...headers } },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Resolves with what the server has sent by the time that it closes the connection. */
function untilClosed(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });
}

describe('a server in a process of its own', () => {
  let child: ChildProcess;
  let base: URL;
  let token: string;
  beforeAll(async () => {
    child = spawn(process.execPath, [PROGRAM, 'studio', '--no-open', '--json', '--threads', '1', '--runs', 'runs'], {
      cwd: folder,
      env: { ...process.env, XDG_CACHE_HOME: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { url } = JSON.parse(String(await new Promise((told) => child.stdout!.once('data', told))));
    base = new URL(url);
    token = new URLSearchParams(base.hash.slice(1)).get('token')!;
  });
  afterAll(async () => {
    const over = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await over;
  });

  /** The most memory that the process has had, in MB. */
  const mostMemory = (): number =>
    Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024;

  const header = (bytes: readonly number[], count: number): Uint8Array =>
    Uint8Array.from({ length: bytes.length * count }, (_, i) => bytes[i % bytes.length]!);
  const bodies: readonly (readonly [string, Uint8Array])[] = [
    ['nested arrays that claim 2^25 elements each', header([0xdd, 2, 0, 0, 0], 18)],
    ['nested maps that claim 2^25 pairs each', header([0xdf, 2, 0, 0, 0], 18)],
    ['arrays that are 100,000 deep', Uint8Array.from([...header([0x91], 100_000), 0xc0])],
    ['a text of 4 GB', Uint8Array.of(0xdb, 255, 255, 255, 255, 65)],
    ['half a message', encodeMessage({ code: 'x'.repeat(100) }).slice(0, 50)],
    ['three million empty maps', Uint8Array.from([0xdd, 0, 45, 0xc6, 0xc0, ...new Uint8Array(3_000_000).fill(0x80)])],
  ];

  it.skipIf(!existsSync('/proc/self/status'))(
    'lives, and takes no memory for what messages only claim, with and without the token',
    async () => {
      const before = mostMemory();
      for (const [name, body] of bodies) {
        expect([name, (await post(base, '/api/exchange', body)).status]).toEqual([
          name,
          body.length > 1024 ? 413 : 401,
        ]);
        const told = await post(base, '/api/call/about', body, { Authorization: `Bearer ${token}` });
        expect([name, told.status]).toEqual([name, 400]);
        expect(decodeMessage(told.body)).toEqual({ error: 'The request cannot be read; reload the page' });
      }
      expect(child.exitCode).toBeNull();
      // The bodies themselves are 3 MB; one of the arrays would be 256 MB.
      expect(mostMemory() - before).toBeLessThan(100);
    },
  );

  it('refuses half a gigabyte that no token came with, wherever it is sent', async () => {
    const headers = { 'Content-Length': String(512 * 1024 * 1024), Connection: 'close' };
    for (const path of ['/', '/nothing', '/api/exchange', '/api/call/about', '/api/events']) {
      const socket = connect(Number(base.port), base.hostname);
      const said = Object.entries({ Host: base.host, ...MESSAGE, ...headers }).map(
        ([name, value]) => `${name}: ${value}`,
      );
      socket.write(`POST ${path} HTTP/1.1\r\n${said.join('\r\n')}\r\n\r\nx`);
      expect([path, (await untilClosed(socket)).slice(0, 12)]).toEqual([path, expect.stringMatching(/ 4(01|04|13)$/)]);
    }
  });
});

describe('whoever has not shown the token', () => {
  /** A server that gives strangers eight connections, and so many milliseconds. */
  function serving(name: string, milliseconds: number): { base: URL; open(): Socket } {
    let studio: RunningStudio;
    const served = {
      base: new URL('http://none'),
      open: () => connect(Number(served.base.port), served.base.hostname),
    };
    beforeAll(async () => {
      studio = await serveStudio({
        runs: join(folder, name),
        host: '127.0.0.1',
        port: 0,
        threads: 1,
        device: 'cpu',
        token: TOKEN,
        pages: new Map([['/', { type: 'text/html', read: () => Buffer.from('<html>'), lasting: false }]]),
        strangers: { connections: 8, headers: milliseconds, body: milliseconds },
      });
      served.base = new URL(studio.url);
    });
    afterAll(() => studio.close());
    return served;
  }

  const hasty = serving('hasty', 500);
  // Who is answered here is not cut off before, however busy the machine is.
  const patient = serving('patient', 120_000);

  it.each([
    ['says nothing', ''],
    ['stops within the headers', 'POST /api/exchange HTTP/1.1\r\nHost: '],
    ['stops before the body of the exchange', 'exchange'],
    ['stops before a body that nothing takes', 'nothing'],
    ['stops before the body of a call', 'call/about'],
  ])('is cut off: one who %s', async (_, said) => {
    const { base, open } = hasty;
    const socket = open();
    const whole = said === '' || said.startsWith('POST');
    const head = `Host: ${base.host}\r\nContent-Type: application/msgpack\r\nContent-Length: 100`;
    socket.write(whole ? said : `POST /api/${said} HTTP/1.1\r\n${head}\r\n\r\nx`);
    // The test's own limit of time is what fails otherwise.
    expect(await untilClosed(socket)).not.toContain(' 200 ');
  });

  it('never has all connections: with 300 open ones the next is answered, and one with the token stays', async () => {
    const { base, open } = patient;
    const kept = open();
    const events = `GET /api/events HTTP/1.1\r\nHost: ${base.host}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
    kept.write(events);
    await new Promise((resolve) => kept.once('data', resolve));
    let keptClosed = false;
    kept.once('close', () => {
      keptClosed = true;
    });
    const others = Array.from({ length: 300 }, open);
    for (const other of others) other.on('error', () => {});
    await Promise.all(others.slice(0, 200).map((other) => new Promise((resolve) => other.once('close', resolve))));
    const reply = await post(base, '/api/call/about', encodeMessage({}), { Authorization: `Bearer ${TOKEN}` });
    expect(reply.status).toBe(200);
    expect(keptClosed).toBe(false);
    for (const other of others) other.destroy();
    kept.destroy();
  });

  it('gets one sentence for what is not HTTP, and for addresses that cannot be read', async () => {
    const { base, open } = patient;
    const socket = open();
    socket.write('\u0000\u0001 hello\r\n\r\n');
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    const reply = await post(base, '/api/call/%E0%A4%A', encodeMessage({}));
    expect(reply.status).toBe(400);
    expect(decodeMessage(reply.body)).toEqual({ error: 'The request cannot be read; reload the page' });
  });
});

describe('the name of a server', () => {
  const asked = (host: string, origin?: string) => ({
    headers: { host, ...(origin === undefined ? {} : { origin }) },
    method: 'GET',
    isPage: true,
  });

  it('has no port where it is that of HTTP: browsers leave it out', () => {
    const server = { names: ['localhost', '[::1]'], port: 80, token: TOKEN };
    for (const host of ['localhost', 'LOCALHOST', 'localhost:80', '[::1]', '[::1]:80']) {
      expect(refuse(asked(host, `http://${host.toLowerCase()}`), server)).toBeUndefined();
    }
    expect(refuse(asked('localhost', 'http://localhost:81'), server)?.status).toBe(403);
    expect(refuse(asked('localhost:81'), server)?.status).toBe(403);
    expect(refuse(asked('evil.example'), server)?.status).toBe(403);
    expect(refuse(asked('localhost'), { ...server, port: 8600 })?.status).toBe(403);
  });

  it('is a warning where other machines reach it, and refused where it is empty', () => {
    for (const own of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) expect(addressWarning(own)).toBeUndefined();
    for (const all of ['0.0.0.0', '::', '192.168.1.7']) expect(addressWarning(all)).toMatch(/plain HTTP/);
    for (const nothing of ['', ' ']) expect(() => addressWarning(nothing)).toThrow('--host is empty');
  });
});
