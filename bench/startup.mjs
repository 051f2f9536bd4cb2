/** @file How long `pareidolia --help` takes beside Node's own start. Aim: under 200 ms. */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { race } from './timing.mjs';

const command = fileURLToPath(new URL('../packages/cli/bin/pareidolia.js', import.meta.url));

export async function bench(print) {
  const start = (...args) => spawnSync(process.execPath, args, { stdio: 'ignore' });
  const best = await race(
    { node: () => start('-e', ''), help: () => start(command, '--help') },
    { rounds: 15, seconds: 20 },
  );
  print(
    `pareidolia --help ${best.help.toFixed(0)} ms, of which node alone ${best.node.toFixed(0)} ms (aim < 200 ms in all)`,
  );
}
