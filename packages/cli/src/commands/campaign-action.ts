/** @file Runs `pareidolia campaign` at the terminal. */

import { InputError } from '@pareidolia/core';
import type { CampaignResult } from '@pareidolia/lab';
import type { CampaignStatus } from '../cluster/campaign/control.ts';
import { type Ask, askCampaign, viewCampaign } from '../cluster/campaign/inspect-campaign.ts';
import { type MergeRequest, mergeCampaigns } from '../cluster/campaign/merge.ts';
import { resumeWords } from '../cluster/campaign/resume-words.ts';
import { type StartObserver, type StartRequest, startCampaign } from '../cluster/campaign/start.ts';
import { isAlive, LOST_AFTER } from '../cluster/queue/worker-roll.ts';
import { count, duration, percent } from '../terminal/figures.ts';
import { catchInterrupt, endSoon } from '../terminal/interrupt.ts';
import { writeError, writeOut } from '../terminal/output.ts';
import { type Progress, terminalProgress } from '../terminal/progress.ts';
import { alignColumns } from '../terminal/table.ts';
import { tellReport } from '../terminal/tell-report.ts';

/** What the user asks of `campaign start`. */
export interface StartCommand extends Omit<StartRequest, 'openQueue'> {
  readonly queue?: string;
  readonly store?: string;
  readonly metrics?: number;
}

/** @param json whether stdout is for a machine */
export async function runStart(
  { queue: given, store, metrics, ...request }: StartCommand,
  json: boolean,
): Promise<void> {
  const ways = [
    request.local !== undefined && '--local',
    given !== undefined && '--queue',
    request.shard !== undefined && '--shard',
  ];
  const chosen = ways.filter((way) => way !== false);
  if (chosen[0] === '--local' && chosen[1] === '--shard') chosen.shift();
  if (chosen.length > 1)
    throw new InputError(`${chosen.join(' and ')} are different ways to run a campaign; choose one of them`);
  // The address in the environment has a password, perhaps; it is not asked where another way is chosen.
  const address = chosen.length === 0 || given !== undefined ? (given ?? process.env.PAREIDOLIA_QUEUE) : undefined;
  if (address === undefined && store !== undefined)
    throw new InputError('--store belongs to --queue; leave it out, or give both');
  if (address === undefined && metrics !== undefined)
    throw new InputError('--metrics belongs to --queue; leave it out, or give both');
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() =>
    progress.say('Stopping; what is finished is saved. Ctrl-C again stops at once.'),
  );
  try {
    const { openCampaignQueue } = await import('../cluster/queue/open-queue.ts');
    const opened: Partial<Pick<StartRequest, 'openQueue'>> =
      address === undefined
        ? {}
        : {
            openQueue: (onTrouble) =>
              openCampaignQueue(address, { store, metrics, onTrouble, environment: process.env }),
          };
    const outcome = await startCampaign({ ...request, ...opened }, interrupt.signal, observer(progress));
    progress.clear();
    const { ending, out, result, failures, done, total } = outcome;
    if (result === undefined) {
      const of = total === undefined ? '' : ` of ${total}`;
      const how = ending === 'cancelled' ? 'Cancelled' : 'Stopped and saved';
      progress.say(`${how} after ${done}${of} units. To go on:\n  ${resumeWords(out)}`);
      process.exitCode = interrupt.code ?? 1;
      return;
    }
    await tellResult(result, out, request.shard !== undefined, json);
    if (failures.size > 0) process.exitCode = 1;
  } finally {
    progress.clear();
    interrupt.release();
    if (address !== undefined) endSoon();
  }
}

function observer(progress: Progress): StartObserver {
  return {
    step: (what) => progress.update(() => `Campaign: ${what}`),
    begin: ({ name, out, resumed, where, units, audits, shard, strands }) => {
      const doing = resumed ? 'Going on with' : 'Beginning';
      const held = [
        ...(units === undefined || units === 0 ? [] : [`${count(units)} units`]),
        ...(audits === 0 ? [] : [`${count(audits)} ${audits === 1 ? 'audit' : 'audits'}`]),
      ];
      const many = held.length === 0 ? '' : `, ${held.join(' and ')}`;
      const part =
        shard === undefined ? '' : `, part ${shard} (of ${count(strands ?? 0)} strands every ${shard.split('/')[1]}th)`;
      progress.mention(`${doing} the campaign ${name}${many}${part}, on ${where}, in ${out}`);
    },
    notice: (notice) => progress.say(`${notice}.`),
    progress: (status) => progress.update(() => statusLine(status)),
  };
}

/** How far a campaign is, on one line. */
export function statusLine(status: CampaignStatus): string {
  const {
    state,
    done,
    total,
    mayGrow,
    failed,
    active,
    waiting,
    workers,
    evaluationsPerSecond,
    secondsLeft,
    atLeast,
    trouble,
  } = status;
  const isAtWork = state === 'running' || state === 'paused';
  const alive = workers.filter(isAlive).length;
  const lost = workers.filter((worker) => !worker.ended && !isAlive(worker)).length;
  const parts = [
    state,
    `${count(done)}${total === null ? '' : `/${count(total)}${mayGrow ? ' or more' : ''}`} units`,
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    `${count(active)} under way, ${count(waiting)} waiting`,
    // Where it is not at work nobody listens to workers.
    ...(isAtWork ? [`${count(alive)} ${alive === 1 ? 'worker' : 'workers'}`] : []),
    ...(isAtWork && lost > 0 ? [`${count(lost)} not heard of for ${LOST_AFTER} s`] : []),
    ...(evaluationsPerSecond > 0 ? [`${count(evaluationsPerSecond)} evaluations/s`] : []),
    ...(secondsLeft === null ? [] : [`${atLeast ? 'more than ' : ''}${duration(secondsLeft)} left`]),
    ...(trouble === null ? [] : [trouble]),
  ];
  return parts.join('  ');
}

export async function runStatus(folder: string, json: boolean): Promise<void> {
  const view = viewCampaign(folder);
  if (json) {
    writeOut(`${JSON.stringify(view)}\n`);
    return;
  }
  const { name, status, failures, process: pid } = view;
  writeOut(`${name}: ${status === undefined ? 'not begun' : statusLine(status)}\n`);
  if (pid === undefined && status?.state === 'stopped')
    writeOut(`No process works on it. To go on:\n  ${resumeWords(folder)}\n`);
  for (const [key, why] of Object.entries(failures)) writeOut(`  failed: ${key}: ${why}\n`);
}

export async function runAsk(folder: string, what: Ask): Promise<void> {
  writeOut(`${askCampaign(folder, what)}\n`);
}

export async function runMerge(request: MergeRequest, json: boolean): Promise<void> {
  const progress = terminalProgress();
  const interrupt = catchInterrupt(() => progress.say('Stopping; Ctrl-C again stops at once.'));
  try {
    const { out, result } = await mergeCampaigns(request, interrupt.signal, {
      step: (what) => progress.update(() => `Campaign: ${what}`),
      notice: (notice) => progress.say(`${notice}.`),
    });
    progress.clear();
    await tellResult(result, out, false, json);
    if (!result.complete) process.exitCode = 1;
  } finally {
    progress.clear();
    interrupt.release();
  }
}

/** @param isPart whether units are missing since they belong to other parts */
async function tellResult(result: CampaignResult, out: string, isPart: boolean, json: boolean): Promise<void> {
  const tell = json ? writeError : writeOut;
  const { searches, attacks, audits, units, failures } = result;
  if (searches.length > 0) {
    const rows = searches.map(({ name, classes, median, worst, evaluations }) => [
      name,
      count(classes),
      percent(median),
      percent(worst),
      count(evaluations),
    ]);
    tell(`\n${alignColumns([['search', 'classes', 'median', 'worst', 'evaluations'], ...rows], [1, 2, 3, 4])}\n`);
  }
  for (const { name, report } of attacks) tell(`attack ${name}: ${out}/${report}\n`);
  for (const { name, report, findings } of audits)
    tell(`audit ${name}: ${count(findings.length)} findings, ${out}/${report}\n`);
  const of = units.total === null ? '' : ` of ${count(units.total)}`;
  tell(
    `${count(units.done)}${of} units in ${duration(result.seconds)} of computing, ${count(result.evaluations)} evaluations\n`,
  );
  if (result.mixedHardware)
    tell(`Mixed hardware: results are of ${result.hardware.join('; ')}; their last bits may differ.\n`);
  for (const [key, why] of Object.entries(failures)) tell(`failed: ${key}: ${why}\n`);
  if (units.failed > 0) tell(`To try failed units again: ${resumeWords(out)}\n`);
  if (result.archive !== null) tell(`Archive: ${result.archive}\n`);
  else if (isPart) tell('This is a part; campaign merge makes one result of all parts.\n');
  else tell(`Incomplete: units are missing, so there is no hash of the whole.\n`);
  await tellReport(`${out}/report.html`, tell);
  if (json) writeOut(`${JSON.stringify(result)}\n`);
}
