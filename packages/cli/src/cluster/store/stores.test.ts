import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../job/hash.ts';
import { FolderStore } from './folder-store.ts';
import { HttpStore } from './http-store.ts';

const bytes = new TextEncoder().encode('a model');
const hash = sha256(bytes);

describe('a folder of objects', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pareidolia-store-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('gives what was put, and nothing that has another hash', async () => {
    const store = new FolderStore(folder);
    expect(await store.get(hash)).toBeUndefined();
    await store.put(hash, bytes);
    expect(await store.get(hash)).toEqual(bytes);
    writeFileSync(join(folder, 'objects', hash.slice(0, 2), hash), 'another model');
    expect(await store.get(hash)).toBeUndefined();
    await store.put(hash, bytes);
    expect(await store.get(hash)).toEqual(bytes);
  });
});

describe('objects behind an address', () => {
  const held = new Map<string, Buffer>();
  const asked: { readonly method: string; readonly authorization: string | undefined }[] = [];
  let server: Server;
  let address: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      asked.push({ method, authorization: headers.authorization });
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (url.startsWith('/closed/')) response.writeHead(403).end();
        else if (method === 'PUT') {
          held.set(url, Buffer.concat(chunks));
          response.end();
        } else {
          const found = held.get(url);
          response.writeHead(found === undefined ? 404 : 200).end(method === 'GET' ? found : undefined);
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it('are written once and read by their hash', async () => {
    const store = new HttpStore(`${address}/bucket/`, {});
    expect(await store.get(hash)).toBeUndefined();
    await store.put(hash, bytes);
    await store.put(hash, bytes);
    expect(await store.get(hash)).toEqual(bytes);
    expect(asked.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  it('are not used where they have another hash', async () => {
    held.set(`/bad/${hash}`, Buffer.from('a model that does harm'));
    await expect(new HttpStore(`${address}/bad`, {}).get(hash)).rejects.toThrow(
      /has other bytes under [0-9a-f]{12}\.\.\./,
    );
  });

  it('are asked for with a token or a signature, which no error shows', async () => {
    await expect(new HttpStore(`${address}/closed`, { PAREIDOLIA_STORE_TOKEN: 's3cret' }).get(hash)).rejects.toThrow(
      `${address}/closed answers 403, so nothing can be read there; check its credentials`,
    );
    expect(asked.at(-1)?.authorization).toBe('Bearer s3cret');
    const signed = new HttpStore(`${address}/bucket`, {
      AWS_ACCESS_KEY_ID: 'KEY',
      AWS_SECRET_ACCESS_KEY: 's3cret',
      AWS_REGION: 'eu-central-1',
    });
    expect(await signed.get(hash)).toEqual(bytes);
    expect(asked.at(-1)?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=KEY\/\d{8}\/eu-central-1\/s3\/aws4_request, /,
    );
  });

  it('are not looked for where nobody answers, or the address has a password', async () => {
    await expect(new HttpStore('http://127.0.0.1:1/x', {}).get(hash)).rejects.toThrow(
      'http://127.0.0.1:1/x does not answer (',
    );
    expect(() => new HttpStore('https://me:s3cret@host/x', {})).toThrow('--store has a password in its address');
  });
});
