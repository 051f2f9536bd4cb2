/** @file Packs every public package into a tarball, from the build that is there. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * @typedef {object} Package
 * @property {string} name of its manifest
 * @property {string} folder absolute path
 */

/** @returns {any} the manifest in a folder */
export function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** @returns {Package[]} the workspaces that are published, each after those it depends on */
export function publicPackages() {
  return manifestOf(ROOT)
    .workspaces.map((path) => join(ROOT, path))
    .filter((folder) => manifestOf(folder).private !== true)
    .map((folder) => ({ name: manifestOf(folder).name, folder }));
}

/**
 * @param {string} target folder for the tarballs
 * @returns {Map<string, string>} the tarball of each package by its name
 */
export function packAll(target) {
  const packages = publicPackages();
  for (const { folder } of packages) removeStaleOutput(folder);
  // The build is there already, so `prepack` need not make it once for each package.
  const stdout = execFileSync(
    'npm',
    [
      'pack',
      '--json',
      '--ignore-scripts',
      '--pack-destination',
      target,
      ...packages.flatMap(({ name }) => ['-w', name]),
    ],
    { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 28 },
  );
  // A list in older versions of npm, an object by name in newer ones.
  const packed = Object.values(JSON.parse(stdout));
  return new Map(packed.map(({ name, filename }) => [name, join(target, filename)]));
}

/** Removes what `tsc` made from sources that are gone, or that it compiles no more: it leaves such files behind. */
function removeStaleOutput(folder) {
  const dist = join(folder, 'dist');
  if (!existsSync(dist)) throw new Error(`${dist} is missing; run "npm run build" first`);
  for (const path of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const made = /^(?!pages[\\/])(.*?)(\.d\.ts|\.js)(\.map)?$/.exec(path);
    if (made === null) continue;
    const isForTests = /(^|[\\/])testing[\\/]/.test(path);
    if (isForTests || !existsSync(join(folder, 'src', `${made[1]}.ts`))) rmSync(join(dist, path));
  }
}
