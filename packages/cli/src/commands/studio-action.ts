/** @file Runs `pareidolia studio` at the terminal. */

import { type StudioRequest, serveStudio } from '../server/studio-server.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { writeError, writeOut } from '../terminal/output.ts';

export async function runStudio(
  request: StudioRequest,
  { open, json }: { readonly open: boolean; readonly json: boolean },
): Promise<void> {
  const interrupt = catchInterrupt(() => writeError('Saving and ending; Ctrl-C again ends at once.\n'));
  try {
    const studio = await serveStudio(request);
    for (const notice of studio.notices) writeError(`${notice}.\n`);
    if (studio.warning !== undefined) writeError(`Warning: ${studio.warning}.\n`);
    if (json) writeOut(`${JSON.stringify({ url: studio.url })}\n`);
    else writeOut(`Studio: ${studio.url}\nCtrl-C ends it.\n`);
    if (open) await openBrowser(studio.urlOnce);
    await new Promise<void>((resolve) => {
      if (interrupt.signal.aborted) resolve();
      else interrupt.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await studio.close();
  } finally {
    interrupt.release();
  }
}

/** Where no browser can be opened, the address is there to be copied. */
async function openBrowser(url: string): Promise<void> {
  try {
    const { default: openUrl } = await import('open');
    const child = await openUrl(url);
    child.on('error', () => {});
  } catch {
    writeError('No browser could be opened; copy the address into one.\n');
  }
}
