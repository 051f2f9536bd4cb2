import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { GraphBuilder, writeModel } from '@pareidolia/autodiff';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND, pareidolia, temporaryFolder } from './support/command.ts';
import { tinyNetwork, withExternalData, writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const file = (name: string, content?: Uint8Array | string): string => {
  const path = join(folder.path, name);
  if (content !== undefined) writeFileSync(path, content);
  return path;
};

const good = writeTinyNetwork(file('good.onnx'));

/** The command ends with 2, says one sentence on one line, and leaves the run folder as it was. */
async function refused(args: readonly string[], message: string | RegExp): Promise<void> {
  const before = readdirSync(folder.path);
  const ended = await pareidolia(args, { cwd: folder.path });
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  const lines = ended.stderr.trimEnd().split('\n');
  const told = lines.filter((line) => line.startsWith('pareidolia: '));
  expect(told).toEqual([expect.stringMatching(message)]);
  // Beside it there may be the line that says what is being done, and the one that says that there is no model card.
  const others = lines.filter((line) => !/^(pareidolia: |No model card for )/.test(line));
  expect(others.length).toBeLessThanOrEqual(1);
  expect(ended.stderr).not.toMatch(/\n\s+at /);
  expect(readdirSync(folder.path)).toEqual(before);
}

const fool = (...more: readonly string[]): string[] => ['fool', '--out', file('run'), '--generations', '2', ...more];

describe('a place for the run', () => {
  it('below a file', () => refused(['fool', '--out', join(good, 'run')], /Folder .* cannot be made \(ENOTDIR\)/));
  it.runIf(existsSync('/proc/self'))('that takes no folders', () =>
    refused(['fool', '--out', '/proc/nowhere/run'], /Folder \/proc\/nowhere\/run cannot be made/),
  );
});

describe('names that a terminal would obey', () => {
  const evil = '\u001b]0;pwned\u0007\u009b2J\u202e';
  it('are written out in errors, and in what is inspected, in text and as JSON', async () => {
    await refused(fool('--model', `${evil}.onnx`), /^[^\p{Cc}\u202e]*pwned[^\p{Cc}\u202e]*\.onnx cannot be read/u);
    await refused(
      fool('--card', file('evil.json', JSON.stringify({ [evil]: 1 }))),
      /^[^\p{Cc}\u202e]*pwned[^\p{Cc}\u202e]*$/u,
    );
    const card = file('names.json', JSON.stringify({ classNames: [evil, 'b'], source: evil, output: 'logits' }));
    for (const more of [[], ['--json']]) {
      const { stdout, stderr } = await pareidolia(['inspect', good, '--card', card, ...more]);
      expect(stdout + stderr).not.toMatch(/(?![\t\n])\p{Cc}|\u202e/u);
      expect(stdout).toContain('2J\\u202e');
    }
  });
  it('are written out where the command line itself is wrong', async () => {
    const { code, stderr } = await pareidolia(['inspect', `--${evil}`]);
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/(?![\t\n])\p{Cc}|\u202e/u);
  });
});

describe('the studio', () => {
  it('does not take an empty address', () => refused(['studio', '--host', '', '--no-open'], /--host is empty/));
});

describe('a model', () => {
  it('that is not there', () => refused(fool('--model', 'no.onnx'), /no\.onnx cannot be read: there is no such file/));
  it('that is a folder', () => refused(fool('--model', '.'), /it is a folder/));
  it('that is not ONNX', () =>
    refused(fool('--model', file('text.onnx', 'this is a text, not a network')), /text\.onnx: .*not an ONNX model/));
  it('that is empty', () => refused(fool('--model', file('empty.onnx', '')), /empty\.onnx: .*not an ONNX model/));
  it('that is cut short', () => {
    const bytes = tinyNetwork();
    return refused(fool('--model', file('short.onnx', bytes.subarray(0, bytes.length >> 1))), /short\.onnx: /);
  });
  it('with weights in another file', () =>
    refused(
      fool('--model', file('outside.onnx', withExternalData(tinyNetwork(), '../secret.bin'))),
      /outside\.onnx: Tensor first lies outside the model file/,
    ));
  it('whose input is no image', () => {
    const graph = new GraphBuilder('rows');
    const input = graph.input('rows', 'float32', ['N', 12]);
    graph.output(graph.op('Softmax', [input], { axis: 1 }, 'out'));
    return refused(
      fool('--model', file('rows.onnx', writeModel(graph.build()))),
      /input rows has shape \[\?, 12\], which is no image/,
    );
  });
  it('that gives no numbers', () => {
    writeTinyNetwork(file('nan.onnx'), { weight: Number.NaN });
    return refused(fool('--model', 'nan.onnx'), /nan\.onnx gives NaN for class/);
  });
  it('without a gradient for ascent, naming operator and node', () => {
    writeTinyNetwork(file('steps.onnx'), { operator: 'Hardmax' });
    return refused(
      fool('--model', 'steps.onnx', '--encoding', 'ascent'),
      /steps\.onnx: No gradient flows through Hardmax \(node Hardmax/,
    );
  });
});

describe('a card', () => {
  const card = (content: unknown): string[] => {
    writeFileSync(file('a.card.json'), typeof content === 'string' ? content : JSON.stringify(content));
    return fool('--model', good, '--card', 'a.card.json');
  };
  beforeAll(() => {
    file('a.card.json', '{}');
  });
  it('that is not there', () =>
    refused(fool('--model', good, '--card', 'no.json'), /model card no\.json cannot be read/));
  it('that is not JSON', () => refused(card('{"labels": '), /model card a\.card\.json is not JSON/));
  it('that is no object', () => refused(card('null'), /a\.card\.json: /));
  it('with too few labels', () =>
    refused(card({ classNames: ['a', 'b'] }), /4 classes, but the card has 2 classNames: mend that field/));
  it('of a color network', () => refused(card({ color: 'rgb' }), /card says color rgb: mend the card's field color/));
  it('with an unknown field', () => refused(card({ lables: [] }), /a\.card\.json: .*lables/));
  it('of another model', () =>
    refused(card({ sha256: '0'.repeat(64) }), /belongs to a model with SHA-256 000000000000/));
});

describe('an option', () => {
  it('class that there is not', () =>
    refused(fool('--model', good, '--classes', '2,9'), /no class "9"; give numbers from 0 to 3/));
  it('setting that there is not', () =>
    refused(fool('--model', good, '--set', 'speed=3'), /There is no setting speed for the encoding cppn/));
  it('device that is not here', () => refused(fool('--model', good, '--device', 'coreml'), /Device coreml is not in/));
  it.each([
    [['fool'], /--out is empty; give the name of a folder/],
    [['attack'], /--out is empty; give the name of a folder/],
    [['reproduce', 'rubbish'], /--out is empty; give the name of a folder/],
    [['train', 'mlp', '--data', 'nowhere'], /--out is empty; give the name of a model/],
    [['gradient'], /--out is empty; give the name of a file/],
  ])('--out that is empty: %j', (args, message) => refused([...args, '--out', ''], message));
  it('--resume of a file', () => refused(['fool', '--resume', '--out', good], /is a file; choose a folder as --out/));
  it('claim that there is not, beside all', () =>
    refused(['reproduce', 'all', 'x', '--budget', 'tiny'], /There is no claim "x"; choose one of all/));
  it.runIf(existsSync('/dev/null'))('--images that is a device', () =>
    refused(['attack', '--model', good, '--images', '/dev/null', '--out', 'a'], /it is a device, not a file/),
  );
  it.each([
    [['--attack', 'fgsm,ddn', '--norm', 'linf', '--epsilon', '.3'], /ddn works in l2, not in linf/],
    [['--attack', 'fgsm,uap', '--targeted', 'next'], /uap cannot aim at a class/],
    [['--attack', 'fgsm,uap', '--budget', '9'], /uap looks for one perturbation .* a budget .* does not apply/],
  ])('attacks that do not go together, before any of them runs: %j', (args, message) =>
    refused(['attack', ...args, '--out', 'a'], message),
  );
  it('--resume without a folder', () => refused(['fool', '--resume'], /--resume needs --out/));

  it.each([
    [['fool', '--batch', '0'], 'Give a whole number from 1'],
    [['fool', '--seed', 'x'], 'Give a whole number from 0'],
    [
      ['fool', '--encoding', 'jpeg'],
      'Allowed choices are cppn, neat, palette, direct, growing, fourier, dct, pixels, latent, ascent',
    ],
    [['fool', '--set', 'eta'], 'Write name=number'],
    [['fool', '--depth', '3'], "unknown option '--depth'"],
    [['fool', 'lenet.onnx'], 'too many arguments'],
    [['inspect', 'a.onnx', 'b.onnx'], 'too many arguments'],
    [['studio', 'a.onnx'], 'too many arguments'],
    [['reproduce', '--list', 'rubbish'], 'leave out the names'],
    [['evolve'], "unknown command 'evolve'"],
    [['train', 'resnet', '--data', 'digits'], 'Allowed choices are lenet, cnn, mlp'],
    [['train', 'lenet'], 'Name a network and its data, for example'],
  ])('%j is wrong usage', async (args, message) => {
    const ended = await pareidolia(args, { cwd: folder.path });
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });
});

describe('a run folder', () => {
  it('that exists is left alone', async () => {
    mkdirSync(file('mine'));
    file('mine/thesis.txt', 'precious');
    await refused(['fool', '--model', good, '--out', 'mine'], /mine exists already and is not empty; add --resume/);
    await refused(['fool', '--model', good, '--out', 'mine', '--resume'], /mine holds no job that could be resumed/);
    expect(readdirSync(file('mine'))).toEqual(['thesis.txt']);
  });

  it('that is a file', () =>
    refused(['fool', '--model', good, '--out', good], /good\.onnx is a file; choose a folder/));

  it('leaves no parents behind that were made for it', async () => {
    await refused(['fool', '--model', 'nan.onnx', '--out', 'deep/in/folders'], /gives NaN/);
    expect(existsSync(file('deep'))).toBe(false);
  });

  it('with a configuration that is none of ours', async () => {
    mkdirSync(file('foreign'));
    file('foreign/config.json', '{"a": 1}');
    await refused(
      ['fool', '--model', good, '--out', 'foreign', '--resume'],
      /config\.json is not the configuration of a job/,
    );
  });
});

describe('training data', () => {
  const idx = (dims: readonly number[], data: Uint8Array): Buffer => {
    const header = Buffer.alloc(4 + 4 * dims.length);
    header.writeUInt32BE(0x0800 + dims.length);
    dims.forEach((dim, axis) => {
      header.writeUInt32BE(dim, 4 + 4 * axis);
    });
    return Buffer.concat([header, data]);
  };
  const train = async (name: string, images: Uint8Array | undefined, message: RegExp): Promise<void> => {
    mkdirSync(file(name));
    if (images !== undefined) file(`${name}/train-images-idx3-ubyte.gz`, images);
    file(`${name}/train-labels-idx1-ubyte`, idx([2], Uint8Array.of(0, 1)));
    await refused(['train', 'mlp', '--data', name], message);
  };

  it('that are not there', () =>
    refused(['train', 'mlp', '--data', 'nowhere'], /There are no data nowhere; give digits/));
  it('with a file missing', () => train('half', undefined, /half has train-labels-idx1-ubyte but not train-images/));
  it('cut short', () =>
    train(
      'cut',
      gzipSync(idx([2, 4, 4], new Uint8Array(30))),
      /train-images-idx3-ubyte\.gz: ends after 30 of 32 bytes/,
    ));
  it('with a damaged gzip', () =>
    train('gzip', gzipSync(idx([2, 4, 4], new Uint8Array(32))).subarray(0, 20), /train-images-idx3-ubyte\.gz: /));
  it('that are a bomb', () =>
    train('bomb', gzipSync(idx([2, 4, 4], new Uint8Array(200_000_000))), /more data follow than its header announces/));

  it('of mnist say which files are wanted and where to get them', async () => {
    const { code, stderr } = await pareidolia(['train', 'lenet', '--data', 'mnist'], {
      cwd: folder.path,
      env: { PAREIDOLIA_DATA: folder.path },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /mnist lacks train-images-idx3-ubyte and .*fetch them with pareidolia data fetch mnist, or set PAREIDOLIA_DATA/,
    );
  });
});

describe('a full disk', () => {
  it('before the first checkpoint leaves nothing behind', async () => {
    const faults = { FAULT: 'full 1', FAULT_FOLDER: file('full') };
    const ended = await pareidolia(['fool', '--model', good, '--out', file('full')], { faults });
    expect(ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^pareidolia: The disk is full/m),
    });
    expect(existsSync(file('full'))).toBe(false);
  });

  it('later on keeps the last checkpoint, from which the run goes on', async () => {
    const out = file('filling');
    const args = ['fool', '--model', good, '--out', out, '--generations', '30', '--threads', '1'].concat([
      '--checkpoint-every',
      '0',
    ]);
    const ended = await pareidolia(args, { faults: { FAULT: 'full 200', FAULT_FOLDER: out } });
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^pareidolia: The disk is full: .*free some space/m),
    });
    expect(readdirSync(out).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const checkpoint = JSON.parse(JSON.parse(readFileSync(join(out, 'checkpoint.json'), 'utf8')).body);
    expect(checkpoint.generations).toBeGreaterThan(3);
    expect(await pareidolia([...args, '--resume'])).toMatchObject({ code: 0 });
  });

  it.each(['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG', 'ESTALE', 'EROFS'])(
    'and every other way in which a disk fails is one sentence, with the command that goes on (%s)',
    async (code) => {
      const out = file(`failing-${code}`);
      const args = [
        'fool',
        '--model',
        good,
        '--out',
        out,
        '--generations',
        '6',
        '--batch',
        '8',
        '--threads',
        '1',
        '--checkpoint-every',
        '0',
      ];
      const ended = await pareidolia(args, { faults: { FAULT: `${code} 90`, FAULT_FOLDER: out } });
      expect(ended).toMatchObject({ code: 1, stdout: '' });
      const told = ended.stderr.split('\n').filter((line) => line.startsWith('pareidolia'));
      expect(told).toEqual([
        expect.stringMatching(new RegExp(`could not be written \\(${code}\\); .*fool --resume --out`)),
      ]);
      expect(ended.stderr).not.toMatch(/\n\s+at /);
      expect(await pareidolia([...args, '--resume'])).toMatchObject({ code: 0 });
    },
  );
});

describe('stdout', () => {
  it.runIf(existsSync('/dev/full'))('that is full is told in one sentence, and fails', async () => {
    const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
      const child = spawn('sh', ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, COMMAND, 'attack', '--list']);
      let text = '';
      child.stderr.on('data', (piece) => {
        text += piece;
      });
      child.on('close', (ended) => resolve({ code: ended, stderr: text }));
    });
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'pareidolia: The output could not be written (ENOSPC)\n' });
  });
});
