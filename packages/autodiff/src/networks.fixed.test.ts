import { describe, it } from 'vitest';
import { expectGradientsOfNetworks } from './testing/networks/check.ts';
import { LOWERINGS } from './testing/networks/lowerings.ts';

const SEED = 2015;

/** Networks of one test, of which there are 20. */
const PER_TEST = 50;

const forms = Object.keys(LOWERINGS);

describe('1,000 random networks have the gradients that differences show', () => {
  it.each(Array.from({ length: 20 }, (_, part) => [PER_TEST * part, forms[part % forms.length]!] as const))(
    'from number %i, %s',
    (from, name) =>
      expectGradientsOfNetworks(
        SEED,
        Array.from({ length: PER_TEST }, (_, k) => from + k),
        { [name]: LOWERINGS[name]! },
      ),
    300_000,
  );
});
