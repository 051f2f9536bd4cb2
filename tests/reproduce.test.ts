import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pareidolia, temporaryFolder } from './support/command.ts';
import { expectSameBytesAfterKills } from './support/kills.ts';
import { writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const env = { PAREIDOLIA_DATA: join(folder.path, 'no-data') };
const reproduce = (...args: readonly string[]) => pareidolia(['reproduce', ...args], { cwd: folder.path, env });

describe('pareidolia reproduce', () => {
  it('measures claims, writes their units, findings and a report, and says so as JSON', async () => {
    const { code, stdout } = await reproduce('rubbish', 'mnist-cppn', '--budget', 'tiny', '--out', 'run', '--json');
    expect(code).toBe(0);
    const outcome = JSON.parse(stdout);
    expect(outcome.complete).toBe(true);
    expect(outcome.findings.map(({ name }: { name: string }) => name)).toEqual(['rubbish', 'mnist-cppn']);
    const run = join(folder.path, 'run');
    expect(JSON.parse(readFileSync(join(run, 'findings.json'), 'utf8'))).toEqual(outcome);
    const report = readFileSync(join(run, 'report.html'), 'utf8');
    for (const { name, verdict } of outcome.findings) {
      expect(report).toContain(`id="${name}"`);
      expect(report).toContain(verdict);
    }
    expect(report).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    for (const name of ['rubbish', 'mnist-cppn']) expect(existsSync(join(run, `${name}.jsonl`))).toBe(true);
  });

  it('goes on where half a line was left, and finds the same', async () => {
    const ledger = join(folder.path, 'run', 'mnist-cppn.jsonl');
    const whole = readFileSync(ledger, 'utf8');
    const before = JSON.parse(readFileSync(join(folder.path, 'run', 'findings.json'), 'utf8'));
    // As a kill leaves it: the first unit whole, the second cut.
    const cut = whole.indexOf('\n') + 1;
    writeFileSync(ledger, whole.slice(0, cut + 100));
    const args = ['rubbish', 'mnist-cppn', '--budget', 'tiny', '--out', 'run'];
    expect((await reproduce(...args)).code).toBe(2);
    const resumed = await reproduce(...args, '--resume', '--json');
    expect(resumed.code).toBe(0);
    const strip = ({ findings }: { findings: readonly { seconds: number }[] }) =>
      findings.map(({ seconds: _, ...finding }) => finding);
    expect(strip(JSON.parse(resumed.stdout))).toEqual(strip(before));
    const results = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).result);
    expect(results(readFileSync(ledger, 'utf8'))).toEqual(results(whole));
  });

  it('resumed with one claim still tells of the others in the folder', async () => {
    const resumed = await reproduce('mnist-cppn', '--budget', 'tiny', '--out', 'run', '--resume', '--json');
    expect(resumed.code).toBe(0);
    const { findings, command } = JSON.parse(resumed.stdout);
    expect(findings.map(({ name }: { name: string }) => name)).toEqual(['rubbish', 'mnist-cppn']);
    expect(command).toContain('rubbish mnist-cppn');
  });

  it('stopped by Ctrl-C says how to go on, and comes to the same', async () => {
    const args = ['mnist-direct', '--budget', 'tiny', '--out', 'stopped'];
    const stopped = await pareidolia(['reproduce', ...args], {
      cwd: folder.path,
      env,
      // Where the first of its two runs is written down.
      faults: { FAULT: 'interrupt 3', FAULT_FOLDER: 'stopped/mnist-direct.jsonl' },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('npx pareidolia reproduce --resume --out stopped');
    const [resumed, whole] = [
      await reproduce('--resume', '--out', 'stopped', '--json'),
      await reproduce('mnist-direct', '--budget', 'tiny', '--out', 'whole', '--json'),
    ];
    const ours = ({ stdout }: { stdout: string }) => JSON.parse(stdout).findings[0].ours;
    expect(ours(resumed)).toBe(ours(whole));
    expect(readdirSync(join(folder.path, 'stopped')).filter((name) => name.endsWith('.checkpoint'))).toEqual([]);
  });

  it('is killed at any access to the disk, and resumed to the same bytes', async () => {
    const args = ['reproduce', 'mnist-cppn', '--budget', 'tiny', '--out', 'run', '--threads', '1'];
    await expectSameBytesAfterKills({
      folder: join(folder.path, 'kills'),
      args,
      resume: ['--resume'],
      moments: 4,
      env,
    });
  });

  it('takes nothing of another network, of one that is gone, or of another version', async () => {
    const data = join(folder.path, 'data');
    mkdirSync(join(data, 'models'), { recursive: true });
    const model = join(data, 'models', 'mnist-lenet-nguyen2015.onnx');
    const run = (...args: readonly string[]) =>
      pareidolia(['reproduce', ...args, '--out', 'hashed'], { cwd: folder.path, env: { PAREIDOLIA_DATA: data } });
    writeTinyNetwork(model, { side: 28, classes: 10 });
    expect(await run('mnist-cppn', '--budget', 'tiny')).toMatchObject({ code: 0 });
    const path = join(folder.path, 'hashed', 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8'));
    expect(Object.keys(config.inputs)).toEqual([
      'network mnist-lenet-nguyen2015',
      'network mnist-lenet-nguyen2015 card',
      'network digits',
      'network digits card',
    ]);
    const refused = async (message: RegExp): Promise<void> => {
      const ended = await run('--resume');
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr.trimEnd().split('\n').at(-1)).toMatch(message);
    };
    writeTinyNetwork(model, { side: 28, classes: 10, seed: 2 });
    await refused(
      /hashed was begun with another network mnist-lenet-nguyen2015 \(mnist-lenet-nguyen2015\.onnx had SHA-256 \w{12}\.\.\., now/,
    );
    rmSync(model);
    await refused(
      /hashed was begun with .*mnist-lenet-nguyen2015\.onnx, which is no longer there; put it back, or choose/,
    );
    writeTinyNetwork(model, { side: 28, classes: 10 });
    expect(await run('--resume')).toMatchObject({ code: 0 });
    writeFileSync(path, JSON.stringify({ ...config, pareidolia: '0.0.9' }));
    await refused(/hashed was begun by Pareidolia 0\.0\.9, this is .*; resume with npx pareidolia@0\.0\.9, or choose/);
  });

  it('refuses a folder of before by its version', async () => {
    const old = join(folder.path, 'old');
    mkdirSync(old);
    writeFileSync(join(old, 'reproduce.json'), '{"budget":"tiny","version":"0.1.0"}\n');
    writeFileSync(join(old, 'rubbish.jsonl'), '{"key":"a","seconds":1,"result":{"$uint8":"AA=="}}\n');
    for (const more of [[], ['--resume']]) {
      const ended = await reproduce('rubbish', '--budget', 'tiny', '--out', 'old', ...more);
      expect(ended).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/old was written by Pareidolia 0\.1\.0, whose/),
      });
    }
    expect(readdirSync(old)).toEqual(['reproduce.json', 'rubbish.jsonl']);
  });

  it('lists the claims with their published figures', async () => {
    const { code, stdout } = await reproduce('--list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mnist-direct\n .*\n {2}Published: /m);
  });

  it.each([
    [['nothing'], /no claim "nothing"; choose one of all, /],
    [[], /Name claims, or all/],
    [
      ['rubbish', '--budget', 'small', '--out', 'run', '--resume'],
      /was begun with another --budget \("tiny", now "small"\); resume with the same/,
    ],
  ] as const)('refuses %j with one sentence', async (args, message) => {
    const before = readdirSync(folder.path);
    const ended = await reproduce(...args);
    expect(ended.code).toBe(2);
    expect(ended.stderr.trimEnd().split('\n').at(-1)).toMatch(message);
    expect(readdirSync(folder.path)).toEqual(before);
  });
});
