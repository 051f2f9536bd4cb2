/** @file Runs `pareidolia score` at the terminal. */

import { type ScoreObserver, type ScoreRequest, Stopped, score } from '../score/score.ts';
import { describeScores } from '../score/score-text.ts';
import { count, duration } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { type Progress, terminalProgress } from '../terminal/progress.ts';
import { tellReport } from '../terminal/tell-report.ts';

/** @param json whether stdout is for a machine */
export async function runScore(request: ScoreRequest, json: boolean): Promise<void> {
  await atTerminal(async (signal, observer) => {
    const run = await score(request, signal, observer);
    return async () => {
      const tell = json ? writeError : writeOut;
      tell(`${describeScores(run)}\n`);
      if (request.out !== undefined) {
        tell('\n');
        await tellReport(`${request.out}/report.html`, tell);
      }
      if (json) writeOut(`${JSON.stringify(run)}\n`);
    };
  });
}

/**
 * Shows the progress of scoring, and ends it at Ctrl-C.
 *
 * @param action what it returns is called once the progress is cleared away
 */
export async function atTerminal(
  action: (signal: AbortSignal, observer: ScoreObserver) => Promise<() => void | Promise<void>>,
): Promise<void> {
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  try {
    const tell = await action(interrupt.signal, observerOf(progress));
    progress.clear();
    await tell();
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    progress.say('Stopped; nothing was written.');
    process.exitCode = interrupt.code ?? 1;
  } finally {
    progress.clear();
    interrupt.release();
  }
}

function observerOf(progress: Progress): ScoreObserver {
  let [scoring, trying] = [0, 0];
  const left = (since: number, done: number, total: number): string => {
    const seconds = ((performance.now() - since) / 1000) * (total / done - 1);
    return done === 0 ? '' : `  ${duration(seconds)} left`;
  };
  return {
    begin: (model, source) => {
      scoring = performance.now();
      progress.mention(`Scoring ${count(source.count)} images of ${source.origin} by ${model}`);
    },
    scored: (done, total) =>
      progress.update(() => `${count(done)}/${count(total)} images${left(scoring, done, total)}`),
    trying: (done, total) => {
      if (done === 0) {
        trying = performance.now();
        progress.mention('Trying the usual preprocessings on some of the images');
      }
      progress.update(() => `${done}/${total} preprocessings${left(trying, done, total)}`);
    },
  };
}
