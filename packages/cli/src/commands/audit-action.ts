/** @file Runs `pareidolia audit` at the terminal. */

import { type AuditCommandRequest, auditModels } from '../audit/audit-models.ts';
import type { ComparisonObserver } from '../audit/comparison/compare-models.ts';
import { comparisonSummary } from '../audit/comparison/comparison-files.ts';
import { summaryOf } from '../audit/outputs.ts';
import { resumingCommand } from '../job/command-line.ts';
import { duration, plain } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { tellNothingYet } from '../terminal/nothing-yet.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { type Progress, terminalProgress } from '../terminal/progress.ts';
import { tellReport } from '../terminal/tell-report.ts';

/** A gate was not passed. */
const GATE_FAILED = 3;

/** @param json whether stdout is for a machine */
export async function runAuditCommand(request: AuditCommandRequest, json: boolean): Promise<void> {
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  try {
    const outcome = await auditModels(request, interrupt.signal, observer(progress, request.resume));
    progress.clear();
    const tell = json ? writeError : writeOut;
    const { comparison, out } = outcome;
    if (comparison !== undefined) {
      tell(`\n${plain(comparisonSummary(comparison))}\n\n`);
      await tellReport(`${out}/comparison.html`, tell);
    } else {
      for (const { result, out: own } of outcome.results) {
        tell(`\n${plain(summaryOf(result))}\n\n`);
        await tellReport(`${own}/report.html`, tell);
      }
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

/** @param asked whether the user asked to resume */
function observer(progress: Progress, asked: boolean): ComparisonObserver {
  return {
    model: (place, of) => progress.mention(`Model ${place + 1} of ${of}`),
    reading: (done, total) => progress.update(() => `${done}/${total} images read`),
    trying: (done, total) => {
      if (done === 0) progress.mention('Trying the usual preprocessings on some of the images');
      progress.update(() => `${done}/${total} preprocessings`);
    },
    begin: ({ model, images, out, resumed }) => {
      tellNothingYet(progress, asked, 'part', { resumed, out });
      progress.mention(`${resumed ? 'Going on with' : 'Auditing'} ${model}, ${images}, in ${out}`);
    },
    estimate: (sentence) => progress.mention(sentence),
    notice: (notice) => progress.say(notice),
    progress: (read) =>
      progress.update(() => {
        const { share, doing, secondsLeft } = read();
        const left = secondsLeft === undefined ? '' : `  ${duration(secondsLeft)} left`;
        return `${Math.floor(100 * share)} %  ${doing}${left}`;
      }),
    checked: (title, { limits }) => {
      progress.mention(`${title}: done`);
      for (const limit of limits) progress.mention(`  ${limit}.`);
    },
  };
}
