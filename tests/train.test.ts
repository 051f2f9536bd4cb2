import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Random } from '@pareidolia/core';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { pareidolia, temporaryFolder } from './support/command.ts';
import { expectSameBytesAfterKills, timelessFiles } from './support/kills.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

/** An IDX file of bytes. */
function idx(dims: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * dims.length);
  header.writeUInt32BE(0x0800 + dims.length);
  dims.forEach((dim, axis) => {
    header.writeUInt32BE(dim, 4 + 4 * axis);
  });
  return Buffer.concat([header, data]);
}

/** Images with the left half lit, the right half lit, or neither: three classes that a network can tell apart. */
function halves(part: string, count: number, seed: number): void {
  const random = Random.stream(seed, 1);
  const classes = Uint8Array.from({ length: count }, (_, i) => i % 3);
  const images = Uint8Array.from({ length: count * 64 }, (_, i) => {
    const half = i % 8 < 4 ? 0 : 1;
    return (classes[Math.floor(i / 64)] === half ? 150 : 0) + random.integer(100);
  });
  writeFileSync(join(folder.path, 'halves', `${part}-images-idx3-ubyte.gz`), gzipSync(idx([count, 8, 8], images)));
  writeFileSync(join(folder.path, 'halves', `${part}-labels-idx1-ubyte`), idx([count], classes));
}

mkdirSync(join(folder.path, 'halves'));
writeFileSync(join(folder.path, 'halves', 'classes.txt'), 'left\nright\nneither\n');
halves('train', 600, 1);
halves('t10k', 90, 2);

// Of another size.
mkdirSync(join(folder.path, 'wide'));
writeFileSync(join(folder.path, 'wide.idx'), idx([2, 4, 9], new Uint8Array(72)));
writeFileSync(join(folder.path, 'wide', 'train-images-idx3-ubyte'), idx([4, 4, 9], new Uint8Array(144)));
writeFileSync(join(folder.path, 'wide', 'train-labels-idx1-ubyte'), idx([4], Uint8Array.of(0, 1, 2, 0)));

const train = (...more: readonly string[]) =>
  pareidolia(['train', 'mlp', '--data', 'halves', '--hidden', '8', '--threads', '1', ...more], { cwd: folder.path });

it('the same seed gives the same bytes with any number of threads', async () => {
  for (const threads of ['1', '3', '5']) {
    const args = ['train', 'mlp', '--data', 'halves', '--hidden', '200', '--epochs', '1', '--threads', threads];
    expect(await pareidolia([...args, '--out', `by-${threads}.onnx`], { cwd: folder.path })).toMatchObject({ code: 0 });
  }
  const bytes = (threads: string): Buffer => readFileSync(join(folder.path, `by-${threads}.onnx`));
  expect(Buffer.compare(bytes('1'), bytes('3'))).toBe(0);
  expect(Buffer.compare(bytes('1'), bytes('5'))).toBe(0);
});

it('a model that is replaced is never there with a card that is not its own', async () => {
  const model = join(folder.path, 'pair.onnx');
  const args = ['--epochs', '1', '--out', 'pair.onnx'];
  expect(await train(...args)).toMatchObject({ code: 0 });
  // A card like those that users write, without a hash.
  writeFileSync(join(folder.path, 'pair.card.json'), JSON.stringify({ classNames: ['up', 'down', 'none'] }));
  const before = readFileSync(model);
  // Killed where the new model would be renamed over the old one, which is the last thing with that name.
  const again = ['train', 'mlp', '--data', 'halves', '--hidden', '8', '--seed', '2', ...args, '--force'];
  const faults = { FAULT: 'kill 1', FAULT_RENAME: 'pair.onnx', FAULT_RELATIVE: '1' };
  expect(await pareidolia(again, { cwd: folder.path, faults })).toMatchObject({ signal: 'SIGKILL' });
  expect(Buffer.compare(readFileSync(model), before)).toBe(0);
  const { code, stderr } = await pareidolia(['fool', '--model', 'pair.onnx'], { cwd: folder.path });
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('belongs to a model with SHA-256'),
  });
  expect(await train(...args, '--seed', '2', '--resume')).toMatchObject({ code: 0 });
  expect(await pareidolia(['inspect', 'pair.onnx'], { cwd: folder.path })).toMatchObject({ code: 0 });
});

describe('training from IDX files', () => {
  it('makes a network with a card that fool and inspect take', async () => {
    const { code, stdout, stderr } = await train('--epochs', '8', '--out', 'a.onnx', '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({
      network: 'mlp',
      data: 'halves',
      parameters: 64 * 8 + 8 + 8 * 3 + 3,
      testAccuracy: 1,
    });
    const inspected = await pareidolia(['inspect', 'a.onnx', '--json'], { cwd: folder.path });
    expect(JSON.parse(inspected.stdout)).toMatchObject({
      operators: { Gemm: 2, Flatten: 1, Relu: 1 },
      parameters: 64 * 8 + 8 + 8 * 3 + 3,
      classifier: { classes: 3, image: { channels: 1, height: 8, width: 8 }, gradientBlockers: [] },
      card: { origin: 'file a.card.json' },
      problem: null,
    });
    const fooled = await pareidolia(
      ['fool', '--model', 'a.onnx', '--classes', 'Left,neither', '--generations', '10', '--json'],
      { cwd: folder.path },
    );
    expect(JSON.parse(fooled.stdout).classes).toMatchObject([
      { classIndex: 0, className: 'left' },
      { classIndex: 2, className: 'neither' },
    ]);
  });

  it('makes the same bytes from the same seed, and others from another', async () => {
    for (const [out, seed] of [
      ['b.onnx', '1'],
      ['c.onnx', '1'],
      ['d.onnx', '2'],
    ] as const) {
      expect(await train('--epochs', '2', '--seed', seed, '--out', out)).toMatchObject({ code: 0 });
    }
    const [b, c, d] = ['b', 'c', 'd'].map((name) => readFileSync(join(folder.path, `${name}.onnx`)));
    expect(b!.equals(c!)).toBe(true);
    expect(b!.equals(d!)).toBe(false);
  });

  it('that is killed at any access to the disk is resumed to the same bytes', async () => {
    // The paths of all files are relative, those of the data not.
    const data = join(folder.path, 'halves');
    const args = [
      'train',
      'mlp',
      '--data',
      data,
      '--hidden',
      '8',
      '--threads',
      '1',
      '--epochs',
      '3',
      '--out',
      'm.onnx',
    ];
    const adversarial = ['--adversarial', 'fgsm', '--epsilon', '0.1'];
    const whole = join(folder.path, 'kills', 'whole');
    await expectSameBytesAfterKills({
      folder: join(folder.path, 'kills'),
      args: [...args, ...adversarial],
      resume: ['--resume'],
      moments: 6,
    });
    expect(Object.keys(timelessFiles(whole))).toEqual([
      'm.card.json',
      'm.onnx',
      'm.training/config.json',
      'm.training/epochs.jsonl',
      'm.training/journal.jsonl',
      'm.training/result.json',
    ]);
    const lines = readFileSync(join(whole, 'm.training', 'epochs.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line).epoch)).toEqual([1, 2, 3]);
  });

  it('that is stopped says how to go on, and that is enough to come to the same bytes', async () => {
    const args = ['--epochs', '40', '--seed', '3'];
    const stopped = await pareidolia(
      ['train', 'mlp', '--data', 'halves', '--hidden', '8', '--threads', '1', ...args, '--out', 'stopped.onnx'],
      {
        cwd: folder.path,
        // Where its first epoch is written down.
        faults: { FAULT: 'interrupt 3', FAULT_FOLDER: 'stopped.training/epochs.jsonl' },
      },
    );
    expect(stopped).toMatchObject({ code: 130, stdout: '' });
    expect(stopped.stderr).toContain('npx pareidolia train --resume --out stopped.onnx');
    expect(existsSync(join(folder.path, 'stopped.onnx'))).toBe(false);
    const refused = await train(...args, '--seed', '4', '--resume', '--out', 'stopped.onnx');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('another --seed (3, now 4)') });
    const resumed = await pareidolia(['train', '--resume', '--out', 'stopped.onnx'], { cwd: folder.path });
    expect(resumed).toMatchObject({ code: 0 });
    expect(await train(...args, '--out', 'unstopped.onnx')).toMatchObject({ code: 0 });
    const [one, two] = ['stopped', 'unstopped'].map((name) => readFileSync(join(folder.path, `${name}.onnx`)));
    expect(one!.equals(two!)).toBe(true);
  });

  it('replaces no model and no training without the word', async () => {
    const at = (name: string): string => join(folder.path, name);
    const once = (...more: readonly string[]) => train('--epochs', '1', '--out', 'g.onnx', ...more);
    writeFileSync(at('g.onnx'), 'precious');
    expect(await once()).toMatchObject({ code: 2, stderr: expect.stringMatching(/g\.onnx exists already .* --force/) });
    expect(readFileSync(at('g.onnx'), 'utf8')).toBe('precious');
    expect(existsSync(at('g.training'))).toBe(false);
    expect(await once('--force')).toMatchObject({ code: 0 });
    const model = readFileSync(at('g.onnx'));
    expect(model.length).toBeGreaterThan(1000);
    expect(await once()).toMatchObject({ code: 2, stderr: expect.stringContaining('g.training') });
    expect(await once('--resume')).toMatchObject({ code: 0 });
    expect(readFileSync(at('g.onnx')).equals(model)).toBe(true);
    expect(await once('--force', '--seed', '2')).toMatchObject({ code: 0 });
    expect(readFileSync(at('g.onnx')).equals(model)).toBe(false);
  });

  it('is not resumed on other data', async () => {
    halves('train', 600, 1);
    expect(await train('--epochs', '1', '--out', 'h.onnx')).toMatchObject({ code: 0 });
    halves('train', 600, 3);
    const refused = await pareidolia(['train', '--resume', '--out', 'h.onnx'], { cwd: folder.path });
    halves('train', 600, 1);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/another data \(halves had SHA-256/) });
  });

  it('on adversarial examples says how the network stands them, and makes the same bytes from the same seed', async () => {
    const adversarial = ['--adversarial', 'pgd', '--epsilon', '25.5/255', '--adversarial-steps', '2', '--epochs', '2'];
    const { code, stdout, stderr } = await train(...adversarial, '--out', 'e.onnx', '--json');
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('2 steps of 0.125') });
    expect(JSON.parse(stdout)).toMatchObject({
      adversarial: { kind: 'pgd', epsilon: 0.1, steps: 2, stepSize: 0.125 },
      robustness: { attack: 'pgd', epsilon: 0.1, images: 90, accuracy: expect.any(Number) },
    });
    expect(await train(...adversarial, '--out', 'f.onnx')).toMatchObject({ code: 0 });
    const [e, f] = ['e', 'f'].map((name) => readFileSync(join(folder.path, `${name}.onnx`)));
    expect(e!.equals(f!)).toBe(true);
  });

  it.each([
    ['softmax', 64 * 3 + 3],
    ['maxout', 64 * 1200 + 1200 + 240 * 1200 + 1200 + 240 * 3 + 3],
  ])('knows the network %s', async (network, parameters) => {
    const args = ['train', network, '--data', 'halves', '--epochs', '2', '--adversarial', 'fgsm', '--epsilon', '0.1'];
    const { code, stdout, stderr } = await pareidolia([...args, '--json'], { cwd: folder.path });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ network, parameters, out: `${network}-halves.onnx` });
  });

  it.each([
    [['--epsilon', '0.1'], '--epsilon says how to train on adversarial examples; give --adversarial'],
    [['--adversarial', 'pgd'], '--adversarial pgd needs --epsilon'],
    [['--adversarial', 'pgd', '--epsilon', 'min'], '--epsilon min is not one number'],
    [['--adversarial', 'pgd', '--epsilon', '0.1,0.2'], '--epsilon 0.1,0.2 is not one number'],
    [['--adversarial', 'pgd', '--epsilon', '8'], 'epsilon 8; pixels are in [0, 1]'],
    [['--adversarial', 'fgsm', '--epsilon', '0.1', '--adversarial-steps', '3'], 'makes one step of epsilon'],
  ])('is refused with %j', async (more, message) => {
    expect(await train(...more)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('with defences makes the same bytes from the same seed, and says what it learned from', async () => {
    const defences = ['--defence', 'outlier-exposure,trades', '--outliers', 'noise,binary-noise', '--epochs', '2'];
    const settings = ['--set', 'trades.steps=2', '--set', 'stepSize=0.05', '--set', 'epsilon=0.1', '--set', 'weight=1'];
    const { code, stdout, stderr } = await train(...defences, ...settings, '--out', 'da.onnx', '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({
      outliers: 'noise,binary-noise',
      defences: [
        { name: 'outlier-exposure', settings: { weight: 1 } },
        { name: 'trades', settings: { beta: 6, epsilon: 0.1, steps: 2, stepSize: 0.05 } },
      ],
      robustness: { epsilon: 0.1 },
    });
    const config = JSON.parse(readFileSync(join(folder.path, 'da.training', 'config.json'), 'utf8'));
    const words = config.command.replace('da.onnx', 'db.onnx').split(' ').slice(2);
    expect(await pareidolia(words, { cwd: folder.path })).toMatchObject({ code: 0 });
    const [a, b] = ['da', 'db'].map((name) => readFileSync(join(folder.path, `${name}.onnx`)));
    expect(a!.equals(b!)).toBe(true);
  });

  it('on fooling images as a class adds it, and is resumed to the same bytes wherever it is killed', async () => {
    const data = join(folder.path, 'halves');
    const fooling = ['--defence', 'fooling-class', '--rounds', '2'];
    const small = ['searches=1', 'generations=3', 'batch=10'].flatMap((setting) => ['--set', setting]);
    await expectSameBytesAfterKills({
      folder: join(folder.path, 'rounds'),
      args: ['train', 'mlp', '--data', data, '--hidden', '8', '--epochs', '1', '--out', 'm.onnx', ...fooling, ...small],
      resume: ['--resume'],
      moments: 6,
    });
    const whole = join(folder.path, 'rounds', 'whole');
    const card = JSON.parse(readFileSync(join(whole, 'm.card.json'), 'utf8'));
    expect(card.classNames).toEqual(['left', 'right', 'neither', 'fooling']);
    const result = JSON.parse(readFileSync(join(whole, 'm.training', 'result.json'), 'utf8'));
    expect(result.foolingClass).toMatchObject({ rounds: 2, searches: 1, generations: 3, batch: 10 });
    // The first and the last elite of each of three classes.
    expect(result.foolingClass.networks.map(({ added }: { added: number }) => added)).toEqual([0, 6, 12]);
  });

  it.each([
    [['--defence', 'ceda'], '--defence ceda learns from images that show none of the classes; give --outliers'],
    [['--defence', 'trades', '--outliers', 'noise'], 'No chosen defence learns from --outliers'],
    [['--outliers', 'noise'], '--outliers belongs to a defence; give --defence'],
    [['--rounds', '2'], '--rounds belongs to a defence'],
    [['--defence', 'trades', '--rounds', '2'], '--rounds belongs to --defence fooling-class'],
    [['--defence', 'hope'], 'There is no defence "hope"; choose one of label-smoothing,'],
    [['--defence', 'trades,trades'], '--defence names trades twice'],
    [['--defence', 'trades', '--set', 'weight=1'], 'No chosen defence has a setting weight; they have trades.beta,'],
    [['--defence', 'trades', '--set', 'epsilon=8'], 'epsilon of trades is 8; give a number above 0 and at most 1'],
    [['--defence', 'ceda', '--outliers', 'nowhere'], 'There are no outliers nowhere; give a folder, an IDX file'],
    [
      ['--defence', 'ceda', '--outliers', 'wide.idx'],
      'The outliers wide.idx are 1x4x9, those of halves-train are 1x8x8',
    ],
    [['--defence', 'ceda', '--outliers', 'halves'], 'The outliers halves are what the network is to learn'],
    [['--defence', 'trades', '--adversarial', 'pgd', '--epsilon', '0.1'], 'are two answers to one question'],
    [['--freeze', 'all-but-last'], '--freeze belongs to a network of yours; give --from model.onnx'],
    [['--from', 'a.onnx'], 'mlp is a new network and --from a.onnx is one to go on with'],
  ])('is refused with the defences %j', async (more, message) => {
    expect(await train(...more, '--out', 'refused.onnx')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
    expect(existsSync(join(folder.path, 'refused.onnx'))).toBe(false);
    expect(existsSync(join(folder.path, 'refused.training'))).toBe(false);
  });

  it('is refused at once where the result could not be written', async () => {
    const refused = await train('--out', 'no/such/folder.onnx');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no folder no/such') });
  });

  it.runIf(existsSync('/proc/self'))('is refused at once in a folder that takes no files', async () => {
    const refused = await train('--epochs', '100000', '--out', '/proc/self/a.onnx');
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('may not be written') });
  });
});

describe('training a given network on', () => {
  const given = async (): Promise<void> => {
    if (existsSync(join(folder.path, 'given.onnx'))) return;
    expect(await train('--epochs', '1', '--out', 'given.onnx')).toMatchObject({ code: 0 });
  };
  const tune = (...more: readonly string[]) =>
    pareidolia(['train', '--from', 'given.onnx', ...more], { cwd: folder.path });

  /** Pictures of 8 x 8, dark on top or below, in folders of these names. */
  async function pictures(name: string, classes: readonly string[], count: number): Promise<void> {
    const random = Random.stream(5, classes.length);
    for (const [index, label] of classes.entries()) {
      mkdirSync(join(folder.path, name, label), { recursive: true });
      for (let i = 0; i < count; i++) {
        const data = Buffer.from(
          Uint8Array.from({ length: 64 }, (_, at) => (at < 32 === (index === 0) ? 0 : 130) + random.integer(100)),
        );
        const picture = sharp(data, { raw: { width: 8, height: 8, channels: 1 } });
        await picture.png().toFile(join(folder.path, name, label, `${i}.png`));
      }
    }
  }

  it('makes it better at its classes, keeps frozen layers, and is resumed to the same bytes', async () => {
    await given();
    const args = ['--data', 'halves', '--epochs', '6', '--learning-rate', '0.01', '--freeze', 'all-but-last'];
    const { code, stdout, stderr } = await tune(...args, '--out', 'tuned.onnx', '--json');
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('520 frozen') });
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ from: 'given.onnx', parameters: 27, frozen: 520, network: 'given.onnx' });
    expect(result.validationAccuracy).toBeGreaterThan(result.validationAccuracyBefore);
    const stopped = await pareidolia(['train', '--from', 'given.onnx', ...args, '--out', 'tuned2.onnx'], {
      cwd: folder.path,
      // Where its first epoch is written down.
      faults: { FAULT: 'interrupt 3', FAULT_FOLDER: 'tuned2.training/epochs.jsonl' },
    });
    expect(stopped).toMatchObject({ code: 130 });
    const resumed = await pareidolia(['train', '--resume', '--out', 'tuned2.onnx'], { cwd: folder.path });
    expect(resumed).toMatchObject({ code: 0 });
    const [one, two] = ['tuned', 'tuned2'].map((name) => readFileSync(join(folder.path, `${name}.onnx`)));
    expect(one!.equals(two!)).toBe(true);
  });

  it('learns other classes from folders of pictures, and the result is a model like any other', async () => {
    await given();
    await pictures('sides', ['top', 'bottom'], 30);
    const args = ['--data', 'sides', '--epochs', '20', '--batch', '8', '--learning-rate', '0.02'];
    const { code, stdout, stderr } = await tune(...args, '--out', 'sides.onnx', '--json');
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('The last layer is replaced: 2 classes (bottom, top) instead of 3'),
    });
    expect(JSON.parse(stdout)).toMatchObject({ validationAccuracy: 1, validationAccuracyBefore: null });
    const scored = await pareidolia(['score', 'sides.onnx', '--images', 'sides', '--json'], {
      cwd: folder.path,
    });
    expect({ code: scored.code, stderr: scored.stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(scored.stdout)).toMatchObject({ measures: { top1: { of: 60, right: 60 } } });
    const card = JSON.parse(readFileSync(join(folder.path, 'sides.card.json'), 'utf8'));
    expect(card).toMatchObject({ classNames: ['bottom', 'top'], dataset: 'sides' });
  });

  it('adds the class of fooling images behind those that there are', async () => {
    await given();
    const small = ['searches=1', 'generations=3', 'batch=10'].flatMap((setting) => ['--set', setting]);
    const fooling = ['--defence', 'fooling-class', '--rounds', '2', ...small];
    expect(await tune('--data', 'halves', '--epochs', '1', ...fooling, '--out', 'added.onnx')).toMatchObject({
      code: 0,
    });
    const card = JSON.parse(readFileSync(join(folder.path, 'added.card.json'), 'utf8'));
    expect(card.classNames).toEqual(['left', 'right', 'neither', 'fooling']);
  });

  it.each([
    [['one'], ['alone'], 'has pictures of one class, alone; training needs at least two'],
    [['some'], ['left', 'upper'], 'The folders upper of some name no class of given.onnx, left does; rename them'],
  ])('is refused with the pictures of %j', async ([name], classes, message) => {
    await given();
    await pictures(name!, classes, 2);
    const refused = await tune('--data', name!, '--out', 'refused.onnx');
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it.each([
    [['--data', 'nowhere'], 'There are no data nowhere'],
    [
      ['--data', 'halves', '--freeze', 'hidden9'],
      'given.onnx has no layer hidden9 to freeze; its weights are hidden1.weight',
    ],
    [['--data', 'halves', '--hidden', '8'], '--hidden belongs to networks that are made here'],
    [['--data', 'wide'], 'given.onnx takes images of 1x8x8, those of wide are 1x4x9'],
  ])('is refused with %j', async (more, message) => {
    await given();
    const refused = await tune(...more, '--out', 'refused.onnx');
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect(existsSync(join(folder.path, 'refused.training'))).toBe(false);
  });

  it('is refused with pictures that lie in no folder of their class', async () => {
    await given();
    await pictures('loose', ['.'], 2);
    expect(await tune('--data', 'loose', '--out', 'refused.onnx')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('2 of the 2 pictures of loose lie in no folder that names their class'),
    });
  });
});
