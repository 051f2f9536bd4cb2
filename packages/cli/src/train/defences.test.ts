import { InputError } from '@pareidolia/core';
import { expect, it } from 'vitest';
import { readDefences } from './defences.ts';

it('gives every chosen defence its settings: those by its name count more than those for all', () => {
  const set = { steps: 5, 'acet.steps': 7, epsilon: 0.1, 'trades.beta': 1 };
  expect(readDefences({ defence: 'trades, acet,outlier-exposure', outliers: 'noise', set })).toEqual({
    defences: [
      { name: 'trades', settings: { beta: 1, epsilon: 0.1, steps: 5, stepSize: 0.01 } },
      { name: 'acet', settings: { weight: 1, epsilon: 0.1, steps: 7, stepSize: 0 } },
      { name: 'outlier-exposure', settings: { weight: 0.5 } },
    ],
  });
});

it('keeps fooling images as a class apart, with the number of rounds from either option', () => {
  const usual = { rounds: 3, searches: 6, generations: 100, batch: 100 };
  expect(readDefences({ defence: 'fooling-class' })).toEqual({ foolingClass: usual });
  expect(readDefences({ defence: 'fooling-class', rounds: 5 })).toEqual({ foolingClass: { ...usual, rounds: 5 } });
  expect(readDefences({ defence: 'label-smoothing,fooling-class', set: { rounds: 4 } })).toEqual({
    defences: [{ name: 'label-smoothing', settings: { smoothing: 0.1 } }],
    foolingClass: { ...usual, rounds: 4 },
  });
  const twice = () => readDefences({ defence: 'fooling-class', rounds: 5, set: { rounds: 4 } });
  expect(twice).toThrow(InputError);
  expect(twice).toThrow('--rounds is 5 and --set rounds is 4; give one of them');
});

it('asks for nothing where nothing is given', () => {
  expect(readDefences({})).toEqual({});
});

it.each([
  [{ set: { beta: 1 } }, '--set belongs to a defence; give --defence with it'],
  [
    { defence: 'ceda', set: { 'trades.beta': 1 } },
    'No chosen defence has a setting trades.beta; they have ceda.weight',
  ],
  [{ defence: '' }, 'There is no defence ""'],
])('refuses %j', (options, message) => {
  expect(() => readDefences(options)).toThrow(InputError);
  expect(() => readDefences(options)).toThrow(message);
});
