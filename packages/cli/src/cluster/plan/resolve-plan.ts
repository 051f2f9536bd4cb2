/** @file Decides everything that a plan leaves open: opens the models, multiplies the lists, reads the images, and packs all of it. */

import { basename } from 'node:path';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { loadGenerator } from '../../generator/generator-file.ts';
import { openNetwork } from '../../model/open-classifier.ts';
import { VERSION } from '../../version.ts';
import { attackTasks } from './attack-tasks.ts';
import { auditTasks } from './audit-tasks.ts';
import { PlanContext, type PlannedClassifier, type ResolveOptions } from './plan-context.ts';
import { nameOf, readPlannedGenerator, readPlannedModel } from './planned-files.ts';
import type { WrittenPlan } from './read-plan.ts';
import {
  type HashedPlan,
  PLAN_FORMAT,
  parseResolvedPlan,
  type ResolvedGenerator,
  type ResolvedModel,
  type ResolvedPlan,
  type Task,
  writePlan,
} from './resolved-plan.ts';
import { searchTasks } from './search-tasks.ts';

/**
 * @throws InputError where something in the plan cannot be used; it names the line
 */
export async function resolvePlan(written: WrittenPlan, options: ResolveOptions): Promise<HashedPlan> {
  const { plan } = written;
  const { signal, path } = options;
  const context = new PlanContext(written, options);
  const names = networkNames('models', context);
  const generatorNames = networkNames('generators', context);
  const generators: ResolvedGenerator[] = [];
  for (const [index, name] of generatorNames.entries()) {
    signal.throwIfAborted();
    generators.push(await context.within(['generators', index], () => resolveGenerator(index, name, context)));
  }
  const models: ResolvedModel[] = [];
  const tasks: Task[] = [];
  // Model by model: each is open once.
  for (const index of plan.models.keys()) {
    signal.throwIfAborted();
    const resolved = await context.within(['models', index], () => resolveModel(index, names[index]!, context));
    models.push(resolved.model);
    tasks.push(...resolved.tasks);
  }
  const resolved: ResolvedPlan = {
    format: PLAN_FORMAT,
    name: plan.name ?? basename(path).replace(/\.[^.]*$/, ''),
    pareidolia: VERSION,
    runtime: nodeRuntime().name,
    models,
    ...(generators.length === 0 ? {} : { generators }),
    tasks,
  };
  const bytes = writePlan(resolved);
  await context.put(bytes);
  // As a worker reads it: what a worker would refuse is told now.
  return parseResolvedPlan(bytes);
}

/** What entries call the models, or the generators. @throws InputError where two are called the same, or an entry names one that there is not */
function networkNames(kind: 'models' | 'generators', context: PlanContext): readonly string[] {
  const { plan } = context.written;
  const { searches = [], attacks = [], audits = [] } = plan;
  const names = (plan[kind] ?? []).map((network) => nameOf(network));
  const twice = names.findIndex((name, place) => names.indexOf(name) !== place);
  if (twice >= 0) {
    throw context.error([kind, twice], `Two ${kind} of the plan are called ${names[twice]}; give each a name`);
  }
  for (const [work, entries] of Object.entries({ searches, attacks, audits })) {
    for (const [place, entry] of entries.entries()) {
      const wanted = (entry as { readonly [each in typeof kind]?: readonly string[] })[kind] ?? [];
      const stranger = wanted.find((name) => !names.includes(name));
      if (stranger === undefined) continue;
      const known = names.length === 0 ? 'no generators; list it there' : `${names.join(', ')}; name one of these`;
      throw context.error([work, place, kind], `names ${stranger}, the plan has ${known}`);
    }
  }
  return names;
}

async function resolveGenerator(index: number, name: string, context: PlanContext): Promise<ResolvedGenerator> {
  const { onStep, onNotice } = context.options;
  onStep(`opening ${name}`);
  const file = await readPlannedGenerator(context.written.plan.generators![index]!, context);
  const generator = await loadGenerator(file, nodeRuntime());
  for (const notice of generator.notices) onNotice(notice);
  context.generators.push({ index, name, generator });
  return { name, ...(await context.putNetwork(file)), card: JSON.parse(JSON.stringify(generator.card)) };
}

/** Opens a model, and decides what is done with it, in the order of the plan. */
async function resolveModel(
  index: number,
  name: string,
  context: PlanContext,
): Promise<{ readonly model: ResolvedModel; readonly tasks: readonly Task[] }> {
  const { onStep, onNotice } = context.options;
  onStep(`opening ${name}`);
  const file = await readPlannedModel(context.written.plan.models[index]!, context);
  const classifier = await openNetwork(file, { runtime: nodeRuntime(), device: 'cpu', threads: 1 });
  try {
    for (const notice of classifier.notices) onNotice(`${name}: ${notice}`);
    const model: ResolvedModel = {
      name,
      ...(await context.putNetwork(file)),
      card: JSON.parse(JSON.stringify(file.card)),
      origin: file.origin,
      notices: [...file.notices],
    };
    return { model, tasks: await tasksOf({ index, name, file, classifier }, context) };
  } finally {
    await classifier.dispose();
  }
}

async function tasksOf(opened: PlannedClassifier, context: PlanContext): Promise<readonly Task[]> {
  const { searches = [], attacks = [], audits = [] } = context.written.plan;
  const tasks: Task[] = [];
  const add = async <T extends { readonly models?: readonly string[] | undefined }>(
    kind: string,
    entries: readonly T[],
    tasksOf: (entry: T, opened: PlannedClassifier, context: PlanContext) => readonly Task[] | Promise<readonly Task[]>,
  ): Promise<void> => {
    for (const [place, entry] of entries.entries()) {
      if (entry.models !== undefined && !entry.models.includes(opened.name)) continue;
      tasks.push(...(await context.within([kind, place], () => tasksOf(entry, opened, context))));
    }
  };
  await add('searches', searches, searchTasks);
  await add('attacks', attacks, attackTasks);
  await add('audits', audits, auditTasks);
  return tasks;
}
