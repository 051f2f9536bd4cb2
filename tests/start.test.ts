/** @file What is loaded where a program starts. Modules are counted, not seconds: V8 writes down each script that it has run. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { COMMANDS } from '../packages/cli/src/commands/registry.ts';
import { temporaryFolder } from './support/command.ts';

const COMMAND = fileURLToPath(new URL('../packages/cli/bin/pareidolia.js', import.meta.url));
/** Under the command line, and zod's most of a hundred modules. */
const HEAVY = /packages\/(?:autodiff|core|lab|studio)\/dist\/index\.js$|node_modules\/(?:zod|onnxruntime-node)\//;

const work = temporaryFolder();
afterAll(work.remove);

/** Scripts that a run of Node loads, and what it prints. */
function loadedBy(args: readonly string[]): { readonly stdout: string; readonly scripts: readonly string[] } {
  const folder = join(work.path, args.join(' ').replace(/\W+/g, '-').slice(-60));
  mkdirSync(folder);
  const { stdout } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, NODE_V8_COVERAGE: folder },
  });
  const scripts = readdirSync(folder).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: readonly { url: string }[] };
    return result.map(({ url }) => url);
  });
  return { stdout, scripts };
}

it('the version and the list of commands need nothing but the command line', () => {
  for (const [arg, says] of [
    ['--version', /^\d+\.\d+\.\d+/],
    ['--help', /gradient/],
  ] as const) {
    const { stdout, scripts } = loadedBy([COMMAND, arg]);
    expect(stdout).toMatch(says);
    expect(scripts.filter((url) => url.includes('packages/cli/dist/')).length).toBeGreaterThan(5);
    expect(scripts.filter((url) => HEAVY.test(url))).toEqual([]);
  }
});

it('is told of a command that does load the core', () => {
  const { scripts } = loadedBy([COMMAND, COMMANDS[0]!.name, '--help']);
  expect(scripts.filter((url) => HEAVY.test(url))).not.toEqual([]);
});

it('a breeding thread needs nothing that reads or writes graphs, and no runtime', () => {
  const entry = new URL('../packages/core/dist/breeding.js', import.meta.url).href;
  const { stdout, scripts } = loadedBy([
    '--eval',
    `import(${JSON.stringify(entry)}).then((all) => console.log(Object.keys(all).join()))`,
  ]);
  expect(stdout.trim()).toBe('breed,createEncoding,createVariation');
  expect(scripts.filter((url) => /packages\/autodiff\/|packages\/core\/dist\/(?:index|runtime\/)/.test(url))).toEqual(
    [],
  );
});
