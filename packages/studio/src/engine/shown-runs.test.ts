import { expect, it } from 'vitest';
import type { LiveRuns } from './live-runs.ts';
import type { RunRequest, Runs } from './runs.ts';
import { ShownRuns } from './shown-runs.ts';

/** Runs that answer with their own name. */
function named(name: string, ids: readonly string[]): Runs & { has(run: string): boolean } {
  const answer = async () => name as never;
  return {
    has: (run) => ids.includes(run),
    list: async () => ids.map((id) => ({ id })) as never,
    start: answer,
    open: answer,
    control: answer,
    pictures: answer,
    elite: answer,
    dispose: answer,
  };
}

it('what nobody asked for is kept in memory, and everything else where runs are kept', async () => {
  const runs = new ShownRuns(named('folder', ['a']), named('memory', ['demonstration-1']) as unknown as LiveRuns);
  expect(await runs.start({ isDemonstration: true } as RunRequest)).toBe('memory');
  expect(await runs.start({} as RunRequest)).toBe('folder');
  expect((await runs.list()).map(({ id }) => id)).toEqual(['a', 'demonstration-1']);
  expect(await runs.open('demonstration-1')).toBe('memory');
  expect(await runs.open('a')).toBe('folder');
  expect(await runs.report('demonstration-1')).toBeUndefined();
});
