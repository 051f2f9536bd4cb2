/**
 * @file NEAT: species of CPPNs that share their fitness (Stanley and Miikkulainen 2002, section 3.3), adapted to an archive with one
 * elite for each class.
 */

import { z } from 'zod';
import type { Elite } from '../archive/archive.ts';
import { distance } from '../encoding/neat/compatibility.ts';
import type { NeatGenome } from '../encoding/neat/genome.ts';
import { isNeatEncoding, type NeatEncoding } from '../encoding/neat/neat.ts';
import { InputError } from '../errors.ts';
import type { Random } from '../random/random.ts';
import { neatVariation } from '../variation/neat.ts';
import type { Variation } from '../variation/variation.ts';
import type { Emitter, Proposal, Question } from './emitter.ts';
import { defineEmitter } from './kind.ts';
import type { Recordable } from './recordable.ts';

/** The paper's settings. */
export const NEAT_SETTINGS = z.object({
  disjointCoefficient: z.number().min(0).max(100).default(1).describe('what genes of only one genome count (c1 = c2)'),
  weightCoefficient: z.number().min(0).max(100).default(0.4).describe('what differences of weights count (c3)'),
  threshold: z.number().gt(0).max(1000).default(3).describe('genomes nearer to each other are of one species'),
  stagnation: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(15)
    .describe('generations without a new elite until a species has no children'),
  interspecies: z.number().min(0).max(1).default(0.001).describe('chance of a second parent of any species'),
});

/** How species are told apart and how long they last. */
export type NeatSettings = z.output<typeof NEAT_SETTINGS>;

/** What is remembered of a species. */
interface Species {
  /** A member of the generation before, packed: whoever is near to it belongs to the species. */
  readonly representative: Uint8Array;
  /** The id of its newest elite. */
  readonly newest: number;
  /** The generation in which that was born, or seen first. */
  readonly improved: number;
}

/** A species with its members. */
interface Group extends Species {
  readonly members: readonly Elite[];
}

/**
 * The population is what the archive holds, each elite once. Its fitness is the highest confidence that it holds a class by, and is divided by
 * the number of members of its species: so a species has children by the *mean* fitness of its members. It has none once it has had no
 * new elite for some generations, unless that is so for all. Both parents are drawn uniformly from the species, the fitter one
 * counts as such in crossover, and every child competes for all classes: elitism is the archive's.
 */
export class NeatEmitter implements Emitter {
  readonly name = 'neat';
  readonly variation: Variation;
  readonly progress = undefined;
  readonly #encoding: NeatEncoding;
  readonly #settings: NeatSettings;
  #species: readonly Species[] = [];

  constructor(encoding: NeatEncoding, variation: Variation, settings: NeatSettings) {
    this.#encoding = encoding;
    this.variation = variation;
    this.#settings = settings;
  }

  ask({ archive, count, generation, random }: Question): Proposal {
    if (generation === 0) {
      return { candidates: Array.from({ length: count }, () => ({ parents: [] })), evaluations: 0 };
    }
    const population = eachOnce(archive.elites);
    const groups = this.#speciate(population, generation, random);
    this.#species = groups.map(({ representative, newest, improved }) => ({ representative, newest, improved }));
    const shares = this.#shares(groups, generation);
    const draw = (elites: readonly Elite[]): Elite => elites[random.integer(elites.length)]!;
    const candidates = Array.from({ length: count }, () => {
      const { members } = groups[roulette(shares, random)]!;
      const one = draw(members);
      const other = draw(random.uniform() < this.#settings.interspecies ? population : members);
      return { parents: one.confidence >= other.confidence ? [one, other] : [other, one] };
    });
    return { candidates, evaluations: 0 };
  }

  tell(): void {}

  state(): Recordable {
    return this.#species.map(({ representative, newest, improved }) => ({ representative, newest, improved }));
  }

  restore(state: Recordable): void {
    const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
    if (!Array.isArray(state)) throw damaged();
    this.#species = (state as readonly { readonly [name: string]: Recordable }[]).map((each) => {
      const { representative, newest, improved } = each ?? {};
      if (!(representative instanceof Uint8Array) || !isCount(newest) || !isCount(improved)) throw damaged();
      return { representative: new Uint8Array(representative), newest, improved };
    });
  }

  /** Each elite joins the first species whose representative it is near to, or founds one. */
  #speciate(population: readonly Elite[], generation: number, random: Random): readonly Group[] {
    const { disjointCoefficient, weightCoefficient, threshold } = this.#settings;
    const coefficients = { disjoint: disjointCoefficient, weights: weightCoefficient };
    const open: { readonly before?: Species; readonly representative: NeatGenome; readonly members: Elite[] }[] =
      this.#species.map((before) => ({
        before,
        representative: this.#encoding.unpack(before.representative),
        members: [],
      }));
    for (const elite of population) {
      const genome = this.#encoding.unpack(elite.genome);
      const own = open.find(({ representative }) => distance(genome, representative, coefficients) < threshold);
      if (own === undefined) open.push({ representative: genome, members: [elite] });
      else own.members.push(elite);
    }
    return open.flatMap(({ before, members }) => {
      if (members.length === 0) return [];
      const newest = members.reduce((most, { id }) => Math.max(most, id), 0);
      const improved = before !== undefined && before.newest >= newest ? before.improved : generation;
      const representative = new Uint8Array(members[random.integer(members.length)]!.genome);
      return [{ representative, newest: Math.max(newest, before?.newest ?? 0), improved, members }];
    });
  }

  /** How many children each species has, in proportion: the mean fitness of its members, 0 where it stagnates. */
  #shares(groups: readonly Group[], generation: number): readonly number[] {
    const fresh = groups.map(({ improved }) => generation - improved < this.#settings.stagnation);
    const isAny = fresh.includes(true);
    return groups.map(({ members }, i) =>
      isAny && !fresh[i] ? 0 : members.reduce((sum, { confidence }) => sum + confidence, 0) / members.length,
    );
  }
}

/** An elite of several cells with its highest confidence. */
function eachOnce(elites: readonly (Elite | undefined)[]): readonly Elite[] {
  const byId = new Map<number, Elite>();
  for (const elite of elites) {
    if (elite === undefined) continue;
    const known = byId.get(elite.id);
    if (known === undefined || elite.confidence > known.confidence) byId.set(elite.id, elite);
  }
  return [...byId.values()];
}

/** A place drawn in proportion to the shares; uniformly where all are 0. */
function roulette(shares: readonly number[], random: Random): number {
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (!(total > 0)) return random.integer(shares.length);
  let left = total * random.uniform();
  for (const [place, share] of shares.entries()) {
    left -= share;
    if (left < 0) return place;
  }
  return shares.findLastIndex((share) => share > 0);
}

function damaged(): InputError {
  return new InputError('The state of neat is damaged: its species are none of this search');
}

function requireNeat(
  encoding: Parameters<typeof isNeatEncoding>[0],
): asserts encoding is NeatEncoding & typeof encoding {
  if (isNeatEncoding(encoding)) return;
  throw new InputError(
    `neat works on the encoding neat, not on ${encoding.name}; choose that encoding, or another emitter`,
  );
}

/** NEAT as it is chosen by name. */
export const neatEmitter = defineEmitter({
  name: 'neat',
  summary: 'NEAT: crossover of CPPNs by historical markings, in species that share their fitness',
  explanation:
    'Small networks that draw images were crossed and mutated within species, and a child was kept where the network gave it more confidence.',
  settings: NEAT_SETTINGS,
  presets: {},
  needs: 'scores',
  encoding: 'neat',
  length: 'generations',
  variation: (encoding) => {
    requireNeat(encoding);
    return neatVariation;
  },
  batch: () => 200,
  create: ({ encoding, variation }, settings) => {
    requireNeat(encoding);
    // A kind with a variation is always made with one.
    return new NeatEmitter(encoding, variation!, settings);
  },
});
