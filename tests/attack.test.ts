import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
    expect(report).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  }, 60_000);

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
  }, 60_000);

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
  }, 60_000);

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
  }, 180_000);

  it('that is stopped says how to go on, and comes to the same results', async () => {
    const args = ['attack', '--limit', '12', '--attack', 'pgd,square', '--epsilon', '0.1', '--budget', '400'].concat([
      '--batch',
      '4',
    ]);
    const stopped = await pareidolia([...args, '--out', at('stopped')], {
      started: (child) => child.stderr?.once('data', () => child.kill('SIGINT')),
    });
    expect(stopped).toMatchObject({ code: 130 });
    expect(stopped.stderr).toContain(`npx pareidolia attack --resume --out ${at('stopped')}`);
    expect(await pareidolia(['attack', '--resume', '--out', at('stopped')])).toMatchObject({ code: 0 });
    expect(await pareidolia([...args, '--out', at('unstopped')])).toMatchObject({ code: 0 });
    const [one, two] = ['stopped', 'unstopped'].map((name) => readFileSync(join(at(name), 'results.jsonl'), 'utf8'));
    expect(one).toBe(two);
  }, 60_000);

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
  }, 60_000);

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

  it('an attack that is not there', () => refused(['--attack', 'pdg'], /no attack "pdg"; choose from fgsm, /));
  it('an epsilon with a unit', () => refused(['--epsilon', '8px'], /"8px" is not an epsilon; .*8\/255/));
  it('an epsilon beyond the box', () => refused(['--epsilon', '8'], /Epsilon 8 is not between 0 and 1/));
  it('a norm that the attack does not know', () =>
    refused(['--attack', 'ddn', '--norm', 'linf'], /ddn works in l2, not in linf/));
  it('a setting that it does not have', () => refused(['--set', 'stepps=3'], /has no setting stepps; there is steps/));
  it('a setting that is out of range', () =>
    refused(['--set', 'steps=0'], /steps of pgd is 0; give a whole number of at least 1/));
  it('transformations of an attack on all images together', () =>
    refused(
      ['--attack', 'pgd,uap', '--transformations'],
      /uap looks for one perturbation .* knows no transformations/,
    ));
  it('labels beyond the classes', () => refused(['--model', two], /digits has a class \d, the model has 2 classes/));
  it('the ratio of logits with two classes', async () => {
    const images = await picture('plain', 28, 28);
    await refused(
      ['--model', two, '--images', images, '--attack', 'apgd-dlr', '--epsilon', '0.1'],
      /apgd-dlr needs 4 classes, the model has 2/,
    );
  });
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
  it('labels that leave a picture out', async () => {
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
