/**
 * @file A model server for tests: the embedded digit network behind three protocols, run by ONNX Runtime itself, with faults on
 * demand. It shares no code with what asks it.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

/** What goes wrong with a request for scores. */
export type Fault =
  | 'slow'
  | 'too many'
  | 'unavailable'
  | 'broken'
  | 'garbage'
  | 'not a number'
  | 'half a body'
  | 'reset'
  | 'wrong shape'
  | 'fewer classes'
  | 'not json'
  | 'redirect elsewhere'
  | 'redirect here'
  | 'forbidden'
  | 'echo';

/** How a server behaves. */
export interface ServerOptions {
  /** Refuses whoever does not have it, by one of header, basic password, or query. */
  readonly secret?: string;
  /** The fault of a request for scores, by its number from 0. */
  readonly fault?: (request: number) => Fault | undefined;
  /** Where a redirect goes. */
  readonly elsewhere?: string;
  /** Images in each request of protocol v2, where it takes no other number. */
  readonly fixedBatch?: number;
  /** Milliseconds that each request takes. */
  readonly pause?: number;
}

/** A server that runs. */
export interface ModelServer {
  readonly url: string;
  /** Requests for scores. */
  readonly requests: () => number;
  /** A hash of each image that was scored, in their order. */
  readonly asked: readonly string[];
  /** Milliseconds at which requests for scores came. */
  readonly times: readonly number[];
  /** Requests for scores at the same time, at most. */
  readonly together: () => number;
  close(): Promise<void>;
}

const NETWORK = createRequire(import.meta.url).resolve('@pareidolia/core/assets/lenet-digits.onnx');
const SIZE = 28 * 28;
const CLASSES = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** Starts a server on a free port of this machine. */
export async function startModelServer(options: ServerOptions = {}): Promise<ModelServer> {
  const session = await InferenceSession.create(readFileSync(NETWORK));
  const server = fastify({ bodyLimit: 2 ** 28 });
  const asked: string[] = [];
  const times: number[] = [];
  const counts = { now: 0, most: 0 };

  const logits = async (pixels: Float32Array): Promise<number[][]> => {
    const count = pixels.length / SIZE;
    for (let row = 0; row < count; row++) {
      const own = new Uint8Array(pixels.slice(row * SIZE, (row + 1) * SIZE).buffer);
      asked.push(createHash('sha256').update(own).digest('hex'));
    }
    const { logits: scores } = await session.run({ image: new Tensor('float32', pixels, [count, 1, 28, 28]) });
    const data = scores!.data as Float32Array;
    return Array.from({ length: count }, (_, row) => [...data.subarray(row * 10, (row + 1) * 10)]);
  };
  const softmax = (row: readonly number[]): number[] => {
    const powers = row.map((logit) => Math.exp(logit - Math.max(...row)));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  };

  server.addHook('preHandler', async (request, reply) => {
    const { secret } = options;
    if (secret === undefined) return;
    const { authorization = '' } = request.headers;
    const basic = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
    const { key } = request.query as { readonly key?: string };
    if (authorization === `Bearer ${secret}` || basic.endsWith(`:${secret}`) || key === secret) return;
    await reply
      .code(401)
      .send({ error: `not ${secret === '' ? '' : 'authorized'}: you sent ${authorization} ${key ?? ''}` });
  });
  for (const type of ['image/png', 'multipart/form-data'] as const) {
    server.addContentTypeParser(type, { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  }

  /** Answers a request for scores, or goes wrong. */
  const scored =
    (answer: (request: FastifyRequest) => Promise<object>) => async (request: FastifyRequest, reply: FastifyReply) => {
      const number = times.length;
      times.push(performance.now());
      counts.now++;
      counts.most = Math.max(counts.most, counts.now);
      try {
        if (options.pause !== undefined) await sleep(options.pause);
        const fault = options.fault?.(number);
        if (fault !== undefined && (await misbehave(fault, request, reply, options, number))) return reply;
        const body = await answer(request);
        if (fault === 'half a body') {
          reply.hijack();
          const text = JSON.stringify(body);
          reply.raw.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
          reply.raw.write(text.slice(0, text.length / 2), () => reply.raw.destroy());
          return reply;
        }
        return await reply.send(body);
      } finally {
        counts.now--;
      }
    };
  v2(server, scored, logits, softmax, options);
  v1(server, scored, logits, softmax);
  custom(server, scored, logits, softmax);
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => times.length,
    asked,
    times,
    together: () => counts.most,
    async close() {
      server.server.closeAllConnections();
      await server.close();
      await session.release();
    },
  };
}

/** @returns whether the reply is done */
async function misbehave(
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
  { elsewhere }: ServerOptions,
  number: number,
): Promise<boolean> {
  switch (fault) {
    case 'slow':
      await sleep(3000);
      return false;
    case 'too many':
      await reply.code(429).header('retry-after', '1').send({ error: 'too many requests' });
      return true;
    case 'unavailable':
      await reply.code(503).send({ error: 'loading' });
      return true;
    case 'broken':
      await reply.code(500).send({ error: 'out of memory' });
      return true;
    case 'garbage':
      await reply.header('content-type', 'application/json').send('<html>it works</html>');
      return true;
    case 'not a number':
      await reply.header('content-type', 'application/json').send('{"predictions": [[NaN, 1]]}');
      return true;
    case 'reset':
      reply.hijack();
      request.raw.socket.resetAndDestroy();
      return true;
    case 'wrong shape':
      await reply.send({
        outputs: [{ name: 'logits', shape: [3, 7], datatype: 'FP32', data: new Array(10).fill(0) }],
        predictions: [1],
      });
      return true;
    case 'fewer classes': {
      const { inputs } = request.body as { readonly inputs: readonly { readonly shape: readonly number[] }[] };
      const count = inputs[0]!.shape[0]!;
      await reply.send({
        outputs: [{ name: 'logits', shape: [count, 9], datatype: 'FP32', data: new Array(count * 9).fill(0) }],
      });
      return true;
    }
    case 'not json':
      await reply.send({ outputs: 'none', predictions: null });
      return true;
    case 'redirect elsewhere':
      await reply.code(307).header('location', `${elsewhere}/v2/models/digits/infer`).send();
      return true;
    case 'redirect here':
      if (number > 0) return false;
      await reply.code(307).header('location', request.url).send();
      return true;
    case 'forbidden':
      await reply.code(403).send({ error: 'this image violates the terms of use' });
      return true;
    case 'echo':
      await reply.code(400).send({ error: `you asked for ${request.url}`, headers: request.headers });
      return true;
    case 'half a body':
      return false;
  }
}

type Scored = (
  answer: (request: FastifyRequest) => Promise<object>,
) => (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
type Logits = (pixels: Float32Array) => Promise<number[][]>;
type Softmax = (row: readonly number[]) => number[];

/** The Open Inference Protocol: `digits` gives logits, `certain` probabilities. */
function v2(
  server: FastifyInstance,
  scored: Scored,
  logits: Logits,
  softmax: Softmax,
  { fixedBatch }: ServerOptions,
): void {
  for (const name of ['digits', 'certain']) {
    const describe = async () => ({
      name,
      versions: ['3'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'image', datatype: 'FP32', shape: [fixedBatch ?? -1, 1, 28, 28] }],
      outputs: [{ name: 'logits', datatype: 'FP32', shape: [fixedBatch ?? -1, 10] }],
    });
    const infer = scored(async (request) => {
      interface Input {
        readonly name: string;
        readonly shape: readonly number[];
        readonly datatype: string;
        readonly data: readonly number[];
      }
      const [input] = (request.body as { readonly inputs: readonly Input[] }).inputs;
      const { shape, datatype, data } = input!;
      const [count, ...rest] = shape;
      if (
        input!.name !== 'image' ||
        datatype !== 'FP32' ||
        String(rest) !== '1,28,28' ||
        data.length !== count! * SIZE
      ) {
        throw new Error('bad tensor');
      }
      if (fixedBatch !== undefined && count !== fixedBatch) throw new Error('bad batch');
      const rows = await logits(Float32Array.from(data));
      const scores = name === 'certain' ? rows.map(softmax) : rows;
      return {
        model_name: name,
        outputs: [{ name: 'logits', shape: [count, 10], datatype: 'FP32', data: scores.flat() }],
      };
    });
    for (const base of [`/v2/models/${name}`, `/v2/models/${name}/versions/3`]) {
      server.get(base, describe);
      server.post(`${base}/infer`, infer);
    }
  }
}

/** TensorFlow Serving: channels last, probabilities; `bare` has no metadata, `columnar` answers in columns. */
function v1(server: FastifyInstance, scored: Scored, logits: Logits, softmax: Softmax): void {
  const dims = (...sizes: number[]) => ({
    dim: sizes.map((size) => ({ size: String(size), name: '' })),
    unknown_rank: false,
  });
  server.get('/v1/models/digits/metadata', async () => ({
    model_spec: { name: 'digits', signature_name: '', version: '1' },
    metadata: {
      signature_def: {
        signature_def: {
          serving_default: {
            inputs: { image: { dtype: 'DT_FLOAT', tensor_shape: dims(-1, 28, 28, 1), name: 'image:0' } },
            outputs: { scores: { dtype: 'DT_FLOAT', tensor_shape: dims(-1, 10), name: 'scores:0' } },
            method_name: 'tensorflow/serving/predict',
          },
        },
      },
    },
  }));
  for (const name of ['digits', 'bare', 'columnar']) {
    server.post(
      `/v1/models/${name}::predict`,
      scored(async (request) => {
        const { instances } = request.body as { readonly instances: readonly number[][][][] };
        const pixels = Float32Array.from(instances.flat(3));
        if (pixels.length !== instances.length * SIZE) throw new Error('bad instances');
        const rows = (await logits(pixels)).map(softmax);
        return name === 'columnar' ? { outputs: rows } : { predictions: rows };
      }),
    );
  }
}

/** Services with an API of their own, which take PNG files. */
function custom(server: FastifyInstance, scored: Scored, logits: Logits, softmax: Softmax): void {
  const pixelsOf = async (png: Uint8Array): Promise<number[]> => {
    const { data, info } = await sharp(png).toColorspace('b-w').raw().toBuffer({ resolveWithObject: true });
    if (info.width !== 28 || info.height !== 28 || info.channels !== 1) throw new Error('bad picture');
    return Array.from(data, (value) => value / 255);
  };
  const scoresOf = async (pngs: readonly Uint8Array[]): Promise<number[][]> => {
    const pixels = (await Promise.all(pngs.map(pixelsOf))).flat();
    return (await logits(Float32Array.from(pixels))).map(softmax);
  };
  const ranked = (row: readonly number[], top: number) =>
    row
      .map((probability, digit) => ({ probability, tagName: `digit ${CLASSES[digit]}` }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, top);
  // In batches, the likeliest class first, with the classes by name.
  server.post(
    '/classify',
    scored(async (request) => {
      const { images } = request.body as { readonly images: readonly { readonly data: string }[] };
      const { top = '10' } = request.query as { readonly top?: string };
      const rows = await scoresOf(
        images.map(({ data }) => Buffer.from(data.replace(/^data:image\/png;base64,/, ''), 'base64')),
      );
      return {
        results: rows.map((row) => ({ predictions: ranked(row, Number(top)), moderation: { blocked: row[1]! > 0.5 } })),
      };
    }),
  );
  // A PNG as it is; the label alone.
  server.post(
    '/label',
    scored(async (request) => {
      const [row] = await scoresOf([request.body as Buffer]);
      return { result: { class: `digit ${row!.indexOf(Math.max(...row!))}` } };
    }),
  );
  // A form; an object by name.
  server.post(
    '/upload',
    scored(async (request) => {
      const headers = { 'content-type': request.headers['content-type']! };
      const form = await new Response(new Uint8Array(request.body as Buffer), { headers }).formData();
      if (form.get('lang') !== 'en') throw new Error('bad form');
      const [row] = await scoresOf([new Uint8Array(await (form.get('image') as File).arrayBuffer())]);
      return { scores: Object.fromEntries(ranked(row!, 10).map(({ tagName, probability }) => [tagName, probability])) };
    }),
  );
}
