import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DownloadError } from './download.ts';
import { fetchItem } from './fetch-item.ts';
import { CATALOG, type CatalogFile, type CatalogItem } from './items.ts';
import { stateOf } from './state.ts';

const BYTES = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256));
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

let folder: string;
let close: (() => void) | undefined;
/** Requests that came, as `path range`. */
let asked: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pareidolia-data-'));
  asked = [];
});
afterEach(() => {
  close?.();
  close = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? 'whole'}`);
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers a range as the large publishers do. */
function ranged(request: IncomingMessage, response: ServerResponse, bytes = BYTES): void {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= bytes.length) {
    response.writeHead(416).end();
    return;
  }
  const rest = bytes.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length }).end(rest);
}

function itemOf(file: Partial<CatalogFile> & Pick<CatalogFile, 'urls'>): CatalogItem {
  return {
    name: 'thing',
    summary: 'a thing',
    licence: 'none',
    files: [{ path: 'things/thing.bin', bytes: BYTES.length, checksum: { sha256: SHA256 }, ...file }],
  };
}

function get(item: CatalogItem, signal = new AbortController().signal, progress = (): void => {}) {
  const told: string[] = [];
  const observer = { file: (path: string, what: string) => told.push(`${path} ${what}`), progress };
  return fetchItem(item, folder, signal, observer).then(() => told);
}

const thing = () => join(folder, 'things/thing.bin');

describe('fetching a file', () => {
  it('brings its bytes, and a second time nothing', async () => {
    const item = itemOf({ urls: [`${await serve(ranged)}/a`] });
    expect(await get(item)).toEqual(['things/thing.bin fetched']);
    expect(readFileSync(thing())).toEqual(BYTES);
    expect(await get(item)).toEqual(['things/thing.bin there']);
    expect(asked).toEqual(['/a whole']);
    expect(existsSync(`${thing()}.part`)).toBe(false);
  });

  it('goes on where an earlier one was interrupted', async () => {
    mkdirSync(join(folder, 'things'));
    writeFileSync(`${thing()}.part`, BYTES.subarray(0, 60_000));
    expect(await get(itemOf({ urls: [`${await serve(ranged)}/a`] }))).toEqual(['things/thing.bin fetched']);
    expect(readFileSync(thing())).toEqual(BYTES);
    expect(asked).toEqual(['/a bytes=60000-']);
  });

  it('keeps what has come when it is stopped, and goes on from there', async () => {
    const stop = new AbortController();
    const url = await serve((request, response) => {
      if (request.headers.range !== undefined) ranged(request, response);
      else {
        response.writeHead(200, { 'content-length': BYTES.length });
        // The rest never comes.
        response.write(BYTES.subarray(0, 30_000));
        const look = setInterval(() => {
          if ((statSync(`${thing()}.part`, { throwIfNoEntry: false })?.size ?? 0) < 30_000) return;
          clearInterval(look);
          stop.abort();
        }, 5);
      }
    });
    const item = itemOf({ urls: [`${url}/a`] });
    await expect(get(item, stop.signal)).rejects.toThrow();
    expect(existsSync(thing())).toBe(false);
    await get(item);
    expect(readFileSync(thing())).toEqual(BYTES);
    expect(asked).toEqual(['/a whole', '/a bytes=30000-']);
  });

  it.each([
    ['of another file', Buffer.alloc(40_000, 1)],
    ['that is whole but wrong', Buffer.alloc(BYTES.length, 1)],
  ])('begins again where there is a part %s', async (_, part) => {
    mkdirSync(join(folder, 'things'));
    writeFileSync(`${thing()}.part`, part);
    await get(itemOf({ urls: [`${await serve(ranged)}/a`] }));
    expect(readFileSync(thing())).toEqual(BYTES);
    expect(asked.at(-1)).toBe('/a whole');
  });

  it('takes a server that knows no ranges', async () => {
    mkdirSync(join(folder, 'things'));
    writeFileSync(`${thing()}.part`, BYTES.subarray(0, 60_000));
    const url = await serve((_, response) => response.writeHead(200).end(BYTES));
    await get(itemOf({ urls: [`${url}/a`] }));
    expect(readFileSync(thing())).toEqual(BYTES);
  });

  it('asks the next address where one is gone, or sends something else', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/gone') response.writeHead(404).end();
      else if (request.url === '/wrong') response.writeHead(200).end(Buffer.alloc(BYTES.length, 3));
      else ranged(request, response);
    });
    await get(itemOf({ urls: [`${url}/gone`, `${url}/wrong`, `${url}/right`] }));
    expect(readFileSync(thing())).toEqual(BYTES);
  });

  it.each([
    ['it is gone', (_: IncomingMessage, response: ServerResponse) => response.writeHead(404).end(), /it answered 404/],
    [
      'it is another file',
      (_: IncomingMessage, response: ServerResponse) => response.writeHead(200).end('no such file'),
      /something else than what was published/,
    ],
    [
      'it never ends',
      (_: IncomingMessage, response: ServerResponse) => response.writeHead(200).end(Buffer.alloc(BYTES.length + 1)),
      /more than the 100000 bytes/,
    ],
    ['the connection breaks', (request: IncomingMessage) => request.socket.destroy(), /127\.0\.0\.1/],
  ])('leaves nothing in its place where %s', async (_, answer, reason) => {
    const item = itemOf({ urls: [`${await serve(answer)}/a`] });
    const error = await get(item).then(undefined, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DownloadError);
    expect((error as Error).message).toMatch(reason);
    expect(existsSync(thing())).toBe(false);
  });

  it('does not touch another file of that name', async () => {
    mkdirSync(join(folder, 'things'));
    writeFileSync(thing(), 'mine');
    const item = itemOf({ urls: [`${await serve(ranged)}/a`] });
    await expect(get(item)).rejects.toThrow(/is not the file that was published; move it away/);
    expect(readFileSync(thing(), 'utf8')).toBe('mine');
    expect(asked).toEqual([]);
  });
});

it('takes the wanted members out of an archive, and none that is not wanted', async () => {
  const tar = await packTar([
    { header: { name: 'set/one.bin', size: 5, type: 'file' }, body: 'first' },
    { header: { name: '../evil.bin', size: 5, type: 'file' }, body: 'outer' },
    { header: { name: 'set/two.bin', size: 6, type: 'file' }, body: 'second' },
  ]);
  const archive = gzipSync(tar);
  const url = await serve((request, response) => ranged(request, response, archive));
  const members = {
    'set/one.bin': { path: 'set/one.bin', bytes: 5 },
    'set/two.bin': { path: 'set/two.bin', bytes: 6 },
  };
  const checksum = { sha256: createHash('sha256').update(archive).digest('hex') };
  const file = { path: 'set/all.tar.gz', urls: [`${url}/a`], bytes: archive.length, checksum, members };
  const item = itemOf(file);
  expect(await get(item)).toEqual(['set/one.bin fetched', 'set/two.bin fetched']);
  expect(readFileSync(join(folder, 'set/one.bin'), 'utf8')).toBe('first');
  expect(readFileSync(join(folder, 'set/two.bin'), 'utf8')).toBe('second');
  expect(existsSync(join(folder, '../evil.bin'))).toBe(false);
  expect(existsSync(join(folder, 'set/all.tar.gz.part'))).toBe(false);
  rmSync(join(folder, 'set/one.bin'));
  expect(await get(item)).toEqual(['set/two.bin there', 'set/one.bin fetched']);
  const lacking = itemOf({ ...file, members: { 'set/three.bin': { path: 'set/three.bin', bytes: 1 } } });
  await expect(get(lacking)).rejects.toThrow('set/all.tar.gz does not hold set/three.bin');
});

describe('the state of a file', () => {
  const md5 = createHash('md5').update(BYTES).digest('hex');
  const item = itemOf({ urls: [], unpacked: { md5 } });

  it.each([
    ['missing', undefined, 'missing'],
    ['the published one', BYTES, 'there'],
    ['packed anew', gzipSync(BYTES), 'there'],
    ['another one', Buffer.from('x'), 'other'],
    ['another one, packed', gzipSync('x'), 'other'],
    ['packed and cut off', gzipSync(BYTES).subarray(0, 100), 'other'],
  ] as const)('%s', async (_, bytes, state) => {
    mkdirSync(join(folder, 'things'));
    if (bytes !== undefined) writeFileSync(thing(), bytes);
    expect(await stateOf(item, folder)).toEqual([{ path: 'things/thing.bin', state }]);
  });
});

describe('the catalog', () => {
  it('names every item and file once, with well-formed checksums and addresses', () => {
    const paths = CATALOG.flatMap(({ files }) => files.map(({ path }) => path));
    expect(new Set(paths).size).toBe(paths.length);
    expect(new Set(CATALOG.map(({ name }) => name)).size).toBe(CATALOG.length);
    for (const file of CATALOG.flatMap(({ files }) => files)) {
      expect(Object.keys(file.checksum).length).toBeGreaterThan(0);
      for (const { md5, sha256 } of [file.checksum, file.unpacked ?? {}]) {
        expect(md5 ?? '0'.repeat(32)).toMatch(/^[0-9a-f]{32}$/);
        expect(sha256 ?? '0'.repeat(64)).toMatch(/^[0-9a-f]{64}$/);
      }
      for (const url of file.urls) expect(new URL(url).protocol).toMatch(/^https?:$/);
    }
  });

  const { PAREIDOLIA_DATA: data } = process.env;
  it.skipIf(data === undefined || !existsSync(join(data, 'mnist')))('knows MNIST when it sees it', async () => {
    const mnist = CATALOG.find(({ name }) => name === 'mnist')!;
    expect((await stateOf(mnist, data!)).map(({ state }) => state)).toEqual(['there', 'there', 'there', 'there']);
  });
});
