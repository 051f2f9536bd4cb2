import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@pareidolia/core';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type JobConfig, type JobKind, newConfig } from './config.ts';
import { DiskFullError } from './disk-error.ts';
import { writeAtomically } from './files.ts';
import { JobFolder } from './folder.ts';
import { type Job, type JobEnding, runJob } from './job.ts';
import { accesses, isDead, nextProcess } from './testing/dying-disk.ts';
import type { UnitContext, WorkUnit } from './unit.ts';

vi.mock('node:fs', async (original) => {
  const { dyingDisk } = await import('./testing/dying-disk.ts');
  return dyingDisk(await original<typeof import('node:fs')>());
});

const root = mkdtempSync(join(tmpdir(), 'job-'));
afterEach(() => nextProcess());
afterAll(() => {
  nextProcess();
  rmSync(root, { recursive: true, force: true });
});

interface Settings {
  readonly steps: number;
}

const KIND: JobKind<Settings> = {
  name: 'walk',
  settings: z.strictObject({ steps: z.int() }),
  free: [],
  files: ['journal.jsonl', 'steps.jsonl', 'result.json'],
  folders: [],
};
const config = (): JobConfig<Settings> =>
  newConfig(KIND, { runtime: 'none', inputs: {}, settings: { steps: 5 }, seed: 7, command: 'walk' });

/** Two short units, and a long one between them that logs and saves each of its steps. */
class Walk implements Job<WorkUnit, number, number> {
  readonly folder: JobFolder<Settings>;
  /** Steps done in this sitting. */
  done = 0;

  constructor(folder: JobFolder<Settings>) {
    this.folder = folder;
  }

  units(): WorkUnit[] {
    return [
      { key: 'first', seed: 7 },
      { key: 'long', seed: 7, weight: 5 },
      { key: 'last', seed: 7, needs: ['first', 'long'] },
    ];
  }

  read(_: string, result: unknown): number {
    return z.number().parse(result);
  }

  async run({ key, seed }: WorkUnit, context: UnitContext<number>): Promise<number> {
    if (key === 'first') return Random.stream(seed, 0).uniform();
    if (key === 'last') return context.results.of('first') + context.results.of('long');
    const before = context.checkpoint.value as
      | { readonly step: number; readonly at: number; readonly log: number }
      | undefined;
    const log = this.folder.log('steps', z.object({ step: z.int(), at: z.number() }), before?.log ?? 0);
    let at = before?.at ?? 0;
    for (let step = before?.step ?? 0; step < this.folder.config.settings.steps; step++) {
      context.signal.throwIfAborted();
      at += Random.stream(seed, 1, step).normal();
      this.done++;
      log.add({ step, at });
      context.checkpoint.write({ step: step + 1, at, log: log.flush() });
    }
    return at;
  }

  async finish(results: { of(key: string): number }): Promise<number> {
    const result = results.of('last');
    writeAtomically(join(this.folder.path, 'result.json'), JSON.stringify(result));
    return result;
  }
}

async function walk(
  path: string,
  mode: 'begin' | 'resume',
  signal = new AbortController().signal,
): Promise<JobEnding<number, number>> {
  const folder = JobFolder.open(path, KIND, config(), mode);
  try {
    // The clock stands still, so that journals are the same to the byte.
    return await runJob(folder, new Walk(folder), { signal, now: () => 0 });
  } finally {
    folder.close();
  }
}

/** Each file with its content. */
function contents(path: string): Record<string, string> {
  const files = readdirSync(path).filter((name) => statSync(join(path, name)).isFile());
  return Object.fromEntries(files.sort().map((name) => [name, readFileSync(join(path, name), 'latin1')]));
}

describe('a job', () => {
  it('that is killed at any access to the disk ends with the same bytes when it is resumed', async () => {
    const whole = join(root, 'whole');
    nextProcess();
    expect(await walk(whole, 'begin')).toMatchObject({ done: true });
    const all = accesses();
    expect(all).toBeGreaterThan(50);
    const expected = contents(whole);
    expect(Object.keys(expected)).toEqual(['config.json', 'journal.jsonl', 'result.json', 'steps.jsonl']);
    for (let diesAt = 1; diesAt <= all; diesAt++) {
      const path = join(root, `killed-${diesAt}`);
      nextProcess({ diesAt });
      // Where it dies while it tidies up, nobody is told.
      await walk(path, 'begin').catch(() => {});
      expect(isDead()).toBe(true);
      nextProcess();
      await walk(path, 'resume');
      expect({ diesAt, ...contents(path) }).toEqual({ diesAt, ...expected });
    }
  });

  it('that is killed twice, the second time while it is resumed, does so too', async () => {
    const expected = contents(join(root, 'whole'));
    const random = Random.stream(1, 1);
    for (let attempt = 0; attempt < 15; attempt++) {
      const path = join(root, `twice-${attempt}`);
      nextProcess({ diesAt: 1 + random.integer(60) });
      await walk(path, 'begin').catch(() => {});
      nextProcess({ diesAt: 1 + random.integer(40) });
      await walk(path, 'resume').catch(() => {});
      nextProcess();
      await walk(path, 'resume');
      expect({ attempt, ...contents(path) }).toEqual({ attempt, ...expected });
    }
  });

  it('that finds the disk full says so, and ends with the same bytes when there is room again', async () => {
    const expected = contents(join(root, 'whole'));
    for (let fullFrom = 1; fullFrom <= 60; fullFrom += 3) {
      const path = join(root, `full-${fullFrom}`);
      nextProcess({ fullFrom });
      const ended = await walk(path, 'begin').catch((error: unknown) => error);
      if (ended instanceof Error) expect(ended).toBeInstanceOf(DiskFullError);
      nextProcess();
      await walk(path, 'resume');
      expect({ fullFrom, ...contents(path) }).toEqual({ fullFrom, ...expected });
    }
  });

  it('that is asked to stop keeps what is done, and its folder even where nothing is', async () => {
    const stop = new AbortController();
    stop.abort();
    const path = join(root, 'stopped');
    expect(await walk(path, 'begin', stop.signal)).toMatchObject({ done: false, finished: 0, total: 3 });
    expect(Object.keys(contents(path))).toEqual(['config.json', 'journal.jsonl']);
    await walk(path, 'resume');
    expect(contents(path)).toEqual(contents(join(root, 'whole')));
  });

  it('that is done is only finished again', async () => {
    const path = join(root, 'whole');
    const folder = JobFolder.open(path, KIND, config(), 'resume');
    const job = new Walk(folder);
    const before = contents(path);
    expect(await runJob(folder, job, { signal: new AbortController().signal })).toMatchObject({ done: true });
    folder.close();
    expect(job.done).toBe(0);
    expect(contents(path)['journal.jsonl']).toBe(before['journal.jsonl']);
  });

  it('of which a unit fails tells the error, and leaves nothing where nothing was done', async () => {
    const path = join(root, 'failing');
    const folder = JobFolder.open(path, KIND, config(), 'begin');
    class Failing extends Walk {
      override run(): Promise<number> {
        return Promise.reject(new Error('no luck'));
      }
    }
    await expect(runJob(folder, new Failing(folder), { signal: new AbortController().signal })).rejects.toThrow(
      'no luck',
    );
    folder.close();
    expect(readdirSync(root)).not.toContain('failing');
  });
});
