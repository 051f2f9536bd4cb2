import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { Random } from '../random/random.ts';
import { describeSettings } from '../settings/settings.ts';
import { labelledGreys } from '../testing/linear-model.ts';
import { randomMlpModel } from '../testing/mlp-model.ts';
import { ATTACKS, attackNamed } from './registry.ts';
import { attackImages } from './run.ts';

const model = randomMlpModel(Random.stream(33));

describe.each(ATTACKS)('every setting of $name', (attack) => {
  it('at the end of its range keeps images finite: the network is not blamed for what a setting did', async () => {
    const { images, labels } = await labelledGreys(model, Random.stream(34), 2);
    const ends = describeSettings(attack.settings).flatMap(({ name, isInteger, maximum, exclusiveMaximum }) => {
      if (maximum !== undefined) return [{ name, value: maximum }];
      if (exclusiveMaximum !== undefined) return [{ name, value: exclusiveMaximum - 1e-9 }];
      return isInteger ? [] : [{ name, value: 1e300 }];
    });
    for (const norm of attack.norms) {
      for (const { name, value } of ends) {
        const results = await attackImages(model, attack, images, labels, {
          norm,
          seed: 1,
          batch: 2,
          quantize: false,
          settings: { [name]: value },
          ...(attack.kind === 'universal' ? { epsilons: [norm === 'l0' ? 2 : 0.1] } : { budget: 100 }),
        });
        for (const { stop } of results) expect(`${name}=${value} ${stop}`).not.toContain('not finite');
      }
    }
  });
});

it.each([
  ['jsma', { theta: 0 }, 'theta of jsma is 0; give a number from -1 to 1 other than 0, which changes nothing'],
  [
    'one-pixel',
    { pixels: 1e12 },
    'pixels of one-pixel is 1000000000000; give a whole number of at least 1 and at most 100',
  ],
  ['fmn', { rate: 1e300 }, 'rate of fmn is 1e+300; give a number above 0 and at most 1000000'],
])('%s refuses %o', (name, settings, sentence) => {
  const { prepare } = attackNamed(name);
  expect(() => prepare(settings)).toThrow(new InputError(sentence));
});
