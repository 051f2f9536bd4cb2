import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PACKAGES = fileURLToPath(new URL('../packages', import.meta.url));

/** The packages whose files and folders may not depend on each other in a circle. */
const ENFORCED = ['autodiff', 'core', 'lab', 'studio', 'cli'];

/** Each node with those it depends on. */
type Dependencies = ReadonlyMap<string, ReadonlySet<string>>;

/** Files below `src` that are not for tests, by their paths from there, with the files that each imports (types too). */
function fileDependencies(name: string): Dependencies {
  const src = join(PACKAGES, name, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(ts|svelte)$/.test(path) && !path.endsWith('.test.ts') && !path.startsWith('testing/'));
  return new Map(files.map((file) => [file, relativeImports(file, readFileSync(join(src, file), 'utf8'))]));
}

/** The paths that a file's relative imports and re-exports lead to. */
function relativeImports(file: string, text: string): ReadonlySet<string> {
  const found = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)['"](\.[^'"]+)['"]/g);
  return new Set([...found].map(([, path = '']) => posix.join(posix.dirname(file), path)));
}

/** First-level folders, and the files beside them by themselves. */
function folderDependencies(files: Dependencies): Dependencies {
  const folderOf = (path: string): string => path.split('/')[0]!;
  const folders = new Map<string, Set<string>>();
  for (const [file, imports] of files) {
    const from = folderOf(file);
    const all = folders.get(from) ?? new Set();
    for (const path of imports) if (folderOf(path) !== from) all.add(folderOf(path));
    folders.set(from, all);
  }
  return folders;
}

/** A cycle, from a node back to itself; `undefined` where there is none. */
function cycleIn(dependencies: Dependencies): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of dependencies.get(node) ?? []) {
      const cycle = visit(next, [...path, node]);
      if (cycle !== undefined) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of dependencies.keys()) {
    const cycle = visit(node, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

describe('the search for cycles', () => {
  it('sees imports of values, of types, for their effect and at run time, and re-exports', () => {
    const text = `
      import { a } from './a.ts';
      import type { B } from '../b.ts';
      import './c/c.ts';
      export * from './d.ts';
      const e = await import('./e.ts');
      import { z } from 'zod';`;
    expect([...relativeImports('x/y.ts', text)].sort()).toEqual(['b.ts', 'x/a.ts', 'x/c/c.ts', 'x/d.ts', 'x/e.ts']);
  });

  it('finds a cycle behind what leads to it, and none where two ways meet', () => {
    const graph = (edges: Record<string, string[]>): Dependencies =>
      new Map(Object.entries(edges).map(([node, next]) => [node, new Set(next)]));
    expect(cycleIn(graph({ a: ['b'], b: ['c'], c: ['d'], d: ['b'] }))).toEqual(['b', 'c', 'd', 'b']);
    expect(cycleIn(graph({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }))).toBeUndefined();
  });

  it('takes a folder for one node and a file beside the folders for another', () => {
    const files: Dependencies = new Map([
      ['a/x.ts', new Set(['b/y.ts'])],
      ['b/z.ts', new Set(['a/w.ts'])],
      ['c.ts', new Set(['a/x.ts'])],
    ]);
    expect(cycleIn(files)).toBeUndefined();
    expect(cycleIn(folderDependencies(files))).toEqual(['a', 'b', 'a']);
  });
});

describe.each(ENFORCED)('%s', (name) => {
  const files = fileDependencies(name);

  it('has imports that this test can see, all to files that are there', () => {
    const targets = [...files.values()].flatMap((imports) => [...imports]);
    expect(targets.length).toBeGreaterThan(10);
    expect(targets.filter((path) => !existsSync(join(PACKAGES, name, 'src', path)))).toEqual([]);
  });

  it('has no cycle between files', () => {
    expect(cycleIn(files)).toBeUndefined();
  });

  it('has no cycle between folders', () => {
    expect(cycleIn(folderDependencies(files))).toBeUndefined();
  });
});
