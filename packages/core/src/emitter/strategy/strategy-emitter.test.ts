import { describe, expect, it } from 'vitest';
import { openSearch, resolveSearch } from '../../search/spec.ts';
import type { Recordable } from '../recordable.ts';

/** Class c likes pixel c to be white: p = 0.998 x + 0.001. */
const scorer = {
  shape: { channels: 1, height: 1, width: 3 } as const,
  origin: [0],
  predict: async ({ count, data }: { readonly count: number; readonly data: Uint8Array }) => ({
    count,
    numClasses: 3,
    data: Float32Array.from(data, (value) => 0.998 * (value / 255) + 0.001),
  }),
};

function open(emitter: string, state?: Parameters<typeof openSearch>[2]) {
  const settings = { emitters: 2, draws: 4 };
  const spec = resolveSearch({ emitter, encoding: 'direct', generations: 9, settings }, scorer.shape);
  return openSearch(spec, { scorer, classIndices: [0, 1, 2], seed: 1 }, state).scheduler;
}

/** A state with something else in each of its workers. */
function altered(state: Recordable, change: (worker: Record<string, Recordable>) => Recordable): Recordable {
  const { workers, ...rest } = state as { readonly workers: readonly Record<string, Recordable>[] };
  return { ...rest, workers: workers.map((worker) => change(worker)) };
}

describe('search distributions', () => {
  it.each(['cma-me', 'cma-mae', 'openai-es'])('%s goes on from its state to the same elites', async (emitter) => {
    const whole = open(emitter);
    for (let i = 0; i < 3; i++) await whole.step();
    const resumed = open(emitter, structuredClone(whole.state()));
    for (let i = 0; i < 3; i++) {
      await whole.step();
      await resumed.step();
    }
    expect(resumed.state()).toEqual(whole.state());
  });

  it('that drew other normal numbers are refused, and those that draw as ever go on', async () => {
    const older = async (emitter: string) => {
      const scheduler = open(emitter);
      for (let i = 0; i < 3; i++) await scheduler.step();
      const state = scheduler.state();
      return { ...state, emitter: altered(state.emitter, ({ normals: _, ...worker }) => worker) };
    };
    const state = await older('cma-me');
    expect(() => open('cma-me', state)).toThrow(
      'The state of the emitter cma-me is of a version that drew other normal numbers, with which this one cannot go on; start a new search',
    );
    const same = await older('openai-es');
    expect(() => open('openai-es', same)).not.toThrow();
  });

  it('say where their state is damaged', async () => {
    const scheduler = open('cma-me');
    for (let i = 0; i < 3; i++) await scheduler.step();
    const state = scheduler.state();
    const emitter = altered(state.emitter, (worker) => ({ ...worker, cell: 3 }));
    expect(() => open('cma-me', { ...state, emitter })).toThrow('The state of the emitter cma-me is damaged');
  });
});
