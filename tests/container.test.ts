/** @file The container file and the GitHub Action name what is there: paths of the repository, commands of the packages. No Docker is run. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestOf, publicPackages, ROOT } from '../scripts/pack.mjs';

const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** Instructions, with continued lines joined. */
const instructions = text('Dockerfile')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line));
const of = (word: string): readonly string[] =>
  instructions.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

/** What npm would publish of a package, without its build. */
function packed(name: string): readonly string[] {
  const stdout = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '-w', name], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  // A list in older versions of npm, an object by name in newer ones.
  const [one] = Object.values(JSON.parse(stdout)) as readonly {
    readonly files: readonly { readonly path: string }[];
  }[];
  return one!.files.map(({ path }) => path);
}

describe('the container file', () => {
  const copies = of('COPY').filter((line) => !line.startsWith('--from'));

  it('copies what is there and not ignored, every manifest before the rest', () => {
    const ignored = text('.dockerignore').split('\n').filter(Boolean);
    const sources = copies.flatMap((line) => line.split(/\s+/).slice(0, -1));
    for (const source of sources) {
      expect(existsSync(join(ROOT, source)), source).toBe(true);
      expect(ignored).not.toContain(source);
    }
    const manifests = manifestOf(ROOT).workspaces.map((path: string) => `${path}/package.json`);
    expect(sources).toEqual(expect.arrayContaining([...manifests, 'package.json', 'package-lock.json', '.npmrc']));
    // A manifest lands where its workspace is.
    for (const manifest of manifests) {
      expect(copies).toContain(`${manifest} ${manifest.replace('package.json', '')}`);
    }
    expect(copies.at(-1)).toBe('. .');
    // Nothing that is built here gets in, and what was built there is packed.
    expect(ignored).toEqual(expect.arrayContaining(['node_modules', '**/dist', '.git']));
  });

  it('runs scripts and exports that there are, on a version of Node that the packages allow', () => {
    const [build] = of('RUN').filter((line) => line.includes('npm run build'));
    expect(manifestOf(ROOT).scripts).toHaveProperty('build');
    expect(build).toContain("import { packAll } from './scripts/pack.mjs'; packAll('/packed');");
    expect(build).toContain('mkdir /packed');
    const versions = of('FROM').map((line) => Number(/^node:(\d+)-/.exec(line)?.[1]));
    expect(versions).toEqual([versions[0], versions[0]]);
    expect(manifestOf(ROOT).engines.node).toBe('>=20.19');
    expect(versions[0]).toBeGreaterThan(20);
  });

  it('starts the command that is packed', () => {
    const { bin } = manifestOf(publicPackages().find(({ name }) => name === 'pareidolia')!.folder);
    const [entry] = JSON.parse(of('ENTRYPOINT')[0]!) as readonly string[];
    expect(Object.keys(bin)).toContain(entry);
    const link = of('RUN').at(-1)!;
    expect(link).toContain(`ln -s /opt/pareidolia/node_modules/.bin/${entry} /usr/local/bin/${entry}`);
    const path = bin[entry!].replace(/^\.\//, '');
    expect(packed('pareidolia')).toContain(path);
    // The Action starts the same file.
    expect(text('action/audit.sh')).toContain(`node_modules/pareidolia/${path}`);
  });

  it('runs as another user than root, in a folder of its own', () => {
    expect(of('USER')).toEqual(['node']);
    expect(instructions.indexOf('USER node')).toBeLessThan(
      instructions.findIndex((line) => line.startsWith('ENTRYPOINT')),
    );
  });
});

describe('the GitHub Action', () => {
  const action = text('action.yml');
  const script = text('action/audit.sh');

  it('runs a script that is there, which takes every input that it gives', () => {
    expect(action).toContain('action/audit.sh');
    const given = [...action.matchAll(/^ {8}(INPUT_\w+): \$\{\{ inputs\.([\w-]+) \}\}$/gm)];
    expect(given.length).toBeGreaterThan(10);
    for (const [, variable, input] of given) {
      expect(variable).toBe(`INPUT_${input!.replaceAll('-', '_').toUpperCase()}`);
      expect(script).toContain(`\${${variable}`);
      expect(action).toMatch(new RegExp(`^ {2}${input}:$`, 'm'));
    }
    const read = new Set([...script.matchAll(/\$\{(INPUT_\w+)/g)].map(([, variable]) => variable));
    expect([...read].sort()).toEqual(given.map(([, variable]) => variable).sort());
  });

  it('puts no input into the text of a script', () => {
    const scripts = [...action.matchAll(/^ +run: (.*)$/gm)].map(([, line]) => line);
    expect(scripts.length).toBeGreaterThan(0);
    for (const line of scripts) expect(line).not.toContain('${{');
  });

  it('hands out what the script writes', () => {
    for (const [, name] of action.matchAll(/steps\.audit\.outputs\.(\w+)/g)) {
      expect(script).toMatch(new RegExp(`(there|tell) ${name}\\b`));
    }
    execFileSync('bash', ['-n', join(ROOT, 'action/audit.sh')]);
  });
});
