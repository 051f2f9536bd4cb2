/** @file Runs `pareidolia attack` at the terminal. */

import { ATTACKS, describeSettings } from '@pareidolia/core';
import { type AttackSummary, describeUndecided, formatEpsilon, undecidedOf } from '@pareidolia/lab';
import { type AttackObserver, type AttackProgress, type AttackRequest, attack } from '../attack/attack.ts';
import { resumingCommand } from '../job/command-line.ts';
import { count, duration, figure, percent, plain } from '../terminal/figures.ts';
import { catchInterrupt } from '../terminal/interrupt.ts';
import { tellNothingYet } from '../terminal/nothing-yet.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { type Progress, terminalProgress } from '../terminal/progress.ts';
import { alignColumns } from '../terminal/table.ts';
import { tellReport } from '../terminal/tell-report.ts';

/** What the accuracies of the table are. */
const UPPER_BOUND =
  'Accuracies are upper bounds: they are what these attacks left, and a stronger one, or more queries, can only lower them.';

/** What they are where some images have no answer. */
const PARTIAL =
  'Accuracies are what these attacks left of all images; those without an answer count neither as robust nor as adversarial.';

/** @param json whether stdout is for a machine */
export async function runAttack(request: AttackRequest, json: boolean): Promise<void> {
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  try {
    const outcome = await attack(request, interrupt.signal, observer(progress, request.resume));
    progress.clear();
    const tell = json ? writeError : writeOut;
    if (outcome.summaries.length > 0) {
      tell(`\n${summaryTable(outcome.summaries)}\n\n`);
      if (outcome.summaries.some((summary) => undecidedOf(summary) > 0)) tell(`${PARTIAL}\n`);
      else if (outcome.summaries.some(({ accuracy }) => accuracy > 0)) tell(`${UPPER_BOUND}\n`);
    }
    for (const { what } of outcome.flags) tell(`Beware: ${what}.\n`);
    if (outcome.summaries.length > 0) await tellReport(`${outcome.out}/report.html`, tell);
    if (json) writeOut(`${JSON.stringify(outcome)}\n`);
    if (outcome.complete) return;
    progress.say(`Stopped; what is finished is kept. To go on:\n  ${resumingCommand('attack', outcome.out)}`);
    process.exitCode = interrupt.code ?? 1;
  } catch (error) {
    if (interrupt.code === undefined || error !== interrupt.signal.reason) throw error;
    progress.say('Stopped before anything was begun.');
    process.exitCode = interrupt.code;
  } finally {
    progress.clear();
    interrupt.release();
  }
}

/** Each attack in a line, with its settings and their defaults. */
export function listAttacks(json: boolean): void {
  if (json) {
    const list = ATTACKS.map(({ name, title, paper, summary, access, norms, targeted, kind, settings }) => ({
      name,
      title,
      paper,
      summary,
      access,
      norms,
      targeted,
      kind,
      settings: describeSettings(settings),
    }));
    writeOut(`${JSON.stringify(list)}\n`);
    return;
  }
  const rows = ATTACKS.map(({ name, access, norms, summary, paper, settings }) => [
    name,
    access,
    norms.join(' '),
    `${summary} (${paper})`,
    describeSettings(settings)
      .map((setting) => `${setting.name}=${setting.default}`)
      .join(' '),
  ]);
  const head = ['attack', 'sees', 'norms', 'what it does', 'settings (--set)'];
  writeOut(`${alignColumns([head, ...rows], [])}\n`);
}

/** @param asked whether the user asked to resume */
function observer(progress: Progress, asked: boolean): AttackObserver {
  return {
    reading: (done, total) => progress.update(() => `Reading image ${done} of ${total}`),
    trying: (done, total) => progress.update(() => `Trying preprocessings: ${done} of ${total}`),
    begin: ({ model, origin, out, resumed }) => {
      tellNothingYet(progress, asked, 'image', { resumed, out });
      progress.mention(`${resumed ? 'Going on with' : 'Attacking'} ${model} on ${origin}, in ${out}`);
    },
    notice: (notice) => progress.say(plain(notice)),
    progress: (read) => progress.update(() => progressLine(read())),
    finished: (summaries) => {
      for (const summary of summaries) progress.mention(sentence(summary));
    },
  };
}

function progressLine({ attack: name, done, total, queriesPerSecond, secondsLeft, atLeast }: AttackProgress): string {
  const parts = [name, `${done}/${total} images`];
  if (queriesPerSecond > 0) parts.push(`${count(queriesPerSecond)} queries/s`);
  if (secondsLeft !== undefined && done > 0) parts.push(`${atLeast ? 'more than ' : ''}${duration(secondsLeft)} left`);
  return parts.join('  ');
}

function sentence(summary: AttackSummary): string {
  const { attack: name, epsilon, accuracy, robust, images, seconds } = summary;
  const at = epsilon === null ? '' : ` at ${formatEpsilon(epsilon)}`;
  const unknown = describeUndecided(summary);
  if (unknown !== undefined) {
    return `${name}${at}: robust ${robust} of ${images}, accuracy ${percent(accuracy)}, after ${duration(seconds)}; ${plain(unknown)}`;
  }
  return `${name}${at}: accuracy ${accuracy === 0 ? '' : 'at most '}${percent(accuracy)} after ${duration(seconds)}`;
}

function summaryTable(summaries: readonly AttackSummary[]): string {
  const distance = (value: number | null): string => (value === null ? '-' : figure(value));
  const isPartial = summaries.some((summary) => undecidedOf(summary) > 0);
  const isGuarded = summaries.some(({ initiallyRefused }) => initiallyRefused !== undefined);
  const rows = summaries.map((summary) => [
    summary.attack,
    summary.norm,
    summary.epsilon === null ? 'smallest' : formatEpsilon(summary.epsilon),
    percent(summary.accuracy),
    ...(isPartial ? [`${summary.robust} of ${summary.images}`, String(undecidedOf(summary))] : []),
    ...(isGuarded ? [String(summary.initiallyRefused ?? '-')] : []),
    `${summary.adversarial} of ${summary.images - summary.initiallyWrong - summary.unpredicted}`,
    String(summary.surviving),
    distance(summary.medianDistance),
    distance(summary.meanDistance),
    count(summary.meanForward),
  ]);
  const head = [
    'attack',
    'norm',
    'epsilon',
    isPartial ? 'accuracy' : 'accuracy <=',
    ...(isPartial ? ['robust', 'no answer'] : []),
    ...(isGuarded ? ['refused before'] : []),
    'adversarial',
    'in 8 bits',
    'median',
    'mean distance',
    'queries',
  ];
  return alignColumns(
    [head, ...rows],
    head.map((_, column) => column).filter((column) => column >= 3),
  );
}
