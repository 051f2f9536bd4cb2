import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../commands/registry.ts';
import { readConfigFile as read } from './config-file.ts';
import { configJsonSchema } from './config-schema.ts';

const names = COMMANDS.map(({ name }) => name);
const readConfigFile = (given: string | undefined, folder?: string) => read(given, names, folder);

describe('the configuration file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pareidolia-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it('has the published schema', async () => {
    const published = new URL('../../schema/config-1.schema.json', import.meta.url);
    const why = 'options have changed: npm run schema -w pareidolia';
    expect(JSON.parse(readFileSync(published, 'utf8')), why).toEqual(await configJsonSchema(COMMANDS));
  });

  it('is found in a folder, or not at all', () => {
    expect(readConfigFile(undefined, folder)).toBeUndefined();
    const file = write('pareidolia.config.yaml', 'audit:\n  threshold: 0.8\n  failOn: [garbage>1%, refused>5%]\n');
    expect(readConfigFile(undefined, folder)).toEqual({
      file,
      audit: { threshold: 0.8, failOn: ['garbage>1%', 'refused>5%'] },
      sections: {},
    });
    write('pareidolia.config.json', '{}');
    expect(() => readConfigFile(undefined, folder)).toThrow(/keep one of them/);
  });

  it('has paths that are relative to it', () => {
    const file = write('mine.json', '{"audit": {"model": ["a.onnx", "https://host/v2/models/b"], "images": "photos"}}');
    expect(readConfigFile(file)?.audit).toEqual({
      model: [join(folder, 'a.onnx'), 'https://host/v2/models/b'],
      images: join(folder, 'photos'),
    });
  });

  it('names embedded networks, wherever it lies', () => {
    const file = write('embedded.json', '{"audit": {"model": ["things", "a.onnx"]}}');
    expect(readConfigFile(file)?.audit).toEqual({ model: ['things', join(folder, 'a.onnx')] });
  });

  it('has a section for each command, and for each part of one', () => {
    const file = write('other.json', '{"fool": {"encoding": "direct"}, "train gan": {"epochs": 5}}');
    expect(readConfigFile(file)?.sections).toEqual({ fool: { encoding: 'direct' }, 'train gan': { epochs: 5 } });
  });

  it.each([
    ['e.json', '{"foul": {}}', 'there is no field foul (did you mean fool?); there are $schema, fool, attack, audit'],
    ['a.json', '{"audit": {"treshold": 0.8}}', 'there is no field treshold in audit (did you mean threshold?)'],
    ['b.json', '{"audit": {"threshold": 8}}', 'field audit.threshold is 8: give at most 1'],
    ['c.json', '{"audit"', 'cannot be read'],
    ['d.yaml', 'audit: [1', 'cannot be read'],
  ])('%s is refused in a sentence', (name, text, told) => {
    const file = write(name, text);
    expect(() => readConfigFile(file)).toThrow(InputError);
    expect(() => readConfigFile(file)).toThrow(told);
  });
});
