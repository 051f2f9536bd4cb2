/** @file Runs `pareidolia fool` at the terminal. */

import { type EmitterAccount, ESTIMATED_GRADIENT } from '@pareidolia/core';
import { type FoolRequest, fool } from '../fool/fool.ts';
import type { FoolObserver, SearchBeginning, SearchProgress } from '../fool/observer.ts';
import { resumingCommand } from '../job/command-line.ts';
import { count, duration, percent, plain } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { tellNothingYet } from '../terminal/nothing-yet.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { type Progress, terminalProgress } from '../terminal/progress.ts';
import { resultTable } from '../terminal/table.ts';
import { tellReport } from '../terminal/tell-report.ts';

/** @param json whether stdout is for a machine */
export async function runFool(request: FoolRequest, json: boolean): Promise<void> {
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() => progress.say('Stopping after this generation; Ctrl-C again stops at once.'));
  try {
    const outcome = await fool(request, interrupt.signal, observer(progress, request.resume));
    progress.clear();
    if (!outcome.done) {
      const { out, generations, total } = outcome;
      progress.say(
        `Stopped and saved after ${generations}${total === undefined ? '' : ` of ${total}`} generations. To go on:\n  ${resumingCommand('fool', out)}`,
      );
      process.exitCode = interrupt.code ?? 1;
      return;
    }
    const { result, report, classNames, effort, said } = outcome;
    const tell = json ? writeError : writeOut;
    tell(`\n${resultTable(result.classes, classNames)}\n\n`);
    tell(
      `${percent(result.median)} certain in the median class, ${percent(result.worst)} in the worst; ` +
        `${count(result.evaluations)} images in ${duration(result.seconds)} (${count(result.evaluationsPerSecond)}/s)\n`,
    );
    if (said !== undefined) tell(`${plain(said).replace(/^./, (first) => first.toUpperCase())}.\n`);
    if (result.accounts.length > 0) tell(`Asked: ${spending(result.accounts)}\n`);
    for (const { model, searched, fooled, confidences } of result.networks ?? []) {
      tell(
        `${model}${searched ? '' : ', not searched,'} takes ${fooled} of ${confidences.length} images for their class.\n`,
      );
    }
    if (result.gradientKind === 'straight-through') tell(`Beware: ${ESTIMATED_GRADIENT}.\n`);
    if (effort !== undefined) {
      tell(`${plain(effort.text)} To try next:\n`);
      for (const { what, command } of effort.next) tell(`  ${what}:\n    ${command}\n`);
    }
    await tellReport(report, tell);
    if (json) writeOut(`${JSON.stringify(result)}\n`);
  } finally {
    progress.clear();
    interrupt.release();
  }
}

/** @param asked whether the user asked to resume */
function observer(progress: Progress, asked: boolean): FoolObserver {
  return {
    begin: (beginning) => {
      tellNothingYet(progress, asked, 'generation', beginning);
      progress.mention(introduction(beginning));
    },
    progress: (read) => progress.update(() => progressLine(read())),
    notice: (notice) => progress.say(notice),
    finishing: () => progress.update(() => 'Writing images and report'),
  };
}

function introduction({ config, out, model, shape, resumed }: SearchBeginning): string {
  const { channels, height, width } = shape;
  const { settings, seed } = config;
  const { encoding, emitter } = settings;
  const classes = settings.classes.length === 1 ? 'one class' : `${count(settings.classes.length)} classes`;
  const images = `${width} x ${height} ${channels === 1 ? 'grey' : 'color'}`;
  const doing = resumed ? 'Going on with' : 'Fooling';
  return `${doing} ${model} (${classes}, ${images}), emitter ${emitter}, encoding ${encoding}, seed ${seed}, in ${out}`;
}

/** What a portfolio spent on whom, the most first. */
function spending(accounts: readonly EmitterAccount[]): string {
  return [...accounts]
    .sort((a, b) => b.evaluations - a.evaluations)
    .map(({ name, evaluations, gain }) => `${name} ${count(evaluations)} evaluations (log-odds +${gain.toFixed(1)})`)
    .join(', ');
}

function progressLine({
  generations,
  total,
  share,
  evaluationsPerSecond,
  secondsLeft,
  last,
  accounts,
}: SearchProgress): string {
  const parts = [total === undefined ? `${Math.floor(100 * share)} % done` : `generation ${generations}/${total}`];
  if (last !== undefined) {
    parts.push(
      `${count(evaluationsPerSecond)} images/s`,
      `median ${percent(last.median)}`,
      `worst ${percent(last.worst)}`,
    );
  }
  const [most] = [...accounts].sort((a, b) => b.evaluations - a.evaluations);
  if (most !== undefined && most.evaluations > 0) parts.push(`mostly ${most.name}`);
  if (secondsLeft !== undefined) parts.push(`${duration(secondsLeft)} left`);
  return parts.join('  ');
}
