import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../bench/main.mjs', import.meta.url));

it('npm run bench names what there is where a name is wrong, and each of these is a file', async () => {
  const run = promisify(execFile)(process.execPath, [main, 'nothing']);
  const { code, stderr } = await run.then(
    () => ({ code: 0, stderr: '' }),
    (error: { readonly code: number; readonly stderr: string }) => error,
  );
  expect(code).toBe(2);
  const [, list] = /No bench is called nothing; there are (.+)$/m.exec(stderr)!;
  const names = list!.split(', ');
  expect(names).toContain('optimality');
  for (const name of names) expect(existsSync(main.replace('main.mjs', `${name}.mjs`)), name).toBe(true);
});
