import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { Random } from '../../random/random.ts';
import { randomLinearModel } from '../../testing/linear-model.ts';
import type { AttackOptions } from '../options.ts';
import { ATTACKS, attackNamed } from '../registry.ts';
import { attackImages } from '../run.ts';
import { checkAccess } from './check-request.ts';
import { knownStarts } from './known-starts.ts';
import { checkTarget } from './reliability.ts';

const noGradient = 'api.example answers with scores only';
const labelsOnly = { answers: 'labels', noGradient } as const;

/** Whether an attack is taken. */
function takes(model: Parameters<typeof checkAccess>[0], name: string): boolean {
  try {
    checkAccess(model, attackNamed(name));
    return true;
  } catch {
    return false;
  }
}

describe('what an attack has to see', () => {
  it.each([
    ['everything', {}, ['gradients', 'scores', 'decisions']],
    ['scores', { noGradient }, ['scores', 'decisions']],
    ['labels', labelsOnly, ['decisions']],
  ])('is held against a model that shows %s', (_, model, allowed) => {
    const taken = ATTACKS.filter(({ name }) => takes(model, name));
    expect(taken).toEqual(ATTACKS.filter(({ access }) => allowed.includes(access)));
  });

  it.each([
    ['square', labelsOnly, ['decisions']],
    ['pgd', { noGradient }, ['scores', 'decisions']],
  ] as const)('is told in a sentence that names all attacks that work instead of %s', (name, model, allowed) => {
    let message = '';
    try {
      checkAccess(model, attackNamed(name));
    } catch (error) {
      message = (error as Error).message;
    }
    const others = ATTACKS.filter((attack) => (allowed as readonly string[]).includes(attack.access));
    for (const other of others) expect(message).toMatch(new RegExp(`\\b${other.name}\\b`));
    expect(message).toContain(`${name} needs`);
  });
});

/** Four classes of images of 30 values, and two images that fit. */
const model = randomLinearModel(Random.stream(5));
const images = { ...model.shape, count: 2, data: new Float32Array(60).fill(0.5) };
const labels = Int32Array.of(0, 1);
const usual: AttackOptions = { seed: 1, batch: 2, quantize: false };

/** What is no Int32Array, as a caller without types may give it. */
const classes = (...values: number[]): Int32Array => Float32Array.from(values) as Float32Array & Int32Array;

describe('a request that is impossible', () => {
  it.each<
    [what: string, said: RegExp, ask: Partial<{ images: object; labels: Int32Array }>, options: Partial<AttackOptions>]
  >([
    [
      'too few values',
      /60 values for 2 images of 1 x 5 x 6, these are 59/,
      { images: { ...images, data: images.data.subarray(1) } },
      {},
    ],
    ['too many values', /these are 90/, { images: { ...images, data: new Float32Array(90) } }, {}],
    ['too few bytes', /these are 30/, { images: { ...images, data: new Uint8Array(30) } }, {}],
    ['pixels in another array', /not in Float64Array/, { images: { ...images, data: new Float64Array(60) } }, {}],
    ['no pixels', /not in undefined/, { images: { ...images, data: undefined } }, {}],
    ['half an image', /cannot take 1.5 images/, { images: { ...images, count: 1.5, data: new Float32Array(45) } }, {}],
    [
      'another shape',
      /takes images of 1 x 5 x 6, these are 1 x 6 x 5/,
      { images: { ...images, height: 6, width: 5 } },
      {},
    ],
    [
      'a pixel that is none',
      /Value 7 of the images is NaN/,
      { images: { ...images, data: images.data.map((x, i) => (i === 7 ? Number.NaN : x)) } },
      {},
    ],
    ['a label too few', /1 labels for 2 images/, { labels: Int32Array.of(0) }, {}],
    ['a label that is no class', /label 4, the model has the classes 0 to 3/, { labels: Int32Array.of(0, 4) }, {}],
    ['half a label', /Image 1 has the label 0.5/, { labels: classes(0, 0.5) }, {}],
    ['a label that is no number', /Image 0 has the label NaN/, { labels: classes(Number.NaN, 1) }, {}],
    ['half a target', /Image 0 has the target 1.5/, {}, { targets: classes(1.5, 2) }],
    ['a target too many', /3 targets for 2 images/, {}, { targets: Int32Array.of(1, 2, 3) }],
    ['a target that is the label', /is its own label/, {}, { targets: Int32Array.of(1, 1) }],
    ['an epsilon beyond the box', /Epsilon 999 is not between 0 and 1/, {}, { epsilons: [0.1, 999] }],
    ['a negative epsilon', /Epsilon -0.1 is not/, {}, { epsilons: [-0.1] }],
    ['an epsilon that is no number', /Epsilon NaN is not/, {}, { epsilons: [Number.NaN] }],
    ['independent epsilons without any', /have to be given/, {}, { independent: true }],
    ['a seed that is not whole', /seed 0.5/, {}, { seed: 0.5 }],
    ['a seed that is no number', /seed NaN/, {}, { seed: Number.NaN }],
    ['a negative first image', /number -1/, {}, { first: -1 }],
    ['half a first image', /number 0.5/, {}, { first: 0.5 }],
    ['no batch', /batch of 0/, {}, { batch: 0 }],
    ['no budget', /budget of NaN/, {}, { budget: Number.NaN }],
    [
      'starts of another shape',
      /starting points takes images of 1 x 5 x 6/,
      {},
      { starts: { ...images, height: 6, width: 5 } },
    ],
    [
      'starts with values missing',
      /starting points takes 60 values/,
      {},
      { starts: { ...images, data: images.data.subarray(1) } },
    ],
    [
      'a known start of another size',
      /Starting point 0 has 3 values/,
      {},
      { starts: [{ image: new Float32Array(3), decision: 1 }] },
    ],
    [
      'a known start of no class',
      /Starting point 0 has the decision 9/,
      {},
      { starts: [{ image: new Float32Array(30), decision: 9 }] },
    ],
    [
      'a known start that is no image',
      /Value 0 of the images is 3/,
      {},
      { starts: [{ image: new Float32Array(30).fill(3), decision: 1 }] },
    ],
  ])('%s is told in a sentence, whatever the attack', async (_, said, ask, options) => {
    const asked = { images, labels, ...ask } as { images: typeof images; labels: Int32Array };
    for (const attack of ATTACKS) {
      if (options.targets !== undefined && !attack.targeted) continue;
      if (options.budget !== undefined && attack.kind === 'universal') continue;
      if (options.epsilons?.includes(999) === true && attack.norms[0] !== 'linf') continue;
      const before = model.forward;
      const attacked = attackImages(model, attack, asked.images, asked.labels, { ...usual, ...options });
      await expect(attacked).rejects.toThrow(InputError);
      await expect(attacked).rejects.toThrow(said);
      // Before anything was asked.
      expect(model.forward).toBe(before);
    }
  });

  it.each(['linf', 'l2', 'l1', 'l0'] as const)('is an epsilon beyond the box in %s, for every attack', async (norm) => {
    for (const attack of ATTACKS.filter(({ norms }) => norms.includes(norm))) {
      const attacked = attackImages(model, attack, images, labels, { ...usual, norm, epsilons: [999] });
      await expect(attacked, attack.name).rejects.toThrow('Epsilon 999 is not between 0 and');
    }
  });

  it('is a part of a value in l0, which allows no change', async () => {
    const asked = (epsilon: number) =>
      attackImages(model, attackNamed('jsma'), images, labels, { ...usual, epsilons: [epsilon] });
    await expect(asked(0.3)).rejects.toThrow('Epsilon 0.3 is not a number of values');
    await expect(asked(2)).resolves.toBeDefined();
  });

  it('is told of transformations, too', async () => {
    const ranges = { rotation: 0, scale: 0, translation: 0, brightness: 0, contrast: 0, noise: 0 };
    const asked = (expectation: AttackOptions['expectation']) =>
      attackImages(model, attackNamed('pgd'), images, labels, { ...usual, ...(expectation && { expectation }) });
    await expect(asked({ ...ranges, draws: 0 })).rejects.toThrow('cannot be drawn 0 times');
    await expect(asked({ ...ranges, draws: 1, noise: Number.NaN })).rejects.toThrow('The range noise');
  });

  it('is told by what is asked beside an attack', async () => {
    const short = { ...images, data: images.data.subarray(1) };
    await expect(knownStarts(model, short)).rejects.toThrow('takes 60 values');
    await expect(checkTarget(model, short, labels)).rejects.toThrow('takes 60 values');
    await expect(checkTarget(model, images, Int32Array.of(0, 4))).rejects.toThrow('label 4');
  });
});
