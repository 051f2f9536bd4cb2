import { resolve } from 'node:path';
import { openBrowser } from './browser.ts';
import { manners } from './manners.ts';

/**
 * Says where a report is, and opens it where `--open` asks for it.
 *
 * @param tell writes to the stream that is for people
 */
export async function tellReport(path: string, tell: (text: string) => void): Promise<void> {
  tell(`Report: ${path}\n`);
  if (manners().open) await openBrowser(resolve(path), 'open the report by its name.');
}
