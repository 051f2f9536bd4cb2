/** @file What `pareidolia campaign start` does, from the request to the report. */

import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import type { CampaignResult } from '@pareidolia/lab';
import { quote } from '../../job/command-line.ts';
import { type JobInput, newConfig, readConfig } from '../../job/config.ts';
import { writeAtomically } from '../../job/files.ts';
import { freeFolder, JobFolder, requireRoom } from '../../job/folder.ts';
import { weightInputs } from '../../model/model-inputs.ts';
import { VERSION } from '../../version.ts';
import { readPlan, type WrittenPlan } from '../plan/read-plan.ts';
import { resolvePlan } from '../plan/resolve-plan.ts';
import { type HashedPlan, parseResolvedPlan, type ResolvedModel } from '../plan/resolved-plan.ts';
import { LocalQueue } from '../queue/local-queue.ts';
import type { UnitQueue } from '../queue/unit-queue.ts';
import type { WorkerSeen } from '../queue/worker-roll.ts';
import { FolderStore } from '../store/folder-store.ts';
import type { ObjectStore } from '../store/store.ts';
import { hardwareOf } from '../units/hardware.ts';
import { auditsOf, countUnits, type Shard, shardOf, strandsOf } from '../units/unroll.ts';
import { ProcessExecutor } from '../worker/executor.ts';
import { type CampaignStatus, readControl, readFailures, writeControl, writeFailures, writeStatus } from './control.ts';
import { Coordinator, type CoordinatorEnding, type CoordinatorStanding } from './coordinator.ts';
import { finishCampaign } from './finish.ts';
import { Ledger } from './ledger.ts';
import { openAudit } from './open-audit.ts';
import { resumeWords } from './resume-words.ts';
import { CAMPAIGN, type CampaignSettings } from './settings.ts';

export interface StartRequest {
  /** Path of the plan; where a campaign is resumed, its folder knows it. */
  readonly plan?: string;
  readonly out?: string;
  readonly resume: boolean;
  /** Processes on this machine. */
  readonly local?: number;
  readonly shard?: Shard;
  /** Opens the queue, for a campaign on many machines. */
  readonly openQueue?: (onTrouble: (trouble: string | undefined) => void) => Promise<UnitQueue>;
  readonly allowMixed?: boolean;
  /** Units that are given away at a time; four for each process on this machine when absent. */
  readonly window?: number;
  /** Threads of each process on this machine. */
  readonly threads: number;
}

export interface StartObserver {
  step(what: string): void;
  begin(beginning: {
    readonly name: string;
    readonly out: string;
    readonly resumed: boolean;
    readonly where: string;
    /** Besides those of audits. */
    readonly units: number | undefined;
    readonly audits: number;
    readonly shard: string | undefined;
    readonly strands: number | undefined;
  }): void;
  notice(notice: string): void;
  progress(status: CampaignStatus): void;
}

export interface StartOutcome {
  readonly ending: CoordinatorEnding;
  readonly out: string;
  /** Where it has ended, or is one shard of several. */
  readonly result: CampaignResult | undefined;
  readonly failures: ReadonlyMap<string, string>;
  readonly done: number;
  readonly total: number | undefined;
}

/**
 * @param signal once aborted, what is finished stays written, and the campaign is left
 * @throws InputError where something the user gave cannot be used; DiskError
 */
export async function startCampaign(
  request: StartRequest,
  signal: AbortSignal,
  observer: StartObserver,
): Promise<StartOutcome> {
  const mode = request.resume ? 'resume' : 'begin';
  if (request.resume && request.out === undefined) {
    throw new InputError('--resume needs --out, the folder of the campaign to go on with');
  }
  if (request.out !== undefined) requireRoom(request.out, CAMPAIGN, mode);
  const before = request.resume ? readConfig(request.out!, CAMPAIGN) : undefined;
  const planned = request.plan === undefined ? undefined : readPlan(request.plan);
  const shard = request.shard === undefined ? undefined : `${request.shard.index}/${request.shard.of}`;
  let trouble: string | undefined;
  let told = observer.notice;
  const queue = await request.openQueue?.((now) => {
    if (now !== trouble) told(now === undefined ? 'The queue answers again, and the campaign goes on' : now);
    trouble = now;
  });
  try {
    const memory = new MemoryStore();
    const plan = await planOf(request, planned, before?.settings, memory, signal, observer);
    const settings: CampaignSettings = {
      plan: plan.hash,
      name: plan.plan.name,
      ...(shard === undefined ? {} : { shard }),
      allowMixed: request.allowMixed ?? before?.settings.allowMixed ?? false,
      ...(queue === undefined ? {} : { queue: queue.where }),
    };
    const config = newConfig(CAMPAIGN, {
      runtime: nodeRuntime().name,
      inputs: { ...networkInputs('model', plan.plan.models), ...networkInputs('generator', plan.plan.generators) },
      settings,
      seed: null,
      command: commandOf(request),
    });
    const stem = shard === undefined ? 'campaign' : `campaign-${request.shard!.index}-of-${request.shard!.of}`;
    const out = request.out ?? freeFolder(join('runs', stem));
    const folder = JobFolder.open(out, CAMPAIGN, config, mode, (old, now) => ({
      settings: now.settings,
      command: request.plan === undefined ? old.command : now.command,
    }));
    return await folder.use(resumeWords(out), async () => {
      const objects = new FolderStore(out);
      for (const [hash, content] of memory.objects) await objects.put(hash, content);
      memory.objects.clear();
      writeAtomically(join(out, 'plan.json'), plan.bytes);
      folder.keep();
      if (folder.resumed) writeControl(out, { cancelled: false, paused: false });
      const ledger = new Ledger(folder.journal());
      // What failed before is tried again.
      const failures = new Map<string, string>();
      if (readFailures(out).size > 0) writeFailures(out, failures);
      const local = queue ?? (await localQueue(request, objects));
      const units = countUnits(shardOf(plan.plan, request.shard));
      const audits = auditsOf(shardOf(plan.plan, request.shard)).length;
      const part = request.shard === undefined ? undefined : strandCount(plan);
      observer.begin({
        name: plan.plan.name,
        out,
        resumed: folder.resumed,
        where: local.where,
        units,
        audits,
        shard,
        strands: part,
      });
      let known: readonly WorkerSeen[] = [];
      const stop = new AbortController();
      const status = async (standing: CoordinatorStanding, state?: CampaignStatus['state']): Promise<void> => {
        const [held, workers] = await Promise.all([inTime(local.counts()), inTime(local.workers())]);
        const now: CampaignStatus = {
          at: Date.now(),
          state: state ?? (standing.paused ? 'paused' : 'running'),
          total: standing.total ?? null,
          mayGrow: standing.mayGrow,
          done: standing.done,
          failed: standing.failed,
          outstanding: standing.outstanding,
          waiting: held?.waiting ?? 0,
          active: held?.active ?? 0,
          workers: [...(workers ?? known)],
          evaluations: standing.evaluations,
          evaluationsPerSecond: standing.evaluationsPerSecond,
          secondsLeft: standing.secondsLeft ?? null,
          atLeast: standing.atLeast,
          trouble: trouble ?? null,
          hardware: [...ledger.hardware],
          queue: local.where,
        };
        known = now.workers;
        writeStatus(out, now);
        observer.progress(now);
      };
      const coordinator = new Coordinator({
        plan,
        shard: request.shard,
        ledger,
        objects,
        queue: local,
        openAudit: (task) => openAudit(task, plan.plan, objects),
        version: VERSION,
        allowMixed: settings.allowMixed,
        window: request.window ?? 4 * (request.local ?? 16),
        failures,
        signal: AbortSignal.any([signal, stop.signal]),
        now: () => performance.now(),
        control: () => readControl(out),
        onFailures: (failed) => writeFailures(out, failed),
        onUnit: () => {},
        onStatus: (standing) => {
          // What is only told is no reason to end.
          status(standing).catch(() => {});
        },
        onNotice: observer.notice,
      });
      try {
        const ending = await coordinator.run();
        told = () => {};
        await local.close();
        const unfinished = ending === 'stopped' || ending === 'cancelled';
        const result = unfinished
          ? undefined
          : await finishCampaign({
              out,
              plan,
              ledger,
              objects,
              failures,
              threads: request.threads,
              command: folder.config.command,
              signal,
              onTask: (name) => observer.step(`writing ${name}`),
            });
        await status(coordinator.standing(false), ending);
        return { ending, out, result, failures, done: ledger.size, total: coordinator.standing(false).total };
      } finally {
        await local.close();
      }
    });
  } finally {
    await queue?.close();
  }
}

/** What a queue says within half a second. */
async function inTime<T>(asked: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, 500, undefined);
  });
  try {
    return await Promise.race([asked, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

async function localQueue(request: StartRequest, objects: ObjectStore): Promise<UnitQueue> {
  const executors = Array.from({ length: request.local ?? 1 }, () => new ProcessExecutor(request.threads));
  return new LocalQueue({ executors, store: objects, hardware: await hardwareOf() });
}

/** Networks of a plan, with their files of weights, as the folder's configuration names them. */
function networkInputs(
  what: string,
  networks: readonly Pick<ResolvedModel, 'name' | 'sha256' | 'weights'>[] = [],
): Record<string, JobInput> {
  const inputs = networks.map(({ name, sha256, weights = [] }) => ({
    [`${what} ${name}`]: { name, sha256 },
    ...weightInputs(new Map(weights.map((each) => [each.location, each.sha256])), `${what} ${name}`),
  }));
  return Object.assign({}, ...inputs);
}

function strandCount(plan: HashedPlan): number {
  let count = 0;
  for (const _ of strandsOf(plan.plan)) count++;
  return count;
}

function commandOf({ plan = 'plan.yaml', shard }: StartRequest): string {
  const part = shard === undefined ? '' : ` --shard ${shard.index}/${shard.of}`;
  return `npx pareidolia campaign start ${quote(plan)}${part}`;
}

async function planOf(
  request: StartRequest,
  planned: WrittenPlan | undefined,
  before: CampaignSettings | undefined,
  store: MemoryStore,
  signal: AbortSignal,
  observer: StartObserver,
): Promise<HashedPlan> {
  if (planned !== undefined) {
    const options = { store, path: request.plan!, signal, onStep: observer.step, onNotice: observer.notice };
    return resolvePlan(planned, options);
  }
  if (before === undefined)
    throw new InputError('There is no plan; name its file: pareidolia campaign start plan.yaml');
  const bytes = await new FolderStore(request.out!).get(before.plan);
  if (bytes === undefined) {
    throw new InputError(
      `${request.out} has lost its plan; name the file again: pareidolia campaign start plan.yaml --resume --out ${request.out}`,
    );
  }
  return parseResolvedPlan(bytes);
}

/** Objects that are packed before there is a folder for them: nothing is written before all is known to be right. */
class MemoryStore implements ObjectStore {
  readonly where = 'memory';
  readonly most = 2 ** 31 - 1;
  readonly objects = new Map<string, Uint8Array>();

  async get(hash: string): Promise<Uint8Array | undefined> {
    return this.objects.get(hash);
  }

  async put(hash: string, bytes: Uint8Array): Promise<void> {
    this.objects.set(hash, bytes);
  }
}
