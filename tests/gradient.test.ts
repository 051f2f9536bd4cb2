import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GraphBuilder, readModel, tensor, writeModel } from '@pareidolia/autodiff';
import { drawDigits, toFloat } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { quantizedNetwork, rangesOf } from '../packages/core/src/testing/quantized-lenet.ts';
import { pareidolia, temporaryFolder } from './support/command.ts';
import { writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const file = (name: string): string => join(folder.path, name);
const run = (...args: readonly string[]) => pareidolia(['gradient', ...args], { cwd: folder.path });

const CLASSES = 4;
const PIXELS = 9;
const weight = Float32Array.from({ length: PIXELS * CLASSES }, (_, i) => Math.sin(1 + 2 * i));
const images = Float32Array.from({ length: 2 * PIXELS }, (_, i) => Math.cos(0.7 * i));

/** Softmax regression, whose gradients have a closed form: Z = x W; images of 3 x 3 pixels. */
function regression(name: string, head: 'logits' | 'softmax' | 'written-out softmax' | 'ensemble'): string {
  const b = new GraphBuilder('regression');
  b.input('image', 'float32', ['N', 1, 3, 3]);
  b.initializer('weight', { type: 'float32', dims: [PIXELS, CLASSES], data: weight });
  const flat = b.op('Flatten', ['image'], { axis: 1 }, 'flat');
  b.op('MatMul', [flat, 'weight'], {}, 'logits');
  if (head === 'softmax') b.op('Softmax', ['logits'], { axis: 1 }, 'probabilities');
  if (head === 'written-out softmax') {
    const powers = b.op('Exp', ['logits']);
    b.op('Div', [powers, b.op('ReduceSum', [powers, b.ints([1])], { keepdims: 1 })], {}, 'probabilities');
  }
  // A mean of two, in which no single value is the logits.
  if (head === 'ensemble') {
    const softmax = (): string => b.op('Softmax', ['logits'], { axis: 1 });
    b.op('Mean', [softmax(), softmax()], {}, 'probabilities');
  }
  b.output(head === 'logits' ? 'logits' : 'probabilities');
  writeFileSync(file(name), writeModel(b.build()));
  return name;
}

/** The logits and the probabilities of an image. */
function scoresOf(image: number): { readonly logits: number[]; readonly p: number[] } {
  const logits = Array.from({ length: CLASSES }, (_, k) =>
    Array.from({ length: PIXELS }, (_, i) => images[image * PIXELS + i]! * weight[i * CLASSES + k]!).reduce(
      (a, c) => a + c,
    ),
  );
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
  return { logits, p: logits.map((logit) => Math.exp(logit) / sum) };
}

/** W c for each image, where c is the derivative of the objective by the logits. */
function byImage(cotangent: (image: number) => readonly number[]): number[] {
  return [0, 1].flatMap((image) =>
    Array.from({ length: PIXELS }, (_, i) =>
      cotangent(image).reduce((sum, c, k) => sum + c * weight[i * CLASSES + k]!, 0),
    ),
  );
}

const labels = [2, 1];
const hot = (image: number): number[] => Array.from({ length: CLASSES }, (_, k) => (k === labels[image] ? 1 : 0));
const logDerivative = (image: number): number[] => hot(image).map((one, k) => one - scoresOf(image).p[k]!);

async function open(name: string, feeds: Readonly<Record<string, ort.Tensor>> = {}) {
  const session = await ort.InferenceSession.create(file(name), { logSeverityLevel: 3 });
  const image = new ort.Tensor('float32', images, [2, 1, 3, 3]);
  const all = { image, classes: new ort.Tensor('int64', BigInt64Array.from(labels, BigInt), [2]), ...feeds };
  const wanted = Object.fromEntries(Object.entries(all).filter(([input]) => session.inputNames.includes(input)));
  const results = await session.run(wanted);
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([output, { data }]) => [output, [...(data as Float32Array)]]));
}

function expectClose(ours: readonly number[] | undefined, expected: readonly number[]): void {
  expect(ours?.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(ours![i]).toBeCloseTo(value, 5);
  });
}

describe('the gradient of softmax regression', () => {
  regression('plain.onnx', 'logits');

  it.each(['plain', 'cpu', 'webgpu'])('of a log-probability, for %s', async (target) => {
    const out = `for-${target}.onnx`;
    expect(await run('plain.onnx', '-o', out, '--target', target)).toMatchObject({ code: 0, stderr: '' });
    const { logits, objective, gradient } = await open(out);
    expectClose(
      logits,
      [0, 1].flatMap((image) => scoresOf(image).logits),
    );
    expectClose(
      objective,
      [0, 1].map((image) => Math.log(scoresOf(image).p[labels[image]!]!)),
    );
    expectClose(gradient, byImage(logDerivative));
  });

  it.each([
    ['cross-entropy', (image: number) => logDerivative(image).map((value) => -value)],
    ['probability', (image: number) => logDerivative(image).map((value) => value * scoresOf(image).p[labels[image]!]!)],
    ['logit', hot],
    [
      'margin',
      (image: number) => {
        const { logits } = scoresOf(image);
        const others = logits.map((logit, k) => (k === labels[image] ? Number.NEGATIVE_INFINITY : logit));
        const most = others.indexOf(Math.max(...others));
        return hot(image).map((one, k) => (k === most ? 1 : 0) - one);
      },
    ],
  ])('of the objective %s', async (objective, cotangent) => {
    expect(await run('plain.onnx', '-o', `${objective}.onnx`, '--objective', objective)).toMatchObject({ code: 0 });
    expectClose((await open(`${objective}.onnx`)).gradient, byImage(cotangent));
  });

  it.each(['targeted-margin', 'dlr', 'targeted-dlr'])('of the objective %s passes its check', async (objective) => {
    const { code, stdout } = await run('plain.onnx', '-o', `${objective}.onnx`, '--objective', objective, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).check.by.image.largestError).toBeLessThan(0.02);
  });

  it('of a product with given weights, by the image, a weight and a value in between', async () => {
    const args = ['--objective', 'linear', '--by', 'image', '--by', 'weight', '--by', 'flat'];
    expect(await run('plain.onnx', '-o', 'linear.onnx', ...args)).toMatchObject({ code: 0, stderr: '' });
    const given = Array.from({ length: 2 * CLASSES }, (_, i) => Math.cos(i));
    const rowOf = (image: number): number[] => given.slice(image * CLASSES, (image + 1) * CLASSES);
    const results = await open('linear.onnx', {
      weights: new ort.Tensor('float32', Float32Array.from(given), [2, CLASSES]),
    });
    expectClose(results.gradient_image, byImage(rowOf));
    expectClose(results.gradient_flat, byImage(rowOf));
    const byWeight = Array.from({ length: PIXELS * CLASSES }, (_, at) => {
      const [i, k] = [Math.floor(at / CLASSES), at % CLASSES];
      return [0, 1].reduce((sum, image) => sum + images[image * PIXELS + i]! * rowOf(image)[k]!, 0);
    });
    expectClose(results.gradient_weight, byWeight);
  });

  it.each([
    ['softmax', 'softmax', 'logits found: logits, in front of the softmax of probabilities'],
    ['written-out softmax', 'softmax', 'logits found: logits, in front of the softmax of probabilities'],
    ['ensemble', 'probabilities', 'logits recovered: probabilities is in [0, 1] and adds up to 1'],
  ] as const)('with a %s says where the logits are', async (head, kind, evidence) => {
    const { code, stdout } = await run(regression('head.onnx', head), '-o', 'head.gradient.onnx', '--force', '--json');
    expect(code).toBe(0);
    const { scores, outputs } = JSON.parse(stdout);
    expect(scores).toMatchObject({ kind, evidence: expect.stringContaining(evidence) });
    expect(outputs.map(({ name }: { name: string }) => name)).toEqual(['probabilities', 'objective', 'gradient']);
    expectClose((await open('head.gradient.onnx')).gradient, byImage(logDerivative));
  });

  it('with a card that says probabilities takes its word', async () => {
    writeFileSync(file('a.card.json'), '{ "output": "probabilities" }');
    const model = regression('carded.onnx', 'ensemble');
    const { stdout } = await run(model, '-o', 'carded.gradient.onnx', '--card', 'a.card.json', '--json');
    expect(JSON.parse(stdout).scores).toMatchObject({ evidence: expect.stringContaining('as the card says') });
  });
});

describe('a quantized network', () => {
  /** Steps of the pixels and of the weights. */
  const [STEP, FINE] = [1 / 128, 1 / 64];
  const ZERO = 100;
  const integer = (pixel: number): number => Math.round(pixel / STEP) + ZERO;
  const seen = Array.from(images, (pixel) => (Math.min(255, Math.max(0, integer(pixel))) - ZERO) * STEP);
  const rounded = Int8Array.from(weight, (value) => Math.round(value / FINE));

  /** The regression with pixels and weights of 8 bits, some of the pixels saturated. */
  function quantizedRegression(name: string): string {
    const b = new GraphBuilder('quantized');
    b.input('image', 'float32', ['N', 1, 3, 3]);
    const scaling = [b.scalar(STEP), b.constant(tensor('uint8', [], Uint8Array.of(ZERO)))];
    const pixels = b.op('DequantizeLinear', [b.op('QuantizeLinear', ['image', ...scaling]), ...scaling]);
    const integers = b.initializer('weight', tensor('int8', [PIXELS, CLASSES], rounded));
    const weights = b.op('DequantizeLinear', [integers, b.scalar(FINE)], {}, 'real weight');
    b.output(b.op('MatMul', [b.op('Flatten', [pixels], { axis: 1 }), weights], {}, 'logits'));
    writeFileSync(file(name), writeModel(b.build()));
    return name;
  }

  it.each(['plain', 'cpu', 'webgpu'])('has the straight-through gradient, for %s, and says so', async (target) => {
    const args = [quantizedRegression('small.onnx'), '-o', 'small.gradient.onnx', '--objective', 'linear', '--force'];
    const { code, stdout, stderr } = await run(...args, '--target', target);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^gradient +an estimate: the network rounds to integers.*\(straight-through\)$/m);
    expect(stdout).toMatch(/^output +gradient: .*, an estimate \(straight-through\)$/m);
    expect(stdout).toMatch(/^checked +by image: .*, in the network without rounding$/m);
    const given = Array.from({ length: 2 * CLASSES }, (_, i) => Math.cos(i));
    const weights = new ort.Tensor('float32', Float32Array.from(given), [2, CLASSES]);
    const { logits, gradient } = await open('small.gradient.onnx', { weights });
    const entry = (i: number, k: number): number => rounded[i * CLASSES + k]! * FINE;
    const [scores, slopes]: number[][] = [[], []];
    for (const image of [0, 1]) {
      for (let k = 0; k < CLASSES; k++) {
        let sum = 0;
        for (let i = 0; i < PIXELS; i++) sum += seen[image * PIXELS + i]! * entry(i, k);
        scores!.push(sum);
      }
      for (let i = 0; i < PIXELS; i++) {
        const number = integer(images[image * PIXELS + i]!);
        let sum = 0;
        for (let k = 0; k < CLASSES; k++) sum += given[image * CLASSES + k]! * entry(i, k);
        slopes!.push(number >= 0 && number <= 255 ? sum : 0);
      }
    }
    expect(slopes).toContain(0);
    expectClose(logits, scores!);
    expectClose(gradient, slopes!);
  });

  it('whose weights alone are quantized has an exact gradient', async () => {
    const b = new GraphBuilder('weights');
    b.input('image', 'float32', ['N', 1, 3, 3]);
    const integers = b.constant(tensor('int8', [PIXELS, CLASSES], rounded));
    const weights = b.op('DequantizeLinear', [integers, b.scalar(FINE)]);
    b.output(b.op('MatMul', [b.op('Flatten', ['image'], { axis: 1 }), weights], {}, 'logits'));
    writeFileSync(file('weights.onnx'), writeModel(b.build()));
    const { code, stdout } = await run('weights.onnx', '-o', 'weights.gradient.onnx', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ gradientKind: 'exact', check: { by: { image: { directions: 8 } } } });
  });

  it('with a quantized softmax has its gradient from the quantized logits on', async () => {
    const b = new GraphBuilder('softmax');
    b.input('image', 'float32', ['N', 1, 3, 3]);
    const real = b.op(
      'MatMul',
      [b.op('Flatten', ['image'], { axis: 1 }), b.constant(tensor('float32', [PIXELS, CLASSES], weight))],
      {},
      'real logits',
    );
    const before = [b.scalar(1 / 16), b.constant(tensor('uint8', [], Uint8Array.of(128)))];
    const after = [b.scalar(1 / 256), b.constant(tensor('uint8', [], Uint8Array.of(0)))];
    const scored = b.op(
      'com.microsoft.QLinearSoftmax',
      [b.op('QuantizeLinear', [real, ...before], {}, 'logits'), ...before, ...after],
      { axis: 1, opset: 18 },
    );
    b.output(b.op('DequantizeLinear', [scored, ...after], {}, 'probabilities'));
    writeFileSync(file('softmax8.onnx'), writeModel(b.build()));
    const { code, stdout, stderr } = await run('softmax8.onnx', '-o', 'softmax8.gradient.onnx', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ gradientKind: 'straight-through', scores: { kind: 'softmax' } });
    const { gradient } = await open('softmax8.gradient.onnx');
    const of = (image: number): number[] => {
      const powers = scoresOf(image).logits.map((logit) => Math.exp(Math.round(logit * 16) / 16));
      const sum = powers.reduce((total, power) => total + power);
      return hot(image).map((one, k) => one - powers[k]! / sum);
    };
    expectClose(gradient, byImage(of));
  });

  it.each(['QDQ', 'QOperator', 'dynamic'] as const)('of convolutions, as %s, passes its check', async (format) => {
    const lenet = readModel(readFileSync(new URL('../packages/core/assets/lenet-digits.onnx', import.meta.url)));
    const { data } = toFloat(drawDigits(50, 20_001).images);
    const ranges = await rangesOf(lenet, { type: 'float32', data, dims: [50, 1, 28, 28] }, nodeRuntime());
    writeFileSync(file('lenet8.onnx'), writeModel(quantizedNetwork(lenet, ranges, format)));
    const { code, stdout, stderr } = await run('lenet8.onnx', '-o', `${format}.gradient.onnx`, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { gradientKind, check } = JSON.parse(stdout);
    expect(gradientKind).toBe('straight-through');
    expect(check.by.image.largestError).toBeLessThan(0.02);
    expect(check.scoresError).toBeLessThan(0.05);
  });
});

describe('a network that is unrolled', () => {
  const matrix = (b: GraphBuilder, dims: readonly number[], phase: number): string => {
    const length = dims.reduce((product, dim) => product * dim);
    return b.constant(
      tensor(
        'float32',
        dims,
        Float32Array.from({ length }, (_, i) => Math.sin(phase + i)),
      ),
    );
  };

  it('by an LSTM over the rows of an image has a gradient that passes its check', async () => {
    const b = new GraphBuilder('rows');
    b.input('image', 'float32', ['N', 1, 5, 4]);
    const rows = b.op('Transpose', [b.op('Squeeze', ['image', b.ints([1])])], { perm: [1, 0, 2] });
    const weights = [matrix(b, [1, 12, 4], 1), matrix(b, [1, 12, 3], 2)];
    const [, last = ''] = b.ops('LSTM', [rows, ...weights], 2, { hidden_size: 3 });
    const state = b.op('Squeeze', [last, b.ints([0])]);
    b.output(b.op('MatMul', [state, matrix(b, [3, 4], 3)], {}, 'logits'));
    writeFileSync(file('lstm.onnx'), writeModel(b.build()));
    const { code, stdout, stderr } = await run('lstm.onnx', '-o', 'lstm.gradient.onnx', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { check, operators } = JSON.parse(stdout);
    expect(operators).not.toHaveProperty('LSTM');
    expect(check.by.image.largestError).toBeLessThan(0.02);
    // Against ONNX Runtime's own LSTM.
    expect(check.scoresError).toBeLessThan(1e-5);
  });
});

describe('what is printed', () => {
  it('is inputs, outputs, evidence, the check, and examples of which the one for Node runs', async () => {
    const { code, stdout } = await run(writeTinyNetwork(file('tiny.onnx')), '-o', file('tiny.gradient.onnx'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^opset +18, standard operators only/m);
    expect(stdout).toMatch(/^input +image: float32 \[N, 1, 8, 8\]/m);
    expect(stdout).toMatch(/^input +classes: int64 \[N\], the class of each image, from 0 to 3$/m);
    expect(stdout).toMatch(/^output +gradient: float32 \[N, 1, 8, 8\], of the objective by image$/m);
    expect(stdout).toMatch(/^scores +logits is taken as logits/m);
    expect(stdout).toMatch(/^checked +by image: relative error [\d.]+(e−\d+)? \(median\)/m);
    const [, python = '', node = ''] = /In Python:\n\n(.*)\n\nIn Node:\n\n(.*)\n/s.exec(stdout) ?? [];
    expect(python.split('\n')).toHaveLength(3);
    expect(node.split('\n')).toHaveLength(3);
    const program = `${node}\nconsole.log(gradient.dims.join(), objective.dims.join());`;
    const here = fileURLToPath(new URL('..', import.meta.url));
    const told = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd: here });
    expect(told.stdout).toBe('1,1,8,8 1\n');
  });

  it('is for a model whose values have the names of ours other names', async () => {
    const b = new GraphBuilder('taken');
    b.input('classes', 'float32', ['N', 6]);
    b.output(b.op('Sin', [b.op('Tanh', ['classes'], {}, 'gradient')], {}, 'objective'));
    writeFileSync(file('taken.onnx'), writeModel(b.build()));
    const { code, stdout } = await run('taken.onnx', '-o', 'taken.gradient.onnx', '--json');
    expect(code).toBe(0);
    const names = (ports: readonly { name: string }[]): string[] => ports.map(({ name }) => name);
    expect(names(JSON.parse(stdout).inputs)).toEqual(['classes', 'classes_2']);
    expect(names(JSON.parse(stdout).outputs)).toEqual(['objective', 'objective_2', 'gradient_2']);
  });

  it('is why the number of images is fixed, where they could influence each other', async () => {
    const b = new GraphBuilder('coupled');
    b.input('image', 'float32', [1, 1, 4, 4]);
    const rows = b.op('Reshape', ['image', b.ints([4, 4])]);
    const mixed = b.op('Softmax', [b.op('MatMul', [rows, rows])], { axis: 0 });
    b.output(b.op('Reshape', [mixed, b.ints([1, 16])], {}, 'scores'));
    writeFileSync(file('coupled.onnx'), writeModel(b.build()));
    const { code, stdout } = await run('coupled.onnx', '-o', 'coupled.gradient.onnx', '--json');
    expect(code).toBe(0);
    const { inputs, fixedBatch } = JSON.parse(stdout);
    expect(inputs.map(({ shape }: { shape: unknown }) => shape)).toEqual([[1, 1, 4, 4], [1]]);
    expect(fixedBatch).toEqual(expect.any(String));
  });
});

describe('the file', () => {
  it('is left alone where it exists, unless --force is given', async () => {
    writeFileSync(file('mine.onnx'), 'precious');
    const refused = await run('plain.onnx', '-o', 'mine.onnx');
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/mine\.onnx exists already; add --force/),
    });
    expect(readFileSync(file('mine.onnx'), 'utf8')).toBe('precious');
    expect(await run('plain.onnx', '-o', 'mine.onnx', '--force')).toMatchObject({ code: 0 });
    expect(readModel(readFileSync(file('mine.onnx'))).producer).toBe('pareidolia');
  });

  it('is beside the model in name where none is given', async () => {
    expect(await run('plain.onnx', '--no-check')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--no-check'),
    });
    expect(existsSync(file('plain.gradient.onnx'))).toBe(true);
  });
});

describe('refused with one sentence, and nothing written', () => {
  mkdirSync(file('folder'));
  const blocked = new GraphBuilder('blocked');
  blocked.input('image', 'float32', ['N', 1, 3, 3]);
  const first = blocked.op('Round', ['image']);
  const second = blocked.op('Hardmax', [blocked.op('Flatten', [first])]);
  blocked.output(
    blocked.op(
      'MatMul',
      [second, blocked.constant({ type: 'float32', dims: [9, 2], data: new Float32Array(18).fill(1) })],
      {},
      'out',
    ),
  );
  writeFileSync(file('blocked.onnx'), writeModel(blocked.build()));

  const two = new GraphBuilder('two');
  for (const name of ['left', 'right']) two.input(name, 'float32', ['N', 3]);
  for (const [op, name] of [
    ['Add', 'sum'],
    ['Mul', 'product'],
  ] as const)
    two.output(two.op(op, ['left', 'right'], {}, name));
  writeFileSync(file('two.onnx'), writeModel(two.build()));

  it.each([
    ['a model that is not there', ['no.onnx'], /no\.onnx cannot be read/],
    ['a folder that is not there', ['plain.onnx', '-o', 'nowhere/g.onnx'], /There is no folder nowhere/],
    ['a folder as file', ['plain.onnx', '-o', 'folder'], /folder is a folder; choose a file/],
    ['the model itself as file', ['plain.onnx', '-o', './plain.onnx', '--force'], /is the model itself/],
    [
      'a value that is not there',
      ['plain.onnx', '--by', 'bias'],
      /no value bias; give an input \(image\), a constant \(weight\)/,
    ],
    [
      'a value behind the logits',
      [regression('s.onnx', 'softmax'), '--by', 'probabilities'],
      /does not depend on probabilities/,
    ],
    ['several outputs', ['two.onnx', '--by', 'left'], /has outputs sum, product; say with --output/],
    ['an output that is not there', ['two.onnx', '--by', 'left', '--output', 'x'], /has no output x/],
    ['several inputs', ['two.onnx', '--output', 'sum'], /has inputs left, right; say with --by/],
    [
      'operators without a gradient, all of them',
      ['blocked.onnx', '--objective', 'logit'],
      /No gradient flows through Round \(.*Hardmax \(/,
    ],
  ])('%s', async (_, args, message) => {
    const before = readdirSync(folder.path);
    const ended = await run(...(args.includes('-o') ? args : [...args, '-o', 'refused.onnx']));
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(readdirSync(folder.path)).toEqual(before);
  });

  it('an objective that there is not', async () => {
    expect(await run('plain.onnx', '--objective', 'loss')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Allowed choices are log-probability, cross-entropy'),
    });
  });
});
