/** @file What `pareidolia reproduce` does: experiments, one after the other, and one report. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Device, InputError } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { type Budget, EXPERIMENTS, type Experiment, type Finding, type Skipped, type Verdict } from '@pareidolia/lab';
import { quote } from '../run/command.ts';
import { makeFolder, writeAtomically } from '../run/files.ts';
import { freeFolder } from '../run/folder.ts';
import { VERSION } from '../version.ts';
import { Ledger } from './ledger.ts';
import { renderFindings } from './report.ts';
import { Cabinet, workbench } from './workbench.ts';

export interface ReproduceRequest {
  /** Names, or `all`. */
  readonly names: readonly string[];
  readonly budget: Budget;
  readonly crops: 1 | 10;
  readonly out?: string;
  readonly resume: boolean;
  readonly device: Device;
  readonly threads: number;
}

export interface ReproduceObserver {
  begin(out: string, experiments: number): void;
  progress(name: string, place: number, of: number, share: number, doing: string): void;
  found(experiment: Experiment, outcome: Finding | Skipped): void;
}

/** One experiment that is done. */
export interface Chapter {
  readonly experiment: Experiment;
  readonly outcome: Finding | Skipped;
  /** What it takes on its own: units that were read count as long as they took when they were done. */
  readonly seconds: number;
}

/** The object of `--json`, and of `findings.json`. */
export interface Outcome {
  readonly version: string;
  readonly runtime: string;
  readonly budget: Budget;
  readonly crops: 1 | 10;
  readonly command: string;
  readonly out: string;
  readonly complete: boolean;
  readonly findings: readonly {
    readonly name: string;
    readonly claim: string;
    readonly published: string;
    readonly source: string;
    readonly verdict: Verdict | 'skipped';
    readonly ours: string;
    /** What it takes on its own; experiments that share units both count them. */
    readonly seconds: number;
  }[];
}

/**
 * @param signal once aborted, the unit of work under way is left, and what is done stays written
 * @throws InputError where an experiment is not known, or the folder is of another kind; DiskFullError
 */
export async function reproduce(
  request: ReproduceRequest,
  signal: AbortSignal,
  observer: ReproduceObserver,
): Promise<Outcome> {
  const experiments = choose(request.names);
  const out = request.out ?? freeFolder(join('runs', `reproduce-${request.budget}`));
  openFolder(out, request);
  const runtime = nodeRuntime();
  const { budget, device, threads, crops } = request;
  const options = { budget, device, threads, crops, runtime, signal };
  const cabinet = new Cabinet(options);
  const chapters: Chapter[] = [];
  let complete = true;
  observer.begin(out, experiments.length);
  try {
    for (const [place, experiment] of experiments.entries()) {
      const begin = performance.now();
      let recalled = 0;
      const bench = workbench(
        cabinet,
        new Ledger(out, experiment.ledger ?? experiment.name),
        options,
        (share, doing) => observer.progress(experiment.name, place, experiments.length, share, doing),
        (seconds) => {
          recalled += seconds;
        },
      );
      try {
        const outcome = await experiment.run(bench);
        chapters.push({ experiment, outcome, seconds: recalled + (performance.now() - begin) / 1000 });
        observer.found(experiment, outcome);
      } catch (error) {
        if (!signal.aborted) throw error;
        complete = false;
        break;
      }
    }
  } finally {
    await cabinet.dispose();
  }
  const outcome: Outcome = {
    version: VERSION,
    runtime: runtime.name,
    budget,
    crops,
    command: [
      'npx pareidolia reproduce',
      ...request.names.map(quote),
      '--budget',
      budget,
      ...(crops === 1 ? [] : ['--crops 10']),
    ].join(' '),
    out,
    complete,
    findings: chapters.map(({ experiment, outcome: result, seconds }) => ({
      name: experiment.name,
      claim: experiment.claim,
      published: experiment.published,
      source: experiment.source,
      verdict: 'skipped' in result ? 'skipped' : result.verdict,
      ours: 'skipped' in result ? result.skipped : result.ours,
      seconds,
    })),
  };
  if (chapters.length > 0) {
    writeAtomically(join(out, 'findings.json'), `${JSON.stringify(outcome, null, 2)}\n`);
    writeAtomically(join(out, 'report.html'), await renderFindings(outcome, chapters));
  }
  return outcome;
}

function choose(names: readonly string[]): readonly Experiment[] {
  if (names.includes('all')) return EXPERIMENTS;
  return names.map((name) => {
    const found = EXPERIMENTS.find((experiment) => experiment.name === name);
    if (found !== undefined) return found;
    throw new InputError(
      `There is no experiment "${name}"; choose from all, ${EXPERIMENTS.map((experiment) => experiment.name).join(', ')}`,
    );
  });
}

/** Of a folder that experiments write to: the budget its units belong to. */
const MARK = 'reproduce.json';

function openFolder(out: string, { budget, resume }: ReproduceRequest): void {
  const mark = join(out, MARK);
  if (existsSync(mark)) {
    const before = JSON.parse(readFileSync(mark, 'utf8')) as { budget?: unknown };
    if (!resume) throw new InputError(`${out} holds results already; add --resume to go on, or choose another --out`);
    if (before.budget === budget) return;
    throw new InputError(`${out} was begun with --budget ${before.budget}; give the same, or choose another --out`);
  }
  if (existsSync(out)) throw new InputError(`${out} exists and holds no experiments; choose another --out`);
  makeFolder(out);
  writeAtomically(mark, `${JSON.stringify({ budget, version: VERSION })}\n`);
}
