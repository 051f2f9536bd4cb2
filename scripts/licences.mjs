/**
 * @file `node scripts/licences.mjs [--check]`: writes docs/licences.md from package-lock.json, or says whether it is as the lock
 * has it.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../', import.meta.url);
const TARGET = new URL('docs/licences.md', ROOT);

/** @type {{ packages: Record<string, { version?: string, license?: string, dev?: boolean, link?: boolean, optional?: boolean }> }} */
const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', ROOT), 'utf8'));

/** What is installed with the published packages, and what only builds and tests them, each with its licence. */
const [used, building] = [new Map(), new Map()];
for (const [path, { version, license, dev, link }] of Object.entries(packages)) {
  const at = path.lastIndexOf('node_modules/');
  // Ours: the workspaces, and the links to them.
  if (at < 0 || link === true) continue;
  const name = path.slice(at + 'node_modules/'.length);
  const list = dev === true ? building : used;
  const licence = license ?? 'not stated in its manifest';
  const names = list.get(licence) ?? new Set();
  names.add(`${name} ${version}`);
  list.set(licence, names);
}

/** @param {Map<string, Set<string>>} list */
function table(list) {
  const rows = [...list].sort(([a], [b]) => (a < b ? -1 : 1));
  return rows.map(([licence, names]) => `| ${licence} | ${[...names].sort().join(', ')} |`).join('\n');
}

const text = `# Licences

Pareidolia is under the [MIT license](../LICENSE). This list is made from \`package-lock.json\` by \`npm run licences\`: what is
there is what each package states in its own manifest. Packages for other systems are listed too, though each machine installs only
its own.

libvips, the \`@img/sharp-libvips-*\` packages that \`sharp\` decodes images with, is under the LGPL (3.0 or later). It is a shared
library of its own, loaded when it runs and not changed; whoever passes Pareidolia on together with its \`node_modules\` passes
libvips on too, with the LGPL's text and the right to replace the library. The studio in a browser does not contain it.

## Installed with Pareidolia

| Licence | Packages |
| --- | --- |
${table(used)}

## For building and testing

Of these, \`svelte\`, \`comlink\`, \`image-size\` and \`lean-qr\` are compiled into the studio's pages.

| Licence | Packages |
| --- | --- |
${table(building)}
`;

if (process.argv.includes('--check')) {
  const isCurrent = readFileSync(TARGET, 'utf8') === text;
  if (!isCurrent) {
    console.error(`${fileURLToPath(TARGET)} is not as package-lock.json has it; run: npm run licences`);
    process.exitCode = 1;
  }
} else writeFileSync(TARGET, text);
