/** @file What comes in from strangers, changed at random: each is read, or refused in one sentence. Runs the build. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** Mutants of each kind. `npm run fuzz:wire` takes 100,000. */
const COUNT = process.env.PAREIDOLIA_LONG === '1' ? 2000 : 500;

it.each(['cards', 'genomes', 'images', 'wire', 'requests'])(`${COUNT} mutants of %s do no harm`, async (kind) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  // Where all is well a reporter may keep what the process says to itself.
  console.info(`Mutants of ${kind}: node fuzz/${kind}.mjs ${COUNT} ${seed} repeats them`);
  const file = fileURLToPath(new URL(`../fuzz/${kind}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [file, String(COUNT), String(seed)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said += text;
    });
  }
  const status = await new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)));
  expect(said, `seed ${seed}`).toMatch(/\d+ were read, \d+ were refused in a sentence\s*$/);
  expect(status).toBe(0);
});
