import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { greyAtDistances, labelledGreys, randomLinearModel } from '../testing/linear-model.ts';
import {
  defineFixedAttack,
  defineMinimalAttack,
  gradientAt,
  logitsOf,
  type MinimalAttack,
  marginTo,
  NO_SETTINGS,
  Random,
  type Sample,
  stepTo,
  z,
} from './kit.ts';
import { dual, length } from './norm.ts';
import { attackImages } from './run.ts';

const ALGORITHMS = fileURLToPath(new URL('./algorithms', import.meta.url));

describe('the built-in attacks', () => {
  const files = readdirSync(ALGORITHMS).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));

  it.each(files)('in %s are written with the kit alone, and with each other', (name) => {
    const text = readFileSync(`${ALGORITHMS}/${name}`, 'utf8');
    const from = [...text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, path]) => path!);
    expect(from).toContain('../kit.ts');
    expect(from.filter((path) => path !== '../kit.ts' && !files.includes(path.replace('./', '')))).toEqual([]);
  });
});

const COMMON = {
  paper: 'none',
  summary: 'for this test',
  access: 'gradients',
  norms: ['l2', 'linf'],
  targeted: true,
} as const;

/** One Newton step over the linearised boundary, and a little further. */
const newton = defineMinimalAttack({
  ...COMMON,
  name: 'newton',
  title: 'One Newton step',
  settings: z.object({ overshoot: z.number().min(0).max(1).default(0.01).describe('share of the step beyond it') }),
  *search(sample, norm, { overshoot }) {
    const { objective, sign } = marginTo(sample.criterion);
    const { value, gradient } = yield* gradientAt(sample.image, objective);
    const uphill = gradient.map((slope) => sign * slope);
    const step = stepTo(sample.image, uphill, Math.abs(value) * (1 + overshoot), norm);
    yield* logitsOf(sample.image.map((pixel, i) => pixel + step[i]!));
  },
});

describe('an attack from outside', () => {
  const model = randomLinearModel(Random.stream(171), 2);
  const common = { seed: 1, batch: 8, quantize: false } as const;

  it.each(['l2', 'linf'] as const)(
    'is run like the built-in ones, here onto the plane of a linear model in %s',
    async (norm) => {
      const { images, labels } = await labelledGreys(model, Random.stream(172), 6);
      const results = await attackImages(model, newton, images, labels, {
        ...common,
        norm,
        settings: { overshoot: 0.02 },
      });
      const size = images.data.length / images.count;
      for (const { index, label, success, by, distances, queries } of results) {
        const image = images.data.subarray(index * size, (index + 1) * size);
        const { value, weights } = model.difference(image, 1 - label, label);
        expect({ success, by, queries }).toEqual({ success: true, by: 'newton', queries: { forward: 3, backward: 1 } });
        expect((distances![norm] * length(weights, dual(norm))) / -value).toBeCloseTo(1.02, 3);
      }
    },
  );

  it('has its settings checked against their schema', async () => {
    const { images, labels } = await labelledGreys(model, Random.stream(172), 1);
    const run = (settings: Record<string, number>) =>
      attackImages(model, newton, images, labels, { ...common, settings });
    await expect(run({ overshot: 1 })).rejects.toThrow(
      new InputError('newton has no setting overshot (did you mean overshoot?); it has overshoot'),
    );
    await expect(run({ overshoot: 2 })).rejects.toThrow(
      new InputError('overshoot of newton is 2; give a number of at least 0 and at most 1'),
    );
  });

  it('is never asked to work in a norm that it does not name', async () => {
    const { images, labels } = await labelledGreys(model, Random.stream(172), 1);
    await expect(attackImages(model, newton, images, labels, { ...common, norm: 'l1' })).rejects.toThrow(
      new InputError('newton works in l2, linf, not in l1'),
    );
    expect(() => newton.prepare().search(undefined as never, 'l0')).toThrow(InputError);
  });

  it('cannot be defined with settings that have no default, nor use a norm or setting that it does not name', () => {
    const described = { ...COMMON, name: 'wrong', title: 'Wrong' } as const;
    const search = ({ image }: Sample) => logitsOf(image);
    const compiled = (): readonly MinimalAttack[] => [
      defineMinimalAttack({
        ...described,
        // @ts-expect-error each setting has a default
        settings: z.object({ steps: z.int() }),
        *search(sample) {
          yield* search(sample);
        },
      }),
      defineMinimalAttack({
        ...described,
        settings: z.object({ steps: z.int().default(3).describe('steps') }),
        *search(sample, norm, settings) {
          // @ts-expect-error it works in l2 and linf only
          if (norm !== 'l1') yield* search(sample);
          // @ts-expect-error there is no such setting
          if (settings.stepps === 3) yield* search(sample);
        },
      }),
    ];
    expect(compiled).toBeTypeOf('function');
  });

  it('is not believed: what it asks about outside of the ball does not count', async () => {
    const bold = defineFixedAttack({
      ...COMMON,
      name: 'bold',
      title: 'Three times too far',
      settings: NO_SETTINGS,
      *search({ image, criterion }) {
        const { objective } = marginTo(criterion);
        const { value, gradient } = yield* gradientAt(image, objective);
        const step = stepTo(image, gradient, 3 * Math.abs(value), 'l2');
        yield* logitsOf(image.map((pixel, i) => pixel + step[i]!));
      },
    });
    const scene = greyAtDistances(Random.stream(173), 'l2', [0.05]);
    const results = await attackImages(scene.model, bold, scene.images, scene.labels, {
      ...common,
      epsilons: [0.1, 0.2],
    });
    expect(results.map(({ success }) => success)).toEqual([false, true]);
  });
});
