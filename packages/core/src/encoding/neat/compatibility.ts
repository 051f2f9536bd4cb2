/** @file How different two genomes of NEAT are. */

import { align, type NeatGenome } from './genome.ts';

/** What counts how much. */
export interface Compatibility {
  /** For genes that only one of the two has. */
  readonly disjoint: number;
  /** For the mean difference of the weights of genes that both have. */
  readonly weights: number;
}

/** Genomes with fewer genes than this are compared gene by gene. */
const SMALL = 20;

/**
 * The compatibility distance c1 E / N + c2 D / N + c3 W (Stanley and Miikkulainen 2002, equation 1), with N the number of genes of the
 * larger genome, 1 where that is below 20. Markings have no order in time here, and c1 = c2 as there, so that excess and
 * disjoint genes are one kind.
 */
export function distance(one: NeatGenome, other: NeatGenome, { disjoint, weights }: Compatibility): number {
  let [apart, matching, difference] = [0, 0, 0];
  align(one.links, other.links, (a, b) => {
    if (a === undefined || b === undefined) {
      apart++;
      return;
    }
    matching++;
    difference += Math.abs(a.weight - b.weight);
  });
  const largest = Math.max(one.links.length, other.links.length);
  const genes = largest < SMALL ? 1 : largest;
  return (disjoint * apart) / genes + (matching === 0 ? 0 : (weights * difference) / matching);
}
