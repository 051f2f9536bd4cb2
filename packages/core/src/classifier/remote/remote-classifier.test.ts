import { describe, expect, it } from 'vitest';
import type { ModelCardInput } from '../card.ts';
import { parseCard } from '../card.ts';
import type { RemoteHost, RemoteRequest, RemoteResponse } from './exchange.ts';
import { RemoteClassifier } from './remote-classifier.ts';

interface Service {
  /** Scores of the images of a request, each of 2 x 2 pixels in [0, 1]. */
  readonly scores: (images: readonly number[][], request: number) => unknown;
  readonly status?: (images: readonly number[][], request: number) => number;
  readonly card?: ModelCardInput;
  readonly batch?: number;
}

/** A service of protocol v2 for images of 2 x 2 pixels, with everything that it was asked. */
async function open({ scores, status = () => 200, card = {}, batch }: Service) {
  const asked: number[][][] = [];
  const send = async ({ method, body }: RemoteRequest): Promise<RemoteResponse> => {
    if (method === 'GET') {
      const tensor = (shape: readonly number[]) => [{ name: 'x', datatype: 'FP32', shape }];
      return {
        status: 200,
        text: JSON.stringify({ name: 'm', inputs: tensor([-1, 1, 2, 2]), outputs: tensor([-1, -1]) }),
      };
    }
    const { inputs } = JSON.parse(body?.kind === 'json' ? body.text : '');
    const { shape, data } = inputs[0];
    const images = Array.from({ length: shape[0] }, (_, row) => data.slice(4 * row, 4 * row + 4) as number[]);
    asked.push(images);
    const code = status(images, asked.length - 1);
    if (code !== 200) return { status: code, text: 'secret words' };
    const rows = scores(images, asked.length - 1) as number[][];
    const output = { name: 'x', datatype: 'FP32', shape: [rows.length, rows[0]!.length], data: rows.flat() };
    return { status: 200, text: JSON.stringify({ outputs: [output] }) };
  };
  const host: RemoteHost = {
    send,
    png: () => Promise.reject(new Error('no PNG')),
    hash: (bytes) => Buffer.from(bytes).toString('hex').padEnd(32, '0'),
    expand: (text) => text,
    redact: (text) => text.replaceAll('secret', '***'),
    concurrency: 3,
  };
  const options = { url: 'http://api/v2/models/m', where: 'api', card: parseCard(card), host };
  const classifier = await RemoteClassifier.open(batch === undefined ? options : { ...options, batch });
  return { classifier, asked };
}

const shape = { channels: 1, height: 2, width: 2 } as const;
const bytes = (...values: number[]) => ({ ...shape, count: values.length / 4, data: Uint8Array.from(values) });
const first = bytes(255, 0, 51, 102);
const sum = (image: readonly number[]): number => image.reduce((all, pixel) => all + pixel, 0);

it('refuses images whose data are not of their number and shape, before anything is asked', async () => {
  const { classifier, asked } = await open({ scores: (images) => images.map((image) => [sum(image), 0]) });
  const before = asked.length;
  for (const data of [new Uint8Array(7), new Uint8Array(12)]) {
    await expect(classifier.predict({ ...shape, count: 2, data })).rejects.toThrow('8 values for 2 images');
    await expect(classifier.logits({ ...shape, count: 2, data })).rejects.toThrow('8 values for 2 images');
  }
  expect(asked.length).toBe(before);
});

describe('what the scores of a service are', () => {
  it('are logits, where probe images give no probabilities', async () => {
    const { classifier } = await open({ scores: (images) => images.map((image) => [sum(image), -2 * sum(image)]) });
    expect(classifier.reading).toMatchObject({ kind: 'logits', from: 'probes' });
    // The pixels 1, 0, .2 and .4: logits 1.6 and -3.2.
    const { data } = await classifier.predict(first);
    expect(data[0]).toBeCloseTo(1 / (1 + Math.exp(-4.8)), 6);
    expect([...(await classifier.logits(first)).data]).toEqual(
      [Math.fround(1.6), Math.fround(-3.2)].map((x) => expect.closeTo(x, 5)),
    );
  });

  it('are probabilities, where they are never negative and have sum 1; their logarithms are logits', async () => {
    const { classifier } = await open({
      scores: (images) => images.map((image) => [sum(image) / 4, 1 - sum(image) / 4]),
    });
    expect(classifier.reading).toMatchObject({ kind: 'probabilities', from: 'probes' });
    expect([...(await classifier.predict(first)).data]).toEqual([expect.closeTo(0.4, 6), expect.closeTo(0.6, 6)]);
    const { data } = await classifier.logits(first);
    expect([...data]).toEqual([expect.closeTo(Math.log(0.4), 6), expect.closeTo(Math.log(0.6), 6)]);
    // A probability of 0 has the logarithm of the smallest normal number.
    expect((await classifier.logits(bytes(0, 0, 0, 0))).data[0]).toBeCloseTo(-126 * Math.LN2, 3);
  });

  it('are sigmoids, where they stay in [0, 1] far beyond black and white', async () => {
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    const { classifier } = await open({
      scores: (images) => images.map((image) => [sigmoid(sum(image)), sigmoid(1 - sum(image)), 0.5]),
    });
    expect(classifier.reading).toMatchObject({ kind: 'sigmoids', from: 'probes' });
    const { data } = await classifier.logits(first);
    expect([...data]).toEqual([expect.closeTo(1.6, 5), expect.closeTo(-0.6, 5), expect.closeTo(0, 5)]);
  });

  it('are two classes, where there is one sigmoid', async () => {
    const { classifier } = await open({
      scores: (images) => images.map((image) => [1 / (1 + Math.exp(-sum(image)))]),
    });
    expect(classifier.numClasses).toBe(2);
    const p = 1 / (1 + Math.exp(-1.6));
    expect([...(await classifier.predict(first)).data]).toEqual([expect.closeTo(1 - p, 6), expect.closeTo(p, 6)]);
    expect([...(await classifier.logits(first)).data]).toEqual([0, expect.closeTo(1.6, 5)]);
  });

  it('are what the card says', async () => {
    const { classifier } = await open({
      scores: (images) => images.map((image) => [sum(image) / 4, 1 - sum(image) / 4]),
      card: { output: 'logits' },
    });
    expect(classifier.reading).toMatchObject({ kind: 'logits', from: 'card' });
    expect((await classifier.predict(first)).data[0]).toBeCloseTo(1 / (1 + Math.exp(0.2)), 6);
  });
});

describe('a service that says the same of all images', () => {
  it('is told of', async () => {
    const { classifier } = await open({ scores: (images) => images.map(() => [1, 2, 3]) });
    expect(classifier.notices.join()).toContain('5 different images get exactly the same scores');
  });
});

describe('questions to a service', () => {
  const scores = (images: readonly number[][]): number[][] => images.map((image) => [sum(image), -sum(image)]);

  it('are never asked twice, neither as bytes nor as the same floats', async () => {
    const { classifier, asked } = await open({ scores });
    const before = asked.length;
    await classifier.predict(bytes(9, 8, 7, 6, 9, 8, 7, 6, 1, 2, 3, 4));
    expect(asked.slice(before).map((images) => images.length)).toEqual([2]);
    const floats = Float32Array.of(9, 8, 7, 6).map((value) => value / 255);
    await classifier.logits({ ...shape, count: 1, data: floats });
    expect(asked.length).toBe(before + 1);
  });

  it('are cut into parts of the batch', async () => {
    const { classifier, asked } = await open({ scores, batch: 2 });
    const before = asked.length;
    const images = bytes(...Array.from({ length: 20 }, (_, i) => i));
    const { data } = await classifier.logits(images);
    expect(asked.slice(before).map((part) => part.length)).toEqual([1, 2, 2]);
    // The third image has the pixels 8 to 11, with sum 38.
    expect(data[4]).toBeCloseTo(38 / 255, 5);
  });

  it('are asked of each image alone, where those beside it matter', async () => {
    const { classifier, asked } = await open({
      scores: (images) => images.map((image) => [sum(image) - images.length, 1 + images.length]),
    });
    expect(classifier.notices.join()).toContain('scores an image by the images beside it');
    const before = asked.length;
    const { data } = await classifier.logits(bytes(255, 0, 255, 0, 255, 0, 0, 0));
    expect(asked.slice(before).map((part) => part.length)).toEqual([1, 1]);
    expect([...data]).toEqual([1, 2, 0, 2]);
  });

  it('tell of a service that answers otherwise each time', async () => {
    const { classifier } = await open({
      scores: (images, request) => images.map((image) => [sum(image) + request, 0]),
    });
    expect(classifier.notices.join()).toContain('says something else of the same image');
  });

  it('end in a sentence where another number of classes comes', async () => {
    const { classifier } = await open({
      scores: (images) => (images.length === 2 ? images.map(() => [1, 2, 3]) : scores(images)),
    });
    await expect(classifier.predict(bytes(1, 1, 1, 1, 2, 2, 2, 2))).rejects.toThrow(
      'api gives 3 scores for an image, and gave 2 before',
    );
  });

  it('have no gradient', async () => {
    const { classifier } = await open({ scores });
    await expect(classifier.gradient()).rejects.toThrow('api is asked over HTTP, and tells only scores');
  });
});

describe('an image that a service refuses', () => {
  const isDark = (image: readonly number[]): boolean => sum(image) < 0.1 && sum(image) > 0;
  const service: Service = {
    scores: (images) => images.map((image) => [sum(image), -sum(image)]),
    status: (images) => (images.some(isDark) ? 403 : 200),
  };

  it('has equal scores, and those beside it have their own', async () => {
    const { classifier } = await open(service);
    const { data } = await classifier.predict(bytes(1, 1, 1, 1, 255, 0, 0, 0));
    expect([...data.subarray(0, 2)]).toEqual([0.5, 0.5]);
    expect(data[2]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  });

  it('is asked about once', async () => {
    const { classifier, asked } = await open(service);
    await classifier.predict(bytes(1, 1, 1, 1));
    const before = asked.length;
    await classifier.predict(bytes(1, 1, 1, 1));
    expect(asked.length).toBe(before);
  });

  it('ends everything where all are refused', async () => {
    const { classifier } = await open({ ...service, status: (_, request) => (request < 3 ? 200 : 451) });
    const many = bytes(...Array.from({ length: 400 }, (_, i) => (i * 7) % 256));
    await expect(classifier.predict(many)).rejects.toThrow('has answered 451 to the last 20 images');
  });

  it('means wrong credentials where nothing was answered before, and quotes no secret', async () => {
    await expect(open({ ...service, status: () => 403 })).rejects.toThrow(
      'api answers 403 when asked for 5 images: "*** words"; check the credentials',
    );
  });
});
