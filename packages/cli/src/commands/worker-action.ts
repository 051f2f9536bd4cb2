/** @file Runs `pareidolia worker` at the terminal. */

import { InputError } from '@pareidolia/core';
import { type WorkRequest, work } from '../cluster/worker/work.ts';
import { count, duration } from '../terminal/figures.ts';
import { catchInterrupt, endSoon } from '../terminal/interrupt.ts';
import { terminalProgress } from '../terminal/progress.ts';

export async function runWorker({
  queue = process.env.PAREIDOLIA_QUEUE,
  ...request
}: Omit<WorkRequest, 'queue' | 'environment'> & { readonly queue?: string }): Promise<void> {
  if (queue === undefined)
    throw new InputError('There is no queue; give --queue redis://host:6379, or set PAREIDOLIA_QUEUE');
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() =>
    progress.say('Stopping; the unit under way is given back. Ctrl-C again stops at once.'),
  );
  let done = 0;
  try {
    await work({ ...request, queue, environment: process.env }, interrupt.signal, {
      begin: ({ where, hardware }) => progress.mention(`Working for ${where} (${hardware})`),
      unit: (key) => progress.update(() => `${count(done)} units done, computing ${key}`),
      done: (key, seconds, evaluations) => {
        done++;
        progress.update(
          () =>
            `${count(done)} units done, the last one ${key} in ${duration(seconds)} (${count(evaluations)} evaluations)`,
        );
      },
      failed: (key, why) => progress.say(`Refused or failed: ${key}: ${why}.`),
      notice: (notice) => progress.say(`${notice}.`),
    });
    progress.say(`${count(done)} units done.`);
    if (interrupt.code !== undefined) process.exitCode = interrupt.code;
  } finally {
    progress.clear();
    interrupt.release();
    endSoon();
  }
}
