import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../job/hash.ts';
import { HttpStore } from './http-store.ts';

const ID = 'KEYID';
const SECRET = 's3cret/+key';
const REGION = 'eu-central-1';
const bytes = new TextEncoder().encode('a model');
const hash = sha256(bytes);

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * Whether a request is signed as Amazon's document on Signature Version 4 says ("Authenticating Requests: Using the Authorization
 * Header"), written here from that document and not from what signs.
 */
function isSigned(request: IncomingMessage, body: Buffer): boolean {
  const { method, url, headers } = request;
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (found === null) return false;
  const [, id, day, region, names, signature] = found as unknown as string[];
  const date = String(headers['x-amz-date']);
  const content = String(headers['x-amz-content-sha256']);
  const isWhole = content === 'UNSIGNED-PAYLOAD' || content === createHash('sha256').update(body).digest('hex');
  const signed = names!.split(';');
  if (id !== ID || region !== REGION || !date.startsWith(day!) || !isWhole || !signed.includes('host')) return false;
  const { pathname, searchParams } = new URL(url!, 'http://host');
  const query = [...searchParams]
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .sort();
  const canonical = [
    method,
    pathname,
    query.join('&'),
    ...signed.map((name) => `${name}:${String(headers[name]).trim().replaceAll(/\s+/g, ' ')}`),
    '',
    names,
    content,
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = [region!, 's3', 'aws4_request'].reduce((last, part) => hmac(last, part), hmac(`AWS4${SECRET}`, day!));
  return timingSafeEqual(hmac(key, text), Buffer.from(signature!, 'hex'));
}

describe('a store with the interface of S3, which checks signatures', () => {
  const held = new Map<string, Buffer>();
  const refused: string[] = [];
  /** Answers that it is busy, so many times. */
  let busy = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '' } = request;
      const body = Buffer.concat(chunks);
      const end = (status: number, content?: Buffer): void => {
        response.writeHead(status).end(method === 'HEAD' ? undefined : content);
      };
      if (!isSigned(request, body)) {
        refused.push(method);
        return end(403);
      }
      if (busy-- > 0) return end(503);
      if (method === 'PUT') {
        held.set(url, body);
        return end(200);
      }
      const found = held.get(url);
      end(found === undefined ? 404 : 200, found);
    });
  });
  let address: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/a folder`;
  });
  afterAll(() => server.close());
  beforeEach(() => {
    held.clear();
    refused.length = 0;
    busy = 0;
  });
  const opened = (change: Record<string, string> = {}): HttpStore =>
    new HttpStore(address, { AWS_ACCESS_KEY_ID: ID, AWS_SECRET_ACCESS_KEY: SECRET, AWS_REGION: REGION, ...change });

  it('is written to and read from', async () => {
    expect(await opened().get(hash)).toBeUndefined();
    await opened().put(hash, bytes);
    expect([...held.keys()]).toEqual([`/bucket/a%20folder/${hash}`]);
    expect(await opened().get(hash)).toEqual(bytes);
    expect(refused).toEqual([]);
  });

  it('is written to and read from with the token of a session', async () => {
    const store = opened({ AWS_SESSION_TOKEN: 'token+of/session==' });
    await store.put(hash, bytes);
    expect(await store.get(hash)).toEqual(bytes);
    expect(refused).toEqual([]);
  });

  it.each([
    ['another secret', { AWS_SECRET_ACCESS_KEY: 'another' }],
    ['another region', { AWS_REGION: 'us-east-1' }],
    ['another key', { AWS_ACCESS_KEY_ID: 'OTHER' }],
  ])('lets nobody in with %s, and one sentence says so without any secret', async (_, change) => {
    const error: unknown = await opened(change)
      .put(hash, bytes)
      .catch((cause: unknown) => cause);
    expect((error as Error).message).toBe(
      `${address.replace(' ', '%20')} answers 403, so nothing can be written there; check its credentials`,
    );
    expect(held.size).toBe(0);
  });

  it('is asked again where it is busy', async () => {
    await opened().put(hash, bytes);
    busy = 2;
    expect(await opened().get(hash)).toEqual(bytes);
  });
});

describe('an address that is signed itself', () => {
  it('is refused with what to give instead: a signature in it is of one object, and there are many', () => {
    for (const query of ['X-Amz-Signature=abc', 'sv=2024&sig=abc']) {
      const open = (): HttpStore => new HttpStore(`https://host/bucket?${query}`, {});
      expect(open).toThrow(
        /^--store has a query \(\?\.\.\.\), .*; give the address without it, and set AWS_ACCESS_KEY_ID/,
      );
      expect(open).not.toThrow(/abc/);
    }
  });
});
