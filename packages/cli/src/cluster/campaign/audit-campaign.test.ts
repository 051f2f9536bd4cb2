import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Recordable } from '@pareidolia/core';
import { audit, type CampaignResult } from '@pareidolia/lab';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeTinyNetwork } from '../../../../../tests/support/networks.ts';
import { writeAudit } from '../../audit/write-audit.ts';
import { sha256 } from '../../job/hash.ts';
import { readRecordable, writeRecordable } from '../../job/recordable.ts';
import { type AuditTask, parseResolvedPlan } from '../plan/resolved-plan.ts';
import { FolderStore } from '../store/folder-store.ts';
import { openPlannedModel } from '../units/planned-networks.ts';
import { auditedOf, auditOptions } from '../units/run-unit.ts';
import { mergeCampaigns } from './merge.ts';
import { ownObject } from './own-object.ts';
import { type StartRequest, startCampaign } from './start.ts';

// Models of tests are no strangers'.
process.env.PAREIDOLIA_TRUST_MODELS = '1';
vi.setConfig({ testTimeout: 600_000 });

const folder = mkdtempSync(join(tmpdir(), 'pareidolia-audits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
writeTinyNetwork(path('one.onnx'), { classes: 10, side: 28 });
writeTinyNetwork(path('two.onnx'), { classes: 4, seed: 2 });
writeFileSync(
  path('plan.yaml'),
  `models: [one.onnx, two.onnx]
searches:
  - { models: two, encodings: direct, seeds: 1, generations: 3, batch: 8 }
audits:
  - { models: one, data: digits, limit: 8 }
  - { models: two }
`,
);

const never = new AbortController().signal;
const quiet = { step: () => {}, begin: () => {}, notice: () => {}, progress: () => {} };

async function start(out: string, change: Partial<StartRequest> = {}, signal = never): Promise<CampaignResult> {
  const request = { plan: path('plan.yaml'), out: path(out), resume: false, threads: 1, ...change };
  return (await startCampaign(request, signal, quiet)).result!;
}

const keys = (out: string): string[] =>
  readFileSync(path(`${out}/journal.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).key);

/** Hashes of all files in a folder and below. */
function digests(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true }).map(String).sort();
  const files = names.filter((name) => statSync(join(root, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, sha256(readFileSync(join(root, name)))]));
}

describe('the audits of a campaign', () => {
  let alone: CampaignResult;
  beforeAll(async () => {
    alone = await start('alone', { local: 1 });
  }, 600_000);

  it('are done in many parts, and each comes to the same files as one that is not divided, byte for byte', async () => {
    expect(alone).toMatchObject({ complete: true, failures: {} });
    const objects = new FolderStore(path('alone'));
    const { plan } = parseResolvedPlan(new Uint8Array(readFileSync(path('alone/plan.json'))));
    for (const task of plan.tasks.filter((each): each is AuditTask => each.kind === 'audit')) {
      const parts = keys('alone').filter((key) => key.startsWith(`${task.name}/`));
      expect(parts.length).toBeGreaterThan(15);
      expect(new Set(parts.map((key) => key.split('/')[1])).size).toBeGreaterThan(2);
      const model = plan.models[task.model]!;
      const own = (hash: string): Promise<Uint8Array> => ownObject(hash, objects);
      const classifier = await openPlannedModel(model, 1, own);
      const options = await auditOptions(task, classifier, model, plan, own);
      const known = new Map<string, Recordable>();
      const whole = await audit(auditedOf(classifier, model), {
        ...options,
        unit: async (key, work) => {
          // As `pareidolia audit` keeps it.
          if (!known.has(key)) {
            const result = await work({ value: undefined, offer: () => {} });
            known.set(key, readRecordable(JSON.parse(JSON.stringify(writeRecordable(result)))));
          }
          return known.get(key) as never;
        },
      });
      const out = path(`whole-${task.name}`);
      mkdirSync(out);
      await writeAudit(out, whole);
      expect(digests(path(`alone/audits/${task.name}`))).toEqual(digests(out));
      expect(parts.map((key) => key.slice(task.name.length + 1)).sort()).toEqual([...known.keys()].sort());
      const units = JSON.parse(readFileSync(join(out, 'audit.json'), 'utf8')).queries.forward;
      expect(units).toBeGreaterThan(100);
      await classifier.dispose();
    }
  });

  it('come to the same hash with several processes, after a stop in between, and in parts of the plan', async () => {
    const stop = new AbortController();
    const stopping = startCampaign(
      { plan: path('plan.yaml'), out: path('stopped'), resume: false, threads: 1, local: 3 },
      stop.signal,
      { ...quiet, progress: ({ done }) => void (done > 12 && stop.abort()) },
    );
    expect((await stopping).ending).toBe('stopped');
    const before = keys('stopped');
    const resumed = await start('stopped', { resume: true, local: 3 });
    expect(resumed).toMatchObject({ complete: true, archive: alone.archive });
    expect(keys('stopped').slice(0, before.length)).toEqual(before);
    expect(new Set(keys('stopped')).size).toBe(keys('stopped').length);
    expect(digests(path('stopped/audits'))).toEqual(digests(path('alone/audits')));
    for (const index of [1, 2]) await start(`part-${index}`, { shard: { index, of: 2 } });
    const merged = await mergeCampaigns(
      { folders: ['part-2', 'part-1'].map(path), out: path('whole'), allowMixed: false, threads: 1 },
      never,
      quiet,
    );
    expect(merged.result).toMatchObject({ complete: true, archive: alone.archive });
    expect(digests(path('whole/audits'))).toEqual(digests(path('alone/audits')));
  });
});
