import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { type NetworkInterfaceInfo, tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import type { Answers, Method, Parameters, RunView, StudioEvent } from '@pareidolia/studio';
import { decodeMessage, decodeMessages, encodeMessage } from '@pareidolia/studio/wire';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeTinyNetwork } from '../../../../tests/support/networks.ts';
import { workerOf } from '../job/lock.ts';
import { reachableAddresses } from './guard.ts';
import { type RunningStudio, type StudioRequest, serveStudio } from './studio-server.ts';
import { hasToken, OneTimeCode, studioToken } from './token.ts';

const folder = mkdtempSync(join(tmpdir(), 'studio-'));
const TOKEN = 'a'.repeat(43);
const page = { type: 'text/html', read: () => Buffer.from('<html>'), lasting: false };
const OPTIONS: StudioRequest = {
  runs: join(folder, 'runs'),
  host: '127.0.0.1',
  port: 0,
  threads: 1,
  device: 'cpu',
  token: TOKEN,
  pages: new Map([['/', page]]),
};

/** Two numbers make an image of 28 x 28: the left half is as bright as the first, the right half as the second. */
function halves(): Uint8Array {
  const b = new GraphBuilder('halves');
  b.input('z', 'float32', ['N', 2]);
  const weight = Float32Array.from({ length: 2 * 784 }, (_, i) => Number(Number(i % 28 >= 14) === Math.floor(i / 784)));
  const pixels = b.op('MatMul', ['z', b.constant({ type: 'float32', dims: [2, 784], data: weight })]);
  b.op('Reshape', [pixels, b.ints([-1, 1, 28, 28])], {}, 'image');
  b.output('image');
  return writeModel(b.build());
}

let studio: RunningStudio;
let base: URL;

beforeAll(async () => {
  studio = await serveStudio(OPTIONS);
  base = new URL(studio.url);
});
afterAll(async () => {
  await studio.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** A request with any headers at all, which `fetch` does not allow. */
function ask(path: string, headers: Record<string, string> = {}, body?: Uint8Array): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = base;
    const outgoing = request({ hostname, port, path, method: body ? 'POST' : 'GET', headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const GOOD = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/msgpack' };

async function call<M extends Method>(method: M, parameters: Parameters<M>): Promise<Answers[M]> {
  const reply = await ask(`/api/call/${method}`, GOOD, encodeMessage(parameters));
  const answer = decodeMessage(reply.body);
  if (reply.status !== 200) throw new Error((answer as { error: string }).error);
  return answer as Answers[M];
}

const about = encodeMessage({});

describe('the server answers', () => {
  it('with the token', async () => {
    const answer = await call('about', {});
    expect(answer).toMatchObject({ engine: 'server', device: 'cpu', threads: 1 });
    expect(answer.models.map(({ name }) => name)).toEqual(['lenet-digits.onnx', 'cnn-things.onnx']);
  });

  it('with its page to anybody, under a strict policy', async () => {
    const { status, headers } = await ask('/');
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toMatch(/'unsafe-|\*/);
    expect(headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('the server refuses', () => {
  const port = (): string => base.port;

  it.each([
    ['no token', {}],
    ['a wrong token', { Authorization: `Bearer ${'b'.repeat(43)}` }],
    ['a token without its scheme', { Authorization: TOKEN }],
    ['a token in a cookie', { Cookie: `token=${TOKEN}` }],
  ])('a call with %s', async (_, headers) => {
    const reply = await ask('/api/call/about', { 'Content-Type': 'application/msgpack', ...headers }, about);
    expect(reply.status).toBe(401);
    expect(decodeMessage(reply.body)).toEqual({ error: expect.stringContaining('open the address') });
    expect((await ask('/api/events', headers as Record<string, string>)).status).toBe(401);
  });

  it.each(['/%61pi/call/about', '/ap%69/call/about', '/api/%63all/about', '/api/call/%61bout'])(
    'the spelling %s of a call without the token',
    async (path) => {
      expect((await ask(path, { 'Content-Type': 'application/msgpack' }, about)).status).toBe(401);
      // It is a call, to which the token is the key.
      expect((await ask(path, GOOD, about)).status).toBe(200);
    },
  );

  it('another spelling of the events without the token', async () => {
    expect((await ask('/%61pi/events')).status).toBe(401);
    expect((await ask('/api/event%73')).status).toBe(401);
  });

  it('a call by its whole address without the token', async () => {
    const whole = `http://127.0.0.1:${port()}/api/call/about`;
    expect((await ask(whole, { 'Content-Type': 'application/msgpack' }, about)).status).toBe(401);
  });

  it('the code of the browser that we open, for the second time', async () => {
    const code = new URLSearchParams(new URL(studio.urlOnce).hash.slice(1)).get('code');
    expect(studio.urlOnce).not.toContain(TOKEN);
    const exchange = (given: unknown, headers = {}): Promise<Reply> =>
      ask('/api/exchange', { 'Content-Type': 'application/msgpack', ...headers }, encodeMessage({ code: given }));
    expect((await exchange('x'.repeat(43))).status).toBe(401);
    expect((await exchange(undefined)).status).toBe(401);
    expect((await exchange('x'.repeat(2000))).status).toBe(413);
    expect((await exchange(code, { Origin: 'http://evil.example' })).status).toBe(403);
    expect(decodeMessage((await exchange(code)).body)).toEqual({ token: TOKEN });
    expect((await exchange(code)).status).toBe(401);
  });

  it('a code that comes too late', () => {
    let time = 0;
    const code = new OneTimeCode(() => time);
    time = 6 * 60_000;
    expect(code.take(code.text)).toBe(false);
  });

  it.each(['evil.example', '127.0.0.1.nip.io', '[::ffff:127.0.0.1]', '', 'localhost.evil.example'])(
    'the name %j (DNS rebinding)',
    async (name) => {
      expect((await ask('/api/call/about', { ...GOOD, Host: `${name}:${port()}` }, about)).status).toBe(403);
      expect((await ask('/', { Host: `${name}:${port()}` })).status).toBe(403);
    },
  );

  it('its own name with another port', async () => {
    expect((await ask('/api/call/about', { ...GOOD, Host: '127.0.0.1:1' }, about)).status).toBe(403);
  });

  it.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1'])(
    'the origin %s',
    async (origin) => {
      expect((await ask('/api/call/about', { ...GOOD, Origin: origin }, about)).status).toBe(403);
    },
  );

  it('requests that a browser marks as those of another site', async () => {
    expect((await ask('/api/call/about', { ...GOOD, 'Sec-Fetch-Site': 'cross-site' }, about)).status).toBe(403);
    expect((await ask('/api/call/about', { ...GOOD, 'Sec-Fetch-Site': 'same-site' }, about)).status).toBe(403);
    // A link to the studio from elsewhere is no such thing.
    expect((await ask('/', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' })).status).toBe(200);
  });

  it.each([
    '/../package.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/../../package.json',
    '/assets/..%5c..%5cpackage.json',
    '//etc/passwd',
    '/service-worker.js',
  ])('the path %s', async (path) => {
    expect((await ask(path)).status).toBe(404);
  });

  it.each(['../../etc', '/etc', '..', '.', 'models', 'nothing'])('the run %j', async (run) => {
    await expect(call('runs.open', { run })).rejects.toThrow('There is no such run any more');
  });

  it('methods that there are not, and what is no message', async () => {
    expect((await ask('/api/call/constructor', GOOD, about)).status).toBe(400);
    expect((await ask('/api/call/about', GOOD, Uint8Array.of(0xc1))).status).toBe(400);
    expect((await ask('/api/call/about', { ...GOOD, 'Content-Type': 'text/plain' }, about)).status).toBe(415);
    await expect(call('about', { more: 1 } as never)).rejects.toThrow('about:');
  });

  it('a file that is too large, before it has come', async () => {
    const headers = { ...GOOD, 'Content-Length': String(2 * 1024 ** 3) };
    const status = await new Promise((resolve) => {
      const { hostname, port } = base;
      const outgoing = request(
        { hostname, port, path: '/api/call/models.load', method: 'POST', headers },
        (response) => {
          resolve(response.statusCode);
          outgoing.destroy();
        },
      );
      outgoing.on('error', () => {});
      outgoing.write(new Uint8Array(100));
    });
    expect(status).toBe(413);
  });

  it('what is no network, in one sentence', async () => {
    const bytes = new Uint8Array(Buffer.from('%PDF-1.7\n'));
    await expect(call('models.load', { name: 'paper.pdf', bytes })).rejects.toThrow(
      'paper.pdf is a PDF document, not an ONNX network',
    );
    await expect(call('models.load', { name: 'noise.onnx', bytes: bytes.fill(7) })).rejects.toThrow(/^noise.onnx/);
    expect(existsSync(join(OPTIONS.runs, 'models'))).toBe(false);
  });
});

it('a token is a new one at each start, unless it is to be kept, or is given', () => {
  const place = join(folder, 'kept');
  expect(studioToken(undefined, place)).not.toBe(studioToken(undefined, place));
  const own = 'a-token-of-my-own-1234';
  expect(studioToken(own)).toBe(own);
  expect(() => studioToken('short')).toThrow(/--token takes keep, or at least 20/);
  const token = studioToken('keep', place);
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(studioToken('keep', place)).toBe(token);
  expect(hasToken(`Bearer ${token}`, token)).toBe(true);
  expect(hasToken(`Bearer ${token} `, token)).toBe(false);
  expect(hasToken(undefined, token)).toBe(false);
});

it('where it listens everywhere, the first address is one that other machines reach', () => {
  const at = (address: string, family: 'IPv4' | 'IPv6', internal = false) =>
    ({ address, family, internal, netmask: '', mac: '', cidr: null, scopeid: 0 }) as NetworkInterfaceInfo;
  const interfaces = {
    lo: [at('127.0.0.1', 'IPv4', true), at('::1', 'IPv6', true)],
    eth0: [at('fe80::1', 'IPv6'), at('2001:db8::7', 'IPv6'), at('192.168.1.7', 'IPv4')],
  };
  expect(reachableAddresses('0.0.0.0', interfaces)).toEqual(['192.168.1.7', 'localhost']);
  expect(reachableAddresses('::', interfaces)).toEqual(['192.168.1.7', '[2001:db8::7]', 'localhost']);
  expect(reachableAddresses('127.0.0.1', interfaces)).toEqual(['127.0.0.1']);
  expect(reachableAddresses('::1', interfaces)).toEqual(['[::1]']);
});

it('a port that is taken is told in a sentence', async () => {
  await expect(serveStudio({ ...OPTIONS, port: Number(base.port) })).rejects.toThrow(/Port \d+ is taken/);
});

async function* listen(): AsyncGenerator<StudioEvent> {
  const response = await fetch(new URL('/api/events', base), { headers: GOOD });
  for await (const message of decodeMessages(response.body as unknown as AsyncIterable<Uint8Array>)) {
    yield message as StudioEvent;
  }
}

async function until(run: string, wanted: (view: RunView) => boolean): Promise<RunView> {
  for (;;) {
    const view = await call('runs.open', { run });
    if (wanted(view)) return view;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

const PROGRAM = new URL('../../bin/pareidolia.js', import.meta.url).pathname;

/** A search begun by the command. */
function search(...options: string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, 'fool', '--emitter', 'mutation', ...options, '--threads', '1'], {
    stdio: 'ignore',
  });
}

function ended(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.on('exit', resolve));
}

it('an image of a search over several networks is shown with what each of them says', async () => {
  const models = [1, 2, 3].map((seed) => writeTinyNetwork(join(folder, `several-${seed}.onnx`), { seed, classes: 3 }));
  const [one, other, onlooker] = models as [string, string, string];
  const out = join(OPTIONS.runs, 'several');
  const options = ['--encoding', 'direct', '--batch', '20', '--generations', '12', '--json', '--out', out];
  await ended(search('--model', one, '--model', other, '--transfer', onlooker, ...options));
  const { networks } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'));
  const elite = await call('runs.elite', { run: 'several', class: 2 });
  expect(elite.networks.map(({ name, isSearched }) => [name, isSearched])).toEqual([
    ['several-1.onnx', true],
    ['several-2.onnx', true],
    ['several-3.onnx', false],
  ]);
  for (const [place, { confidence, answer }] of elite.networks.entries()) {
    expect(confidence).toBeCloseTo(networks[place].confidences[2], 6);
    expect(answer.classIndex).toBe(networks[place].answers[2]);
  }
  expect(elite.confidence).toBeCloseTo(Math.min(elite.networks[0]!.confidence, elite.networks[1]!.confidence), 6);
});

describe('a run on disk', () => {
  it('is begun as a process, told as it goes, paused, resumed, and the same as one of the command', async () => {
    const events = listen();
    const first = events.next();
    const { models } = await call('about', {});
    const model = models[0]!.id;
    const { run } = await call('runs.start', { model, encoding: 'cppn', generations: 300, batch: 100, seed: 5 });
    await first;
    const begun = await until(run, ({ status }) => status.generations > 0);
    expect(begun.status.state).toBe('running');
    await call('runs.control', { run, action: 'pause' });
    const paused = await until(run, ({ status }) => status.state !== 'running');
    expect(paused.status).toMatchObject({ state: 'paused' });
    expect(paused.status.generations).toBeLessThan(301);
    await call('runs.control', { run, action: 'resume' });
    const done = await until(run, ({ status }) => status.state === 'finished');
    expect(done.status).toMatchObject({ generations: 301, total: 301, evaluations: 30_100 });
    expect(done.curve.map(({ generation }) => generation)).toEqual(Array.from({ length: 301 }, (_, i) => i));

    const twin = join(folder, 'twin');
    await ended(search('--encoding', 'cppn', '--generations', '300', '--batch', '100', '--seed', '5', '--out', twin));
    const read = (path: string) => JSON.parse(readFileSync(join(path, 'result.json'), 'utf8'));
    expect(read(join(OPTIONS.runs, run)).classes).toEqual(read(twin).classes);

    const told: StudioEvent[] = [];
    for await (const event of events) {
      told.push(event);
      if (event.type === 'run' && event.status.id === run && event.status.state === 'finished') break;
    }
    const cells = new Map(
      told.flatMap((event) =>
        event.type === 'run' && event.status.id === run
          ? event.changed.map((cell) => [cell.classIndex, cell] as const)
          : [],
      ),
    );
    expect([...cells.values()].sort((a, b) => a.classIndex - b.classIndex)).toEqual(done.cells);

    const elite = await call('runs.elite', { run, class: 8 });
    expect(elite.lineage.at(-1)!.picture!.planes).toEqual(elite.picture.planes);
    expect(elite.lineage[0]!.generation).toBe(0);
    expect(elite.document?.format).toBe('pareidolia-cppn');
  });

  it('that takes minutes to begin is waited for', async () => {
    const { first } = await call('about', {});
    const now = performance.now.bind(performance);
    let looks = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + 60_000 * looks++);
    const request = { encoding: 'direct', generations: 1, batch: 10, seed: 2 } as const;
    const { run } = await call('runs.start', { model: first, ...request }).finally(() => clock.mockRestore());
    await until(run, ({ status }) => status.state === 'finished');
  });

  it('that is paused and then stopped is saved all the same', async () => {
    const request = { encoding: 'direct', generations: 100_000, batch: 400, seed: 1 } as const;
    const { first } = await call('about', {});
    const { run } = await call('runs.start', { model: first, ...request });
    await until(run, ({ status }) => status.generations > 0);
    await call('runs.control', { run, action: 'pause' });
    const { status } = await call('runs.control', { run, action: 'stop' });
    expect(status.state).toBe('stopped');
    const folder = join(OPTIONS.runs, run);
    while (workerOf(folder) !== undefined) await new Promise((wake) => setTimeout(wake, 5));
    await until(run, (view) => view.status.state === 'stopped');
  });

  it('of a network that was brought by a page goes on from the file that was put aside', async () => {
    const bytes = new Uint8Array(readFileSync(new URL('../../../core/assets/lenet-digits.onnx', import.meta.url)));
    const loaded = await call('models.load', { name: '../my net.onnx', bytes, card: { color: 'grey' } });
    if (loaded.kind !== 'classifier') throw new Error('taken for a generator');
    const { model } = loaded;
    expect(model.classNames[3]).toBe('class 3');
    const { run } = await call('runs.start', {
      model: model.id,
      encoding: 'direct',
      generations: 2,
      batch: 10,
      seed: 1,
    });
    const done = await until(run, ({ status }) => status.state === 'finished');
    expect(done.classNames[3]).toBe('class 3');
    expect(done.status.model).toMatch(/^[0-9a-f]{12}-.*my-net.onnx$/);
  });

  it('among the latents of a generator is shown with the generator that it was made with, and with no other', async () => {
    const path = join(folder, 'g.onnx');
    const card = { kind: 'generator', latentDistribution: 'uniform', range: [-1, 1] };
    writeFileSync(path, halves());
    writeFileSync(join(folder, 'g.card.json'), JSON.stringify(card));
    const out = join(OPTIONS.runs, 'latents');
    const other = search('--generator', path, '--generations', '3', '--batch', '20', '--out', out);
    await ended(other);
    const view = await call('runs.open', { run: 'latents' });
    expect(view.status.state).toBe('finished');
    const elite = await call('runs.elite', { run: 'latents', class: 1 });
    // Two halves of one grey each.
    elite.picture.planes.forEach((value, i) => {
      expect(value).toBe(elite.picture.planes[i % 28 < 14 ? 0 : 27]);
    });
    const { tops } = await call('models.predict', {
      model: (await call('about', {})).models[0]!.id,
      images: elite.picture.planes,
      top: 10,
    });
    expect(tops[0]!.find(({ classIndex }) => classIndex === 1)!.confidence).toBeCloseTo(elite.confidence, 6);
    const again = await serveStudio(OPTIONS);
    writeFileSync(join(folder, 'g.card.json'), JSON.stringify({ ...card, range: [-2, 2] }));
    try {
      base = new URL(again.url);
      await expect(call('runs.elite', { run: 'latents', class: 1 })).rejects.toThrow(/generator card .* has changed/);
    } finally {
      base = new URL(studio.url);
      await again.close();
    }
  });

  it('that another process works in is followed, and left to it', async () => {
    const out = join(OPTIONS.runs, 'elsewhere');
    const other = search('--encoding', 'direct', '--generations', '100000', '--checkpoint-every', '0.1', '--out', out);
    while (!existsSync(join(out, 'checkpoint.json'))) await new Promise((wake) => setTimeout(wake, 20));
    const before = await call('runs.open', { run: 'elsewhere' });
    const after = await until('elsewhere', ({ status }) => status.generations > before.status.generations);
    expect(after.curve.length).toBe(after.status.generations);
    expect(after.status.state).toBe('followed');
    await expect(call('runs.control', { run: 'elsewhere', action: 'stop' })).rejects.toThrow(/Another process/);
    other.kill('SIGINT');
    await ended(other);
    expect((await call('runs.open', { run: 'elsewhere' })).status.state).toBe('stopped');
  });
});
