import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cppnEncoding,
  directEncoding,
  type Encoding,
  fromCppnDocument,
  type ImageShape,
  imageSize,
} from '@pareidolia/core';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pareidolia, temporaryFolder } from './support/command.ts';
import { writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const path = (name: string): string => join(folder.path, name);

const networks = { grey: { channels: 1, height: 8, width: 8 }, color: { channels: 3, height: 8, width: 8 } } as const;
for (const [name, { channels }] of Object.entries(networks)) {
  writeTinyNetwork(path(`${name}.onnx`), { channels, classes: 5 });
}

const cases = (['direct', 'cppn', 'ascent'] as const).flatMap((encoding) =>
  (['grey', 'color'] as const).map((color) => ({ encoding, color })),
);

/** The image of a PNG as planes. */
async function planes(file: string, { channels, height, width }: ImageShape): Promise<Uint8Array> {
  const image = sharp(file);
  const { data, info } = await (channels === 1 ? image.toColorspace('b-w') : image)
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ channels, height, width });
  return Uint8Array.from({ length: data.length }, (_, i) => {
    const [channel, pixel] = [Math.floor(i / (height * width)), i % (height * width)];
    return data[pixel * channels + channel]!;
  });
}

/** Class probabilities by the network file itself, fed by hand. */
async function probabilities(
  model: string,
  image: Uint8Array,
  { channels, height, width }: ImageShape,
): Promise<number[]> {
  const session = await ort.InferenceSession.create(model);
  const input = Float32Array.from(image, (value) => value / 255);
  const { logits } = await session.run({ image: new ort.Tensor('float32', input, [1, channels, height, width]) });
  const powers = Array.from(logits!.data as Float32Array, Math.exp);
  return powers.map((power) => power / powers.reduce((sum, other) => sum + other));
}

describe.each(cases)('a run of $encoding on a $color network', ({ encoding, color }) => {
  const shape = networks[color];
  /** The encoding's name in what is written: ascent works on pixels. */
  const written = encoding === 'ascent' ? 'pixels' : encoding;
  const model = path(`${color}.onnx`);
  const run = path(`${color}-${encoding}`);
  let result: Record<string, unknown> & {
    classes: { classIndex: number; className: string; confidence: number; argmax: number; file: string }[];
  };

  beforeAll(async () => {
    const options = [
      '--encoding',
      encoding,
      '--generations',
      '30',
      '--batch',
      '24',
      '--threads',
      '1',
      '--seed',
      '5',
      '--classes',
      '0-2,4',
    ];
    const emitter = encoding === 'ascent' ? [] : ['--emitter', 'mutation'];
    const ended = await pareidolia(['fool', '--model', model, '--out', run, '--json', ...emitter, ...options]);
    expect(ended.code).toBe(0);
    expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1);
    result = JSON.parse(ended.stdout);
  });

  it('prints one object with what it came to', () => {
    expect(Object.keys(result)).toEqual(
      ['model', 'encoding', 'emitter', 'archive', 'gradientKind', 'seed', 'generations', 'evaluations'].concat([
        'seconds',
        'evaluationsPerSecond',
        'classes',
        'mean',
        'median',
        'worst',
        'shareAbove99',
        'distinctImages',
        'replacements',
        'accounts',
        'trend',
        'run',
      ]),
    );
    // An ascent of 30 steps is asked about every ten of them.
    const generations = encoding === 'ascent' ? 3 : 31;
    expect(result).toMatchObject({ model: `${color}.onnx`, encoding: written, seed: 5, generations, run });
    expect(result.gradientKind).toBe(encoding === 'ascent' ? 'exact' : null);
    if (encoding !== 'ascent') expect(result.evaluations).toBe(31 * 24);
    expect(result.classes.map((each) => each.classIndex)).toEqual([0, 1, 2, 4]);
    const confidences = result.classes.map(({ confidence }) => confidence).sort((a, b) => a - b);
    expect(result.worst).toBe(confidences[0]);
    expect(result.median).toBeCloseTo((confidences[1]! + confidences[2]!) / 2, 12);
    expect(result.mean).toBeCloseTo(confidences.reduce((sum, each) => sum + each) / 4, 12);
  });

  it('gives each image the confidence that the network has in its file', async () => {
    for (const { classIndex: label, confidence, argmax, file } of result.classes) {
      const row = await probabilities(model, await planes(join(run, file), shape), shape);
      expect(confidence).toBeCloseTo(row[label]!, 5);
      expect(row[argmax]).toBeCloseTo(Math.max(...row), 6);
    }
  });

  it('finds images that the network is surer of than of a black one', async () => {
    const black = await probabilities(model, new Uint8Array(imageSize(shape)), shape);
    for (const { classIndex: label, confidence } of result.classes) expect(confidence).toBeGreaterThan(black[label]!);
  });

  it('leaves genomes from which the images come out again', async () => {
    for (const { file, className } of result.classes) {
      const document = JSON.parse(readFileSync(join(run, file.replace('.png', '.json')), 'utf8'));
      expect(document).toMatchObject({ encoding: written, className });
      const image = await planes(join(run, file), shape);
      const drawn = new Uint8Array(image.length);
      if (encoding === 'cppn') cppnEncoding(shape).render([fromCppnDocument(document.genome)], drawn);
      else if (encoding === 'direct')
        renderGenes(directEncoding(shape), join(run, 'elites', document.genome.file), drawn);
      else drawn.set(image);
      expect(drawn).toEqual(image);
    }
  });

  it('leaves a report, a history of every step, and its result', () => {
    expect(existsSync(join(run, 'report.html'))).toBe(true);
    const history = readFileSync(join(run, 'history.jsonl'), 'utf8').trimEnd().split('\n');
    expect(history).toHaveLength(encoding === 'ascent' ? 3 : 31);
    expect(JSON.parse(readFileSync(join(run, 'result.json'), 'utf8'))).toEqual(result);
    expect(existsSync(join(run, 'lock'))).toBe(false);
  });

  it('records in its births how each elite came to its cell', () => {
    const births = readFileSync(join(run, 'births.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(births).toHaveLength(result.replacements as number);
    const known = new Set(births.map(({ id }) => id));
    for (const { parents } of births) for (const parent of parents) expect(known).toContain(parent);
    const given = encoding === 'ascent' ? true : undefined;
    const emitter = encoding === 'ascent' ? 'gradient-ascent' : 'mutation';
    for (const birth of births) expect({ given: birth.given, emitter: birth.emitter }).toEqual({ given, emitter });
  });
});

function renderGenes(encoding: Encoding<Uint16Array>, file: string, images: Uint8Array): void {
  encoding.render([encoding.unpack(new Uint8Array(readFileSync(file)))], images);
}

describe('a run without --out', () => {
  it('takes the next free folder', async () => {
    const fool = () => pareidolia(['fool', '--model', path('grey.onnx'), '--generations', '1'], { cwd: folder.path });
    for (const name of ['grey-cppn-seed1', 'grey-cppn-seed1-2']) {
      const { code, stdout } = await fool();
      expect(code).toBe(0);
      expect(stdout).toContain(`Report: ${join('runs', name, 'report.html')}`);
      expect(existsSync(join(folder.path, 'runs', name, 'report.html'))).toBe(true);
    }
  });
});

describe('a run', () => {
  it("leaves nothing in the user's home but a note of the model that opened well: no identifier of the machine, no events", async () => {
    const home = path('home');
    mkdirSync(home);
    const args = ['fool', '--model', path('grey.onnx'), '--generations', '1', '--out', path('homely')];
    // Empty values count as unset for the places where caches lie by custom.
    const env = { HOME: home, USERPROFILE: home, XDG_CACHE_HOME: '', XDG_DATA_HOME: '', PAREIDOLIA_TRUST_MODELS: '0' };
    // A process of its own: where the home is, and what the runtime does when it is loaded, is settled once in each.
    expect(await pareidolia(args, { env, alone: true })).toMatchObject({ code: 0 });
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(files[0]!.parentPath).toMatch(/pareidolia.opened-models$/);
  });
});
