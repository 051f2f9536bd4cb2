import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pareidolia, temporaryFolder } from './support/command.ts';
import { timelessFiles } from './support/kills.ts';
import { writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const at = (...parts: readonly string[]): string => join(folder.path, ...parts);
const model = writeTinyNetwork(at('tiny.onnx'), { classes: 6 });
const FOOL = [
  'fool',
  '--model',
  model,
  '--emitter',
  'mutation',
  '--generations',
  '3',
  '--batch',
  '8',
  '--threads',
  '1',
  '--checkpoint-every',
  '0',
];

const run = (...args: readonly string[]) => pareidolia(args, { cwd: folder.path });

/** Goes on with a copy of a run that has been changed; it is refused in one sentence. */
async function refused(change: (run: string) => void, message: RegExp): Promise<void> {
  const copy = at('copy');
  rmSync(copy, { recursive: true, force: true });
  cpSync(at('run'), copy, { recursive: true });
  change(copy);
  const ended = await run('fool', '--resume', '--out', copy);
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  expect(ended.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
}

beforeAll(async () => {
  expect(await run(...FOOL, '--out', 'run')).toMatchObject({ code: 0 });
});

describe('a folder that is no run', () => {
  it.each([[['fool']], [['attack']], [['reproduce', 'rubbish']]])('is left as it is by %j --resume', async (args) => {
    const mine = at(`mine-${args[0]}`);
    mkdirSync(mine);
    for (const name of ['thesis.tmp', 'lock.tmp', 'notes.txt.123.tmp']) writeFileSync(join(mine, name), 'mine');
    const before = timelessFiles(mine);
    expect(await run(...args, '--resume', '--out', mine)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('holds no job that could be resumed'),
    });
    expect(timelessFiles(mine)).toEqual(before);
  });

  it('keeps files beside a training that is replaced', async () => {
    mkdirSync(at('net.training'));
    writeFileSync(at('net.training', 'thesis.tmp'), 'mine');
    const ended = await run('train', 'mlp', '--data', 'digits', '--out', 'net.onnx', '--force');
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('holds no job') });
    expect(readdirSync(at('net.training'))).toEqual(['thesis.tmp']);
  });
});

it('of the temporary files in a run only its own are removed', async () => {
  const copy = at('tidied');
  cpSync(at('run'), copy, { recursive: true });
  const picture = readdirSync(join(copy, 'elites')).find((name) => name.endsWith('.png'));
  const [own, others] = [
    ['config.json.12.tmp', `elites/${picture}.12.tmp`, 'lock.12.tmp'],
    ['thesis.tmp', 'config.json.tmp', 'notes.txt.12.tmp', 'elites/mine.png.12.tmp'],
  ];
  for (const name of [...own, ...others]) writeFileSync(join(copy, name), '');
  expect(await run('fool', '--resume', '--out', copy)).toMatchObject({ code: 0 });
  expect(own.filter((name) => existsSync(join(copy, name)))).toEqual([]);
  expect(others.filter((name) => !existsSync(join(copy, name)))).toEqual([]);
});

describe.skipIf(process.platform === 'win32')('in a run', () => {
  it.each(['history.jsonl', 'births.jsonl', 'journal.jsonl', 'genomes-0.pack', 'config.json', 'checkpoint.json'])(
    'a link in the place of %s is refused, and what it leads to is left alone',
    async (name) => {
      writeFileSync(at('notes.txt'), 'mine');
      await refused((copy) => {
        rmSync(join(copy, name));
        symlinkSync(at('notes.txt'), join(copy, name));
      }, /cannot be used: it is a symbolic link, and would lead elsewhere; remove it/);
      expect(readFileSync(at('notes.txt'), 'utf8')).toBe('mine');
    },
  );

  it('a link in the place of the folder of images is refused', async () => {
    mkdirSync(at('pictures'));
    await refused((copy) => {
      rmSync(join(copy, 'elites'), { recursive: true });
      symlinkSync(at('pictures'), join(copy, 'elites'));
    }, /elites cannot be used: it is a symbolic link/);
    expect(readdirSync(at('pictures'))).toEqual([]);
  });

  it.each(['config.json', 'checkpoint.json', 'history.jsonl', 'result.json'])(
    'a pipe named %s is refused at once',
    (name) =>
      refused((copy) => {
        rmSync(join(copy, name));
        execFileSync('mkfifo', [join(copy, name)]);
      }, /it is a named pipe, not a file/),
  );

  it.each([
    ['/dev/zero', /The model \/dev\/zero cannot be read: it is a device, not a file/],
    ['a\u0000b', /cannot be read: its name has a NUL in it/],
  ])('a model that is %j is refused', (path, message) =>
    refused((copy) => {
      const config = JSON.parse(readFileSync(join(copy, 'config.json'), 'utf8'));
      config.inputs.model.path = path;
      writeFileSync(join(copy, 'config.json'), JSON.stringify(config));
    }, message),
  );

  it('a configuration without end is refused', () =>
    refused((copy) => {
      writeFileSync(join(copy, 'config.json'), '');
      execFileSync('truncate', ['-s', '5G', join(copy, 'config.json')]);
    }, /config\.json cannot be used: it is larger than 256 MiB/));
});

it('folders damaged in many ways are gone on with, or refused in one sentence', async () => {
  const fuzzer = fileURLToPath(new URL('../fuzz/run-folders.mjs', import.meta.url));
  const seed = String(Date.now() % 1_000_000);
  const { stdout } = await promisify(execFile)(process.execPath, [
    fuzzer,
    process.env.FUZZ_MUTANTS ?? (process.env.PAREIDOLIA_LONG === '1' ? '40' : '15'),
    seed,
  ]);
  console.log(stdout);
  expect(stdout).toMatch(/cppn/);
}, 600_000);

describe('the command that a job notes', () => {
  it.each([
    ['fool', [...FOOL, '--encoding', 'direct', '--set', 'eta=3', '--classes', '0-2,5']],
    [
      'fool',
      ['fool', '--model', model, '--encoding', 'ascent', '--preset', 'blur', '--generations', '3', '--classes', '1'],
    ],
    [
      'attack',
      [
        'attack',
        '--model',
        model,
        '--data',
        'IDX',
        '--limit',
        '4',
        '--attack',
        'fgsm',
        '--epsilon',
        '.1',
        '--no-quantize',
      ],
    ],
    [
      'train',
      [
        'train',
        'mlp',
        '--data',
        'IDX',
        '--hidden',
        '4',
        '--epochs',
        '1',
        '--adversarial',
        'pgd',
        '--epsilon',
        '8/255',
        '--no-distortion',
      ],
    ],
    ['reproduce', ['reproduce', 'rubbish', '--budget', 'tiny']],
  ])('%s: is accepted by --resume, and changes nothing', async (kind, given) => {
    const out = at(`noted-${kind}-${given.length}${kind === 'train' ? '.onnx' : ''}`);
    const data = idx(at('idx'), 8);
    const args = given.map((word) => (word === 'IDX' ? data : word));
    expect(await run(...args, '--out', out)).toMatchObject({ code: 0 });
    const path = join(out.replace('.onnx', kind === 'train' ? '.training' : ''), 'config.json');
    const before = readFileSync(path, 'utf8');
    const [, , ...words] = JSON.parse(before).command.split(' ');
    const more = kind === 'train' ? [] : ['--out', out];
    expect(await run(...words, ...more, '--resume')).toMatchObject({ code: 0 });
    expect(readFileSync(path, 'utf8')).toBe(before);
    // The settings in another order are the same settings.
    const config = JSON.parse(before);
    const settings = Object.fromEntries(Object.entries(config.settings).reverse());
    writeFileSync(path, JSON.stringify({ ...config, settings }));
    expect(await run(...words, ...more, '--resume')).toMatchObject({ code: 0 });
  });
});

/** Forty images of a size and two classes, in the files of MNIST. */
function idx(path: string, side: number): string {
  const name = `${path}-${side}`;
  if (existsSync(name)) return name;
  mkdirSync(name);
  const header = (...dims: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(4 + 4 * dims.length);
    bytes.writeUInt32BE(0x0800 + dims.length);
    for (const [axis, dim] of dims.entries()) bytes.writeUInt32BE(dim, 4 + 4 * axis);
    return bytes;
  };
  const labels = Uint8Array.from({ length: 40 }, (_, i) => i % 2);
  const images = Uint8Array.from(
    { length: 40 * side * side },
    (_, i) => (i * 7 + labels[Math.floor(i / side / side)]! * 90) % 256,
  );
  for (const part of ['train', 't10k']) {
    writeFileSync(join(name, `${part}-images-idx3-ubyte`), Buffer.concat([header(40, side, side), images]));
    writeFileSync(join(name, `${part}-labels-idx1-ubyte`), Buffer.concat([header(40), labels]));
  }
  return name;
}
