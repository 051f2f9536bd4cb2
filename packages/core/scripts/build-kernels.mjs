/**
 * @file Compiles the rendering kernel (assembly/cppn.ts) to WebAssembly and embeds it as base64, so that the library needs
 * no file beside it and no fetch. Nothing is done where the embedded kernel is that of the present source and compiler.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const SOURCE = new URL('../assembly/cppn.ts', import.meta.url);
const TARGET = new URL('../src/encoding/cppn/kernel.generated.ts', import.meta.url);
const FLAGS = ['--runtime', 'stub', '--enable', 'simd', '--noAssert', '-O3', '--converge'];

const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
const source = readFileSync(SOURCE, 'utf8');
const digest = createHash('sha256')
  .update(`${version}\n${FLAGS.join(' ')}\n${source}`)
  .digest('hex');
const stamp = `// AssemblyScript ${version}, inputs ${digest}`;

if (!existsSync(TARGET) || !readFileSync(TARGET, 'utf8').includes(stamp)) {
  const wasm = await compile(source);
  const base64 = Buffer.from(wasm).toString('base64');
  writeFileSync(
    TARGET,
    `// Made by scripts/build-kernels.mjs from assembly/cppn.ts; not to be edited.\n${stamp}\nexport const KERNEL =\n  '${base64}';\n`,
  );
  console.log(`cppn kernel: ${wasm.length} bytes of WebAssembly`);
}

/** @returns {Promise<Uint8Array>} */
async function compile(text) {
  // Loading the compiler takes most of a second, which an up-to-date build does without.
  const { default: asc } = await import('assemblyscript/asc');
  let binary;
  const { error, stderr } = await asc.main(['cppn.ts', '--outFile', 'cppn.wasm', ...FLAGS], {
    readFile: (name) => (name === 'cppn.ts' ? text : null),
    writeFile: (name, contents) => {
      if (name === 'cppn.wasm') binary = contents;
    },
    listFiles: () => [],
  });
  if (error || binary === undefined) throw new Error(`AssemblyScript: ${error?.message ?? ''}\n${stderr}`);
  return binary;
}
