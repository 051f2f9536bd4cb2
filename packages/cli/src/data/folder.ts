/** @file Where datasets and models lie that are not ours to ship. */

import envPaths from 'env-paths';

/** `PAREIDOLIA_DATA`, which several users may share, or else {@link cacheFolder}. */
export function dataFolder(): string {
  const { PAREIDOLIA_DATA: chosen } = process.env;
  return chosen !== undefined && chosen !== '' ? chosen : cacheFolder();
}

/** The user's own cache folder, where the platform expects it: `~/.cache/pareidolia` on Linux, or below `XDG_CACHE_HOME`. */
export function cacheFolder(): string {
  // No suffix: it would only tell this program from one of the same name that is not written for Node.
  return envPaths('pareidolia', { suffix: '' }).cache;
}
