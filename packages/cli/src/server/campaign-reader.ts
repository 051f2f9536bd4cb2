/** @file The folder of a campaign as the studio shows it, without disturbing the process that works in it. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@pareidolia/core';
import type { CampaignTaskView, CampaignView, CampaignWorker } from '@pareidolia/studio';
import { z } from 'zod';
import { viewCampaign } from '../cluster/campaign/inspect-campaign.ts';
import { CAMPAIGN, type CampaignSettings } from '../cluster/campaign/settings.ts';
import { parseResolvedPlan, type ResolvedPlan } from '../cluster/plan/resolved-plan.ts';
import { OWN_MACHINE } from '../cluster/queue/local-queue.ts';
import { isAlive } from '../cluster/queue/worker-roll.ts';
import { knownUnits } from '../cluster/units/unit.ts';
import { readInput } from '../data/read.ts';
import { type JobConfig, readConfig } from '../job/config.ts';
import { Tail } from '../job/tail.ts';

/** Failed units that are shown. */
const MOST_FAILURES = 100;

/** What a line of the journal has to tell here. */
const LINE = z.object({ key: z.string(), result: z.object({ evaluations: z.int().min(0) }) });

export class CampaignReader {
  readonly id: string;
  readonly path: string;
  readonly config: JobConfig<CampaignSettings>;
  readonly #journal: Tail<z.infer<typeof LINE>>;
  readonly #done = new Map<string, Set<string>>();
  #evaluations = 0;
  #plan: ResolvedPlan | undefined;

  /** @throws InputError where the folder holds no campaign */
  constructor(id: string, path: string) {
    const config = readConfig(path, CAMPAIGN);
    if (config === undefined) {
      throw new InputError(`${path} holds no campaign; choose a folder that \`campaign start\` has written`);
    }
    this.id = id;
    this.path = path;
    this.config = config;
    this.#journal = new Tail(join(path, 'journal.jsonl'), LINE);
  }

  /** @throws InputError where the folder is damaged, or gone */
  view(): CampaignView {
    this.#read();
    const { name, process, status, failures } = viewCampaign(this.path);
    const failed = Object.entries(failures);
    const tasks = this.#tasks(failed.map(([unit]) => unit));
    const { shard } = this.config.settings;
    const now = status?.at === undefined ? 0 : Math.max(0, (Date.now() - status.at) / 1000);
    const done = [...this.#done.values()].reduce((sum, keys) => sum + keys.size, 0);
    const active = Math.min(status?.active ?? 0, status?.outstanding ?? 0);
    const isAtWork = process !== undefined && status?.state === 'running';
    return {
      status: {
        id: this.id,
        name,
        state: status?.state ?? (process === undefined ? 'stopped' : 'running'),
        queue: status?.queue ?? this.config.settings.queue ?? OWN_MACHINE,
        ...(shard === undefined ? {} : { shard }),
        done,
        active,
        waiting: Math.max(0, (status?.total ?? done + (status?.outstanding ?? 0)) - done - failed.length - active),
        failed: failed.length,
        ...(status?.total == null ? {} : { total: status.total }),
        mayGrow: status?.mayGrow ?? true,
        evaluations: this.#evaluations,
        evaluationsPerSecond: isAtWork ? status.evaluationsPerSecond : 0,
        ...(isAtWork && status.secondsLeft !== null ? { secondsLeft: Math.max(0, status.secondsLeft - now) } : {}),
        isAtLeast: status?.atLeast ?? true,
        ...(process === undefined || status?.trouble == null ? {} : { trouble: status.trouble }),
        hardware: status?.hardware ?? [],
        hasReport: existsSync(join(this.path, 'report.html')),
        folder: this.path,
      },
      workers: (status?.workers ?? []).map(({ secondsAgo, ended, ...worker }): CampaignWorker => {
        // Where the campaign has ended nobody has looked since.
        const state = ended || process === undefined ? 'ended' : isAlive({ ended, secondsAgo }) ? 'alive' : 'lost';
        return { ...worker, state, secondsAgo, unit: state === 'alive' ? worker.unit : null };
      }),
      tasks,
      failures: failed.slice(0, MOST_FAILURES).map(([unit, why]) => ({ unit, why })),
    };
  }

  /** @throws InputError where there is none yet */
  report(): string {
    const path = join(this.path, 'report.html');
    if (!existsSync(path)) throw new InputError('This campaign has no report yet; it is written when it ends');
    return readFileSync(path, 'utf8');
  }

  #read(): void {
    const { lines, anew } = this.#journal.read();
    if (anew) {
      this.#done.clear();
      this.#evaluations = 0;
    }
    for (const { key, result } of lines) {
      const slash = key.indexOf('/');
      const task = slash < 0 ? key : key.slice(0, slash);
      const keys = this.#done.get(task) ?? new Set();
      if (!keys.has(key)) this.#evaluations += result.evaluations;
      this.#done.set(task, keys.add(key));
    }
  }

  #tasks(failed: readonly string[]): readonly CampaignTaskView[] {
    const path = join(this.path, 'plan.json');
    if (this.#plan === undefined && !existsSync(path)) return [];
    this.#plan ??= parseResolvedPlan(new Uint8Array(readInput(path, 'plan'))).plan;
    const { tasks, models } = this.#plan;
    return tasks.map((task): CampaignTaskView => {
      const keys = this.#done.get(task.name) ?? new Set<string>();
      const { total, isComplete } = knownUnits(task, keys);
      return {
        name: task.name,
        kind: task.kind,
        model: models[task.model]!.name,
        done: keys.size,
        ...(total === undefined ? {} : { total }),
        isComplete,
        failed: failed.filter((key) => key === task.name || key.startsWith(`${task.name}/`)).length,
      };
    });
  }
}
