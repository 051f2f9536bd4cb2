import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { VERSION } from '../version.ts';
import { FORMAT, type JobConfig, type JobKind, newConfig, readConfig } from './config.ts';
import { JobFolder, type OpenMode } from './folder.ts';

const root = mkdtempSync(join(tmpdir(), 'folder-'));
afterAll(() => rmSync(root, { recursive: true }));
let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(root, 'in-')), 'job');
});

interface Settings {
  readonly epsilon: number;
  readonly stepSize?: number;
  readonly names: readonly string[];
}

const KIND: JobKind<Settings> = {
  name: 'attack',
  settings: z.strictObject({ epsilon: z.number(), stepSize: z.number().exactOptional(), names: z.array(z.string()) }),
  free: ['names'],
  files: ['journal.jsonl'],
  folders: ['images'],
};
const given = {
  runtime: 'onnxruntime-node 1.30.0',
  inputs: { model: { name: 'lenet.onnx', sha256: 'a'.repeat(64) } },
  settings: { epsilon: 0.1, names: ['pgd'] },
  seed: 1,
  command: 'npx pareidolia attack',
};
const config = (changes: Partial<JobConfig<Settings>> = {}): JobConfig<Settings> => ({
  ...newConfig(KIND, given),
  ...changes,
});

function open(mode: OpenMode, changes: Partial<JobConfig<Settings>> = {}): JobFolder<Settings> {
  return JobFolder.open(path, KIND, config(changes), mode);
}

/** A job of which one unit is done. */
function begin(changes: Partial<JobConfig<Settings>> = {}): void {
  const folder = open('begin', changes);
  folder.journal().add({ key: 'unit', seconds: 1, result: 1 });
  folder.close();
}

describe('a folder', () => {
  it('says what it belongs to before anything else, and is free again in the end', () => {
    begin();
    expect(readdirSync(path).sort()).toEqual(['config.json', 'journal.jsonl']);
    expect(readConfig(path, KIND)).toEqual(config());
    expect(JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))).toMatchObject({
      kind: 'attack',
      format: FORMAT,
      pareidolia: VERSION,
      node: process.version,
    });
  });

  it('is in use by one process at a time', () => {
    begin();
    writeFileSync(join(path, 'lock'), `${process.ppid}\n`);
    expect(() => open('resume')).toThrow(`Process ${process.ppid} is working in ${path}`);
  });

  it('is not begun in where there is something', () => {
    begin();
    expect(() => open('begin')).toThrow(/exists already and is not empty; add --resume/);
    expect(() => JobFolder.open(join(path, 'config.json'), KIND, config(), 'begin')).toThrow('is a file');
  });

  it('that holds something else is not resumed', () => {
    mkdirSync(path);
    writeFileSync(join(path, 'thesis.txt'), 'mine');
    expect(() => open('resume')).toThrow('holds no job that could be resumed');
    expect(() => open('replace')).toThrow('holds no job that could be resumed');
    expect(readFileSync(join(path, 'thesis.txt'), 'utf8')).toBe('mine');
  });

  it('of a job in which nothing was done is gone, with the folders above that were made for it', () => {
    const deep = join(path, 'deeper', 'still');
    JobFolder.open(deep, KIND, config(), 'begin').close();
    expect(existsSync(path)).toBe(false);
  });

  it('is emptied where the job in it is replaced', () => {
    begin({ seed: 2 });
    const folder = open('replace');
    expect([folder.resumed, folder.config.seed, folder.journal().keys()]).toEqual([false, 1, []]);
    folder.close();
  });
});

describe('a job is resumed only as it was: another', () => {
  const refused = (changes: Partial<JobConfig<Settings>>, message: string | RegExp): void => {
    begin();
    const before = readdirSync(path);
    expect(() => open('resume', changes)).toThrow(InputError);
    expect(() => open('resume', changes)).toThrow(message);
    expect(readdirSync(path)).toEqual(before);
  };

  it('seed', () =>
    refused(
      { seed: 2 },
      /job was begun with another --seed \(1, now 2\); resume with the same, or choose another --out$/,
    ));
  it('setting', () => refused({ settings: { ...given.settings, epsilon: 0.2 } }, 'another --epsilon (0.1, now 0.2)'));
  it('setting that was not given', () =>
    refused({ settings: { ...given.settings, stepSize: 1 } }, 'another --step-size (none, now 1)'));
  it('model', () =>
    refused(
      { inputs: { model: { name: 'lenet.onnx', sha256: 'b'.repeat(64) } } },
      'another model (lenet.onnx had SHA-256 aaaaaaaaaaaa..., now bbbbbbbbbbbb...); resume with the same',
    ));
  it('version', () => refused({ pareidolia: '9.9.9' }, `begun by Pareidolia ${VERSION}, this is 9.9.9`));
  it('runtime', () => refused({ runtime: 'onnxruntime-node 2' }, 'begun with onnxruntime-node 1.30.0, now there is'));

  it('version of Node is no other job, nor is a setting that may change', () => {
    begin();
    const folder = open('resume', { node: 'v99', settings: { ...given.settings, names: ['fgsm'] } });
    expect(folder.journal().keys()).toEqual(['unit']);
    folder.close();
  });

  it('input found on the way is noted once, and refused where it has changed', () => {
    begin();
    const [one, two] = ['c', 'd'].map((letter) => ({ name: 'mnist', sha256: letter.repeat(64) }));
    const folder = open('resume');
    folder.useInput('data mnist', one!);
    folder.close();
    const again = open('resume');
    again.useInput('data mnist', one!);
    expect(() => again.useInput('data mnist', two!)).toThrow('another data mnist (mnist had SHA-256 cccccccccccc');
    again.close();
    expect(Object.keys(readConfig(path, KIND)!.inputs)).toEqual(['model', 'data mnist']);
    const resumed = readFileSync(join(path, 'config.json'), 'utf8');
    rmSync(path, { recursive: true });
    const whole = open('begin');
    whole.useInput('data mnist', one!);
    expect(readFileSync(join(path, 'config.json'), 'utf8')).toBe(resumed);
    whole.close();
  });
});

describe('a folder is refused in one sentence that names the version where it was written', () => {
  const refused = (files: Readonly<Record<string, unknown>>, message: RegExp): void => {
    mkdirSync(path);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), JSON.stringify(content));
    for (const mode of ['begin', 'resume', 'replace'] as const) {
      expect(() => open(mode)).toThrow(InputError);
      expect(() => open(mode)).toThrow(message);
    }
    expect(readdirSync(path).sort()).toEqual(Object.keys(files).sort());
  };
  const former =
    /job was written by Pareidolia 0\.1\.0, whose folders .* cannot go on with \(format 1, now 2\); end it with/;

  it('by `fool` of format 1', () =>
    refused({ 'config.json': { pareidolia: '0.1.0', method: { name: 'cppn' }, seed: 1 }, 'result.json': {} }, former));
  it('by `reproduce` of format 1', () => refused({ 'reproduce.json': { budget: 'tiny', version: '0.1.0' } }, former));
  it('by `attack` of format 1', () => refused({ 'summary.json': { version: '0.1.0', summaries: [] } }, former));
  it('in a later format', () =>
    refused(
      { 'config.json': { ...config(), format: 3, pareidolia: '7.0.0' } },
      /by Pareidolia 7\.0\.0 in format 3, this version reads/,
    ));
  it('by another command', () =>
    refused(
      { 'config.json': { ...config(), kind: 'train' } },
      /belongs to `pareidolia train`, not to `pareidolia attack`/,
    ));
  it('by another program', () => refused({ 'config.json': { name: 'website' } }, /is not the configuration of a job/));
  it('by another program, not as an object', () =>
    refused({ 'config.json': [1] }, /is not the configuration of a job/));
});
