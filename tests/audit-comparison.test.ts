/** @file `pareidolia audit` of several models from end to end, on tiny networks. */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@pareidolia/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePng } from '../packages/cli/src/image/png.ts';
import { pareidolia, temporaryFolder } from './support/command.ts';
import { writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const at = (...names: string[]): string => join(folder.path, ...names);
const audit = (...args: string[]) => pareidolia(['audit', ...args], { cwd: folder.path });
const text = (...names: string[]): string => readFileSync(at(...names), 'utf8');
const read = (...names: string[]) => JSON.parse(text(...names));

const GATE = ['--fail-on', 'accuracy<99%'];
const PICTURES = ['--images', 'pictures', '--labels', 'labels.csv', '--threads', '1'];
const MODELS = ['a.onnx', 'b.onnx'];

/** Pictures of noise, each with a class. */
async function writePictures(count: number): Promise<void> {
  mkdirSync(at('pictures'));
  const random = Random.stream(1, 2);
  const lines: string[] = [];
  for (let k = 0; k < count; k++) {
    const planes = Uint8Array.from({ length: 64 }, () => Math.floor(256 * random.uniform()));
    writeFileSync(at('pictures', `${k}.png`), await encodePng(planes, { channels: 1, height: 8, width: 8 }));
    lines.push(`${k}.png,${k % 4}`);
  }
  writeFileSync(at('labels.csv'), `${lines.join('\n')}\n`);
}

describe('pareidolia audit of several models', { timeout: 600_000 }, () => {
  beforeAll(async () => {
    writeTinyNetwork(at('a.onnx'));
    writeTinyNetwork(at('b.onnx'), { seed: 2 });
    writeTinyNetwork(at('color.onnx'), { channels: 3 });
    await writePictures(12);
    const ended = await audit(
      ...MODELS,
      ...PICTURES,
      ...GATE,
      '--junit',
      'all.xml',
      '--sarif',
      'all.sarif',
      '--out',
      'both',
    );
    expect(ended).toMatchObject({ code: 3 });
    expect(ended.stderr).toContain('Failed: a: accuracy<99%');
    expect(ended.stdout.replaceAll('\u00a0', ' ')).toContain(
      read('both', 'comparison.json').headline.replaceAll('\u00a0', ' '),
    );
  }, 600_000);

  it('writes a comparison beside the audits, whose numbers are theirs', () => {
    expect(readdirSync(at('both')).sort()).toEqual(
      ['1-a', '2-b', 'comparison.csv', 'comparison.html', 'comparison.json', 'comparison.md', 'config.json'].sort(),
    );
    const comparison = read('both', 'comparison.json');
    for (const [place, own] of ['1-a', '2-b'].entries()) {
      const { figures, headline } = read('both', own, 'audit.json');
      expect(comparison.models[place]).toMatchObject({ folder: own, headline });
      for (const { id, value, interval } of figures) {
        const row = comparison.figures.find((figure: { id: string }) => figure.id === id);
        expect(row.values[place]).toMatchObject({ value, interval });
      }
      expect(text('both', 'comparison.html')).toContain(`href="${own}/report.html"`);
    }
    // The same images, so accuracy, what is refused and garbage are compared in pairs.
    const pairs = (id: string) => comparison.figures.find((figure: { id: string }) => figure.id === id).pairs;
    for (const id of ['accuracy', 'refused', 'garbage.uniform-noise']) expect(pairs(id)[0].test).toBe('paired');
    expect(comparison.tests.paired).toBe(comparison.tests.count);
  });

  it('writes JUnit with a suite for each model, and SARIF with a run for each', () => {
    const suites = [...text('all.xml').matchAll(/<testsuite name="([^"]*)" tests="(\d+)" failures="(\d+)"/g)];
    const results = ['1-a', '2-b'].map((own) => read('both', own, 'audit.json'));
    expect(suites.map(([, name, tests]) => [name, Number(tests)])).toEqual(
      results.map(({ findings, gates }, place) => [['a', 'b'][place], findings.length + gates.length]),
    );
    expect(read('all.sarif').runs).toHaveLength(2);
  });

  it('goes on after a stop between two models, to the same bytes, without being told the models again', async () => {
    cpSync(at('both'), at('between'), { recursive: true });
    rmSync(at('between', '2-b'), { recursive: true });
    for (const name of readdirSync(at('between'))) {
      if (name.startsWith('comparison.')) rmSync(at('between', name));
    }
    expect(await audit('--resume', '--out', 'between')).toMatchObject({ code: 3 });
    for (const file of ['comparison.json', 'comparison.html', '2-b/audit.json']) {
      expect(text('between', file)).toBe(text('both', file));
    }
  });

  it('goes on after a stop within a model, to the same bytes', async () => {
    cpSync(at('both'), at('within'), { recursive: true });
    const journal = text('both', '2-b', 'journal.jsonl').trimEnd().split('\n');
    writeFileSync(
      at('within', '2-b', 'journal.jsonl'),
      `${journal.slice(0, Math.floor(journal.length / 2)).join('\n')}\n`,
    );
    for (const name of ['comparison.json', '2-b/audit.json', '2-b/report.html']) rmSync(at('within', name));
    expect(await audit('--resume', '--out', 'within')).toMatchObject({ code: 3 });
    for (const file of ['comparison.json', '2-b/audit.json', '2-b/report.html']) {
      expect(text('within', file)).toBe(text('both', file));
    }
  });

  it('saves what is done where it is interrupted, and goes on', async () => {
    const ended = await pareidolia(['audit', ...MODELS, ...PICTURES, ...GATE, '--out', 'stopped'], {
      cwd: folder.path,
      // Where the first unit of the second model is written down.
      faults: { FAULT: 'interrupt 3', FAULT_FOLDER: 'stopped/2-b/journal.jsonl' },
    });
    expect(ended).toMatchObject({ code: 130 });
    expect(ended.stderr).toContain('npx pareidolia audit --resume --out stopped');
    expect(existsSync(at('stopped', 'comparison.json'))).toBe(false);
    expect(existsSync(at('stopped', '2-b', 'journal.jsonl'))).toBe(true);
    expect(await audit('--resume', '--out', 'stopped')).toMatchObject({ code: 3 });
    expect(text('stopped', 'comparison.json')).toBe(text('both', 'comparison.json'));
  });

  it('shows no difference between a model and itself', async () => {
    const ended = await audit('a.onnx', 'a.onnx', ...PICTURES, '--json', '--out', 'twice');
    expect(ended).toMatchObject({ code: 0 });
    const comparison = JSON.parse(ended.stdout);
    expect(comparison).toEqual(read('twice', 'comparison.json'));
    expect(comparison.models.map(({ label }: { label: string }) => label)).toEqual(['a (1)', 'a (2)']);
    expect(comparison.headline).toContain('No difference is shown');
    expect(comparison.tests).toMatchObject({ shown: 0, exact: 0 });
  });

  it('takes a former comparison as the baseline, and only that', async () => {
    const ended = await audit(...MODELS, ...PICTURES, ...GATE, '--baseline', 'both', '--out', 'again');
    // Nothing became worse, and the gates failed before.
    expect(ended).toMatchObject({ code: 0 });
    expect(read('again', '1-a', 'audit.json').baseline.name).toBe('both');
    const refused = await audit(...MODELS, ...PICTURES, '--baseline', 'both/1-a/audit.json', '--out', 'never');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('comparison.json') });
  });

  it('compares models of other sizes on pictures, says so before anything runs, and makes no pairs', async () => {
    const ended = await audit('a.onnx', 'color.onnx', ...PICTURES, '--out', 'sizes');
    expect(ended).toMatchObject({ code: 0 });
    const said = ended.stderr.indexOf('different sizes (a.onnx: 1 x 8 x 8, color.onnx: 3 x 8 x 8)');
    expect(said).toBeGreaterThanOrEqual(0);
    expect(said).toBeLessThan(ended.stderr.indexOf('Model 1 of 2'));
    const comparison = read('sizes', 'comparison.json');
    expect(comparison.obstacles.join(' ')).toContain('sizes of the images differ');
    const pairs = (id: string) => comparison.figures.find((figure: { id: string }) => figure.id === id).pairs;
    for (const id of ['accuracy', 'garbage.uniform-noise']) expect(pairs(id)[0].test).toBe('unpaired');
  });

  it.each([
    [['a.onnx', 'b.onnx', '--data', 'digits'], /a\.onnx cannot be compared on these images: .*1 x 8 x 8/],
    [['a.onnx', 'nowhere.onnx', ...PICTURES], /nowhere\.onnx/],
    [['a.onnx', 'b.onnx', '--data', 'nothing'], /nothing/],
    [['a.onnx', 'b.onnx', ...PICTURES, '--fail-on', 'garbadge>1%'], /wrong at character 1/],
  ])('refuses %j in a sentence before anything runs', async (args, told) => {
    const ended = await audit(...args, '--out', 'never');
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(told) });
    expect(existsSync(at('never'))).toBe(false);
  });
});
