/** @file The packages as npm delivers them: packed, installed into an empty folder, used. Needs the registry. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { manifestOf, packAll } from '../scripts/pack.mjs';
import { temporaryFolder } from './support/command.ts';
import { copyInto, end, type Installation, install, installed, node, npx, start } from './support/installation.ts';
import { writeTinyNetwork } from './support/networks.ts';

const TSC = new URL('../node_modules/typescript/bin/tsc', import.meta.url).pathname;
const EXAMPLES = fileURLToPath(new URL('../examples', import.meta.url));
const MINUTES = 60_000;

const work = temporaryFolder();
afterAll(work.remove);
let tarballs: ReadonlyMap<string, string>;
beforeAll(() => {
  tarballs = packAll(work.path);
});

function tarball(name: string): string {
  const path = tarballs.get(name);
  if (path === undefined) throw new Error(`${name} was not packed`);
  return path;
}

function emptyFolder(name: string): string {
  const path = join(work.path, name);
  mkdirSync(path);
  return path;
}

/** The first JavaScript example of a README. */
function exampleOf(folder: string): string {
  const example = /```js\n([\s\S]*?)```/.exec(readFileSync(join(folder, 'README.md'), 'utf8'))?.[1];
  if (example === undefined) throw new Error(`${folder}/README.md shows no example`);
  return example;
}

describe('all packages in an empty folder', () => {
  let project: Installation | undefined;
  beforeAll(async () => {
    project = await install(emptyFolder('all'), [...tarballs.values()]);
  }, 8 * MINUTES);
  beforeEach((context) => context.skip(project === undefined, 'the registry cannot be reached'));

  it('install without a word about engines or peers', () => {
    expect(project!.said).not.toMatch(/EBADENGINE|ERESOLVE|deprecated/);
  });

  it('give a command that knows its version', async () => {
    const { version } = manifestOf(join(project!.folder, 'node_modules/pareidolia'));
    expect((await npx(project!, ['pareidolia', '--version'])).trim()).toBe(version);
  });

  it('fool', async () => {
    const stdout = await npx(project!, [
      'pareidolia',
      'fool',
      '--emitter',
      'mutation',
      '--generations',
      '3',
      '--batch',
      '20',
      '--json',
      '--out',
      'fooled',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ model: 'lenet-digits.onnx', evaluations: 80 });
    expect(existsSync(join(project!.folder, 'fooled/report.html'))).toBe(true);
  });

  it('the GitHub Action installs, audits, and writes summary and outputs also where a gate fails', async () => {
    const at = emptyFolder('action');
    const [summary, output] = [join(at, 'summary.md'), join(at, 'output')];
    const run = spawnSync('bash', [fileURLToPath(new URL('../action/audit.sh', import.meta.url))], {
      cwd: at,
      encoding: 'utf8',
      env: {
        ...process.env,
        INPUT_PACKAGE: [...tarballs.values()].join(' '),
        INPUT_FAIL_ON: 'garbage>1%',
        // A small one, for an audit asks a network a hundred thousand times.
        INPUT_MODEL: writeTinyNetwork(join(at, 'tiny.onnx'), { side: 28, classes: 10 }),
        INPUT_DATA: 'digits',
        INPUT_ARGUMENTS: '--limit\n12',
        INPUT_OUT: 'out dir',
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_OUTPUT: output,
      },
    });
    expect({ status: run.status, stderr: run.stderr }).toMatchObject({ status: 3 });
    expect(run.stderr).toContain('::error title=Pareidolia::A gate of the audit is not passed');
    expect(readFileSync(summary, 'utf8')).toContain('garbage');
    expect(readFileSync(output, 'utf8').trim().split('\n')).toEqual([
      'passed=false',
      'sarif=out dir/audit.sarif',
      'result=out dir/audit.json',
      'report=out dir/report.html',
    ]);
    const sarif = JSON.parse(readFileSync(join(at, 'out dir', 'audit.sarif'), 'utf8'));
    expect(sarif.runs[0].results.length).toBeGreaterThan(0);
  });

  it('attack', async () => {
    const stdout = await npx(project!, [
      'pareidolia',
      'attack',
      '--attack',
      'fgsm',
      '--limit',
      '3',
      '--json',
      '--out',
      'attacked',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ complete: true });
    expect(existsSync(join(project!.folder, 'attacked/report.html'))).toBe(true);
  });

  it('reproduce', async () => {
    const words = ['pareidolia', 'reproduce', 'gradient-ascent', '--budget', 'tiny', '--json', '--out', 'paper'];
    expect(JSON.parse(await npx(project!, words))).toMatchObject({ complete: true });
    expect(existsSync(join(project!.folder, 'paper/report.html'))).toBe(true);
  });

  it('serve the studio with its page, its code and ONNX Runtime', async () => {
    const cache = join(project!.folder, 'cache');
    const studio = start(project!, ['pareidolia', 'studio', '--no-open', '--json'], {
      XDG_CACHE_HOME: cache,
      LOCALAPPDATA: cache,
    });
    try {
      const line = await new Promise<string>((resolve, reject) => {
        studio.stdout.once('data', (text) => resolve(String(text)));
        studio.once('exit', () => reject(new Error('The studio ended')));
      });
      const { url } = JSON.parse(line) as { readonly url: string };
      const page = await fetch(url);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      const script = /<script[^>]+src="([^"]+\.js)"/.exec(await page.text())?.[1];
      const code = await fetch(new URL(script ?? 'no script in the page', url));
      expect([code.status, code.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    } finally {
      await end(studio);
    }
  });

  it.each(['@pareidolia/core', '@pareidolia/lab', '@pareidolia/studio'])(
    '%s does what its README shows',
    async (name) => {
      const example = exampleOf(join(project!.folder, 'node_modules', name));
      const path = join(project!.folder, `${name.slice(name.indexOf('/') + 1)}-example.mjs`);
      writeFileSync(path, example);
      const printed = await node(project!, [path]);
      expect(printed).not.toBe('');
      const claimed = example.split('// prints\n')[1];
      if (claimed !== undefined) expect(printed).toBe(claimed.replaceAll(/^\/\/ /gm, ''));
    },
  );

  it('carry extensions that are written outside of the repository', async () => {
    const folder = copyInto(project!, EXAMPLES, 'examples');
    expect(installed(project!)).toEqual(expect.arrayContaining(Object.keys(manifestOf(folder).dependencies)));
    expect(execFileSync(process.execPath, [TSC, '-p', folder], { encoding: 'utf8' })).toBe('');
    const printed = await node(project!, [join(folder, 'main.mjs')]);
    // One line for each of them, and nothing else.
    const kinds = readdirSync(join(EXAMPLES, 'src')).map((file) => file.replace(/\.ts$/, ''));
    expect(
      printed
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(0, line.indexOf(':')))
        .sort(),
    ).toEqual(kinds.sort());
  });
});

describe('core alone', () => {
  let project: Installation | undefined;
  beforeAll(async () => {
    project = await install(emptyFolder('core'), [tarball('@pareidolia/core'), tarball('@pareidolia/autodiff')]);
  });
  beforeEach((context) => context.skip(project === undefined, 'the registry cannot be reached'));

  it('brings no native binaries and no ONNX Runtime', () => {
    const names = installed(project!);
    expect(names).toContain('@pareidolia/core');
    expect(names.filter((name) => /^onnxruntime-(?!common)|sharp/.test(name))).toEqual([]);
  });

  it('works as far as it needs none, and says what to install for the rest', async () => {
    const program = `
      import { InputError, Random } from '@pareidolia/core';
      import { nodeRuntime } from '@pareidolia/core/runtime/node';
      try {
        nodeRuntime();
      } catch (error) {
        console.log(typeof Random, error instanceof InputError, error.message);
      }`;
    expect((await node(project!, ['--input-type=module', '--eval', program])).trim()).toBe(
      'function true ONNX Runtime for Node is not installed beside @pareidolia/core; add it with: npm install onnxruntime-node',
    );
  });

  it('has types that need no types of Node and pass every check of the compiler', () => {
    const { folder } = project!;
    const imports = [
      '@pareidolia/autodiff',
      '@pareidolia/core',
      '@pareidolia/core/breeding',
      '@pareidolia/core/names',
      '@pareidolia/core/runtime/ort',
      '@pareidolia/core/runtime/node',
    ];
    writeFileSync(
      join(folder, 'use.ts'),
      imports.map((from, i) => `import * as m${i} from '${from}';\nvoid m${i};\n`).join(''),
    );
    const options = {
      strict: true,
      noEmit: true,
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023', 'dom'],
      types: [],
      skipLibCheck: false,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['use.ts'] }));
    expect(execFileSync(process.execPath, [TSC, '-p', folder], { encoding: 'utf8' })).toBe('');
  });
});
