/** @file What `pareidolia reproduce` does: claims, one after the other, and one report. */

import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { type Claim, type ClaimResult, type Finding, renderReproduceReport, type Skipped } from '@pareidolia/lab';
import { quote, resumingCommand } from '../job/command-line.ts';
import { newConfig, readConfig } from '../job/config.ts';
import { writeAtomically } from '../job/files.ts';
import { freeFolder, JobFolder, requireRoom } from '../job/folder.ts';
import { gradientForm } from '../job/gradient-form.ts';
import { isTypeFault } from '../job/job.ts';
import { VERSION } from '../version.ts';
import { chooseClaims } from './choose-claims.ts';
import type { Outcome } from './outcome.ts';
import { REPRODUCE, type ReproduceSettings } from './settings.ts';
import { Cabinet, workbench } from './workbench.ts';

export interface ReproduceRequest {
  /** The settings that the user gave; others come from the resumed job, or are defaults. */
  readonly given: Partial<ReproduceSettings>;
  readonly out?: string;
  readonly resume: boolean;
  /** Threads if the user gives no number. */
  readonly threads: number;
}

export interface ReproduceProgress {
  readonly name: string;
  /** Of the claim among those asked for, from 0. */
  readonly place: number;
  readonly of: number;
  /** Of the claim, 0 to 1. */
  readonly share: number;
  readonly doing: string;
  /** At the pace of what was done in this sitting; `undefined` before there is one. */
  readonly secondsLeft: number | undefined;
}

export interface ReproduceObserver {
  begin(out: string, settings: ReproduceSettings, claims: number): void;
  /** Something that the user should know of a network, a sentence without a full stop. */
  notice(notice: string): void;
  progress(progress: () => ReproduceProgress): void;
  found(claim: Claim, outcome: Finding | Skipped): void;
}

/**
 * @param signal once aborted, the unit of work under way is left, and what is done stays written
 * @throws InputError where a claim is not known, the folder is of another kind or version, or where it was begun with
 * another network, data or setting; DiskError
 */
export async function reproduce(
  request: ReproduceRequest,
  signal: AbortSignal,
  observer: ReproduceObserver,
): Promise<Outcome> {
  const mode = request.resume ? 'resume' : 'begin';
  if (request.resume && request.out === undefined) {
    throw new InputError('--resume needs --out, the folder of the job to go on with');
  }
  if (request.out !== undefined) requireRoom(request.out, REPRODUCE, mode);
  const before = request.resume ? readConfig(request.out!, REPRODUCE) : undefined;
  const usual = { names: [], budget: 'small', crops: 1, device: 'cpu', threads: request.threads } as const;
  const wanted: ReproduceSettings = { ...usual, ...before?.settings, ...request.given };
  if (wanted.names.length === 0) {
    throw new InputError('Name claims, or all; pareidolia reproduce --list says what there is');
  }
  chooseClaims(wanted.names);
  const runtime = nodeRuntime();
  const command = commandOf(wanted);
  const config = newConfig(REPRODUCE, {
    runtime: runtime.name,
    ...(await gradientForm(runtime, wanted.device)),
    inputs: {},
    settings: wanted,
    seed: null,
    command,
  });
  const out = request.out ?? freeFolder(join('runs', `reproduce-${aboutOf(wanted.names)}-${wanted.budget}`));
  const folder = JobFolder.open(out, REPRODUCE, config, mode, (old, now) => {
    const names = [...new Set([...old.settings.names, ...now.settings.names])];
    const all = { ...now.settings, names: names.includes('all') ? ['all'] : names };
    return { settings: all, command: commandOf(all) };
  });
  return folder.use(resumingCommand('reproduce', out), async () => {
    // Those of before as well, where the job is resumed with more: the report is about all of them.
    const { settings } = folder.config;
    const claims = chooseClaims(settings.names);
    observer.begin(out, settings, claims.length);
    const cabinet = new Cabinet(folder, runtime, signal, (notice) => observer.notice(notice));
    try {
      const results = await work(cabinet, claims, signal, observer);
      const outcome = outcomeOf(out, settings, runtime.name, claims, results);
      if (results.length > 0) {
        writeAtomically(join(out, 'findings.json'), `${JSON.stringify(outcome, null, 2)}\n`);
        writeAtomically(
          join(out, 'report.html'),
          await renderReproduceReport({ ...outcome, results, notices: cabinet.notices }),
        );
        folder.keep();
      }
      return outcome;
    } finally {
      await cabinet.dispose();
    }
  });
}

/** @returns what was done before the signal */
async function work(
  cabinet: Cabinet,
  claims: readonly Claim[],
  signal: AbortSignal,
  observer: ReproduceObserver,
): Promise<readonly ClaimResult[]> {
  const results: ClaimResult[] = [];
  const pace = new Pace();
  for (const [place, claim] of claims.entries()) {
    const begin = performance.now();
    let recalled = 0;
    const of = claims.length;
    let doneShare = place / of;
    const bench = workbench(cabinet, claim.ledger ?? claim.name, {
      progress: (share, doing) => {
        doneShare = (place + share) / of;
        observer.progress(() => ({
          name: claim.name,
          place,
          of,
          share,
          doing,
          secondsLeft: pace.secondsLeft(doneShare),
        }));
      },
      recalled: (seconds) => {
        recalled += seconds;
        pace.restart(doneShare);
      },
    });
    try {
      const outcome = await claim.run(bench);
      results.push({ claim, outcome, seconds: recalled + (performance.now() - begin) / 1000 });
      observer.found(claim, outcome);
    } catch (error) {
      if (recalled > 0 && isTypeFault(error)) throw cabinet.unusable(claim, error as Error);
      if (!signal.aborted || error !== signal.reason) throw error;
      // Even where no unit is finished yet: the user is told how to go on.
      cabinet.folder.keep();
      break;
    }
  }
  return results;
}

/** The pace since work was last done rather than read. */
class Pace {
  #share = 0;
  #begin = performance.now();

  restart(share: number): void {
    this.#share = share;
    this.#begin = performance.now();
  }

  secondsLeft(share: number): number | undefined {
    const done = share - this.#share;
    return done > 0.01 ? (((performance.now() - this.#begin) / 1000) * (1 - share)) / done : undefined;
  }
}

/** For the name of a folder. */
function aboutOf(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : 'some';
}

function commandOf({ names, budget, crops, seeds, device, ...files }: ReproduceSettings): string {
  const words = ['npx pareidolia reproduce', ...names.map(quote), '--budget', budget];
  if (crops === 10) words.push('--crops 10');
  if (seeds !== undefined) words.push('--seeds', String(seeds));
  if (device !== 'cpu') words.push('--device', device);
  if (files.generator !== undefined) words.push('--generator', quote(files.generator));
  if (files.discriminator !== undefined) words.push('--discriminator', quote(files.discriminator));
  if (files.discriminatorRange !== undefined) words.push('--discriminator-range', files.discriminatorRange.join(','));
  return words.join(' ');
}

function outcomeOf(
  out: string,
  settings: ReproduceSettings,
  runtime: string,
  claims: readonly Claim[],
  results: readonly ClaimResult[],
): Outcome {
  return {
    version: VERSION,
    runtime,
    budget: settings.budget,
    crops: settings.crops,
    ...(settings.seeds === undefined ? {} : { seeds: settings.seeds }),
    command: commandOf(settings),
    out,
    complete: results.length === claims.length,
    findings: results.map(({ claim, outcome, seconds }) => ({
      name: claim.name,
      claim: claim.claim,
      published: claim.published,
      source: claim.source,
      verdict: 'skipped' in outcome ? 'skipped' : outcome.verdict,
      ...('lacking' in outcome && outcome.lacking !== undefined ? { lacking: outcome.lacking } : {}),
      ours: 'skipped' in outcome ? outcome.skipped : outcome.ours,
      seconds,
    })),
  };
}
