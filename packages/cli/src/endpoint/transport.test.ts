import { afterEach, describe, expect, it } from 'vitest';
import { type Fault, type ModelServer, type ServerOptions, startModelServer } from '../testing/model-server.ts';
import { Transport, type TransportOptions } from './transport.ts';

const servers: ModelServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: ServerOptions = {}): Promise<ModelServer> {
  const server = await startModelServer(options);
  servers.push(server);
  return server;
}

const USUAL = {
  where: 'api',
  authorization: undefined,
  userAgent: 'test',
  timeout: 20_000,
  concurrency: 4,
  retries: 3,
  backoff: 5,
};

/** Sends as many black images, each in a request of its own. */
async function ask({ url }: Pick<ModelServer, 'url'>, changes: Partial<TransportOptions> = {}, count = 1) {
  const transport = new Transport({ ...USUAL, ...changes });
  const input = { name: 'image', shape: [1, 1, 28, 28], datatype: 'FP32', data: new Array(784).fill(0) };
  const text = JSON.stringify({ inputs: [input] });
  const request = { method: 'POST', url: `${url}/v2/models/digits/infer`, body: { kind: 'json', text } } as const;
  const responses = await Promise.all(Array.from({ length: count }, () => transport.send(request)));
  return { transport, responses, response: responses[0]! };
}

/** A fault of the first requests. */
const firstly =
  (fault: Fault, times = 1) =>
  (request: number) =>
    request < times ? fault : undefined;

describe('a request', () => {
  it.each(['unavailable', 'broken', 'half a body', 'reset'] as const)('is repeated after %s', async (fault) => {
    const server = await start({ fault: firstly(fault, 2) });
    const { response, transport } = await ask(server);
    expect(response.status).toBe(200);
    expect(JSON.parse(response.text).outputs[0].data.length).toBe(10);
    expect([server.requests(), transport.requests, transport.repeated]).toEqual([3, 3, 2]);
  });

  it('waits as long as the server asks for', async () => {
    const server = await start({ fault: firstly('too many') });
    const { response } = await ask(server);
    expect(response.status).toBe(200);
    const [first, second] = server.times;
    expect(second! - first!).toBeGreaterThan(950);
  });

  it('gives the last response where the server stays busy', async () => {
    const server = await start({ fault: () => 'unavailable' });
    const { response } = await ask(server);
    expect(response).toEqual({ status: 503, text: '{"error":"loading"}' });
    expect(server.requests()).toBe(4);
  });

  it('ends in a sentence where the connection breaks each time', async () => {
    const server = await start({ fault: () => 'reset' });
    await expect(ask(server)).rejects.toThrow(/^api breaks the connection off.*, in 4 attempts; check the address/);
  });

  it('ends in a sentence where it takes too long', async () => {
    const server = await start({ fault: () => 'slow' });
    await expect(ask(server, { timeout: 100, retries: 0 })).rejects.toThrow('api does not answer within 0.1 s');
  });

  it('is not repeated where nobody listens', async () => {
    const server = await start();
    servers.pop();
    await server.close();
    await expect(ask(server)).rejects.toThrow('api cannot be reached: nothing listens there (ECONNREFUSED); check');
  });

  it('does not follow a redirect to another server', async () => {
    const other = await start();
    const server = await start({ fault: () => 'redirect elsewhere', elsewhere: other.url });
    await expect(ask(server)).rejects.toThrow(
      `api redirects to ${other.url}, and only the server that you named is called`,
    );
    expect([server.requests(), other.requests()]).toEqual([1, 0]);
  });

  it('follows a redirect on the same server', async () => {
    const server = await start({ fault: () => 'redirect here' });
    expect((await ask(server)).response.status).toBe(200);
    expect(server.requests()).toBe(2);
  });
});

describe('many requests', () => {
  it('are so many at a time', async () => {
    const server = await start({ pause: 100 });
    await ask(server, { concurrency: 3 }, 12);
    expect(server.requests()).toBe(12);
    expect(server.together()).toBeLessThanOrEqual(3);
    expect(server.together()).toBeGreaterThan(1);
  });

  it('are so many in a second', async () => {
    const server = await start();
    const begin = performance.now();
    await ask(server, { rate: 20 }, 6);
    // Five pauses of 50 ms, but for the inaccuracy of timers.
    expect(performance.now() - begin).toBeGreaterThan(240);
  });
});
