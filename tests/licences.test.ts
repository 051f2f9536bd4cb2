import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../scripts/licences.mjs', import.meta.url));

it('the list of licences is that of package-lock.json, and says that libvips is LGPL', () => {
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
  const list = readFileSync(new URL('../docs/licences.md', import.meta.url), 'utf8');
  expect(list).toMatch(/^\| LGPL-3\.0-or-later \| .*@img\/sharp-libvips-linux-x64/m);
});
