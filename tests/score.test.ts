import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pareidolia, temporaryFolder } from './support/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const at = (...names: readonly string[]): string => join(folder.path, ...names);
const score = (...args: string[]) => pareidolia(['score', ...args], { cwd: folder.path });

/** Grey levels of the classes of {@link levelNetwork}. */
const LEVELS = [20, 90, 160, 230];

/** Tells which of {@link LEVELS} the mean of an image is next to, where its pixels come as 0 to 255. */
function levelNetwork(): Uint8Array {
  const side = 8;
  const graph = new GraphBuilder('levels');
  const flat = graph.op('Flatten', [graph.input('image', 'float32', ['N', 1, side, side])], { axis: 1 });
  const scale = 1 / 500;
  const weights = Float32Array.from({ length: side * side * 4 }, (_, i) => (scale * LEVELS[i % 4]!) / (side * side));
  const bias = Float32Array.from(LEVELS, (level) => (-scale * level * level) / 2);
  const product = graph.op('MatMul', [
    flat,
    graph.initializer('weights', { type: 'float32', dims: [side * side, 4], data: weights }),
  ]);
  const logits = graph.op('Add', [product, graph.initializer('bias', { type: 'float32', dims: [4], data: bias })]);
  graph.output(logits);
  return writeModel(graph.build());
}

beforeAll(async () => {
  writeFileSync(at('levels.onnx'), levelNetwork());
  for (const [index, level] of LEVELS.entries()) {
    mkdirSync(at('levels', String(index)), { recursive: true });
    for (let i = 0; i < 10; i++) {
      const create = {
        width: 8,
        height: 8,
        channels: 3,
        background: { r: level + i, g: level + i, b: level + i },
      } as const;
      await sharp({ create })
        .png()
        .toFile(at('levels', String(index), `${i}.png`));
    }
  }
});

describe('pareidolia score', () => {
  it('on the embedded digits writes a report, all figures, and a line for each image', async () => {
    const { code, stdout, stderr } = await score('--limit', '60', '--out', 'digits', '--probabilities', '--json');
    expect(stderr).toContain('Scoring 60 images of digits by lenet-digits.onnx');
    expect(code).toBe(0);
    const run = JSON.parse(stdout);
    expect(JSON.parse(readFileSync(at('digits', 'summary.json'), 'utf8'))).toEqual(run);
    expect(readdirSync(at('digits')).sort()).toEqual(['report.html', 'scores.csv', 'summary.json']);
    const [head, ...lines] = readFileSync(at('digits', 'scores.csv'), 'utf8').trimEnd().split('\n');
    expect(head).toBe('file,label,prediction,confidence,0,1,2,3,4,5,6,7,8,9');
    const rows = lines.map((line) => line.split(','));
    expect(rows).toHaveLength(60);
    // All figures once more, from the lines.
    const right = rows.filter(([, label, prediction]) => label === prediction).length;
    expect(run.measures.top1).toMatchObject({ right, of: 60, share: right / 60 });
    expect(run.measures.top5).toBeNull();
    const confidences = rows.map((row) => Number(row[3]));
    expect(run.confidence.mean).toBeCloseTo(confidences.reduce((a, b) => a + b, 0) / 60, 6);
    const logs = rows.map((row) => -Math.log(Number(row[4 + Number(row[1])])));
    expect(run.measures.calibration.negativeLogLikelihood).toBeCloseTo(logs.reduce((a, b) => a + b, 0) / 60, 5);
    for (const row of rows) {
      const probabilities = row.slice(4).map(Number);
      expect(Math.max(...probabilities)).toBeCloseTo(Number(row[3]), 6);
      expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    }
    const page = readFileSync(at('digits', 'report.html'), 'utf8');
    expect(page).toContain('Reliability diagram');
    expect(page).toContain('Confusion matrix');
    expect(run.trial).toBeNull();
  });

  it('finds the preprocessing that fits, and says that all images got the same answer', async () => {
    const { code, stdout, stderr } = await score('levels.onnx', '--images', 'levels', '--json');
    expect(code).toBe(0);
    const run = JSON.parse(stdout);
    // In 0 .. 1 all are next to the first level.
    expect(run.measures.top1).toMatchObject({ right: 10, of: 40 });
    expect(run.trial).toMatchObject({ verdict: 'other', images: 40 });
    expect(run.trial.tried[0]).toMatchObject({ title: 'range [0, 255]', accuracy: 1, isInForce: false });
    expect(stderr).toContain('40 different images get scores that differ by');
    expect(stderr).toContain('no better than chance: always the same answer gives 25 %');
    expect(stderr).toMatch(/range \[0, 255\] gives 100 %, range \[0, 1\], which is in force, gives 25 % of 40 images/);
    expect(stderr).toContain('to set it: --range 0,255');
  });

  it('warns of a card with the wrong preprocessing, and is content with the right one', async () => {
    writeFileSync(at('wrong.json'), '{ "range": [-1, 1] }');
    const wrong = JSON.parse(
      (await score('levels.onnx', '--images', 'levels', '--card', 'wrong.json', '--json')).stdout,
    );
    expect(wrong.trial).toMatchObject({ verdict: 'other', tried: { 0: { title: 'range [0, 255]' } } });
    writeFileSync(at('right.json'), '{ "range": [0, 255] }');
    const right = await score('levels.onnx', '--images', 'levels', '--card', 'right.json');
    expect(right.code).toBe(0);
    expect(right.stdout).toMatch(/accuracy +100 % {2}40 of 40, 91\.2 % to 100 %/);
    expect(right.stdout).not.toContain('Beware');
    expect(right.stderr).not.toContain('Trying');
  });

  it('tries nothing where that is asked for', async () => {
    const { stdout } = await score('levels.onnx', '--images', 'levels', '--trial', '0', '--json');
    expect(JSON.parse(stdout).trial).toBeNull();
  });

  it('tells decisions alone where no class is known', async () => {
    const { code, stdout } = await score(
      'levels.onnx',
      '--images',
      join('levels', '2'),
      '--out',
      'unlabelled',
      '--json',
    );
    expect(code).toBe(0);
    const run = JSON.parse(stdout);
    expect(run).toMatchObject({ measures: null, trial: null, images: { labelling: null, count: 10 } });
    expect(run.predictions).toMatchObject([{ classIndex: 0, count: 10 }]);
    expect(readFileSync(at('unlabelled', 'report.html'), 'utf8')).toContain('Their right classes are not known');
  });

  it.each([
    ['a folder in use', ['--out', 'levels'], 'not empty'],
    ['a file in its place', ['--out', 'levels.onnx'], 'is a file'],
    ['no such pictures', ['--images', 'nowhere'], 'There is no folder of images nowhere'],
    ['two sources', ['--images', 'levels', '--data', 'digits'], 'give one of them'],
    ['data of another shape', ['levels.onnx', '--data', 'digits'], 'choose a dataset that fits it'],
    ['half a number', ['--trial', '1.5'], 'whole number'],
  ])('refuses %s in one sentence, and leaves nothing behind', async (_, args, message) => {
    const out = args.includes('--out') ? [] : ['--out', 'refused'];
    const { code, stderr } = await score(...args, '--limit', '2', ...out);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(existsSync(at('refused'))).toBe(false);
  });
});

it('pareidolia inspect --images prints the same figures below its own', async () => {
  const args = ['inspect', 'levels.onnx', '--images', 'levels'];
  const { code, stdout } = await pareidolia(args, { cwd: folder.path });
  expect(code).toBe(0);
  expect(stdout).toContain('parameters');
  expect(stdout).toMatch(/accuracy +25 % {2}10 of 40/);
  expect(stdout).toContain('range [0, 255]');
  const { score: run, classifier } = JSON.parse((await pareidolia([...args, '--json'], { cwd: folder.path })).stdout);
  expect(classifier.classes).toBe(4);
  expect(run.measures.top1.right).toBe(10);
  expect(await pareidolia(['inspect', '--strict'], { cwd: folder.path })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--strict belongs to --images'),
  });
});

it('pareidolia attack says where another preprocessing fits the images better', async () => {
  const args = [
    'attack',
    '--model',
    'levels.onnx',
    '--images',
    'levels',
    '--attack',
    'fgsm',
    '--epsilon',
    '0.1',
    '--json',
  ];
  const { code, stdout, stderr } = await pareidolia([...args, '--out', 'attacked'], { cwd: folder.path });
  expect(code).toBe(0);
  expect(stderr).toContain('The preprocessing in force is probably wrong: range [0, 255] gives 100 %');
  expect(JSON.parse(stdout).model.notices.join()).toContain('range [0, 255] gives 100');
  expect(readFileSync(at('attacked', 'report.html'), 'utf8')).toContain('range [0, 255] gives 100');
});

const cases = join(process.env.PAREIDOLIA_DATA ?? join(process.cwd(), '..', 'shared', 'data'), '..', 'cases');

describe.skipIf(!existsSync(cases))('folders of shared/cases', () => {
  it('whose classes are named by numbers are all right', async () => {
    const model = join(cases, 'numeric-labels', 'columns.onnx');
    const { code, stdout } = await score(model, '--images', join(cases, 'numeric-labels', 'images'), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).measures.top1).toMatchObject({ right: 12, of: 12, share: 1 });
  });

  it.each([
    ['beyond', 5, '"12"'],
    ['mixed', 10, '"unknown"'],
    ['mac', 5, undefined],
    ['bmp', 6, undefined],
  ])('%s is scored without what is no picture of a class', async (name, count, stranger) => {
    const { code, stdout, stderr } = await score('--images', join(cases, 'folders', name), '--json');
    expect(code).toBe(0);
    const run = JSON.parse(stdout);
    expect(run.measures.top1.of).toBe(count);
    expect(run.images.leftOut).toEqual(stranger === undefined ? [] : [expect.stringContaining(stranger)]);
    if (stranger !== undefined) expect(stderr).toContain(stranger);
  });
});
