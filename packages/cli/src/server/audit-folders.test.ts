import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditedClassifier, audit, CHECKS } from '@pareidolia/lab';
import { afterAll, describe, expect, it } from 'vitest';
import { AuditFolders } from './audit-folders.ts';

/** Takes everything for its first class, with certainty. */
const sure: AuditedClassifier = {
  shape: { channels: 3, height: 6, width: 5 },
  numClasses: 2,
  classNames: ['a', 'b'],
  where: 'sure.onnx',
  predict: async ({ count }) => ({ count, numClasses: 2, data: scores(count, [1, 0]) }),
  logits: async ({ count }) => ({ count, numClasses: 2, data: scores(count, [50, -50]) }),
  gradient: async ({ count }) => ({
    logits: scores(count, [50, -50]),
    value: new Float32Array(count),
    gradient: new Float32Array(90 * count),
  }),
};

function scores(count: number, row: readonly number[]): Float32Array {
  return Float32Array.from({ length: 2 * count }, (_, i) => row[i % 2]!);
}

describe('the audits of a server', () => {
  const root = mkdtempSync(join(tmpdir(), 'audit-folders-'));
  const runs = join(root, 'runs');
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('are kept as folders, and come back as they were', async () => {
    const shelf = new AuditFolders(runs);
    expect(await shelf.list()).toEqual([]);
    const audited = await audit(sure, { checks: CHECKS.filter(({ name }) => name === 'garbage') });
    expect(audited.pictures.size).toBeGreaterThan(0);
    expect(await shelf.keep(audited)).toBe('audit-sure-quick-seed0');
    expect(await shelf.keep(audited)).toBe('audit-sure-quick-seed0-2');
    expect((await shelf.list()).map(({ id, name, state }) => [id, name, state]).sort()).toEqual([
      ['audit-sure-quick-seed0', 'sure.onnx, quick, seed 0', 'finished'],
      ['audit-sure-quick-seed0-2', 'sure.onnx, quick, seed 0', 'finished'],
    ]);
    const { result, pictures } = await new AuditFolders(runs).open('audit-sure-quick-seed0');
    expect(result).toEqual(audited.result);
    expect(pictures).toEqual(audited.pictures);
  });

  it('leave out what cannot be read, and never lead out of their folder', async () => {
    const shelf = new AuditFolders(runs);
    const [first] = readdirSync(join(runs, 'audit-sure-quick-seed0-2', 'pictures'));
    writeFileSync(join(root, 'secret.png'), 'secret');
    rmSync(join(runs, 'audit-sure-quick-seed0-2', 'pictures', first!));
    symlinkSync(join(root, 'secret.png'), join(runs, 'audit-sure-quick-seed0-2', 'pictures', first!));
    mkdirSync(join(runs, 'broken'));
    writeFileSync(join(runs, 'broken', 'audit.json'), '{"format":');
    mkdirSync(join(root, 'outside'));
    writeFileSync(join(root, 'outside', 'audit.json'), '{}');
    expect((await shelf.list()).map(({ id }) => id).sort()).toEqual([
      'audit-sure-quick-seed0',
      'audit-sure-quick-seed0-2',
    ]);
    const { result, pictures } = await shelf.open('audit-sure-quick-seed0-2');
    expect(pictures.size).toBe(result.pictures.length - 1);
    for (const id of ['../outside', '..', '.', '/etc', 'nothing', join(root, 'outside')]) {
      await expect(shelf.open(id)).rejects.toThrow('There is no such audit any more');
    }
    await expect(shelf.open('broken')).rejects.toThrow('is no JSON');
  });
});
