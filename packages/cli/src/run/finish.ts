/**
 * @file The end of a run: elites, report and result. All of it follows from the checkpoint and can be done again; the
 * result is written last, so that a run with a result is complete.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scorer, SearchState } from '@pareidolia/core';
import type { FoolReportData } from '@pareidolia/lab';
import { replaceFile, writeAtomically } from '../job/files.ts';
import type { RunConfig } from './config.ts';
import { type SavedElite, saveElites } from './elites.ts';
import type { RunFolder } from './folder.ts';
import type { Method } from './method.ts';
import { eliteStatistics, type RunResult, runResult } from './result.ts';

export interface FinishContext {
  readonly config: RunConfig;
  readonly scorer: Scorer;
  readonly classNames: readonly string[];
  readonly seconds: number;
}

export interface Finished {
  readonly result: RunResult;
  /** Path of `report.html`. */
  readonly report: string;
}

/** @throws DiskFullError */
export async function finishRun(folder: RunFolder, method: Method, context: FinishContext): Promise<Finished> {
  const { config, scorer, classNames, seconds } = context;
  const state = method.state();
  const elites = await saveElites(folder.path, method.archive, { scorer, classNames, method: config.method });
  const result = runResult(folder.path, config, elites, { ...state, seconds });
  const report = join(folder.path, 'report.html');
  replaceFile(report, await makeReport(folder, state, elites, result, context));
  writeAtomically(join(folder.path, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
  return { result, report };
}

async function makeReport(
  folder: RunFolder,
  state: SearchState,
  elites: readonly SavedElite[],
  { evaluations, evaluationsPerSecond, seconds }: RunResult,
  { config, scorer, classNames }: FinishContext,
): Promise<string> {
  const [{ renderFoolReport }, { makePreview }] = await Promise.all([
    import('@pareidolia/lab'),
    import('../image/preview.ts'),
  ]);
  const { channels, height, width } = scorer.shape;
  const data: FoolReportData = {
    model: { name: config.model.file, sha256: config.model.sha256, classes: classNames.length },
    method: config.method.name,
    settings: settingsTable(config),
    command: config.command,
    evaluations,
    seconds,
    evaluationsPerSecond,
    shape: { channels, height, width },
    searched: config.classes.length,
    history: folder.history().map(({ jumps: replacements, ...row }) => ({ ...row, replacements })),
    classes: elites.map(({ argmax, file, ...elite }) => ({
      ...elite,
      argmax,
      argmaxLabel: classNames[argmax]!,
      file,
      // Read when asked for, one after the other: a thousand large images need not be in memory at once.
      get png() {
        return new Uint8Array(readFileSync(join(folder.path, file)));
      },
    })),
    statistics: { ...eliteStatistics(elites), replacements: state.jumps },
  };
  return renderFoolReport(data, makePreview);
}

/** The settings in the words of the report. */
export function settingsTable(config: RunConfig): [name: string, value: string][] {
  const { method } = config;
  const rows: [string, string][] = [
    ['model', config.model.file],
    ['model card', config.card.origin],
    ['encoding', method.name],
    ['seed', String(config.seed)],
    ['device', config.device],
  ];
  if (method.name === 'ascent') {
    const { blur, ...settings } = method.settings;
    rows.push(['starts for each class', String(method.starts)], ['target', String(method.target)]);
    for (const [name, value] of Object.entries(settings)) rows.push([name, String(value)]);
    if (blur !== undefined) rows.push(['blur', `radius ${blur.radius}, every ${blur.every} steps`]);
  } else {
    rows.push(['generations', String(method.generations)], ['batch', String(method.batch)]);
    for (const [name, value] of Object.entries(method.options)) rows.push([name, String(value)]);
  }
  rows.push(['Pareidolia', config.pareidolia], ['runtime', config.runtime], ['Node', config.node]);
  return rows;
}
