/** @file Names of what is embedded, beside files and folders of the same names. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pareidolia, temporaryFolder } from './support/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const at = (...names: string[]): string => join(folder.path, ...names);

beforeAll(() => {
  for (const name of ['files/there', 'folders/digits', 'folders/things', 'folders/there'])
    mkdirSync(at(name), { recursive: true });
  for (const name of ['digits', 'things']) writeFileSync(at('files', name), 'no network');
  for (const name of ['files', 'folders']) {
    const section = { generator: 'digits', generations: 2, batch: 8, emitter: 'mutation', out: '../out' };
    writeFileSync(at(name, 'there', 'pareidolia.config.json'), JSON.stringify({ fool: section }));
    writeFileSync(
      at(name, 'there', 'plan.yaml'),
      'models: [things, digits]\ngenerators: [digits]\nsearches:\n  - { models: digits, encodings: latent, generators: [digits], seeds: [1], generations: 2, batch: 8 }\n',
    );
  }
});

const config = ['fool', '--config', 'there/pareidolia.config.json'];
const plan = ['campaign', 'start', 'there/plan.yaml', '--local', '1', '--out', 'campaign'];

describe('digits and things', { timeout: 300_000 }, () => {
  it.each([[config], [plan]])(
    'that %j means are refused in a sentence where the current folder has such a file',
    async (words) => {
      const ended = await pareidolia(words, { cwd: at('files') });
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr).toMatch(
        /^pareidolia: .*the current folder has a file (digits|things), which would be taken instead: rename it/,
      );
      expect(existsSync(at('files', 'campaign'))).toBe(false);
      expect(existsSync(at('files', 'out'))).toBe(false);
    },
  );

  it('are what is embedded where folders of data have these names', async () => {
    const card = JSON.parse(readFileSync('packages/core/assets/gan-digits.card.json', 'utf8'));
    expect(await pareidolia(config, { cwd: at('folders') })).toMatchObject({ code: 0 });
    const { inputs } = JSON.parse(readFileSync(at('folders', 'out', 'config.json'), 'utf8'));
    expect(inputs.generator).toEqual({ name: 'gan-digits.onnx', path: 'digits', sha256: card.sha256 });
    expect(await pareidolia(plan, { cwd: at('folders') })).toMatchObject({ code: 0 });
    expect(readFileSync(at('folders', 'campaign', 'plan.json'), 'utf8')).toContain(card.sha256);
    expect(await pareidolia(['inspect', 'things'], { cwd: at('folders') })).toMatchObject({ code: 0 });
  });

  it('are files where these lie beside the configuration', async () => {
    writeFileSync(at('files', 'there', 'digits'), 'no network either');
    const ended = await pareidolia(config, { cwd: at('files') });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('digits: This is not an ONNX model');
    expect(ended.stderr).not.toContain('rename it');
  });
});
