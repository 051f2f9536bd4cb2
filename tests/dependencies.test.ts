import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PACKAGES = fileURLToPath(new URL('../packages', import.meta.url));

/** Each package with those it may build on. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  autodiff: [],
  core: ['@pareidolia/autodiff'],
  lab: ['@pareidolia/autodiff', '@pareidolia/core'],
  studio: ['@pareidolia/autodiff', '@pareidolia/core', '@pareidolia/lab'],
  cli: ['@pareidolia/autodiff', '@pareidolia/core', '@pareidolia/lab', '@pareidolia/studio'],
};

/** What is bundled into the studio's pages: its packages are needed when the pages are built only. */
const BUNDLED = /^studio\/src\/(?!engine\/|wire\/)/;

/** The only files below the command line that may know Node. */
const NODE_ONLY = new Set(['core/src/runtime/layout.ts', 'core/src/runtime/node.ts']);

/** Packages that are named without being imported, and why. */
const UNIMPORTED: Readonly<Record<string, string>> = {
  'onnxruntime-node': 'core loads it, as an optional peer',
  'light-my-request': 'the newest that fastify would take needs Node 22',
};

interface Import {
  readonly file: string;
  readonly from: string;
}

function imports(name: string): Import[] {
  return (
    readdirSync(join(PACKAGES, name, 'src'), { recursive: true, encoding: 'utf8' })
      // What is there for the tests may use more.
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.startsWith('testing'))
      .flatMap((path) => {
        const file = `${name}/src/${path.replaceAll('\\', '/')}`;
        const text = readFileSync(join(PACKAGES, file), 'utf8');
        const found = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)'([^']+)'/g);
        return [...found].map((match) => ({ file, from: match[1]! }));
      })
  );
}

/** The package that an import names, without the path in it. */
function packageOf(from: string): string {
  return from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');
}

describe.each(Object.entries(BELOW))('%s', (name, below) => {
  const all = imports(name);

  it('has imports that this test can see', () => {
    expect(all.length).toBeGreaterThan(10);
  });

  it('builds only on packages below it', () => {
    const ours = all.filter(({ from }) => /^(@pareidolia\/|pareidolia(\/|$))/.test(from));
    expect(
      ours.filter(
        ({ file, from }) =>
          !below.includes(packageOf(from)) && !(BUNDLED.test(file) && packageOf(from) === '@pareidolia/studio'),
      ),
    ).toEqual([]);
  });

  it('reaches into no other package', () => {
    const depth = (file: string): number => file.split('/').length - 2;
    const ups = ({ from }: Import): number => from.split('/').filter((part) => part === '..').length;
    expect(all.filter((found) => found.from.startsWith('.') && ups(found) >= depth(found.file))).toEqual([]);
  });

  it('uses no package that its manifest does not name', () => {
    const manifest = JSON.parse(readFileSync(join(PACKAGES, name, 'package.json'), 'utf8'));
    const foreign = all.filter(({ from }) => !/^(\.|node:)/.test(from));
    const named = (file: string): object => ({
      [manifest.name]: '',
      ...manifest.dependencies,
      ...manifest.peerDependencies,
      ...(BUNDLED.test(file) ? manifest.devDependencies : {}),
    });
    expect(foreign.filter(({ file, from }) => !(packageOf(from) in named(file)))).toEqual([]);
  });

  it('names no package for its users to install that it does not use', () => {
    const manifest = JSON.parse(readFileSync(join(PACKAGES, name, 'package.json'), 'utf8'));
    const used = new Set(all.map(({ from }) => packageOf(from)));
    const unused = Object.keys(manifest.dependencies).filter((each) => !used.has(each) && !(each in UNIMPORTED));
    expect(unused).toEqual([]);
  });

  it.runIf(name !== 'cli')('runs in a browser, too', () => {
    const bound = all.filter(({ from }) => from.startsWith('node:') || from === 'onnxruntime-node');
    expect(bound.filter(({ file }) => !NODE_ONLY.has(file))).toEqual([]);
  });
});
