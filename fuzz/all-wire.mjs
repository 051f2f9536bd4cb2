/** @file `node fuzz/all-wire.mjs [mutants=100000] [seed]`: all that comes in but models and run folders, kind after kind. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [count = '100000', ...seed] = process.argv.slice(2);
for (const kind of ['cards', 'genomes', 'images', 'wire', 'requests']) {
  const file = fileURLToPath(new URL(`${kind}.mjs`, import.meta.url));
  const { status } = spawnSync(process.execPath, [file, count, ...seed], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
