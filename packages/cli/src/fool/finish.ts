/**
 * @file The end of a run: elites, report and result. All of it follows from the checkpoint and can be done again; the
 * result is written last, so that a run with a result is complete.
 */

import { join } from 'node:path';
import {
  archiveNamed,
  type EncodingResources,
  emitterNamed,
  encodingNamed,
  followsGradients,
  hasGradient,
  type Lineage,
  type Measures,
  type Scheduler,
  type Scorer,
  type SearchState,
  searchEncoding,
} from '@pareidolia/core';
import {
  effortOf,
  type FoolMap,
  type FoolReportData,
  headline,
  type LineageSummary,
  type NextStep,
  renderFoolReport,
  trendOfSearch,
} from '@pareidolia/lab';
import { amplify } from '../image/amplify.ts';
import { makePreview } from '../image/preview.ts';
import type { JobConfig } from '../job/config.ts';
import { replaceFile, writeAtomically } from '../job/files.ts';
import { type SavedElite, saveElites } from './elites.ts';
import { type SavedMap, saveMap } from './map.ts';
import { nextSteps } from './next-steps.ts';
import { readElite } from './read-elite.ts';
import { eliteStatistics, type SearchResult, searchResult } from './result.ts';
import type { SearchFolder } from './search-folder.ts';
import { type EmbeddedLook, lookAgain } from './second-look.ts';
import { type FoolSettings, searchOf } from './settings.ts';
import { answersOf } from './transfer.ts';

export interface FinishContext {
  readonly scorer: Scorer;
  /** What the encoding needs beside its settings. */
  readonly resources: EncodingResources;
  /** What the archive tells images of a class apart by, where it does. */
  readonly measures: Measures | undefined;
  /** The single networks that are asked about the elites, where there are several. */
  readonly networks: Parameters<typeof answersOf>[2];
  readonly classNames: readonly string[];
  /** What the network's outputs were taken for, and why: one sentence, without a full stop. */
  readonly scores: string;
  /** How the network was run, where that is not as usual; each a sentence. */
  readonly notices: readonly string[];
  /** Whether gradients flow through the network. */
  readonly hasGradient: boolean;
  /** Spent on the search, over all sittings. */
  readonly seconds: number;
  /** Once aborted, what is made beside the search's own images is left. */
  readonly signal: AbortSignal;
}

export interface Finished {
  readonly result: SearchResult;
  /** Path of `report.html`. */
  readonly report: string;
  /** The report's headline, where it says whether images resemble their class. */
  readonly said?: string;
  /** What was tried, in sentences, and what to try next; absent where every class is fooled. */
  readonly effort?: { readonly text: string; readonly next: readonly NextStep[] };
}

/** @throws DiskError */
export async function finishSearch(
  folder: SearchFolder,
  scheduler: Scheduler,
  context: FinishContext,
): Promise<Finished> {
  const { scorer, resources, measures, networks, classNames, seconds } = context;
  const { path, config } = folder.job;
  const state = scheduler.state();
  const encoding = searchEncoding(searchOf(config.settings, scorer.shape, resources), scorer.shape, resources);
  const elites = await saveElites(path, scheduler.archive, { scorer, classNames, encoding });
  const map = await saveMap(path, scheduler.archive, measures, { scorer, classNames, encoding });
  await encoding.dispose?.();
  const answers = await answersOf(path, elites, networks);
  const follows = followsGradients(emitterNamed(config.settings.emitter)) && hasGradient(scorer);
  const gradientKind = follows ? (scorer.gradientKind ?? 'exact') : null;
  const { trend } = trendOfSearch(folder.history());
  const accounts = scheduler.emitter.accounts ?? [];
  const result = searchResult(path, gradientKind, config, elites, { ...state, seconds, trend, accounts, map, answers });
  const next = nextSteps({
    config,
    out: path,
    trend,
    hasGradient: context.hasGradient,
    numClasses: classNames.length,
  });
  const report = join(path, 'report.html');
  const again = await lookAgain(folder.job, scheduler, elites, scorer, classNames.length, context.signal);
  const data = reportData(folder, state, { elites, map }, result, next, context, again);
  const effort = effortOf(data);
  replaceFile(report, await renderFoolReport(data, makePreview, amplify));
  writeAtomically(join(path, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
  const said = again === undefined ? undefined : headline(data).finding;
  return {
    result,
    report,
    ...(said === undefined ? {} : { said }),
    ...(effort === undefined ? {} : { effort: { text: effort.text, next } }),
  };
}

function reportData(
  folder: SearchFolder,
  state: SearchState,
  { elites, map }: { readonly elites: readonly SavedElite[]; readonly map: SavedMap | undefined },
  { evaluations, evaluationsPerSecond, seconds, gradientKind, generations, accounts, networks }: SearchResult,
  next: readonly NextStep[],
  { scorer, classNames, scores, notices }: FinishContext,
  again: EmbeddedLook | undefined,
): FoolReportData & { readonly tried: NonNullable<FoolReportData['tried']> } {
  const { config, path } = folder.job;
  const { encoding, emitter, archive, classes } = config.settings;
  const emitterKind = emitterNamed(emitter);
  const { channels, height, width } = scorer.shape;
  const model = config.inputs.model!;
  const lineage = accounts.length > 0 ? folder.lineage() : undefined;
  return {
    model: { name: modelNames(config), sha256: model.sha256, classes: classNames.length },
    origin: `${encodingNamed(encoding).explanation} ${emitterKind.explanation}`,
    kept: emitterKind.kept ?? archiveNamed(archive).explanation,
    ...(gradientKind === null ? {} : { gradientKind }),
    notices,
    settings: [...settingsTable(config), ...accountRows(accounts), ['scores', scores]],
    command: config.command,
    // As they were asked for, where they were: the first images are counted beside them.
    tried: { emitter, encoding, generations: Math.min(generations, config.settings.generations ?? generations) },
    next,
    evaluations,
    seconds,
    evaluationsPerSecond,
    shape: { channels, height, width },
    searched: classes.length,
    history: folder.history(),
    classes: elites.map(({ argmax, file, ...elite }, at) => ({
      ...elite,
      ...(again === undefined ? {} : { likeness: again.elites[at]! }),
      ...lineageOf(lineage, elite.id),
      argmax,
      argmaxName: classNames[argmax]!,
      file,
      // Read when asked for, one after the other: a thousand large images need not be in memory at once.
      get png() {
        return readElite(path, file);
      },
    })),
    ...(map === undefined ? {} : { map: reportMap(map, path, classNames) }),
    ...(networks === undefined ? {} : { networks }),
    ...(again === undefined ? {} : { secondLook: again.report }),
    ...(again?.showcase === undefined
      ? {}
      : {
          showcase: again.showcase.images.map(({ argmax, ...image }) => ({
            ...image,
            className: classNames[image.classIndex]!,
            argmaxName: classNames[argmax]!,
            png: readElite(path, image.file),
          })),
        }),
    statistics: { ...eliteStatistics(elites), replacements: state.replacements },
  };
}

/** Who made an image and its ancestors; nothing where one emitter makes all, or nothing is known of the image. */
function lineageOf(lineage: Lineage | undefined, id: number): { readonly lineage?: LineageSummary } {
  const [individual, ...ancestors] = lineage?.ancestors(id).toReversed() ?? [];
  if (individual === undefined) return {};
  const counts = new Map<string | undefined, number>();
  for (const { emitter } of ancestors) counts.set(emitter, (counts.get(emitter) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a).map(([emitter, count]) => ({ emitter, count }));
  return { lineage: { emitter: individual.emitter, ancestors: sorted } };
}

/** The map in the words of the report. */
function reportMap({ measures, niches, entries }: SavedMap, path: string, classNames: readonly string[]): FoolMap {
  return {
    measures,
    niches,
    entries: entries.map(({ argmax, ...entry }) => ({
      ...entry,
      argmaxName: classNames[argmax]!,
      className: classNames[entry.classIndex]!,
      get png() {
        return readElite(path, entry.file);
      },
    })),
  };
}

/** What a portfolio spent on whom, in the words of the report. */
function accountRows(accounts: SearchResult['accounts']): [name: string, value: string][] {
  return accounts.map(({ name, evaluations, gain }) => [
    `asked: ${name}`,
    `${evaluations.toLocaleString('en')} evaluations, which raised the log-odds of all classes by ${gain.toFixed(1)} together`,
  ]);
}

/** The names of all models that were searched, joined. */
function modelNames({ inputs }: JobConfig<FoolSettings>): string {
  const others = Object.entries(inputs).filter(([role]) => /^model \d+$/.test(role));
  return [inputs.model!, ...others.map(([, input]) => input)].map(({ name }) => name).join(' + ');
}

/** The settings in the words of the report. */
export function settingsTable(config: JobConfig<FoolSettings>): [name: string, value: string][] {
  const { encoding, emitter, archive, measures, generations, batch, device, set } = config.settings;
  const numbers = Object.entries(set).map(([name, value]): [string, string] => [name, String(value)]);
  return [
    ['model', modelNames(config)],
    ['model card', config.inputs['model card']!.name],
    ['emitter', emitter],
    ['encoding', encoding],
    ...(['generator', 'generator card'] as const).flatMap((role): [string, string][] => {
      const name = config.inputs[role]?.name;
      return name === undefined ? [] : [[role, name]];
    }),
    ['archive', archive],
    ...(measures === undefined ? [] : [['measures', measures.join(', ')] satisfies [string, string]]),
    ['seed', String(config.seed)],
    ['device', device],
    ...(generations === undefined ? [] : [['generations', String(generations)] satisfies [string, string]]),
    ['batch', String(batch)],
    ...numbers,
    ['Pareidolia', config.pareidolia],
    ['runtime', config.runtime],
    ['Node', config.node],
  ];
}
