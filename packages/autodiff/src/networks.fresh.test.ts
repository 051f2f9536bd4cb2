import { describe, expect, it } from 'vitest';
import { expectGradientsOfNetworks } from './testing/networks/check.ts';
import { LOWERINGS } from './testing/networks/lowerings.ts';
import { drawNetwork } from './testing/networks/network.ts';

/** `PAREIDOLIA_FUZZ=seed` repeats a run, `PAREIDOLIA_FUZZ=seed:number` one of its networks, in all forms. */
const [asked, only] = (process.env.PAREIDOLIA_FUZZ ?? '').split(':');
const seed = asked ? Number(asked) : Math.floor(Math.random() * 2 ** 30);

/** Networks of one test, of which there are 20. */
const PER_TEST = process.env.PAREIDOLIA_LONG === '1' ? 50 : 10;

const forms = Object.keys(LOWERINGS);

describe(`${20 * PER_TEST} random networks of the seed ${seed}, another one in each run`, () => {
  // Where all is well a reporter may keep the names of tests to itself.
  if (only === undefined) console.info(`Random networks: PAREIDOLIA_FUZZ=${seed} repeats them`);

  it
    .runIf(only === undefined)
    .each(Array.from({ length: 20 }, (_, part) => [PER_TEST * part, forms[part % forms.length]!] as const))(
    'have the gradients that differences show, from number %i, %s',
    (from, name) =>
      expectGradientsOfNetworks(
        seed,
        Array.from({ length: PER_TEST }, (_, k) => from + k),
        { [name]: LOWERINGS[name]! },
      ),
    300_000,
  );

  it.runIf(only !== undefined)(`number ${only} has its gradient in all forms`, () =>
    expectGradientsOfNetworks(seed, [Number(only)], LOWERINGS),
  );

  it('are the same for the same seed, and others for another', () => {
    expect(drawNetwork(seed)).toEqual(drawNetwork(seed));
    expect(drawNetwork(seed)).not.toEqual(drawNetwork(seed + 1));
  });
});
