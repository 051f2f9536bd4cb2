/** @file CPPNs with all their settings in one place, for tests that grow genomes. */

import { CPPN_SETTINGS, type CppnEncoding, type CppnSettings, cppnEncoding } from '../encoding/cppn/cppn.ts';
import type { CppnGenome } from '../encoding/cppn/genome.ts';
import type { Random } from '../random/random.ts';
import { CPPN_STRUCTURE_SETTINGS, type CppnStructureSettings, cppnStructureOf } from '../variation/cppn-structure.ts';
import type { Variation } from '../variation/variation.ts';

export type CppnOptions = CppnSettings & CppnStructureSettings;

/** Of encoding and variation. */
export const CPPN_DEFAULTS: CppnOptions = { ...CPPN_SETTINGS.parse({}), ...CPPN_STRUCTURE_SETTINGS.parse({}) };

/** Makes first genomes and mutated copies. */
export class CppnMutation {
  readonly #encodings: Readonly<Record<1 | 3, CppnEncoding>>;
  readonly #variation: Variation<CppnGenome>;

  constructor({ weightLimit, newWeight, ...structure }: CppnOptions) {
    const encoding = (channels: 1 | 3): CppnEncoding =>
      cppnEncoding({ channels, height: 1, width: 1 }, { weightLimit, newWeight });
    this.#encodings = { 1: encoding(1), 3: encoding(3) };
    this.#variation = cppnStructureOf(this.#encodings[1], structure);
  }

  random(outputs: 1 | 3, random: Random): CppnGenome {
    return this.#encodings[outputs].random(random);
  }

  mutate(parent: CppnGenome, random: Random): CppnGenome {
    return this.#variation.apply([parent], random, 1);
  }
}
