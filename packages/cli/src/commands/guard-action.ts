/** @file Runs `pareidolia guard` at the terminal. */

import { type GuardObserver, type GuardRequest, guard } from '../guard/guard.ts';
import { describeGuard } from '../guard/guard-text.ts';
import { count } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { type Progress, terminalProgress } from '../terminal/progress.ts';

/** @param json whether stdout is for a machine */
export async function runGuard(request: GuardRequest, json: boolean): Promise<void> {
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  try {
    const written = await guard(request, interrupt.signal, observerOf(progress));
    progress.clear();
    const tell = json ? writeError : writeOut;
    tell(`${describeGuard(written)}\n`);
    if (json) writeOut(`${JSON.stringify(written)}\n`);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    progress.say('Stopped; nothing was written.');
    process.exitCode = interrupt.code ?? 1;
  } finally {
    progress.clear();
    interrupt.release();
  }
}

function observerOf(progress: Progress): GuardObserver {
  return {
    begin: (model, source) =>
      progress.mention(`Guarding ${model} by ${count(source.count)} images of ${source.origin}`),
    notice: (notice) => progress.say(notice),
    reading: (done, total) => progress.update(() => `${done}/${total} outliers read`),
    progress: (share, doing) => progress.update(() => `${Math.floor(100 * share)} %  ${doing}`),
  };
}
