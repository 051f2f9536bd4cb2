import { describe, it } from 'vitest';
import { expectGradientsOfNetworks } from './testing/networks/check.ts';
import { LOWERINGS } from './testing/networks/lowerings.ts';

const SEED = 2015;

/** Networks of one test, of which there are ten. */
const PER_TEST = 100;

/** Of those in a test, the ones that are checked in all forms; the others as they are differentiated. */
const IN_ALL_FORMS = 20;

describe('1,000 random networks have the gradients that differences show', () => {
  it.each(Array.from({ length: 10 }, (_, part) => PER_TEST * part))(
    'from number %i',
    async (from) => {
      const numbers = Array.from({ length: PER_TEST }, (_, k) => from + k);
      await expectGradientsOfNetworks(SEED, numbers.slice(0, IN_ALL_FORMS), LOWERINGS);
      await expectGradientsOfNetworks(SEED, numbers.slice(IN_ALL_FORMS), { cpu: LOWERINGS.cpu! });
    },
    300_000,
  );
});
