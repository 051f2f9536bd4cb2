import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scorer } from '@pareidolia/core';
import { afterAll, expect, it } from 'vitest';
import { fool } from '../../dist/fool/fool.js';
import { stoppable } from './stoppable.ts';

const folder = mkdtempSync(join(tmpdir(), 'stoppable-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a scorer answers until it is told to stop', async () => {
  const scores = { count: 1, numClasses: 1, data: Float32Array.of(1) };
  const shape = { channels: 1, height: 1, width: 1 } as const;
  const scorer: Scorer = { shape, predict: async () => scores };
  const controller = new AbortController();
  const stopped = stoppable(scorer, controller.signal);
  const image = { ...shape, count: 1, data: new Uint8Array(1) };
  expect(await stopped.predict(image)).toBe(scores);
  controller.abort(new Error('enough'));
  await expect(stopped.predict(image)).rejects.toThrow('enough');
});

it('a search that is stopped while its images side by side are made is saved, and told as stopped', async () => {
  const controller = new AbortController();
  const out = join(folder, 'run');
  const outcome = await fool(
    { emitter: 'mutation', generations: 200, batch: 2, out, resume: false, threads: 1, checkpointEvery: 60 },
    controller.signal,
    { begin: () => {}, progress: () => {}, notice: () => {}, finishing: () => controller.abort() },
  );
  expect(outcome).toEqual({ done: false, out, generations: 200, total: 200 });
  expect(existsSync(join(out, 'side-by-side'))).toBe(false);
  expect(existsSync(join(out, 'result.json'))).toBe(false);
});
