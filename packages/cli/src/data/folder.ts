/** @file Where datasets and models lie that are not ours to ship. */

import { homedir, platform } from 'node:os';
import { join } from 'node:path';

/** `PAREIDOLIA_DATA`, which several users may share, or else {@link cacheFolder}. */
export function dataFolder(): string {
  const { PAREIDOLIA_DATA: chosen } = process.env;
  return chosen !== undefined && chosen !== '' ? chosen : cacheFolder();
}

/** The user's own cache folder. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME: cache, LOCALAPPDATA: local } = process.env;
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Caches', 'pareidolia');
  if (platform() === 'win32') return join(local ?? join(homedir(), 'AppData', 'Local'), 'pareidolia');
  return join(cache !== undefined && cache !== '' ? cache : join(homedir(), '.cache'), 'pareidolia');
}
