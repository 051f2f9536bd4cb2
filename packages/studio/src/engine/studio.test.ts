import { readFileSync } from 'node:fs';
import { argmax, distances, drawDigits, localBreeder, OnnxClassifier, parseCard } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttackFrame, AttackOutcome, StudioEvent } from './protocol.ts';
import { Studio } from './studio.ts';

const ASSETS = new URL('../../../core/assets/', import.meta.url);
const bytes = new Uint8Array(readFileSync(new URL('lenet-digits.onnx', ASSETS)));
const card = JSON.parse(readFileSync(new URL('lenet-digits.card.json', ASSETS), 'utf8'));

const events: StudioEvent[] = [];
const listeners = new Set<(event: StudioEvent) => void>();
const runtime = nodeRuntime();
let studio: Studio;
let model: string;
/** The same network, asked directly. */
let network: OnnxClassifier;

beforeAll(async () => {
  studio = new Studio({
    host: {
      version: '0',
      engine: 'server',
      runtime,
      device: 'cpu',
      threads: 1,
      missing: [],
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      now: () => performance.now(),
      emit: (event) => {
        events.push(event);
        for (const listener of listeners) listener(event);
      },
      breeder: localBreeder,
    },
  });
  model = (await studio.models.load('digits', bytes, card)).id;
  network = await OnnxClassifier.load(bytes, {
    card: parseCard(card),
    runtime,
    device: 'cpu',
    threads: 1,
    where: 'digits',
  });
});
afterAll(async () => {
  await studio.dispose();
  await network.dispose();
});

function next<T>(pick: (event: StudioEvent) => T | undefined): Promise<T> {
  return new Promise((resolve) => {
    const listener = (event: StudioEvent): void => {
      const picked = pick(event);
      if (picked === undefined) return;
      listeners.delete(listener);
      resolve(picked);
    };
    listeners.add(listener);
  });
}

const finished = (run: string) =>
  next((event) =>
    event.type === 'run' && event.status.id === run && event.status.state !== 'running' ? event : undefined,
  );

/** Lets everything else go on for so many turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a run', () => {
  it('is told generation by generation, and its cells are what the network says of the images', async () => {
    const { run } = await studio.call('runs.start', { model, encoding: 'cppn', generations: 12, batch: 60, seed: 3 });
    const { status } = await finished(run);
    expect(status).toMatchObject({ state: 'finished', generations: 13, total: 13, evaluations: 13 * 60 });
    const view = await studio.call('runs.open', { run });
    expect(view.curve.map(({ generation }) => generation)).toEqual(Array.from({ length: 13 }, (_, i) => i));
    expect(view.cells.map((cell) => cell.classIndex)).toEqual(Array.from({ length: 10 }, (_, i) => i));
    const { pictures } = await studio.call('runs.pictures', { run, classes: [...view.classIndices], size: 28 });
    for (const [cell, picture] of pictures.entries()) {
      const scores = await network.predict({ ...network.shape, count: 1, data: picture.planes });
      expect(scores.data[cell]).toBeCloseTo(view.cells[cell]!.confidence, 6);
    }
  });

  it('of some classes takes them in the words of the command; the newest run is the first of the list', async () => {
    const length = { model, encoding: 'cppn', generations: 1, batch: 10, seed: 1 } as const;
    const { run } = await studio.call('runs.start', { ...length, classes: '3, 5-6' });
    await finished(run);
    expect((await studio.call('runs.open', { run })).classIndices).toEqual([3, 5, 6]);
    const { runs } = await studio.call('runs.list', {});
    expect(runs[0]!.id).toBe(run);
    await expect(studio.call('runs.start', { ...length, classes: '3-12' })).rejects.toThrow('has no class "3-12"');
  });

  it('tells in events what has changed, and only that', async () => {
    const from = events.length;
    const { run } = await studio.call('runs.start', { model, encoding: 'direct', generations: 30, batch: 50, seed: 1 });
    await finished(run);
    const told = events.slice(from).flatMap((event) => (event.type === 'run' ? [event] : []));
    const generations = told.flatMap(({ curve }) => curve.map(({ generation }) => generation));
    expect(generations).toEqual(Array.from({ length: 31 }, (_, i) => i));
    const cells = new Map(told.flatMap(({ changed }) => changed.map((cell) => [cell.classIndex, cell] as const)));
    const view = await studio.call('runs.open', { run });
    expect([...cells.values()].sort((a, b) => a.classIndex - b.classIndex)).toEqual(view.cells);
  });

  it.each(['cppn', 'palette', 'direct'] as const)(
    'shows the ancestors of a %s elite as they were, up to the elite itself',
    async (encoding) => {
      const { run } = await studio.call('runs.start', { model, encoding, generations: 25, batch: 50, seed: 7 });
      await finished(run);
      for (const label of [0, 4, 9]) {
        const elite = await studio.call('runs.elite', { run, class: label });
        const { lineage } = elite;
        expect(lineage.at(-1)!.id).toBe(elite.id);
        expect(lineage.at(-1)!.picture!.planes).toEqual(elite.picture.planes);
        expect(lineage[0]!.generation).toBe(0);
        expect(elite.top[0]!.confidence).toBeGreaterThanOrEqual(elite.confidence);
        expect(elite.document?.format).toBe(encoding === 'direct' ? undefined : `pareidolia-${encoding}`);
        // Each ancestor took its cells with the confidence that the network has in its picture.
        for (const { picture, classes } of lineage) {
          const scores = await network.predict({ ...network.shape, count: 1, data: picture!.planes });
          for (const cell of classes) expect(scores.data[cell.classIndex]).toBeCloseTo(cell.confidence, 6);
        }
      }
    },
  );

  it('goes on after it was stopped, and another one waits meanwhile', async () => {
    const start = { model, encoding: 'cppn' as const, generations: 30, batch: 40 };
    const { run } = await studio.call('runs.start', { ...start, generations: 300, seed: 3 });
    await studio.call('runs.control', { run, action: 'stop' });
    const { run: second } = await studio.call('runs.start', { ...start, generations: 300, seed: 4 });
    const { status } = await studio.call('runs.control', { run, action: 'resume' });
    expect(status.state).toBe('running');
    expect((await studio.call('runs.open', { run: second })).status.state).toBe('paused');
    await finished(run);
    expect((await studio.call('runs.open', { run })).status).toMatchObject({ state: 'finished', generations: 301 });
    await studio.call('runs.control', { run: second, action: 'stop' });
  });

  it('stands still while it is paused, and goes on', async () => {
    const { run } = await studio.call('runs.start', { model, encoding: 'cppn', generations: 400, batch: 40, seed: 1 });
    const { status } = await studio.call('runs.control', { run, action: 'pause' });
    expect(status.state).toBe('paused');
    await turns(100);
    const before = (await studio.call('runs.open', { run })).status.generations;
    await turns(100);
    expect((await studio.call('runs.open', { run })).status.generations).toBe(before);
    await studio.call('runs.control', { run, action: 'resume' });
    await next((event) => (event.type === 'run' && event.status.generations > before + 2 ? true : undefined));
    expect((await studio.call('runs.control', { run, action: 'stop' })).status.state).toBe('stopped');
  });

  it('of gradient ascent reaches certainty, too', async () => {
    const { run } = await studio.call('runs.start', {
      model,
      emitter: 'gradient-ascent',
      generations: 500,
      batch: 1,
      seed: 1,
      classes: [3],
    });
    await finished(run);
    const elite = await studio.call('runs.elite', { run, class: 3 });
    expect(elite.confidence).toBeGreaterThan(0.9999);
    expect(elite.document).toBeUndefined();
  });
});

it('of a portfolio each ancestor names its emitter, and is shown as it was where it can be, the elite itself always', async () => {
  const { run } = await studio.call('runs.start', {
    model,
    emitter: 'auto',
    encoding: 'cppn',
    generations: 12,
    batch: 20,
    seed: 3,
  });
  await finished(run);
  const makers = new Set<string | undefined>();
  let without = 0;
  for (let label = 0; label < 10; label++) {
    const { lineage, picture } = await studio.call('runs.elite', { run, class: label });
    expect(lineage.at(-1)!.picture!.planes).toEqual(picture.planes);
    for (const { emitter, picture: portrait, classes } of lineage) {
      makers.add(emitter);
      if (portrait === undefined) {
        without++;
        continue;
      }
      // What is drawn again is what took the cells: the network is as certain of it.
      const scores = await network.predict({ ...network.shape, count: 1, data: portrait.planes });
      for (const cell of classes) expect(scores.data[cell.classIndex]).toBeCloseTo(cell.confidence, 6);
    }
  }
  expect(makers.size).toBeGreaterThan(1);
  for (const maker of makers) expect(['cppn-gradient', 'least-certain', 'mutation']).toContain(maker);
  // Not all that emitters made themselves are elites still.
  expect(without).toBeGreaterThan(0);
});

describe('breeding', () => {
  const request = { parents: [], count: 15, seed: 1, change: 'mild' as const, size: 56 };

  it('gives as many children as asked, each with what the network says of it at its own size', async () => {
    const { children } = await studio.call('breed.screen', { model, ...request });
    expect(children).toHaveLength(15);
    expect(new Set(children.map(({ genome }) => Buffer.from(genome).toString('hex'))).size).toBe(15);
    for (const { genome, picture, top } of children) {
      expect([picture.height, picture.width]).toEqual([56, 56]);
      const small = await studio.call('breed.render', { genome, shape: { channels: 1, height: 28, width: 28 } });
      const scores = await network.predict({ ...network.shape, count: 1, data: small.planes });
      expect(top[0]!.classIndex).toBe(argmax(scores.data));
      expect(top[0]!.confidence).toBeCloseTo(scores.data[top[0]!.classIndex]!, 6);
    }
  });

  it('gives the same children for the same seed, and others for another', async () => {
    const genomes = async (seed: number) =>
      (await studio.call('breed.screen', { model, ...request, seed })).children.map(({ genome }) => [...genome]);
    expect(await genomes(5)).toEqual(await genomes(5));
    expect(await genomes(5)).not.toEqual(await genomes(6));
  });

  it('writes genomes as documents that read back to the same bytes', async () => {
    const { children } = await studio.call('breed.screen', { model, ...request, change: 'wild' });
    for (const { genome } of children) {
      const { document } = await studio.call('breed.document', { genome, channels: 1 });
      expect(await studio.call('breed.read', { document })).toEqual({ genome, channels: 1 });
      expect((await studio.call('breed.read', { document: { genome: document } })).genome).toEqual(genome);
    }
  });
});

describe('an attack', () => {
  const { images, labels } = drawDigits(3, 1);
  const image = images.data.slice(2 * 784, 3 * 784);
  const label = labels[2]!;

  async function attack(name: string, epsilon: number): Promise<{ outcome: AttackOutcome; frames: AttackFrame[] }> {
    const frames: AttackFrame[] = [];
    const collect = (event: StudioEvent): void => {
      if (event.type === 'attack') frames.push(...event.frames);
    };
    listeners.add(collect);
    const norm = name === 'deepfool' ? 'l2' : 'linf';
    const ended = next((event) => (event.type === 'attacked' ? event : undefined));
    const job = `${name} ${epsilon}`;
    await studio.call('attack.start', { job, model, image, label, attack: name, norm, epsilon, seed: 1, budget: 5000 });
    const { outcome } = await ended;
    listeners.delete(collect);
    return { outcome: outcome!, frames };
  }

  it('shows frames whose distances and guesses are those of their images', async () => {
    const { frames, outcome } = await attack('pgd', 0.3);
    expect(frames.length).toBeGreaterThan(1);
    expect(frames[0]!.distances.linf).toBe(0);
    const float = (planes: Uint8Array) => Float32Array.from(planes, (level) => level / 255);
    for (const { image: shown, top, distances: told } of frames) {
      // In the ball before it is rounded, by half a level at most.
      expect(told.linf).toBeLessThanOrEqual(0.3 + 0.5 / 255 + 1e-6);
      expect(told.l2).toBeCloseTo(distances(float(shown), float(image)).l2, 6);
      const { data } = await network.predict({ ...network.shape, count: 1, data: shown });
      expect(top[0]).toMatchObject({ classIndex: argmax(data), confidence: expect.closeTo(Math.max(...data), 6) });
    }
    // What is asked to judge the end is none of the attack's queries, here as in the report.
    expect(frames.at(-1)!.queries).toBe(outcome.queries);
    expect(outcome.success).toBe(true);
    const scores = await network.predict({ ...network.shape, count: 1, data: outcome.image! });
    expect(argmax(scores.data)).not.toBe(label);
    expect(outcome.top[0]!.classIndex).toBe(argmax(scores.data));
    expect(outcome.distances!.linf).toBeCloseTo(distances(float(outcome.image!), float(image)).linf, 6);
  });

  it('that has succeeded goes on until the network is 99 % certain of the wrong class, inside the same ball', async () => {
    const { outcome } = await attack('deepfool', 0);
    const found = outcome.image!;
    const wrong = outcome.top[0]!;
    expect(wrong.confidence).toBeLessThan(0.99);
    const request = { model, image, label, norm: 'l2' as const, attack: 'deepfool', seed: 1, budget: 2000 };
    const go = async (job: string, change: object): Promise<AttackOutcome> => {
      const ended = next((event) => (event.type === 'attacked' && event.job === job ? event : undefined));
      const goOn = { image: found, confidence: 0.99 };
      await studio.call('attack.start', { job, ...request, epsilon: 0, goOn, ...change });
      return (await ended).outcome!;
    };
    const sure = await go('on', {});
    expect(sure).toMatchObject({ success: true, stop: 'sure enough' });
    const { data } = await network.predict({ ...network.shape, count: 1, data: sure.image! });
    expect(data[wrong.classIndex]).toBeGreaterThanOrEqual(0.99);
    // In a ball that hardly holds what was found it is not to be had.
    const tight = distances(
      Float32Array.from(found, (level) => level / 255),
      Float32Array.from(image, (level) => level / 255),
    ).linf;
    const bound = await go('bound', { attack: 'pgd', norm: 'linf', epsilon: tight, budget: 3 });
    expect(bound.distances!.linf).toBeLessThanOrEqual(tight + 1e-6);
    expect(bound.top[0]!.confidence).toBeGreaterThanOrEqual(wrong.confidence);
  });

  it('that fails says so and gives no image', async () => {
    const { outcome } = await attack('fgsm', 0);
    expect(outcome).toMatchObject({ success: false, survives8Bit: false });
    expect(outcome.image).toBeUndefined();
  });

  it('can be stopped', async () => {
    const ended = next((event) => (event.type === 'attacked' ? event : undefined));
    const request = { model, image, label, norm: 'l2' as const, epsilon: 1, seed: 1, budget: 1_000_000 };
    const job = 'stopped';
    await studio.call('attack.start', { job, ...request, attack: 'boundary' });
    await expect(studio.call('attack.start', { job, ...request, attack: 'boundary' })).rejects.toThrow('already');
    await studio.call('attack.stop', { job });
    expect(await ended).toMatchObject({ job, error: 'The attack was stopped' });
  });
});

describe('boundaries', () => {
  const points = [0.2, 0.5, 0.8].flatMap((x, label) =>
    Array.from({ length: 30 }, (_, i) => ({ x: x + 0.01 * (i % 5), y: 0.3 + 0.01 * i, class: label })),
  );

  it('of points lie between them', async () => {
    const view = await studio.call('boundaries.points', { points, hidden: [16], epochs: 60, grid: 50, seed: 1 });
    expect(view.accuracy).toBeGreaterThan(0.95);
    // One for each epoch; three classes at random are ln 3 = 1.0986 nats.
    expect(view.losses).toHaveLength(60);
    expect(view.losses[0]).toBeGreaterThan(0.5 * Math.log(3));
    expect(view.losses.at(-1)).toBeLessThan(0.5 * Math.log(3));
    // The cell of the grid that holds a place.
    const cell = (x: number, y: number): number => {
      const place = (value: number): number => Math.floor(((value - view.field.ends[0]) / 2.5) * 50);
      return place(y) * 50 + place(x);
    };
    for (const [x, label] of [
      [0.22, 0],
      [0.52, 1],
      [0.82, 2],
    ] as const) {
      expect(view.field.decisions[cell(x, 0.45)]).toBe(label);
    }
    // Far outside of all data it is as certain as among them.
    const far = await studio.call('boundaries.points', {
      points,
      hidden: [16],
      epochs: 60,
      grid: 50,
      seed: 1,
      ends: [-5, 6],
    });
    expect(far.field.ends).toEqual([-5, 6]);
    expect(far.field.confidences[50 * 25]).toBeGreaterThan(0.99);
    expect(view.evolved).toHaveLength(3);
    expect(view.ascended).toHaveLength(3);
  });

  it('on a plane agree with the network at the three images', async () => {
    const { images } = drawDigits(3, 4);
    const three = [0, 1, 2].map((i) => images.data.slice(i * 784, (i + 1) * 784)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const grid = 41;
    const { field, places } = await studio.call('boundaries.plane', { model, images: three, grid, margin: 0.5 });
    const scores = await network.predict(images);
    // With 41 cells from -0.5 to 1.5 the first two images lie in the middle of a cell, a 41st of 2 wide.
    for (const [index, { x, y }] of places.slice(0, 2).entries()) {
      const at = (value: number): number => Math.floor(((value + 0.5) / 2) * grid);
      expect(field.decisions[at(y) * grid + at(x)]).toBe(argmax(scores.data.subarray(10 * index, 10 * index + 10)));
    }
  });
});

describe('what cannot be done is told in a sentence', () => {
  it.each([
    ['%PDF-1.7', 'paper.pdf is a PDF document, not an ONNX network'],
    ['\x89PNG\r\n', 'paper.pdf is a PNG image, not an ONNX network'],
    ['', 'paper.pdf is empty; choose an ONNX file'],
  ])('%j', async (text, message) => {
    await expect(
      studio.call('models.load', { name: 'paper.pdf', bytes: Uint8Array.from(text, (c) => c.charCodeAt(0)) }),
    ).rejects.toThrow(message);
  });

  it.each([
    ['models.predict', { model: 'model-99', images: new Uint8Array(784), top: 3 }, /not loaded any more/],
    ['models.predict', { model: 'model-1', images: new Uint8Array(5), top: 3 }, /no whole number of images/],
    ['runs.open', { run: '../../etc' }, /no such run/],
    [
      'runs.start',
      { model: 'model-1', encoding: 'cppn', generations: 1, batch: 1, seed: 0, classes: [10] },
      /there is no 10/,
    ],
    [
      'breed.screen',
      { model: 'model-1', parents: [new Uint8Array(3)], count: 1, seed: 0, change: 'mild', size: 28 },
      /not a CPPN genome/,
    ],
    ['attack.start', { model: 'model-1' }, /attack.start: /],
    ['toString', {}, /There is no method toString/],
  ])('%s %j', async (method, parameters, message) => {
    await expect(studio.call(method as 'about', parameters as never)).rejects.toThrow(message);
  });
});
