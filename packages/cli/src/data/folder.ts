/** @file Where datasets and models lie that are not ours to ship. */

import { homedir, platform } from 'node:os';
import { join } from 'node:path';

/** `PAREIDOLIA_DATA`, or else the user's cache folder. */
export function dataFolder(): string {
  const { PAREIDOLIA_DATA: chosen, XDG_CACHE_HOME: cache, LOCALAPPDATA: local } = process.env;
  if (chosen !== undefined && chosen !== '') return chosen;
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Caches', 'pareidolia');
  if (platform() === 'win32') return join(local ?? join(homedir(), 'AppData', 'Local'), 'pareidolia');
  return join(cache !== undefined && cache !== '' ? cache : join(homedir(), '.cache'), 'pareidolia');
}
