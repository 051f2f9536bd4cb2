import { describe, expect, it } from 'vitest';
import { bestOfClasses } from '../archive/best-of-classes.ts';
import { ARCHIVES } from '../archive/registry.ts';
import { EMITTERS } from '../emitter/registry.ts';
import { ENCODINGS } from '../encoding/registry.ts';
import { describeSettings } from '../settings/settings.ts';
import { VARIATIONS } from '../variation/registry.ts';
import { openMeasures, openSearch, resolveSearch, type SearchRequest, searchChoices } from './spec.ts';

const shape = { channels: 1, height: 28, width: 28 } as const;
const resolve = (request: SearchRequest, before?: ReturnType<typeof resolveSearch>) =>
  resolveSearch(request, shape, before);

describe('a search as it is asked for', () => {
  it('is evolution over CPPNs with the paper’s 200 generations of 200, unless said otherwise', () => {
    expect(resolve({})).toMatchObject({
      encoding: { name: 'cppn' },
      variation: { name: 'cppn-structure' },
      emitter: { name: 'mutation' },
      archive: 'classes',
      generations: 200,
      batch: 200,
    });
  });

  it('has every setting spelled out, so that a later version with other defaults does the same', () => {
    expect(resolve({ encoding: 'direct' }).variation).toEqual({
      name: 'gene-mutation',
      settings: { mutationRate: 0.1, eta: 15, halveEvery: 1000 },
    });
  });

  it('keeps the previous values of options that are left out', () => {
    const before = resolve({ encoding: 'direct', generations: 30, batch: 40, settings: { eta: 9 } });
    expect(resolve({}, before)).toEqual(before);
    expect(resolve({ generations: 60 }, before)).toEqual({ ...before, generations: 60 });
    const ascent = resolve({ emitter: 'gradient-ascent', preset: 'blur', settings: { decay: 0.5 } });
    expect(resolve({}, ascent)).toEqual(ascent);
  });

  it('of gradient ascent ends by itself: generations are its steps, and --encoding ascent still means it', () => {
    const spec = resolve({ encoding: 'ascent', preset: 'blur', generations: 70, settings: { starts: 3 } });
    expect(spec).toMatchObject({
      encoding: { name: 'pixels' },
      emitter: { name: 'gradient-ascent', settings: { steps: 70, blurRadius: 0.4, decay: 0.001, starts: 3 } },
    });
    expect(spec.generations).toBeUndefined();
    expect(spec.variation).toBeUndefined();
    expect(resolve({ encoding: 'pixels' }).variation?.name).toBe('vector-mutation');
  });

  it.each<[SearchRequest, string]>([
    [
      { settings: { decya: 1 } },
      'There is no setting decya for the encoding cppn with the emitter mutation; there are weightLimit',
    ],
    [
      { encoding: 'direct', settings: { mutationRate: 2 } },
      'mutationRate of gene-mutation is 2; give a number above 0 and at most 1',
    ],
    [{ settings: { starts: 4 } }, 'There is no setting starts'],
    [
      { encoding: 'ascent', settings: { decay: 2 } },
      'decay of gradient-ascent is 2; give a number of at least 0 and at most 1',
    ],
    [{ encoding: 'ascent', settings: { steps: 0.5 } }, 'steps of gradient-ascent is 0.5; give a whole number'],
    [{ emitter: 'iso-line', encoding: 'cppn' }, 'iso-line works on vectors, the genomes of cppn are none'],
    [
      { emitter: 'gradient-ascent', encoding: 'cppn' },
      'gradient-ascent works on the encodings pixels and latent, not on cppn',
    ],
    [{ preset: 'plain' }, 'The emitter mutation has no preset plain: it has none'],
    [{ emitter: 'gradient-ascent', preset: 'x' }, 'has no preset x: choose one of plain, decay, blur, sparse'],
    [{ settings: { newWeight: 11 } }, 'newWeight of cppn is 11; give at most weightLimit, which is 10'],
    [
      { encoding: 'jpeg' },
      'There is no encoding "jpeg"; choose one of cppn, neat, palette, direct, growing, fourier, dct, pixels',
    ],
    [{ emitter: 'x' }, 'There is no emitter "x"; choose one of mutation, auto, least-certain'],
    [{ archive: 'x' }, 'There is no archive "x"; choose one of classes, decisions, fewest, grid, cvt'],
    [{ measures: ['contrast'] }, 'the archive classes keeps one; choose --archive grid or cvt'],
    [{ archive: 'grid', measures: ['x'] }, 'There is no measure "x"'],
    [{ archive: 'grid', settings: { cells: 1 } }, 'cells of grid is 1; give a whole number of at least 2'],
    [
      { archive: 'cvt', settings: { cells: 9 } },
      'There is no setting cells for the encoding cppn with the emitter mutation and the archive cvt',
    ],
    [{ generations: -1 }, '-1 generations are not possible'],
    [{ batch: 0 }, 'A generation of 0 images is not possible'],
  ])('refuses %j', (request, message) => {
    expect(() => resolve(request)).toThrow(message);
  });
});

/** Those that work on every encoding whose genomes are vectors, or on images that are laid out. */
const VECTOR_EMITTERS = [
  ...[
    'gaussian',
    'iso-line',
    'patches',
    'cma-me',
    'cma-mae',
    'openai-es',
    'gradient-variation',
    'cma-mega',
    'cma-maega',
  ],
];

describe('the registries', () => {
  it('name each thing once', () => {
    for (const kinds of [ENCODINGS, VARIATIONS, EMITTERS, ARCHIVES]) {
      const names = kinds.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('give no two parts of one search a setting of the same name', () => {
    for (const { emitter, encoding } of searchChoices()) {
      for (const { name: archive } of ARCHIVES) {
        const spec = resolve({ emitter, encoding, archive });
        const parts = [spec.encoding, spec.variation, spec.emitter].map((part) => part?.settings ?? {});
        const names = [...parts, spec.archiveSettings ?? {}].flatMap((settings) => Object.keys(settings));
        expect(new Set(names).size).toBe(names.length);
      }
    }
  });

  it('say of every setting what it is', () => {
    for (const kind of [...ENCODINGS, ...VARIATIONS, ...EMITTERS, ...ARCHIVES]) {
      for (const { description } of describeSettings(kind.settings)) expect(description).not.toBe('');
    }
  });

  it('offer every emitter with every encoding that it works on', () => {
    expect(searchChoices().map(({ emitter, encoding }) => `${emitter} ${encoding}`)).toEqual([
      ...['mutation', 'auto', 'least-certain'].flatMap((emitter) =>
        ['cppn', 'neat', 'palette', 'direct', 'growing', 'fourier', 'dct', 'pixels'].map((e) => `${emitter} ${e}`),
      ),
      ...VECTOR_EMITTERS.flatMap((emitter) => [
        // NEAT is listed where the emitters that need gradients begin.
        ...(emitter === 'gradient-variation' ? ['neat neat'] : []),
        `${emitter} direct`,
        ...(emitter === 'patches' ? [] : [`${emitter} fourier`, `${emitter} dct`]),
        `${emitter} pixels`,
      ]),
      'gradient-ascent pixels',
      'cppn-gradient cppn',
    ]);
  });
});

/** Class c likes pixel c to be white, and says so with its gradient. */
const scorer = {
  shape: { channels: 1, height: 1, width: 3 } as const,
  origin: [0],
  predict: async ({ count, data }: { readonly count: number; readonly data: Uint8Array }) => ({
    count,
    numClasses: 3,
    data: Float32Array.from(data, (value) => value / 255),
  }),
  gradient: async ({ count }: { readonly count: number }, objective: { readonly kind: string }) => {
    const { classIndices } = objective as { readonly kind: string; readonly classIndices: Int32Array };
    const gradient = new Float32Array(3 * count);
    classIndices.forEach((target, row) => {
      gradient[3 * row + target] = 1;
    });
    return { logits: new Float32Array(3 * count), value: new Float32Array(count).fill(Math.log(0.5)), gradient };
  },
};

it.each(searchChoices())(
  '$emitter over $encoding fills every cell, and goes on from a state to the same',
  async (choice) => {
    const { emitter, encoding } = choice;
    const length = emitter === 'gradient-ascent' ? 40 : 12;
    const spec = resolveSearch({ emitter, encoding, generations: length, batch: 8 }, scorer.shape);
    const context = { scorer, classIndices: [0, 1, 2], seed: 3 };
    const whole = openSearch(spec, context);
    const left: ReturnType<typeof whole.scheduler.state>[] = [];
    while (!whole.isDone) {
      await whole.scheduler.step();
      if ([1, 2, 3, 7].includes(whole.scheduler.generations)) left.push(structuredClone(whole.scheduler.state()));
    }
    expect(whole.progress).toBe(1);
    for (const elite of whole.scheduler.archive.elites) expect(elite!.confidence).toBeGreaterThan(0.3);
    // Left after the first generations or later, and taken up again.
    for (const state of left) {
      const resumed = openSearch(spec, context, state);
      while (!resumed.isDone) await resumed.scheduler.step();
      expect(resumed.scheduler.state()).toEqual(whole.scheduler.state());
    }
  },
);

it.each(searchChoices())(
  '$emitter over $encoding fills a grid, and goes on from a state to the same',
  async (choice) => {
    const { emitter, encoding } = choice;
    const asked = { archive: 'grid', measures: ['brightness'], settings: { cells: 3 } };
    const spec = resolveSearch({ emitter, encoding, generations: 6, batch: 8, ...asked }, scorer.shape);
    const measures = await openMeasures(spec, { scorer, seed: 3 });
    const context = { scorer, measures, classIndices: [0, 1, 2], seed: 3 };
    const whole = openSearch(spec, context);
    let left: ReturnType<typeof whole.scheduler.state> | undefined;
    while (!whole.isDone) {
      await whole.scheduler.step();
      if (whole.scheduler.generations === 3) left = structuredClone(whole.scheduler.state());
    }
    expect(whole.scheduler.archive.elites).toHaveLength(9);
    expect(bestOfClasses(whole.scheduler.archive).elites.every((elite) => elite !== undefined)).toBe(true);
    if (left === undefined) return;
    const resumed = openSearch(spec, context, left);
    while (!resumed.isDone) await resumed.scheduler.step();
    expect(resumed.scheduler.state()).toEqual(whole.scheduler.state());
    const { measures: _, ...others } = resolveSearch({ emitter, encoding, generations: 6, batch: 8 }, scorer.shape);
    expect(() => openSearch(others, context, left)).toThrow('A search with 9 cells');
  },
);

describe('a search on a classifier that tells only labels', () => {
  it('is refused before anything is asked, with what works instead', () => {
    const scorer = { shape, answers: 'labels', predict: () => Promise.reject(new Error('asked')) } as const;
    expect(() => openSearch(resolve({}), { scorer, classIndices: [0], seed: 1 })).toThrow(
      /tells only the label.*boundary or hopskipjump/,
    );
  });
});

describe('gradient ascent on a classifier without gradients', () => {
  it('is refused with the reason', () => {
    const noGradient = 'api.example answers with scores only';
    const scorer = { shape, noGradient, predict: () => Promise.reject(new Error('asked')) } as const;
    const spec = resolve({ emitter: 'gradient-ascent' });
    expect(() => openSearch(spec, { scorer, classIndices: [0], seed: 1 })).toThrow(
      `Gradient ascent needs gradients: ${noGradient}; choose another --emitter`,
    );
  });
});
