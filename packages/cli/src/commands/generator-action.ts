/** @file Runs `pareidolia generator` at the terminal. */

import { type MeasureRequest, measure } from '../quality/measure.ts';
import { describeGenerator } from '../quality/quality-text.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { terminalProgress } from '../terminal/progress.ts';
import { tellReport } from '../terminal/tell-report.ts';

/** @param json whether stdout is for a machine */
export async function runGenerator(request: MeasureRequest, json: boolean): Promise<void> {
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  try {
    const run = await measure(request, interrupt.signal, {
      begin: (generator, features) => progress.mention(`Measuring ${generator} by the features of ${features}`),
      notice: (notice) => progress.say(notice),
      progress: (share, doing) => progress.update(() => `${Math.floor(100 * share)} %  ${doing}`),
    });
    progress.clear();
    const tell = json ? writeError : writeOut;
    tell(`${describeGenerator(run)}\n`);
    if (request.out !== undefined) {
      tell('\n');
      await tellReport(`${request.out}/report.html`, tell);
    }
    if (json) writeOut(`${JSON.stringify(run)}\n`);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    progress.say('Stopped; nothing was written.');
    process.exitCode = interrupt.code ?? 1;
  } finally {
    progress.clear();
    interrupt.release();
  }
}
