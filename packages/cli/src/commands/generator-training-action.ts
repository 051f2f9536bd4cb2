/** @file Runs a training of a generator at the terminal. */

import type { GeneratorTrainingRequest } from '../generator-training/request.ts';
import type { GeneratorTrainingSettings } from '../generator-training/settings.ts';
import type { TrainingOutcome } from '../generator-training/train-in-folder.ts';
import { resumingCommand } from '../job/command-line.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { type Progress, terminalProgress } from '../terminal/progress.ts';

/** A kind of training at the terminal. */
export interface TrainingAtTerminal<Settings extends GeneratorTrainingSettings, Result> {
  /** Of the job: `train gan`. */
  readonly kind: string;
  readonly request: GeneratorTrainingRequest<Settings>;
  train(signal: AbortSignal, progress: Progress): Promise<TrainingOutcome<Result>>;
  /** What came of it; lines. */
  summary(result: Result): readonly string[];
}

/**
 * Trains and says on stdout, or with `--json` on stderr, what came of it.
 *
 * @param json whether stdout is for a machine
 */
export async function runGeneratorTraining<Settings extends GeneratorTrainingSettings, Result>(
  { kind, request, train, summary }: TrainingAtTerminal<Settings, Result>,
  json: boolean,
): Promise<void> {
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  try {
    if (request.given.data === 'digits') progress.mention('Drawing digits');
    const outcome = await train(interrupt.signal, progress);
    progress.clear();
    if (!outcome.done) {
      progress.say(`Stopped; the epochs that had ended are saved. To go on:\n  ${resumingCommand(kind, outcome.out)}`);
      process.exitCode = interrupt.code ?? 1;
      return;
    }
    const tell = json ? writeError : writeOut;
    for (const line of summary(outcome.result)) tell(`${line}\n`);
    if (json) writeOut(`${JSON.stringify(outcome.result)}\n`);
  } catch (error) {
    if (interrupt.code === undefined || error !== interrupt.signal.reason) throw error;
    progress.say('Stopped before anything was begun.');
    process.exitCode = interrupt.code;
  } finally {
    progress.clear();
    interrupt.release();
  }
}
