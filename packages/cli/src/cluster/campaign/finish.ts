/** @file The end of a campaign: images, tables and reports. All of it follows from the journal and may be written again. */

import { join } from 'node:path';
import {
  archiveNamed,
  confidenceStatistics,
  type Elite,
  InputError,
  type SearchSpec,
  searchEncoding,
} from '@pareidolia/core';
import {
  type AuditOptions,
  audit,
  type CampaignAttack,
  type CampaignAudit,
  type CampaignResult,
  type CampaignSearch,
  type CampaignSeed,
  renderCampaignReport,
} from '@pareidolia/lab';
import { writeAttacks } from '../../attack/finish.ts';
import { readUnitResult } from '../../attack/read-unit-result.ts';
import type { UnitResult } from '../../attack/unit-result.ts';
import { unitsOf } from '../../attack/units.ts';
import { writeAudit } from '../../audit/write-audit.ts';
import { type SavedElite, saveElites } from '../../fool/elites.ts';
import { eliteStatistics } from '../../fool/result.ts';
import { makeFolderIn, writeAtomically } from '../../job/files.ts';
import type { Results } from '../../job/unit.ts';
import type { OpenedClassifier } from '../../model/open-classifier.ts';
import { VERSION } from '../../version.ts';
import type { AttackTask, AuditTask, HashedPlan, ResolvedModel, SearchTask } from '../plan/resolved-plan.ts';
import type { ObjectStore } from '../store/store.ts';
import { type AuditPart, readAuditIndex, readAuditPart } from '../units/audit-object.ts';
import { openPlannedModel, searchResources } from '../units/planned-networks.ts';
import { attackContext, auditedOf, auditOptions, readAttackResult } from '../units/run-unit.ts';
import { readIsland } from '../units/search-object.ts';
import { knownUnits, sharesOf } from '../units/unit.ts';
import { archiveHash, endsOf, shareCells } from './archive-hash.ts';
import type { Ledger } from './ledger.ts';
import { ownObject } from './own-object.ts';

export interface FinishOptions {
  readonly out: string;
  readonly plan: HashedPlan;
  readonly ledger: Ledger;
  readonly objects: ObjectStore;
  readonly failures: ReadonlyMap<string, string>;
  readonly threads: number;
  /** That does the campaign again. */
  readonly command: string;
  readonly signal: AbortSignal;
  onTask(name: string): void;
}

/** @throws DiskError; the signal's reason */
export async function finishCampaign(options: FinishOptions): Promise<CampaignResult> {
  const {
    plan: { plan, hash },
    ledger,
    failures,
    out,
    objects,
    signal,
  } = options;
  const searches: CampaignSearch[] = [];
  const attacks: CampaignAttack[] = [];
  const audits: CampaignAudit[] = [];
  for (const [index, model] of plan.models.entries()) {
    const tasks = plan.tasks.filter((task) => task.model === index && isComplete(task, ledger));
    if (tasks.length === 0) continue;
    const classifier = await openPlannedModel(model, options.threads, (hash) => ownObject(hash, objects));
    try {
      for (const task of tasks) {
        signal.throwIfAborted();
        options.onTask(task.name);
        if (task.kind === 'search') searches.push(await finishSearch(task, model, classifier, options));
        else if (task.kind === 'attack') attacks.push(await finishAttack(task, model, classifier, options));
        else audits.push(await finishAudit(task, model, classifier, options));
      }
    } finally {
      await classifier.dispose();
    }
  }
  const archive = await archiveHash(plan, ledger, objects);
  const entries = [...ledger.entries()];
  const totals = plan.tasks.map((task) => knownUnits(task, keysOf(task.name, ledger)).total);
  const { hardware } = ledger;
  const result: CampaignResult = {
    name: plan.name,
    plan: hash,
    pareidolia: VERSION,
    runtime: plan.runtime,
    archive: archive ?? null,
    complete: archive !== undefined,
    units: {
      done: entries.length,
      total: totals.some((count) => count === undefined)
        ? null
        : totals.reduce<number>((sum, count) => sum + count!, 0),
      failed: failures.size,
    },
    seconds: entries.reduce((sum, [key]) => sum + ledger.seconds(key), 0),
    evaluations: entries.reduce((sum, [, { evaluations }]) => sum + evaluations, 0),
    hardware,
    mixedHardware: hardware.length > 1,
    searches,
    attacks,
    audits,
    failures: Object.fromEntries(failures),
  };
  writeAtomically(join(out, 'report.html'), renderCampaignReport(result, options.command));
  writeAtomically(join(out, 'campaign.json'), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/** The finished units of a task. */
function keysOf(name: string, ledger: Ledger): ReadonlySet<string> {
  const keys = [...ledger.entries()].map(([key]) => key);
  return new Set(keys.filter((key) => key === name || key.startsWith(`${name}/`)));
}

function isComplete(task: HashedPlan['plan']['tasks'][number], ledger: Ledger): boolean {
  if (task.kind === 'audit') return ledger.get(task.name) !== undefined;
  if (task.kind === 'attack') return task.units.every(({ key }) => ledger.get(`${task.name}/${key}`) !== undefined);
  for (let share = 0; share < sharesOf(task); share++)
    if (endsOf(task, share, ledger).includes(undefined)) return false;
  return true;
}

async function finishSearch(
  task: SearchTask,
  model: ResolvedModel,
  scorer: OpenedClassifier,
  { out, ledger, objects, plan: { plan } }: FinishOptions,
): Promise<CampaignSearch> {
  const folder = makeFolderIn(out, 'searches', task.name);
  const saved: SavedElite[] = [];
  const bySeed = new Map<number, { evaluations: number; confidences: number[] }>();
  const genomes = new Set<string>();
  const resources = await searchResources(task, plan, scorer.shape, (hash) => ownObject(hash, objects));
  const encoding = searchEncoding(task.spec, scorer.shape, resources);
  for (let share = 0; share < sharesOf(task); share++) {
    const ends = endsOf(task, share, ledger).map((end) => end!);
    for (const { island, entry } of ends) {
      const { state } = readIsland(await ownObject(entry.object, objects), island.classes.length);
      const seed = bySeed.get(island.planned) ?? { evaluations: 0, confidences: [] };
      seed.evaluations += state.evaluations;
      seed.confidences.push(...state.elites.map((elite) => elite?.confidence ?? 0));
      bySeed.set(island.planned, seed);
    }
    const cells = await shareCells(task, share, ledger, objects);
    const archive = archiveNamed(task.spec.archive).create(
      { classIndices: ends[0]!.island.classes, measures: [], seed: 0 },
      {},
    );
    const ids = new Map<string, number>();
    cells!.forEach((elite, cell) => {
      if (elite === null) return;
      const key = Buffer.from(elite.genome).toString('latin1');
      genomes.add(key);
      const id = ids.get(key) ?? ids.size;
      ids.set(key, id);
      archive.restore(cell, { ...elite, id } satisfies Elite);
    });
    saved.push(...(await saveElites(folder, archive, { scorer, classNames: scorer.classNames, encoding })));
  }
  await encoding.dispose?.();
  const { mean, median, worst, shareAbove99 } = eliteStatistics(saved);
  const seeds = [...bySeed].map(([seed, { evaluations, confidences }]): CampaignSeed => {
    const own = confidenceStatistics(confidences);
    return { seed, evaluations, median: own.median, worst: own.worst };
  });
  const spec = task.spec as SearchSpec;
  const outcome: CampaignSearch = {
    name: task.name,
    model: model.name,
    encoding: spec.encoding.name,
    ...(task.generator === undefined ? {} : { generator: plan.generators![task.generator]!.name }),
    emitter: spec.emitter.name,
    classes: task.classes.length,
    generations: spec.generations ?? null,
    evaluations: seeds.reduce((sum, { evaluations }) => sum + evaluations, 0),
    exchange: task.exchange,
    seeds,
    median,
    mean,
    worst,
    shareAbove99,
    distinctImages: genomes.size,
    folder: `searches/${task.name}`,
  };
  const classes = saved.map(({ id: _, ...elite }) => elite);
  writeAtomically(join(folder, 'result.json'), `${JSON.stringify({ ...outcome, perClass: classes }, null, 2)}\n`);
  return outcome;
}

async function finishAttack(
  task: AttackTask,
  model: ResolvedModel,
  classifier: OpenedClassifier,
  { out, ledger, objects, plan }: FinishOptions,
): Promise<CampaignAttack> {
  const folder = makeFolderIn(out, 'attacks', task.name);
  const context = await attackContext(task, classifier, await ownObject(task.subjects.sha256, objects));
  const units = unitsOf(context);
  const bounds = {
    images: context.subjects.images.count,
    classes: classifier.numClasses,
    size: context.subjects.images.data.length / context.subjects.images.count,
  };
  const read = new Map<string, UnitResult>();
  for (const { key } of units) {
    const bytes = await ownObject(ledger.get(`${task.name}/${key}`)!.object, objects);
    read.set(key, readUnitResult(readAttackResult(bytes), bounds));
  }
  const results: Results<UnitResult> = {
    has: (key) => read.has(key),
    of: (key) => read.get(key)!,
    seconds: (key) => ledger.seconds(`${task.name}/${key}`),
  };
  const { subjects } = context;
  const outcome = await writeAttacks(context, units, results, {
    version: VERSION,
    runtime: plan.plan.runtime,
    command: `npx pareidolia campaign merge ${out}`,
    model: {
      name: model.name,
      sha256: model.sha256,
      classes: classifier.numClasses,
      scores: classifier.reading.why,
      notices: classifier.notices,
    },
    images: {
      origin: subjects.origin,
      count: subjects.images.count,
      labelling: subjects.labelling,
      leftOut: subjects.leftOut,
    },
    card: model.origin,
    quantize: task.settings.quantize,
    seed: task.seed,
    remarks: [],
    out: folder,
    complete: true,
  });
  return {
    name: task.name,
    model: model.name,
    attack: task.settings.attack,
    seed: task.seed,
    summaries: outcome.summaries,
    report: `attacks/${task.name}/report.html`,
  };
}

async function finishAudit(
  task: AuditTask,
  model: ResolvedModel,
  classifier: OpenedClassifier,
  { out, ledger, objects, plan }: FinishOptions,
): Promise<CampaignAudit> {
  const folder = makeFolderIn(out, 'audits', task.name);
  const index = readAuditIndex(await ownObject(ledger.get(task.name)!.object, objects));
  // All of them first: an object that is missing is nothing that an audit should take for an answer.
  const parts = new Map<string, AuditPart>();
  for (const [key, hash] of index) parts.set(key, readAuditPart(await ownObject(hash, objects)));
  const options = await auditOptions(task, classifier, model, plan.plan, (hash) => ownObject(hash, objects));
  const unit: AuditOptions['unit'] = async (key) => {
    const came = parts.get(key);
    if (came === undefined) throw new Error(`${task.name}: the audit lacks ${key}; it was done by another version`);
    if ('refused' in came) throw new InputError(came.refused);
    return came.result as never;
  };
  const audited = await audit(auditedOf(classifier, model), { ...options, unit });
  await writeAudit(folder, audited);
  return {
    name: task.name,
    model: model.name,
    seed: task.seed,
    budget: task.settings.budget,
    // Rules that were judged and have nothing to say are no findings.
    findings: audited.result.findings
      .filter(({ severity }) => severity !== 'none')
      .map(({ ruleId, severity, title }) => ({ ruleId, severity, title })),
    report: `audits/${task.name}/report.html`,
  };
}
