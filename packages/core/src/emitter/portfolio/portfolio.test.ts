import { describe, expect, it } from 'vitest';
import type { Archive } from '../../archive/archive.ts';
import { directEncoding } from '../../encoding/direct.ts';
import { Random } from '../../random/random.ts';
import { openSearch, resolveSearch } from '../../search/spec.ts';
import type { Emitter, Question } from '../emitter.ts';
import { PortfolioEmitter } from './portfolio.ts';

/** Class c likes pixel c to be white, and says so with its gradient: p = 0.998 x + 0.001. */
const scorer = (gradients: { count: number }) => ({
  shape: { channels: 1, height: 1, width: 3 } as const,
  origin: [0],
  predict: async ({ count, data }: { readonly count: number; readonly data: Uint8Array }) => ({
    count,
    numClasses: 3,
    data: Float32Array.from(data, (value) => 0.998 * (value / 255) + 0.001),
  }),
  gradient: async ({ count, data }: { readonly count: number; readonly data: Float32Array }, objective: unknown) => {
    gradients.count += count;
    const { classIndices } = objective as { readonly classIndices: Int32Array };
    const gradient = new Float32Array(3 * count);
    const value = Float32Array.from(classIndices, (target, row) => Math.log(0.998 * data[3 * row + target]! + 0.001));
    classIndices.forEach((target, row) => {
      gradient[3 * row + target] = 0.998 / Math.exp(value[row]!);
    });
    return { logits: new Float32Array(3 * count), value, gradient };
  },
});

function search(emitter: string, settings: Readonly<Record<string, number>> = {}) {
  const gradients = { count: 0 };
  const classifier = scorer(gradients);
  const spec = resolveSearch({ emitter, encoding: 'direct', generations: 20, batch: 6, settings }, classifier.shape);
  const open = (state?: Parameters<typeof openSearch>[2]) =>
    openSearch(spec, { scorer: classifier, classIndices: [0, 1, 2], seed: 1 }, state);
  return { gradients, open };
}

describe('auto', () => {
  it('accounts for every evaluation, a gradient as three, and says whose image was kept', async () => {
    const { gradients, open } = search('auto');
    const { scheduler, emitter } = open();
    let [images, last] = [0, 0];
    const born = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const before = gradients.count;
      const { evaluations, births } = await scheduler.step();
      for (const birth of births) born.add(birth.emitter);
      images += evaluations - last - 3 * (gradients.count - before);
      last = evaluations;
    }
    expect(born.size).toBeGreaterThan(1);
    const names = emitter.accounts!.map(({ name }) => name);
    for (const name of born) expect(names).toContain(name);
    const spent = emitter.accounts!.reduce((sum, { evaluations }) => sum + evaluations, 0);
    expect(spent).toBe(scheduler.evaluations);
    expect(images + 3 * gradients.count).toBe(scheduler.evaluations);
    expect(gradients.count).toBeGreaterThan(0);
    // Each had a turn.
    expect(emitter.accounts!.every(({ evaluations }) => evaluations > 0)).toBe(true);
  });

  it('says where its state is damaged', async () => {
    const { open } = search('auto');
    const { scheduler } = open();
    await scheduler.step();
    const state = scheduler.state();
    for (const emitter of [null, 3, [], { ...(state.emitter as object), arms: [[1, 2, 3]] }]) {
      expect(() => open({ ...state, emitter })).toThrow('The state of the emitter auto is damaged');
    }
  });
});

describe('a portfolio', () => {
  const images = { channels: 1, height: 4, width: 4 } as const;
  const encoding = directEncoding(images);
  const archive = { elites: [], thresholds: () => new Float32Array(2) } as unknown as Archive;
  const question = (generation: number): Question => ({ archive, count: 4, generation, random: Random.stream(1) });
  const emitter = (name: string, log: string[], precedes?: () => boolean): Emitter => ({
    name,
    variation: undefined,
    progress: undefined,
    ...(precedes === undefined ? {} : { precedes }),
    ask: () => {
      log.push(name);
      return { candidates: [{ parents: [] }], evaluations: 0 };
    },
    tell: () => {},
    state: () => null,
    restore: () => {},
  });

  it('asks the one that precedes the others as long as it does, then by what they earn', async () => {
    const log: string[] = [];
    let isFirst = true;
    const portfolio = new PortfolioEmitter({
      name: 'portfolio',
      encoding,
      variation: undefined,
      emitters: [emitter('a', log), emitter('b', log), emitter('c', log, () => isFirst)],
      discount: 0.95,
      exploration: 0.2,
      target: 0.9999,
    });
    await portfolio.ask(question(0));
    await portfolio.ask(question(1));
    await portfolio.ask(question(2));
    isFirst = false;
    await portfolio.ask(question(3));
    expect(log).toEqual(['a', 'c', 'c', 'a']);
  });
});

describe('gradient-variation', () => {
  it('takes its steps from the elites of the least certain classes, each class once', async () => {
    const { gradients, open } = search('gradient-variation', { share: 1, steps: 4 });
    const { scheduler } = open();
    await scheduler.step();
    expect(gradients.count).toBe(0);
    const first = scheduler.evaluations;
    await scheduler.step();
    // Six were asked for; there are three classes. The others are varied.
    expect(gradients.count).toBe(12);
    expect(scheduler.evaluations - first).toBe(6 + 3 * 12);
  });
});
