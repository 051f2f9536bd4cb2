/**
 * @file Compiles the kernels (assembly/) to WebAssembly and embeds them as base64, so that the library needs no
 * file beside it and no fetch. Nothing is done where they are those of the present sources and compiler.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const FOLDER = new URL('../assembly/', import.meta.url);
const TARGET = new URL('../src/kernel/kernel.generated.ts', import.meta.url);
const FLAGS = ['--runtime', 'stub', '--enable', 'simd', '--noAssert', '-O3', '--converge'];

const sources = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')]),
);
const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
const digest = createHash('sha256')
  .update(JSON.stringify([version, FLAGS, ...sources]))
  .digest('hex');
const stamp = `// AssemblyScript ${version}, inputs ${digest}`;

if (!existsSync(TARGET) || !readFileSync(TARGET, 'utf8').includes(stamp)) {
  const wasm = await compile();
  const base64 = Buffer.from(wasm).toString('base64');
  writeFileSync(
    TARGET,
    `// Made by scripts/build-kernels.mjs from assembly/; not to be edited.\n${stamp}\nexport const KERNEL =\n  '${base64}';\n`,
  );
  console.log(`kernels: ${wasm.length} bytes of WebAssembly`);
}

/** @returns {Promise<Uint8Array>} */
async function compile() {
  // Loading the compiler takes most of a second, which an up-to-date build does without.
  const { default: asc } = await import('assemblyscript/asc');
  let binary;
  const { error, stderr } = await asc.main(['index.ts', '--outFile', 'kernel.wasm', ...FLAGS], {
    readFile: (name) => sources.get(name) ?? null,
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') binary = contents;
    },
    listFiles: () => [],
  });
  if (error || binary === undefined) throw new Error(`AssemblyScript: ${error?.message ?? ''}\n${stderr}`);
  return binary;
}
