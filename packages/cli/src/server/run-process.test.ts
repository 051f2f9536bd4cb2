import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { RunProcess } from './run-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'run-process-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program in the place of the search. */
function program(name: string, text: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, text);
  return path;
}

it('a search in the middle of a long step is ended, and that is no failure', async () => {
  const deaf = program(
    'deaf',
    "process.on('SIGINT', () => {}); setInterval(() => {}, 1000); process.send({ share: 0.25 });",
  );
  const run = new RunProcess([], deaf);
  while (run.share === 0) await new Promise((wake) => setTimeout(wake, 5));
  expect(run.share).toBe(0.25);
  run.stop();
  expect(await run.ended).toEqual({ ok: true, error: '' });
});
