/** @file How CPPN genomes begin and mutate (Nguyen, Yosinski and Clune 2015, section 2.3, and the authors' code). */

import { InputError } from '../../errors.ts';
import type { Random } from '../../random/random.ts';
import { type PolynomialStep, polynomialStep } from '../polynomial.ts';
import { Draft } from './draft.ts';
import { ACTIVATIONS, blankCppn, type CppnGenome, INPUTS, LARGEST_WEIGHT } from './genome.ts';

/** Chances are in [0, 1]; those "per child" are drawn once for each child. */
export interface CppnOptions {
  /** Per child: a link between two nodes that had none. */
  readonly addLink: number;
  /** Per child: a link goes. */
  readonly deleteLink: number;
  /** Per child: a node in the middle of a link; both halves keep the link's weight. */
  readonly addNode: number;
  /** Per child: a hidden node goes, with its links. */
  readonly deleteNode: number;
  /** Per node, outputs included: its function is drawn anew. */
  readonly redrawFunction: number;
  /** Per link: its weight takes a polynomial step, on the gene in [0, 1] that spans all weights. */
  readonly mutateWeight: number;
  /** Distribution index of polynomial mutation. */
  readonly eta: number;
  /** Weights are in `-weightLimit .. weightLimit`. */
  readonly weightLimit: number;
  /** New weights are uniform in `-newWeight .. newWeight`. */
  readonly newWeight: number;
}

/**
 * The paper's settings. It does not say how weights begin: 3 is the range of Picbreeder. From the whole range of 10, one
 * search in five leaves some digit's image below 99.9 % after 200 generations, from 3 one in thirteen.
 */
export const CPPN_DEFAULTS: CppnOptions = {
  addLink: 0.5,
  deleteLink: 0.3,
  addNode: 0.5,
  deleteNode: 0.2,
  redrawFunction: 0.1,
  mutateWeight: 0.1,
  eta: 15,
  weightLimit: 10,
  newWeight: 3,
};

const CHANCES = ['addLink', 'deleteLink', 'addNode', 'deleteNode', 'redrawFunction', 'mutateWeight'] as const;

/** Makes first genomes and mutated copies. There is neither crossover nor speciation, as in the paper. */
export class CppnMutation {
  readonly #options: CppnOptions;
  readonly #step: PolynomialStep;
  readonly #draft = new Draft();

  /** @throws InputError where an option is out of range */
  constructor(options: CppnOptions) {
    for (const name of CHANCES) {
      if (!(options[name] >= 0 && options[name] <= 1)) {
        throw new InputError(`${name} is ${options[name]}; give a chance from 0 to 1`);
      }
    }
    checkSize('weightLimit', options.weightLimit, LARGEST_WEIGHT);
    checkSize('newWeight', options.newWeight, options.weightLimit);
    this.#options = options;
    this.#step = polynomialStep(options.eta);
  }

  /** Every input linked to every output, no hidden node; functions are drawn uniformly. */
  random(outputs: 1 | 3, random: Random): CppnGenome {
    const genome = blankCppn(outputs, outputs, outputs * INPUTS.length);
    genome.linkCounts.fill(INPUTS.length);
    for (let output = 0; output < outputs; output++) genome.activations[output] = this.#drawFunction(random);
    for (let link = 0; link < genome.weights.length; link++) {
      genome.sources[link] = link % INPUTS.length;
      genome.weights[link] = this.#drawWeight(random);
    }
    return genome;
  }

  mutate(parent: CppnGenome, random: Random): CppnGenome {
    const options = this.#options;
    const draft = this.#draft;
    draft.copy(parent);
    this.#mutateWeights(draft, random);
    this.#redrawFunctions(draft, random);
    if (random.uniform() < options.addLink) this.#addLink(draft, random);
    if (random.uniform() < options.deleteLink && draft.links > 0) draft.deleteLink(random.integer(draft.links));
    if (random.uniform() < options.addNode && draft.links > 0) {
      draft.splitLink(random.integer(draft.links), this.#drawFunction(random));
    }
    if (random.uniform() < options.deleteNode && draft.hidden > 0) {
      draft.deleteNode(INPUTS.length + random.integer(draft.hidden));
    }
    return draft.genome();
  }

  #mutateWeights({ weights }: Draft, random: Random): void {
    const { mutateWeight, weightLimit } = this.#options;
    for (let link = 0; link < weights.length; link++) {
      if (random.uniform() >= mutateWeight) continue;
      const weight = weights[link]! + 2 * weightLimit * this.#step(random);
      weights[link] = Math.max(-weightLimit, Math.min(weightLimit, weight));
    }
  }

  #redrawFunctions({ activations }: Draft, random: Random): void {
    for (let node = 0; node < activations.length; node++) {
      if (random.uniform() < this.#options.redrawFunction) activations[node] = this.#drawFunction(random);
    }
  }

  /** Draws pairs until one may be linked; a small network may have none, so that the draws end at some time. */
  #addLink(draft: Draft, random: Random): void {
    for (let attempt = 0; attempt < 16; attempt++) {
      const source = random.integer(INPUTS.length + draft.hidden);
      const target = INPUTS.length + random.integer(draft.activations.length);
      if (draft.addLink(source, target, this.#drawWeight(random))) return;
    }
  }

  #drawWeight(random: Random): number {
    return this.#options.newWeight * (2 * random.uniform() - 1);
  }

  #drawFunction(random: Random): number {
    return random.integer(ACTIVATIONS.length);
  }
}

function checkSize(name: string, value: number, largest: number): void {
  if (!(value > 0 && value <= largest)) {
    throw new InputError(`${name} is ${value}; give a number above 0 and at most ${largest}`);
  }
}
