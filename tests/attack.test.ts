import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { pareidolia, temporaryFolder } from './support/command.ts';
import { expectSameBytesAfterKills } from './support/kills.ts';
import { writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const at = (...names: readonly string[]): string => join(folder.path, ...names);

interface Line {
  readonly attack: string;
  readonly epsilon: number | null;
  readonly index: number;
  readonly success: boolean;
  readonly initiallyWrong: boolean;
  readonly decision: number | null;
  readonly distances: { readonly linf: number } | null;
  readonly queries: { readonly forward: number };
  readonly file: string | null;
}

const linesOf = (run: string): Line[] =>
  readFileSync(join(run, 'results.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('pareidolia attack', () => {
  it('on the embedded digits writes lines, pictures inside the ball, a summary and a report', async () => {
    const out = at('digits');
    const args = ['attack', '--limit', '20', '--attack', 'fgsm,pgd', '--epsilon', '0.1,51/255', '--out', out, '--json'];
    const { code, stdout, stderr } = await pareidolia(args, { cwd: folder.path });
    expect(stderr).toContain('Attacking lenet-digits.onnx on the first 20 images of digits');
    expect(code).toBe(0);
    const outcome = JSON.parse(stdout);
    expect(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'))).toEqual(outcome);
    expect(outcome.summaries.map(({ attack, epsilon }: Line) => [attack, epsilon])).toEqual([
      ['fgsm', 0.1],
      ['fgsm', 0.2],
      ['pgd', 0.1],
      ['pgd', 0.2],
    ]);
    const lines = linesOf(out);
    expect(lines.length).toBe(80);
    for (const line of lines) {
      if (line.file === null) continue;
      expect(line.success).toBe(true);
      expect(line.distances!.linf).toBeLessThanOrEqual(line.epsilon! + 1e-6);
      const { width, height, channels } = await sharp(join(out, line.file)).metadata();
      expect([width, height, channels]).toEqual([28, 28, 1]);
      expect(existsSync(join(out, line.file.replace('.png', '-perturbation.png')))).toBe(true);
    }
    // An image that falls in a ball falls in every larger one.
    for (const small of lines.filter(({ epsilon, success }) => epsilon === 0.1 && success)) {
      const large = lines.find(
        (line) => line.attack === small.attack && line.index === small.index && line.epsilon === 0.2,
      );
      expect(large!.success).toBe(true);
    }
    const report = readFileSync(join(out, 'report.html'), 'utf8');
    expect(report).toContain('Results of each attack');
    expect(report.match(/<script/g)).toHaveLength(1);
    expect(report).toContain('script-src &#39;sha256-');
    expect(report).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  });

  it('gives the same bytes for the same seed', async () => {
    const runs = ['once', 'again'].map((name) => at(name));
    for (const out of runs) {
      const args = ['attack', '--limit', '6', '--attack', 'pgd,square', '--epsilon', '0.2', '--out', out];
      expect(await pareidolia([...args, '--budget', '300'], { cwd: folder.path })).toMatchObject({ code: 0 });
    }
    const [once, again] = runs.map((run) => readFileSync(join(run, 'results.jsonl'), 'utf8'));
    expect(again).toBe(once);
    const pictures = (run: string): string[] => readdirSync(join(run, 'images', 'pgd', '0.2')).sort();
    expect(pictures(runs[1]!)).toEqual(pictures(runs[0]!));
    for (const name of pictures(runs[0]!)) {
      const [a, b] = runs.map((run) => readFileSync(join(run, 'images', 'pgd', '0.2', name)));
      expect(b!.equals(a!)).toBe(true);
    }
  });

  it('takes pictures of any size and format, with classes from their folders or from a file', async () => {
    const model = writeTinyNetwork(at('color.onnx'), { channels: 3, side: 8, classes: 3 });
    writeFileSync(
      at('color.card.json'),
      JSON.stringify({ classNames: ['ant', 'bee', 'cat'], resize: { shorterSide: 10 } }),
    );
    const pictures = at('pictures');
    for (const [place, name] of ['ant/one.png', 'bee/two.jpg', 'cat/three.webp'].entries()) {
      mkdirSync(join(pictures, name, '..'), { recursive: true });
      const background = { r: 60 * place, g: 200, b: 90 };
      await sharp({ create: { width: 30 + 7 * place, height: 21, channels: 3, background } }).toFile(
        join(pictures, name),
      );
    }
    const attack = (name: string, ...more: readonly string[]) =>
      pareidolia(
        [
          'attack',
          '--model',
          model,
          '--images',
          pictures,
          '--attack',
          'deepfool',
          '--out',
          at(name),
          '--json',
          ...more,
        ],
        {
          cwd: folder.path,
        },
      );
    const byFolder = await attack('by-folder');
    expect(byFolder).toMatchObject({ code: 0 });
    expect(JSON.parse(byFolder.stdout).images).toMatchObject({ count: 3, labelling: 'folders' });
    expect(linesOf(at('by-folder')).map(({ index }) => index)).toEqual([0, 1, 2]);
    writeFileSync(at('classes.csv'), 'file,class\none.png,2\ntwo.jpg,bee\nthree.webp,0\n');
    const byFile = await attack('by-file', '--labels', at('classes.csv'));
    expect(JSON.parse(byFile.stdout).images).toMatchObject({ labelling: 'file' });
  });

  it('is killed at any access to the disk, and resumed to the same bytes', async () => {
    // Units of three images, so that there are several of each attack.
    await expectSameBytesAfterKills({
      folder: at('kills'),
      args: [
        'attack',
        '--limit',
        '8',
        '--attack',
        'pgd,deepfool,simba',
        '--epsilon',
        '0.1,0.2',
        '--budget',
        '200',
      ].concat(['--batch', '3', '--pictures', '4', '--threads', '1', '--out', 'run']),
      resume: ['--resume'],
      moments: 6,
    });
    const units = readFileSync(at('kills', 'whole', 'run', 'journal.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(units.map((line) => JSON.parse(line)).map(({ key, seed }) => [key, seed])).toEqual([
      ['check', 1],
      ['pgd/00000-00002', 1],
      ['pgd/00003-00005', 1],
      ['pgd/00006-00007', 1],
      ['deepfool/00000-00002', 1],
      ['deepfool/00003-00005', 1],
      ['deepfool/00006-00007', 1],
      ['simba/00000-00007', 1],
    ]);
  });

  it('that is stopped says how to go on, and comes to the same results', async () => {
    const args = ['attack', '--limit', '12', '--attack', 'pgd,square', '--epsilon', '0.1', '--budget', '400'].concat([
      '--batch',
      '4',
    ]);
    // Where the first of its units is written down.
    const faults = { FAULT: 'interrupt 3', FAULT_FOLDER: join(at('stopped'), 'journal.jsonl') };
    const stopped = await pareidolia([...args, '--out', at('stopped')], { faults });
    expect(stopped).toMatchObject({ code: 130 });
    expect(stopped.stderr).toContain(`npx pareidolia attack --resume --out ${at('stopped')}`);
    expect(await pareidolia(['attack', '--resume', '--out', at('stopped')])).toMatchObject({ code: 0 });
    expect(await pareidolia([...args, '--out', at('unstopped')])).toMatchObject({ code: 0 });
    const [one, two] = ['stopped', 'unstopped'].map((name) => readFileSync(join(at(name), 'results.jsonl'), 'utf8'));
    expect(one).toBe(two);
  });

  it('is resumed only as it was', async () => {
    const once = ['attack', '--limit', '3', '--attack', 'fgsm', '--epsilon', '0.1', '--out', at('same')];
    expect(await pareidolia(once)).toMatchObject({ code: 0 });
    const refused = async (more: readonly string[], message: RegExp): Promise<void> => {
      const ended = await pareidolia(['attack', '--resume', '--out', at('same'), ...more]);
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr.trimEnd().split('\n').at(-1)).toMatch(message);
    };
    await refused(['--epsilon', '0.2'], /another --epsilon \("0\.1", now "0\.2"\); resume with the same/);
    await refused(['--seed', '2'], /another --seed \(1, now 2\)/);
    const other = writeTinyNetwork(at('other.onnx'), { channels: 1, side: 28, classes: 10 });
    await refused(['--model', other], /another model \(lenet-digits\.onnx had SHA-256 \w{12}\.\.\., now/);
    const ended = await pareidolia(['fool', '--out', at('same'), '--generations', '1']);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(/same/) });
    const before = readFileSync(at('same', 'journal.jsonl'));
    expect(await pareidolia([...once, '--resume'])).toMatchObject({ code: 0 });
    expect(readFileSync(at('same', 'journal.jsonl')).equals(before)).toBe(true);
  });

  it('refuses a folder of before by its version', async () => {
    mkdirSync(at('former'));
    writeFileSync(at('former', 'summary.json'), '{"version":"0.1.0","summaries":[]}\n');
    writeFileSync(at('former', 'results.jsonl'), '');
    for (const more of [[], ['--resume']]) {
      const ended = await pareidolia(['attack', '--limit', '2', '--out', at('former'), ...more]);
      expect(ended).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/former was written by Pareidolia 0\.1\.0,/),
      });
    }
  });

  it('leaves out what it cannot read, and says so on stderr, in the summary and in the report', async () => {
    const place = at('leftovers', '3');
    mkdirSync(place, { recursive: true });
    await sharp({ create: { width: 28, height: 28, channels: 3, background: '#345' } })
      .png()
      .toFile(join(place, 'a.png'));
    writeFileSync(join(place, 'b.png'), 'no picture');
    const args = [
      '--images',
      at('leftovers'),
      '--attack',
      'fgsm',
      '--epsilon',
      '0.1',
      '--out',
      at('left-out'),
      '--json',
    ];
    const { code, stdout, stderr } = await pareidolia(['attack', ...args]);
    expect(code).toBe(0);
    const sentence = /1 picture cannot be read and is left out: .*b\.png cannot be read as an image/;
    expect(stderr).toMatch(sentence);
    expect(JSON.parse(stdout).images).toMatchObject({ count: 1, leftOut: [expect.stringMatching(sentence)] });
    expect(readFileSync(join(at('left-out'), 'report.html'), 'utf8')).toMatch(sentence);
  });

  it('goes on without pictures that a label file lacks, and names them', async () => {
    const pictures = at('half-labelled');
    mkdirSync(pictures, { recursive: true });
    const png = await sharp({ create: { width: 28, height: 28, channels: 3, background: '#345' } })
      .png()
      .toBuffer();
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(join(pictures, `${name}.png`), png);
    writeFileSync(at('some.csv'), 'file,class\nb.png,1\nd.png,2\n');
    const args = ['--images', pictures, '--labels', at('some.csv'), '--attack', 'fgsm', '--epsilon', '0.1', '--json'];
    const { code, stdout, stderr } = await pareidolia(['attack', ...args, '--out', at('some')]);
    expect(code).toBe(0);
    const sentence = /2 images are left out, since .*has no class for a\.png; .*has no class for c\.png/;
    expect(stderr).toMatch(sentence);
    expect(JSON.parse(stdout).images).toMatchObject({ count: 2, leftOut: [expect.stringMatching(sentence)] });
    expect(readFileSync(at('some', 'report.html'), 'utf8')).toMatch(sentence);
  });

  it('attacks networks of two classes with all attacks of the ensemble, and says what they do otherwise', async () => {
    const model = writeTinyNetwork(at('pair.onnx'), { channels: 1, side: 8, classes: 2 });
    const pictures = at('pair');
    mkdirSync(pictures, { recursive: true });
    for (const level of [60, 120, 180]) {
      const background = { r: level, g: level, b: level };
      await sharp({ create: { width: 8, height: 8, channels: 3, background } }).toFile(join(pictures, `${level}.png`));
    }
    const attacks = ['--attack', 'autoattack,apgd-dlr,apgd-t', '--epsilon', '0.5', '--json', '--out', at('pair-run')];
    const { code, stdout, stderr } = await pareidolia(['attack', '--model', model, '--images', pictures, ...attacks]);
    expect(code).toBe(0);
    const { remarks } = JSON.parse(stdout);
    expect(remarks).toEqual([
      expect.stringMatching(/^apgd-t climbs the difference of logits .* needs 4 classes: the model has 2$/),
      expect.stringMatching(/^apgd-dlr climbs the difference of logits .* needs 3 classes: the model has 2$/),
    ]);
    const report = readFileSync(at('pair-run', 'report.html'), 'utf8');
    for (const remark of remarks) {
      expect(stderr).toContain(remark);
      expect(report).toContain(remark);
    }
  });

  it('gives with --each-epsilon the result of each epsilon alone', async () => {
    const run = async (name: string, epsilon: string): Promise<Line[]> => {
      const args = ['attack', '--limit', '6', '--attack', 'pgd', '--each-epsilon', '--epsilon', epsilon];
      expect(await pareidolia([...args, '--out', at(name)], { cwd: folder.path })).toMatchObject({ code: 0 });
      return linesOf(at(name));
    };
    const together = await run('together', '0.1,0.2');
    const alone = [...(await run('alone-1', '0.1')), ...(await run('alone-2', '0.2'))];
    expect(together).toEqual(alone);
    expect(JSON.parse(readFileSync(at('together', 'summary.json'), 'utf8')).command).toContain('--each-epsilon');
  });

  it('counts images without finite outputs neither as right nor as wrong, and names them', async () => {
    const b = new GraphBuilder();
    const rows = b.op('Flatten', [b.input('x', 'float32', ['N', 1, 2, 2])], { axis: 1 });
    const first = b.op('Slice', [rows, b.ints([0]), b.ints([1]), b.ints([1])]);
    const other = b.op('Slice', [rows, b.ints([1]), b.ints([2]), b.ints([1])]);
    // NaN where the first pixel is brighter than .9; class 0 where the second is darker than .5.
    const nothing = b.op('Mul', [b.op('Sqrt', [b.op('Sub', [b.scalar(0.9), first])]), b.scalar(0)]);
    const half = b.op('Add', [nothing, b.scalar(0.5)]);
    b.output(b.op('Concat', [half, other], { axis: 1 }, 'logits'));
    writeFileSync(at('nan.onnx'), writeModel(b.build()));
    writeFileSync(at('nan.card.json'), JSON.stringify({ output: 'logits', range: [0, 1], mean: 0, deviation: 1 }));
    const pictures = at('nan');
    mkdirSync(pictures, { recursive: true });
    const put = (name: string, pixels: readonly number[]) =>
      sharp(Buffer.from(pixels), { raw: { width: 2, height: 2, channels: 1 } })
        .png()
        .toFile(join(pictures, name));
    // Right and far from .5, right and near to it, without an answer, and wrong.
    await put('far.png', [0, 20, 0, 0]);
    await put('near.png', [0, 120, 0, 0]);
    await put('void.png', [250, 20, 0, 0]);
    await put('wrong.png', [0, 220, 0, 0]);
    writeFileSync(at('nan.csv'), 'far.png,0\nnear.png,0\nvoid.png,0\nwrong.png,0\n');
    const labelled = ['--labels', at('nan.csv'), '--attack', 'pgd,fab,square,uap', '--norm', 'linf'];
    const args = ['attack', '--model', at('nan.onnx'), '--images', pictures, '--json'];
    const { code, stdout, stderr } = await pareidolia([
      ...args,
      ...labelled,
      '--epsilon',
      '0.1',
      '--out',
      at('nan-run'),
    ]);
    expect(code).toBe(0);
    const { summaries, flags } = JSON.parse(stdout);
    for (const summary of summaries) {
      const { attack, epsilon, images, initiallyWrong, unpredicted, notFinite, robust, accuracy } = summary;
      if (epsilon === null) continue;
      expect({ attack, images, initiallyWrong, unpredicted, notFinite, robust, accuracy }).toEqual({
        attack,
        images: 4,
        initiallyWrong: 1,
        unpredicted: 1,
        notFinite: ['void'],
        robust: 1,
        accuracy: 0.25,
      });
    }
    expect(flags).toEqual([expect.objectContaining({ kind: 'outputs not finite' })]);
    expect(stderr).toContain('robust 1 of 4, accuracy 25 %');
    expect(stderr).toContain('1 image without an answer (outputs not finite): void');
    const report = readFileSync(at('nan-run', 'report.html'), 'utf8').replaceAll('\u00a0', ' ');
    expect(report).toContain('1 of 4 images have no answer');
    expect(report).toContain('1 image without an answer (outputs not finite): void');
    // Where the network's own decision is the label, there is none.
    const own = await pareidolia([...args, '--attack', 'fgsm', '--epsilon', '0.1', '--out', at('nan-own')]);
    expect(own.code).toBe(0);
    expect(JSON.parse(own.stdout).images).toMatchObject({
      count: 3,
      leftOut: [expect.stringMatching(/^1 image without an answer \(outputs not finite\) is left out.*: void$/)],
    });
  });

  it('lists every attack in a line', async () => {
    const { code, stdout } = await pareidolia(['attack', '--list']);
    expect(code).toBe(0);
    for (const name of ['fgsm', 'pgd', 'deepfool', 'cw', 'autoattack', 'square', 'hopskipjump']) {
      expect(stdout).toMatch(new RegExp(`^${name} +(gradients|scores|decisions) .*\\d{4}`, 'm'));
    }
  });
});

describe('pareidolia attack refuses with one sentence and exit code 2, and writes nothing', () => {
  const tiny = writeTinyNetwork(at('tiny.onnx'), { channels: 1, side: 28, classes: 10 });
  const two = writeTinyNetwork(at('two.onnx'), { channels: 1, side: 28, classes: 2 });
  const refused = async (args: readonly string[], message: RegExp): Promise<void> => {
    const before = readdirSync(folder.path);
    const ended = await pareidolia(['attack', ...args], { cwd: folder.path });
    const told = ended.stderr.split('\n').filter((line) => line.startsWith('pareidolia: '));
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(told).toEqual([expect.stringMatching(message)]);
    expect(readdirSync(folder.path)).toEqual(before);
  };
  const picture = async (name: string, width: number, height: number): Promise<string> => {
    const path = at(name);
    mkdirSync(path, { recursive: true });
    await sharp({ create: { width, height, channels: 3, background: '#345' } })
      .png()
      .toFile(join(path, 'a.png'));
    return path;
  };

  it('an attack that is not there', () =>
    refused(['--attack', 'pdg'], /no attack "pdg" \(did you mean pgd\?\); choose one of fgsm, /));
  it('an epsilon with a unit', () => refused(['--epsilon', '8px'], /"8px" is not an epsilon; .*8\/255/));
  it('an epsilon beyond the box', () =>
    refused(['--epsilon', '8'], /Epsilon 8 is not between 0 and 1, .*; if you mean 8 levels of 255, write 8\/255/));
  it('a norm that the attack does not know', () =>
    refused(['--attack', 'ddn', '--norm', 'linf'], /ddn works in l2, not in linf/));
  it('a setting that it does not have', () =>
    refused(['--set', 'stepps=3'], /has no setting stepps \(did you mean steps\?\); there is steps/));
  it('a setting that is out of range', () =>
    refused(['--set', 'steps=0'], /steps of pgd is 0; give a whole number of at least 1/));
  it('transformations of an attack on all images together', () =>
    refused(
      ['--attack', 'pgd,uap', '--transformations'],
      /uap looks for one perturbation .* knows no transformations/,
    ));
  it('labels beyond the classes', () => refused(['--model', two], /digits has a class \d, the model has 2 classes/));
  it('an epsilon beyond the box, also of attacks that need none', async () => {
    for (const attack of ['deepfool', 'pgd,ddn', 'uap', 'autoattack', 'hopskipjump']) {
      const norm = attack === 'pgd,ddn' ? 'l2' : 'linf';
      await refused(['--attack', attack, '--norm', norm, '--epsilon', '999'], /Epsilon 999 is not between 0 and/);
    }
  });
  it('epsilons each for itself where there are none', () =>
    refused(['--each-epsilon'], /--each-epsilon needs --epsilon with distances/));
  it('a picture that is none', async () => {
    mkdirSync(at('texts'), { recursive: true });
    writeFileSync(at('texts', 'a.png'), 'this is a text');
    await refused(['--model', tiny, '--images', at('texts')], /a\.png cannot be read as an image/);
  });
  it('a picture of too many pixels, before it is decoded', async () => {
    mkdirSync(at('huge'), { recursive: true });
    // A PNG header that declares 60,000 x 60,000 pixels, and nothing behind it.
    const png = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    png.writeUInt32BE(60_000, 16);
    png.writeUInt32BE(60_000, 20);
    writeFileSync(at('huge', 'a.png'), png);
    await refused(['--model', tiny, '--images', at('huge')], /a\.png cannot be read as an image/);
  });
  it('a folder without pictures', async () => {
    mkdirSync(at('empty'), { recursive: true });
    await refused(['--model', tiny, '--images', at('empty')], /holds no images; put files like/);
  });
  it('labels that leave a picture out, where --strict says so', async () => {
    const images = await picture('strictly', 28, 28);
    writeFileSync(join(images, 'b.png'), readFileSync(join(images, 'a.png')));
    writeFileSync(at('half.csv'), 'b.png,1\n');
    const args = ['--model', tiny, '--images', images, '--labels', at('half.csv')];
    await refused([...args, '--strict'], /has no class for a\.png/);
  });
  it('labels that leave the only picture out', async () => {
    const images = await picture('labelled', 28, 28);
    writeFileSync(at('labels.csv'), 'b.png,1\n');
    await refused(['--model', tiny, '--images', images, '--labels', at('labels.csv')], /has no class for a\.png/);
  });
  it('a target that is the label of all', async () => {
    const pictures = await picture('pictures-of-3/3', 28, 28);
    await refused(['--images', join(pictures, '..'), '--targeted', '3'], /All images are of the class 3 already/);
  });
  it('a picture that cannot be read, where --strict says so', async () => {
    const pictures = await picture('pictures-of-5/5', 28, 28);
    writeFileSync(join(pictures, 'b.png'), 'no picture');
    await refused(['--images', join(pictures, '..'), '--strict'], /b\.png cannot be read as an image/);
  });
  it('a folder that holds something', () =>
    refused(['--out', folder.path], /exists already and is not empty; add --resume/));
});
