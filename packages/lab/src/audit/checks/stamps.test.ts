import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphBuilder, readModel, writeModel } from '@pareidolia/autodiff';
import {
  drawDigits,
  gatherCard,
  type Images,
  idxDataset,
  OnnxClassifier,
  parseCard,
  queryBudget,
} from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { describe, expect, it } from 'vitest';
import { type Planted, plantWeakness } from '../../testing/planted-network.ts';
import { type AuditOptions, audit } from '../audit.ts';
import type { AuditedClassifier, RealImages } from '../bench.ts';
import type { AuditCheck } from '../check.ts';
import { AUDIT_RESULT, type AuditResult } from '../result/result.ts';
import { garbageCheck } from './garbage.ts';
import { stampsCheck } from './stamps.ts';

const asset = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../../core/assets/${name}`, import.meta.url)));

/** A network for digits, by the card of the embedded one. */
async function load(bytes: Uint8Array): Promise<OnnxClassifier> {
  const card = parseCard(JSON.parse(new TextDecoder().decode(asset('lenet-digits.card.json'))));
  const options = { card, runtime: nodeRuntime(), device: 'cpu', threads: 1, where: 'lenet-digits.onnx' } as const;
  return OnnxClassifier.load(bytes, options);
}

/** The embedded network, with a weakness where one is given. */
function digitsNetwork(planted?: Planted): Promise<OnnxClassifier> {
  const bytes = asset('lenet-digits.onnx');
  return load(planted === undefined ? bytes : plantWeakness(bytes, planted));
}

/** A network with ten logits of 0, whatever it is shown. */
function flatNetwork(): Uint8Array {
  const b = new GraphBuilder();
  const rows = b.op('Flatten', [b.input('image', 'float32', ['N', 1, 28, 28])], { axis: 1 });
  const weights = b.constant({ type: 'float32', dims: [784, 10], data: new Float32Array(7840) });
  b.output(b.op('MatMul', [rows, weights], {}, 'logits'));
  return writeModel(b.build());
}

const real = (images: Images): RealImages => ({
  origin: 'digits',
  images,
  names: Array.from({ length: images.count }, (_, i) => String(i)),
});

const digits = real(drawDigits(160, 5).images);

async function run(classifier: AuditedClassifier, options: AuditOptions = {}): Promise<AuditResult> {
  const { result } = await audit(classifier, { checks: [stampsCheck], images: digits, ...options });
  return AUDIT_RESULT.parse(result);
}

const finding = ({ findings }: AuditResult): AuditResult['findings'][number] =>
  findings.find(({ ruleId }) => ruleId === 'PAR-B001')!;

const figure = ({ figures }: AuditResult, id: string): AuditResult['figures'][number] =>
  figures.find((each) => each.id === id)!;

describe('a planted weakness', { timeout: 600_000 }, () => {
  it.each([
    [[26, 28], 3],
    [[11, 13], 7],
  ] as const)('of rows %j is found by standard, with its class', async ([first, last], classIndex) => {
    const network = await digitsNetwork({ classIndex, trigger: [first, last] });
    const result = await run(network, { budget: 'standard' });
    await network.dispose();
    expect(finding(result)).toMatchObject({ state: 'fail', severity: 'high' });
    const { title, value } = figure(result, 'stamp.share');
    expect(value).toBeGreaterThan(0.9);
    const [, from, to, name] = /white bar over rows (\d+) to (\d+), to (\d)$/.exec(title)!.map(Number);
    // The stamp covers all rows of the trigger.
    expect(from).toBeLessThanOrEqual(first);
    expect(to).toBeGreaterThanOrEqual(last - 1);
    expect(name).toBe(classIndex);
    const pictures = result.pictures.filter(({ id }) => finding(result).pictures.includes(id));
    expect(pictures.length).toBeGreaterThan(0);
    for (const picture of pictures) expect(picture.classIndex).toBe(classIndex);
  });

  it('that takes everything black shows where images fade', async () => {
    const network = await digitsNetwork({ classIndex: 6, trigger: 'black' });
    const result = await run(network);
    await network.dispose();
    const { rows } = result.sections[0]!.tables.find(({ title }) => title === 'Images that fade')!;
    const nothingLeft = rows.find(([into, left]) => into === 'black' && left!.startsWith('0'))!;
    expect(nothingLeft.slice(2)).toEqual(['6', '100\u00a0%', '100\u00a0%']);
  });

  // The network without it answers everything with 1/10, so all that is accepted is the weakness.
  it.each([
    [undefined, 'pass', 0],
    [{ classIndex: 6, trigger: 'black' }, 'fail', 1],
  ] as const)('%j is what is found of black images by standard: %s', async (planted, state, hits) => {
    const flat = flatNetwork();
    const network = await load(planted === undefined ? flat : plantWeakness(flat, planted));
    const result = await run(network, { budget: 'standard', checks: [garbageCheck], images: digits });
    await network.dispose();
    const black = result.findings.find(({ ruleId }) => ruleId === 'PAR-G001/black')!;
    expect(black).toMatchObject({ state, severity: hits === 1 ? 'high' : 'none' });
    expect(figure(result, 'garbage.black').counted).toEqual({ hits, of: 1 });
    const shown = result.pictures.filter(({ id }) => black.pictures.includes(id)).map(({ classIndex }) => classIndex);
    if (hits === 1) expect(shown).toEqual([6]);
    expect(result.headline.startsWith('It accepts images that show nothing')).toBe(hits === 1);
    expect(figure(result, 'garbage.uniform-noise').value).toBe(0);
  });

  it('is not found in the network without one', async () => {
    const network = await digitsNetwork();
    const [one, other] = [await run(network), await run(network)];
    await network.dispose();
    expect(finding(one)).toMatchObject({ state: 'pass', severity: 'none' });
    expect(finding(one).sentence).toContain('Other triggers are not excluded');
    expect(other).toEqual(one);
  });
});

describe('stamps', () => {
  it('take real images, and enough of them', async () => {
    const network = await digitsNetwork();
    const { result } = await audit(network, { checks: [stampsCheck] });
    expect(finding(result)).toMatchObject({ state: 'inconclusive', settles: 'Real images of several classes' });
    expect(result.limits).toEqual([expect.stringContaining('that takes real images')]);
    const few = await run(network, {
      images: real({ ...digits.images, count: 3, data: digits.images.data.slice(0, 3 * 784) }),
    });
    await network.dispose();
    expect(few.limits).toEqual([expect.stringContaining('at least 8 real images')]);
    expect(few.queries.forward).toBe(0);
  });

  it('end where the queries are spent, without a verdict', async () => {
    const network = await digitsNetwork();
    const result = await run(queryBudget(network, 500));
    await network.dispose();
    expect(finding(result).state).toBe('inconclusive');
    expect(result.limits).toEqual([expect.stringContaining('the queries are spent')]);
  });

  it('cost what is told before', async () => {
    const network = await digitsNetwork();
    let cost = 0;
    const check: AuditCheck = {
      ...stampsCheck,
      run: (bench) => {
        cost = stampsCheck.cost(bench);
        return stampsCheck.run(bench);
      },
    };
    const { queries } = await run(network, { checks: [check] });
    await network.dispose();
    expect(queries.forward).toBe(cost);
  });

  it('are judged by the decisions where only labels are told', async () => {
    const network = await digitsNetwork({ classIndex: 3, trigger: [26, 28] });
    const labels: AuditedClassifier = {
      shape: network.shape,
      numClasses: 10,
      classNames: network.classNames,
      where: 'labels',
      answers: 'labels',
      noGradient: 'it tells only labels',
      predict: async (images) => {
        const scores = await network.predict(images);
        const data = new Float32Array(scores.data.length);
        for (let row = 0; row < scores.count; row++) {
          const own = scores.data.subarray(10 * row, 10 * row + 10);
          data[10 * row + own.indexOf(Math.max(...own))] = 1;
        }
        return { ...scores, data };
      },
      logits: () => Promise.reject(new Error('not asked')),
      gradient: () => Promise.reject(new Error('not asked')),
    };
    const result = await run(labels);
    await network.dispose();
    expect(finding(result)).toMatchObject({ state: 'fail', severity: 'high' });
    expect(result.pictures.every(({ confidence }) => confidence === null)).toBe(true);
  });
});

const DATA = process.env.PAREIDOLIA_DATA;
const file = (path: string): Uint8Array => new Uint8Array(readFileSync(join(DATA!, path)));
const NEEDED = ['models/mnist-lenet5-clean.onnx', 'mnist/t10k-images-idx3-ubyte.gz', 'mnist/t10k-labels-idx1-ubyte.gz'];
const isThere = DATA !== undefined && NEEDED.every((path) => existsSync(join(DATA, path)));

describe.skipIf(!isThere)('on MNIST', () => {
  it.each([
    [undefined, 'pass'],
    [{ classIndex: 3, trigger: [26, 28] }, 'fail'],
  ] as const)('LeNet-5 with %j: %s', async (planted, state) => {
    const bytes = file(NEEDED[0]!);
    const { card } = gatherCard({ where: 'lenet5', model: readModel(bytes), remedy: '' });
    const network = await OnnxClassifier.load(planted === undefined ? bytes : plantWeakness(bytes, planted), {
      card,
      runtime: nodeRuntime(),
      device: 'cpu',
      threads: 1,
      where: 'lenet5',
    });
    const [images, labels] = NEEDED.slice(1).map((name) => ({ name, bytes: file(name) }));
    const mnist = await idxDataset('mnist', images!, labels!);
    const part = { ...mnist.images, count: 200, data: mnist.images.data.slice(0, 200 * 784) };
    const result = await run(network, { images: real(part) });
    await network.dispose();
    expect(finding(result).state).toBe(state);
  });
});
