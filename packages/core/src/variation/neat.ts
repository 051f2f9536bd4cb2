/** @file Crossover and mutation of NEAT (Stanley and Miikkulainen 2002, sections 3.1 and 3.2). */

import { z } from 'zod';
import { drawActivation, drawWeight } from '../encoding/cppn/cppn.ts';
import { INPUTS, MOST_NODES } from '../encoding/cppn/genome.ts';
import {
  align,
  compareLinks,
  FIRST_OUTPUT,
  type LinkGene,
  type NeatGenome,
  orderOf,
  packNeat,
  splitMarking,
} from '../encoding/neat/genome.ts';
import { isNeatEncoding, type NeatEncoding } from '../encoding/neat/neat.ts';
import type { Random } from '../random/random.ts';
import { resolveSettings, type Settings } from '../settings/settings.ts';
import { defineVariation, type Variation } from './variation.ts';

const chance = z.number().min(0).max(1);

/** The paper's settings, but for the size of a step, which it does not tell. */
export const NEAT_VARIATION_SETTINGS = z.object({
  mutateAlone: chance.default(0.25).describe('chance, per child, to come of one parent, without crossover'),
  stayOff: chance.default(0.75).describe('chance of a gene to be off that is off in either parent'),
  mutateWeights: chance.default(0.8).describe('chance, per child, that its weights change'),
  perturb: chance.default(0.9).describe('chance, per weight, to take a step; it is drawn again otherwise'),
  weightStep: z.number().gt(0).max(100).default(0.5).describe('deviation of the step of a weight'),
  addLink: chance.default(0.05).describe('chance, per child, of a link between two nodes that had none'),
  addNode: chance.default(0.03).describe('chance, per child, of a node inside a link, which is turned off'),
});

/** How genomes of NEAT vary. */
export type NeatVariationSettings = z.output<typeof NEAT_VARIATION_SETTINGS>;

/**
 * A child of two parents, the fitter one first: genes that both have come from either, all others from the fitter, so that the child has its
 * structure. A parent beside itself is copied. Then weights, links and nodes mutate.
 *
 * @param changes settings by name; those left out have their defaults
 * @throws InputError where a setting is unknown or out of range
 */
export function neatVariationOf(encoding: NeatEncoding, changes: Settings = {}): Variation<NeatGenome> {
  const settings = resolveSettings('neat', NEAT_VARIATION_SETTINGS, changes);
  return {
    parents: 2,
    apply([first, second], random) {
      const alone = random.uniform() < settings.mutateAlone || isSame(first!, second!);
      let child = alone ? first! : crossover(first!, second!, settings, random);
      if (random.uniform() < settings.mutateWeights) child = mutateWeights(child, encoding, settings, random);
      if (random.uniform() < settings.addLink) child = addLink(child, encoding, random);
      if (random.uniform() < settings.addNode) child = addNode(child, random);
      return child;
    },
  };
}

function isSame(one: NeatGenome, other: NeatGenome): boolean {
  if (one === other) return true;
  const [a, b] = [packNeat(one), packNeat(other)];
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function crossover(
  fitter: NeatGenome,
  other: NeatGenome,
  { stayOff }: NeatVariationSettings,
  random: Random,
): NeatGenome {
  const either = <T>(one: T, another: T): T => (random.uniform() < 0.5 ? one : another);
  const activations = new Map(other.hidden.map(({ marking, activation }) => [marking, activation]));
  const links: LinkGene[] = [];
  align(fitter.links, other.links, (own, theirs) => {
    if (own === undefined) return;
    if (theirs === undefined) {
      links.push(own);
      return;
    }
    const isOff = !own.isOn || !theirs.isOn;
    links.push({ ...own, weight: either(own.weight, theirs.weight), isOn: !(isOff && random.uniform() < stayOff) });
  });
  return {
    outputs: fitter.outputs,
    hidden: fitter.hidden.map(({ marking, activation }) => ({
      marking,
      activation: either(activation, activations.get(marking) ?? activation),
    })),
    outputActivations: fitter.outputActivations.map((own, i) => either(own, other.outputActivations[i]!)),
    links,
  };
}

function mutateWeights(
  genome: NeatGenome,
  { settings }: NeatEncoding,
  { perturb, weightStep }: NeatVariationSettings,
  random: Random,
): NeatGenome {
  const { weightLimit } = settings;
  const links = genome.links.map((link) => {
    const weight =
      random.uniform() < perturb ? link.weight + weightStep * random.normal() : drawWeight(settings, random);
    return { ...link, weight: Math.fround(Math.max(-weightLimit, Math.min(weightLimit, weight))) };
  });
  return { ...genome, links };
}

/** Draws pairs until one may be linked; a small network may have none, so the draws end after a while. */
function addLink(genome: NeatGenome, { settings }: NeatEncoding, random: Random): NeatGenome {
  const { hidden, outputs, links } = genome;
  for (let attempt = 0; attempt < 16; attempt++) {
    const from = random.integer(INPUTS.length + hidden.length);
    const to = random.integer(hidden.length + outputs);
    const source = from < INPUTS.length ? from : hidden[from - INPUTS.length]!.marking;
    const target = to < hidden.length ? hidden[to]!.marking : FIRST_OUTPUT + to - hidden.length;
    if (source === target || links.some((link) => link.source === source && link.target === target)) continue;
    const weight = Math.fround(drawWeight(settings, random));
    const all = [...links, { source, target, weight, isOn: true }];
    if (orderOf(hidden, all) === undefined) continue;
    return { ...genome, links: all.sort(compareLinks) };
  }
  return genome;
}

/** The link into the new node has the weight 1, the one out of it that of the link, which is turned off. */
function addNode(genome: NeatGenome, random: Random): NeatGenome {
  const { hidden, links, outputs } = genome;
  const on = links.filter(({ isOn }) => isOn);
  if (on.length === 0 || INPUTS.length + hidden.length + outputs >= MOST_NODES) return genome;
  const split = on[random.integer(on.length)]!;
  const { source, target, weight } = split;
  const marking = splitMarking(source, target, new Set(hidden.map((node) => node.marking)));
  const node = { marking, activation: drawActivation(random) };
  return {
    ...genome,
    hidden: [...hidden, node].sort((a, b) => a.marking - b.marking),
    links: [
      ...links.map((link) => (link === split ? { ...link, isOn: false } : link)),
      { source, target: marking, weight: 1, isOn: true },
      { source: marking, target, weight, isOn: true },
    ].sort(compareLinks),
  };
}

/** Crossover and mutation of NEAT as they are chosen by name. */
export const neatVariation = defineVariation({
  name: 'neat',
  summary: 'crossover of CPPNs by historical markings, and their mutation',
  settings: NEAT_VARIATION_SETTINGS,
  fits: isNeatEncoding,
  create: neatVariationOf,
});
