import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { writeModel } from './model/write.ts';
import { tinyLenet } from './testing/lenet.ts';
import { openModel } from './testing/run.ts';

const examples = fileURLToPath(new URL('../examples', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'autodiff-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What an example prints, line by line. It runs the built package. */
async function run(name: string, ...args: readonly string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(examples, name), ...args]);
  return stdout.trimEnd().split('\n');
}

it('gradient.mjs tells log p(class) of an image, and the length of its gradient as by differences', async () => {
  const path = join(folder, 'network.onnx');
  writeFileSync(path, writeModel(tinyLenet()));
  const [value, length] = (await run('gradient.mjs', path, '3')).map((line) => Number(line.split(' ').at(-1)));

  const session = await openModel(tinyLenet());
  const log = async (image: Float32Array): Promise<number> =>
    Math.log((await session.run({ images: { dims: [1, 1, 8, 8], data: image } })).probabilities!.data[3]!);
  const ramp = Float32Array.from({ length: 64 }, (_, i) => i / 64);
  const slopes: number[] = [];
  const step = 2 ** -12;
  for (let pixel = 0; pixel < ramp.length; pixel++) {
    const moved = (by: number): Float32Array => ramp.map((x, i) => (i === pixel ? x + by : x));
    slopes.push(((await log(moved(step))) - (await log(moved(-step)))) / (2 * step));
  }
  expect(value).toBeCloseTo(await log(ramp), 5);
  expect(length! / Math.hypot(...slopes)).toBeCloseTo(1, 2);
  await session.close();
});

it('write-gradient.mjs writes a model that gives the gradient which differences show', async () => {
  const [from, to] = [join(folder, 'from.onnx'), join(folder, 'gradient.onnx')];
  writeFileSync(from, writeModel(tinyLenet()));
  const [said = ''] = await run('write-gradient.mjs', from, to);
  const name = /: (\S+) is the gradient of sum\(cotangent \* probabilities\) by images$/.exec(said)![1]!;

  const ramp = Float32Array.from({ length: 64 }, (_, i) => i / 64);
  const weights = Float32Array.of(1, -2, 0.5, 3, -1);
  const [session, gradient] = [await openModel(tinyLenet()), await openModel(readFileSync(to))];
  const images = (data: Float32Array) => ({ images: { dims: [1, 1, 8, 8], data } });
  const results = await gradient.run({ ...images(ramp), cotangent: { dims: [1, 5], data: weights } });
  const ours = results[name]!.data;
  const step = 2 ** -10;
  const at = async (pixel: number, by: number): Promise<number> => {
    const moved = ramp.map((x, i) => (i === pixel ? x + by : x));
    return (await session.run(images(moved))).probabilities!.data.reduce((sum, p, i) => sum + p * weights[i]!, 0);
  };
  const norm = Math.hypot(...ours);
  for (let pixel = 0; pixel < ramp.length; pixel += 7) {
    const slope = ((await at(pixel, step)) - (await at(pixel, -step))) / (2 * step);
    expect(Math.abs(ours[pixel]! - slope)).toBeLessThan(0.01 * norm);
  }
  await session.close();
  await gradient.close();
});

it('own-operator.mjs gives the closed form at X = diag(2, 4): sum X^-1 = 3/4, -4 Y^T 1 Y^T by x', async () => {
  const [line = ''] = await run('own-operator.mjs');
  expect(JSON.parse(line)).toEqual({ y: 0.75, gradient: [-1, -0.5, -0.5, -0.25] });
});

it('own-loss.mjs gives the closed form: with d = hidden - wanted / 2, d by hidden, d weight by x, d x^T by weight', async () => {
  const [line = ''] = await run('own-loss.mjs');
  expect(JSON.parse(line)).toEqual({
    loss: 4.5,
    gradients: { x: [3, 4], hidden: [1, 2, 2], weight: [1, 2, 2, 4, 2, 4] },
  });
});

it('training.mjs learns to tell two rings apart', async () => {
  const [first = '', last = ''] = await run('training.mjs');
  expect(first).toMatch(/^step 1: loss 0\.\d+, \d+ of 200 right$/);
  expect(last).toMatch(/^step 200: loss 0\.0\d\d, (19\d|200) of 200 right$/);
});

it('the README shows three examples as they are, and names every one', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const name of ['gradient.mjs', 'own-operator.mjs', 'write-gradient.mjs']) {
    expect(readme).toContain(`\`\`\`js\n${readFileSync(join(examples, name), 'utf8')}\`\`\``);
  }
  for (const name of readdirSync(examples)) expect(readme).toContain(`examples/${name}`);
});
