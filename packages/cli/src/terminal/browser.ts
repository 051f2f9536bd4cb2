/** @file Opens something in the user's browser. */

import { writeError } from './output.ts';

/**
 * Where no browser can be opened, that is said, and nothing else happens.
 *
 * @param target an address, or the absolute path of a file
 * @param instead what the user can do then, a sentence
 */
export async function openBrowser(target: string, instead: string): Promise<void> {
  const sorry = (): void => writeError(`No browser could be opened; ${instead}\n`);
  try {
    const { default: openUrl } = await import('open');
    const child = await openUrl(target);
    child.on('error', sorry);
  } catch {
    sorry();
  }
}
