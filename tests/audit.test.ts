/** @file `pareidolia audit` from end to end, on the embedded network. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pareidolia, temporaryFolder } from './support/command.ts';
import { writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const at = (...names: string[]): string => join(folder.path, ...names);
const audit = (...args: string[]) => pareidolia(['audit', ...args], { cwd: folder.path });
const read = (...names: string[]) => JSON.parse(readFileSync(at(...names), 'utf8'));

describe('pareidolia audit', { timeout: 900_000 }, () => {
  it('finds that the embedded network accepts garbage, and ends with 3 where a gate says so', async () => {
    const ended = await audit('--limit', '4', '--fail-on', 'garbage>1%,refused>90%', '--out', 'one');
    expect(ended).toMatchObject({ code: 3 });
    expect(ended.stdout).toContain('Gates: 1 of 2 passed');
    expect(ended.stderr).toMatch(/^Roughly .+: some [\d,]+ passes .+ at [\d,.]+ images\/s/m);
    const result = read('one', 'audit.json');
    expect(result.gates.map(({ state }: { state: string }) => state)).toEqual(['fail', 'pass']);
    for (const file of ['report.html', 'figures.csv', 'summary.md', 'junit.xml', 'audit.sarif']) {
      expect(existsSync(at('one', file))).toBe(true);
    }
    for (const { file } of result.pictures) expect(existsSync(at('one', file))).toBe(true);
  });

  it('says nothing of the time that it takes in all where it goes on', async () => {
    const ended = await audit('--resume', '--out', 'one');
    expect(ended).toMatchObject({ code: 3 });
    expect(ended.stderr).not.toContain('Roughly');
  });

  it('prints commands that repeat what it found', async () => {
    const { findings } = read('one', 'audit.json');
    const { command } = findings.find(({ ruleId }: { ruleId: string }) => ruleId === 'PAR-S001/cppn');
    const words = command.replace(/^npx pareidolia /, '').split(' ');
    expect(await pareidolia([...words, '--json', '--out', 'again'], { cwd: folder.path })).toMatchObject({ code: 0 });
  });

  it('comes to the same bytes again, and compares with a baseline: what is the same does not fail', async () => {
    const model = writeTinyNetwork(at('tiny.onnx'), { side: 28, classes: 10 });
    const again = [model, '--data', 'digits', '--limit', '12', '--fail-on', 'accuracy<99%'];
    expect(await audit(...again, '--out', 'two')).toMatchObject({ code: 3 });
    expect(await audit(...again, '--baseline', 'two', '--out', 'three')).toMatchObject({ code: 0 });
    const [before, now] = [read('two', 'audit.json'), read('three', 'audit.json')];
    expect(now.figures).toEqual(before.figures);
    for (const { verdict, before: was } of now.baseline.changes) {
      // What was not measured, such as the distances of attacks that found nothing, cannot be compared.
      expect(verdict).toBe(was === null ? 'not comparable' : 'same');
    }
  });

  it.each([
    [['--fail-on', 'garbadge>1%'], 'wrong at character 1'],
    [['--fail-on', 'robust<40%'], 'wrong at character 7'],
    [['--baseline', 'nothing.json'], 'there is no such file'],
    [['--baseline', 'wrong.json'], 'is not the result of an audit'],
    [['--config', 'wrong.json'], 'is wrong'],
    [['--sarif', 'no/where.sarif'], 'there is no folder'],
    [['--images', 'a', '--data', 'digits'], 'give one of them'],
    [['--threshold', '2'], 'Give a number'],
    [['a.onnx', 'b.onnx', '--baseline', 'wrong.json'], 'is not the comparison'],
  ])('refuses %j in a sentence, with code 2', async (args, told) => {
    writeFileSync(at('wrong.json'), '{"audits": 1}');
    const ended = await audit(...args, '--out', 'never');
    expect(ended).toMatchObject({ code: 2 });
    expect(ended.stderr).toContain(told);
    expect(existsSync(at('never'))).toBe(false);
  });
});
