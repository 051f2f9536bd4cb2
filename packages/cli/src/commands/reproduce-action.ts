/** @file Runs `pareidolia reproduce` at the terminal. */

import { bibtex, CLAIMS, MEASURED_ON, notEnough } from '@pareidolia/lab';
import { resumingCommand } from '../job/command-line.ts';
import { chooseClaims } from '../reproduce/choose-claims.ts';
import { type ReproduceObserver, type ReproduceRequest, reproduce } from '../reproduce/reproduce.ts';
import { duration, plain } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { type Progress, terminalProgress } from '../terminal/progress.ts';
import { tellReport } from '../terminal/tell-report.ts';
import { VERSION } from '../version.ts';

/** @param json whether stdout is for a machine */
export async function runReproduce(request: ReproduceRequest, json: boolean): Promise<void> {
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  try {
    const outcome = await reproduce(request, interrupt.signal, observer(progress));
    progress.clear();
    const tell = json ? writeError : writeOut;
    for (const { name, verdict, lacking, published, ours } of outcome.findings) {
      tell(`\n${name}: ${verdict}\n  published  ${published}\n  ours       ${plain(ours)}\n`);
      if (lacking !== undefined) tell(`  ${plain(notEnough(lacking, outcome.budget))}\n`);
    }
    if (outcome.findings.length > 0) {
      tell('\n');
      await tellReport(`${outcome.out}/report.html`, tell);
    }
    if (json) writeOut(`${JSON.stringify(outcome)}\n`);
    if (outcome.complete) return;
    progress.say(`Stopped; what is done is written. To go on:\n  ${resumingCommand('reproduce', outcome.out)}`);
    process.exitCode = interrupt.code ?? 1;
  } finally {
    progress.clear();
    interrupt.release();
  }
}

function observer(progress: Progress): ReproduceObserver {
  return {
    begin: (out, { budget }, claims) =>
      progress.mention(`${claims} ${claims === 1 ? 'claim' : 'claims'}, budget ${budget}, in ${out}`),
    notice: (notice) => progress.say(`${notice}.`),
    progress: (read) =>
      progress.update(() => {
        const { name, place, of, share, doing, secondsLeft } = read();
        const left = secondsLeft === undefined ? '' : `  ${duration(secondsLeft)} left`;
        return `${name} (${place + 1}/${of})  ${Math.floor(100 * share)} %  ${doing}${left}`;
      }),
    found: ({ name }, result) =>
      progress.mention(`${name}: ${'skipped' in result ? `skipped, ${result.skipped}` : result.verdict}`),
  };
}

/** Each claim with the published figure, where it stands, and what measuring it takes. */
export function listClaims(json: boolean): void {
  const list = CLAIMS.map(({ name, title, claim, published, source, papers = [], seconds = {} }) => ({
    name,
    title,
    claim,
    published,
    source,
    papers,
    seconds,
  }));
  if (json) {
    writeOut(`${JSON.stringify(list)}\n`);
    return;
  }
  for (const { name, claim, published, source, seconds } of list) {
    const times = Object.entries(seconds).map(([budget, taken]) => `${budget} ${duration(taken)}`);
    writeOut(
      `${name}\n  ${claim}\n  Published: ${published}.\n  Source: ${source}.\n  Time: ${times.join(', ') || 'not measured'}.\n`,
    );
  }
  writeOut(`Times were measured on ${MEASURED_ON}; budgets without one were not.\n`);
}

/**
 * What to cite.
 *
 * @param names of claims, or all where there are none
 * @throws InputError where one is unknown
 */
export function printBibtex(names: readonly string[]): void {
  writeOut(bibtex(chooseClaims(names.length === 0 ? ['all'] : names), VERSION));
}
