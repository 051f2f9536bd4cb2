import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeviceError, InputError, MachineError, OnnxClassifier, RunError } from '@pareidolia/core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeTinyNetwork } from '../../../../../tests/support/networks.ts';
import { sha256 } from '../../job/hash.ts';
import { AuditUnroller } from '../campaign/audit-unroller.ts';
import { openAudit } from '../campaign/open-audit.ts';
import { ownObject } from '../campaign/own-object.ts';
import { parsePlan } from '../plan/read-plan.ts';
import { resolvePlan } from '../plan/resolve-plan.ts';
import type { AuditTask, HashedPlan } from '../plan/resolved-plan.ts';
import { FolderStore } from '../store/folder-store.ts';
import { readAuditPart, writeAuditIndex } from './audit-object.ts';
import { partOf, UnitExecutor, type UnitResult } from './run-unit.ts';
import type { Unit } from './unit.ts';
import { strandsOf, Unroller } from './unroll.ts';

// Models of tests are no strangers'.
process.env.PAREIDOLIA_TRUST_MODELS = '1';
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const folder = mkdtempSync(join(tmpdir(), 'pareidolia-units-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());
writeTinyNetwork(join(folder, 'net.onnx'), { classes: 10, side: 28 });
const PLAN = `models: [net.onnx]
searches:
  - { encodings: direct, seeds: 1, generations: 2, batch: 4 }
  - { emitters: gradient-ascent, seeds: 1, generations: 2, settings: { starts: 1 } }
attacks:
  - { attacks: [pgd, square], epsilons: 0.1, data: digits, limit: 2, budgets: 20 }
audits:
  - { data: digits, limit: 4 }
`;

describe('a part of an audit', () => {
  it('that is refused wherever it is tried is a result', async () => {
    for (const error of [new InputError('it has one class'), new RunError('it runs on no such image')]) {
      expect(await partOf(() => Promise.reject(error))).toEqual({ refused: error.message });
    }
  });

  it('that this machine cannot do is none', async () => {
    for (const error of [new MachineError('no memory'), new DeviceError('no runtime')]) {
      await expect(partOf(() => Promise.reject(error))).rejects.toBe(error);
    }
  });
});

describe('a machine whose memory ends while a unit is done', () => {
  const objects = new FolderStore(folder);
  const units: Unit[] = [];
  let plan: HashedPlan;
  let empty: string;
  beforeAll(async () => {
    const quiet = { store: objects, signal: new AbortController().signal, onStep: () => {}, onNotice: () => {} };
    const path = join(folder, 'plan.yaml');
    writeFileSync(path, PLAN);
    plan = await resolvePlan(parsePlan(PLAN, path), { ...quiet, path });
    const index = writeAuditIndex([]);
    empty = sha256(index);
    await objects.put(empty, index);
    const unroller = new Unroller(strandsOf(plan.plan), () => undefined);
    for (let ready = unroller.next(); ready !== undefined; ready = unroller.next()) units.push(ready.unit);
    const audits = new AuditUnroller({
      tasks: plan.plan.tasks.filter((task): task is AuditTask => task.kind === 'audit'),
      open: (task) => openAudit(task, plan.plan, objects),
      known: async () => undefined,
      onAsked: () => {},
    });
    for (let part = await audits.next(); part !== undefined; part = await audits.next()) units.push(part);
    await audits.dispose();
  });

  it('makes no result of it, and the same unit done again comes to what it comes to elsewhere', async () => {
    expect(new Set(units.map(({ kind }) => kind))).toEqual(new Set(['search', 'attack', 'audit']));
    expect(units.filter(({ kind }) => kind === 'audit').length).toBeGreaterThan(3);
    const [executor, other] = [new UnitExecutor(1), new UnitExecutor(1)];
    const run = (by: UnitExecutor, unit: Unit): Promise<UnitResult> =>
      by.run({
        plan: plan.plan,
        unit,
        ...(unit.kind === 'audit' ? { previous: empty } : {}),
        fetch: (hash) => ownObject(hash, objects),
        progress: () => {},
      });
    let failed = 0;
    for (const unit of units) {
      const expected = await run(other, unit);
      if (unit.kind === 'audit') expect(readAuditPart(expected.bytes)).toHaveProperty('result');
      for (const method of ['predict', 'logits', 'gradient'] as const) {
        const spy = vi.spyOn(OnnxClassifier.prototype, method);
        spy.mockRejectedValueOnce(new MachineError('Failed to allocate memory'));
        const ended = await run(executor, unit).catch((error: unknown) => error);
        const isReached = spy.mock.calls.length > 0;
        spy.mockRestore();
        if (!isReached) continue;
        expect(ended, `${unit.key}, ${method}`).toBeInstanceOf(MachineError);
        failed++;
      }
      expect(sha256((await run(executor, unit)).bytes)).toBe(sha256(expected.bytes));
    }
    expect(failed).toBeGreaterThanOrEqual(units.length);
    await executor.dispose();
    await other.dispose();
  });
});
