/**
 * @file A campaign without networks: units whose results are hashes of all that they are made of, so that a wrong input, order or
 * merge shows in the hash of the whole.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../job/hash.ts';
import { Journal } from '../../job/journal.ts';
import { VERSION } from '../../version.ts';
import { archiveHash } from '../campaign/archive-hash.ts';
import type { Control } from '../campaign/control.ts';
import { Coordinator, type CoordinatorEnding, type CoordinatorOptions } from '../campaign/coordinator.ts';
import { Ledger } from '../campaign/ledger.ts';
import { type HashedPlan, parseResolvedPlan, type SearchTask, writePlan } from '../plan/resolved-plan.ts';
import type { UnitQueue } from '../queue/unit-queue.ts';
import { FolderStore } from '../store/folder-store.ts';
import type { UnitResult } from '../units/run-unit.ts';
import { writeIsland } from '../units/search-object.ts';
import { epochsOf, unitOf } from '../units/unit.ts';
import type { Executor, UnitOrder } from '../worker/executor.ts';

const MODEL = new TextEncoder().encode('no network');

/** Islands that exchange, islands in shares, and units by themselves. */
export function fakePlan(
  change: Partial<Pick<SearchTask, 'seeds' | 'classes' | 'share' | 'exchange' | 'epoch'>> = {},
): HashedPlan {
  const spec = {
    encoding: { name: 'direct', settings: {} },
    emitter: { name: 'mutation', settings: {} },
    archive: 'classes',
    generations: 5,
    batch: 4,
  };
  const search = { kind: 'search' as const, model: 0, spec };
  const ref = { sha256: sha256(MODEL), size: MODEL.length };
  return parseResolvedPlan(
    writePlan({
      format: 1,
      name: 'fake',
      pareidolia: VERSION,
      runtime: 'none',
      models: [{ name: 'm', ...ref, card: {} as never, origin: '', notices: [] }],
      tasks: [
        {
          ...search,
          name: 'together',
          classes: [0, 1, 2],
          seeds: [1, 2, 3],
          share: 3,
          epoch: 2,
          exchange: true,
          ...change,
        },
        { ...search, name: 'apart', classes: [0, 1, 2, 3], seeds: [4, 5], share: 3, epoch: 3, exchange: false },
      ],
    }),
  );
}

/** Computes hashes, after some time. */
export class FakeExecutor implements Executor {
  runs = 0;
  readonly #milliseconds: number;
  readonly #before: (order: UnitOrder) => Promise<void> | void;

  /** @param before called before a unit is done; what it throws is the unit's error */
  constructor(milliseconds = 0, before: (order: UnitOrder) => Promise<void> | void = () => {}) {
    this.#milliseconds = milliseconds;
    this.#before = before;
  }

  async run(order: UnitOrder, fetch: (hash: string) => Promise<Uint8Array>): Promise<UnitResult> {
    const { plan } = parseResolvedPlan(await fetch(order.plan));
    const unit = unitOf(plan, order.key)!;
    await fetch(plan.models[0]!.sha256);
    const inputs: Uint8Array[] = [];
    for (const hash of [order.previous, order.elites]) if (hash !== undefined) inputs.push(await fetch(hash));
    await this.#before(order);
    await new Promise((resolve) => setTimeout(resolve, this.#milliseconds));
    this.runs++;
    if (unit.kind !== 'search') throw new Error('a fake plan has searches only');
    const elites = unit.island.classes.map((classIndex) => {
      const genome = Buffer.from(sha256(order.key, String(classIndex), ...inputs), 'hex');
      return { genome: new Uint8Array(genome), confidence: genome.readUInt32LE() / 2 ** 32, id: classIndex };
    });
    const last = unit.epoch + 1 === epochsOf(unit.task);
    const counts = { generations: 1, candidates: 1, evaluations: 1, replacements: 1 };
    return { bytes: writeIsland({ state: { ...counts, elites, emitter: null }, done: last }), last, evaluations: 7 };
  }

  dispose(): void {}
}

/** The folder of a fake campaign. */
export class FakeFolder {
  readonly path: string;
  readonly objects: FolderStore;
  readonly notices: string[] = [];
  readonly failures = new Map<string, string>();
  readonly #plan: HashedPlan;
  control: Control = { paused: false, cancelled: false, retries: 0 };

  /** @param path a new one when absent */
  constructor(plan: HashedPlan, path = mkdtempSync(join(tmpdir(), 'pareidolia-campaign-'))) {
    this.#plan = plan;
    this.path = path;
    this.objects = new FolderStore(path);
  }

  /** Runs the campaign in it, or goes on. */
  async run(queue: UnitQueue, change: Partial<CoordinatorOptions> = {}): Promise<CoordinatorEnding> {
    await this.objects.put(this.#plan.hash, this.#plan.bytes);
    await this.objects.put(sha256(MODEL), MODEL);
    const journal = new Journal(join(this.path, 'journal.jsonl'));
    try {
      return await new Coordinator({
        plan: this.#plan,
        ledger: new Ledger(journal),
        objects: this.objects,
        queue,
        openAudit: () => Promise.reject(new Error('a fake plan has searches only')),
        version: VERSION,
        allowMixed: false,
        window: 8,
        failures: this.failures,
        signal: new AbortController().signal,
        now: () => performance.now(),
        control: () => this.control,
        onFailures: () => {},
        onUnit: () => {},
        onStatus: () => {},
        onNotice: (notice) => this.notices.push(notice),
        ...change,
      }).run();
    } finally {
      journal.close();
    }
  }

  /** Of all that was found; `undefined` where units are missing. */
  async hash(): Promise<string | undefined> {
    return this.#read((ledger) => archiveHash(this.#plan.plan, ledger, this.objects));
  }

  units(): Promise<readonly string[]> {
    return this.#read(async (ledger) => [...ledger.entries()].map(([key]) => key));
  }

  async #read<T>(look: (ledger: Ledger) => Promise<T>): Promise<T> {
    const journal = new Journal(join(this.path, 'journal.jsonl'));
    try {
      return await look(new Ledger(journal));
    } finally {
      journal.close();
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
