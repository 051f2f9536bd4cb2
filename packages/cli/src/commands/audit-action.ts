/** @file Runs `pareidolia audit` at the terminal. */

import { type AuditCommandRequest, type AuditModelsObserver, auditModels } from '../audit/audit-models.ts';
import { comparisonSummary } from '../audit/comparison/comparison-files.ts';
import { summaryOf } from '../audit/outputs.ts';
import { resumingCommand } from '../job/command-line.ts';
import { duration, plain } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { Progress } from '../terminal/progress.ts';

/** A gate was not passed. */
const GATE_FAILED = 3;

/** @param json whether stdout is for a machine */
export async function runAuditCommand(request: AuditCommandRequest, json: boolean): Promise<void> {
  const progress = new Progress(process.stderr, () => performance.now());
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  try {
    const outcome = await auditModels(request, interrupt.signal, observer(progress));
    progress.clear();
    const tell = json ? writeError : writeOut;
    const { comparison, out } = outcome;
    if (comparison !== undefined) tell(`\n${plain(comparisonSummary(comparison))}\n\nReport: ${out}/comparison.html\n`);
    else {
      for (const { result, out: own } of outcome.results)
        tell(`\n${plain(summaryOf(result))}\n\nReport: ${own}/report.html\n`);
    }
    if (json && outcome.complete) writeOut(`${JSON.stringify(comparison ?? outcome.results[0]!.result)}\n`);
    if (!outcome.complete) {
      progress.say(`Stopped; what is done is written. To go on:\n  ${resumingCommand('audit', out)}`);
      process.exitCode = interrupt.code ?? 1;
      return;
    }
    for (const failure of outcome.failures) progress.say(`Failed: ${plain(failure)}.`);
    if (outcome.failures.length > 0) process.exitCode = GATE_FAILED;
  } finally {
    progress.clear();
    interrupt.release();
  }
}

function observer(progress: Progress): AuditModelsObserver {
  return {
    configured: (file) => progress.say(`Options of ${file} apply where the command line gives none.`),
    model: (place, of) => progress.say(`Model ${place + 1} of ${of}`),
    reading: (done, total) => progress.update(() => `${done}/${total} images read`),
    trying: (done, total) => {
      if (done === 0) progress.say('Trying the usual preprocessings on some of the images');
      progress.update(() => `${done}/${total} preprocessings`);
    },
    begin: ({ model, images, out, resumed }) =>
      progress.say(`${resumed ? 'Going on with' : 'Auditing'} ${model}, ${images}, in ${out}`),
    notice: (notice) => progress.say(notice),
    progress: (read) =>
      progress.update(() => {
        const { share, doing, secondsLeft } = read();
        const left = secondsLeft === undefined ? '' : `  ${duration(secondsLeft)} left`;
        return `${Math.floor(100 * share)} %  ${doing}${left}`;
      }),
    checked: (title, { limits }) => {
      progress.say(`${title}: done`);
      for (const limit of limits) progress.say(`  ${limit}.`);
    },
  };
}
