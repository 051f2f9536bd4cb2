/** @file Runs `pareidolia studio` at the terminal. */

import { type StudioRequest, serveStudio } from '../server/studio-server.ts';
import { openBrowser } from '../terminal/browser.ts';
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
    const { url, otherUrls } = studio;
    if (json) writeOut(`${JSON.stringify({ url, otherUrls })}\n`);
    else {
      const others = otherUrls.map((other) => `    or: ${other}\n`);
      writeOut(`Studio: ${url}\n${others.join('')}Ctrl-C ends it.\n`);
    }
    if (open) await openBrowser(studio.urlOnce, 'copy the address into one.');
    await new Promise<void>((resolve) => {
      if (interrupt.signal.aborted) resolve();
      else interrupt.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await studio.close();
  } finally {
    interrupt.release();
  }
}
